import { describe, expect, it } from "vitest";
import { createHdlcDecoder, encodeHdlcFrame, fromHex, type HdlcReceived, toHex } from "../../../../cosem/index.js";
import { frameHex, hdlcTranscripts } from "../../../support/hdlc-frames.js";

const snrm = "7ea007032393bf327e";
const disc = "7ea007032353b3f47e";

/** Frames as hex, faults by name. */
function told(received: readonly HdlcReceived[]): string[] {
  return received.map((one) => (one.kind === "frame" ? toHex(encodeHdlcFrame(one.frame)) : one.fault));
}

describe("the HDLC stream decoder", () => {
  it("gives the same frames wherever the stream is cut", () => {
    const hex = hdlcTranscripts("hdlc")
      .flatMap(({ steps }) => steps.slice(0, 6).map(({ bytes }) => bytes))
      .join("");
    const noisy = fromHex(`00ff7e${hex}7e7ea0${hex.slice(0, 400)}7e7e`);
    const whole = told(createHdlcDecoder().push(noisy));
    expect(whole.length).toBeGreaterThan(80);
    for (let size = 1; size < 40; size++) {
      const decoder = createHdlcDecoder();
      const pieces: string[] = [];
      for (let at = 0; at < noisy.length; at += size) pieces.push(...told(decoder.push(noisy.subarray(at, at + size))));
      expect(pieces).toEqual(whole);
    }
    for (let cut = 0; cut <= 600; cut++) {
      const decoder = createHdlcDecoder();
      const pieces = [...decoder.push(noisy.subarray(0, cut)), ...decoder.push(noisy.subarray(cut))];
      expect(told(pieces)).toEqual(whole);
    }
  });

  it("takes a flag between two frames for both", () => {
    expect(told(createHdlcDecoder().push(fromHex(snrm + disc.slice(2))))).toEqual([snrm, disc]);
  });

  it("keeps a frame in memory of its own when the rest comes later", () => {
    const decoder = createHdlcDecoder();
    const chunk = fromHex(snrm.slice(0, 10));
    decoder.push(chunk);
    chunk.fill(0);
    expect(told(decoder.push(fromHex(snrm.slice(10))))).toEqual([snrm]);
  });

  it("takes information that holds flags", () => {
    const frame = frameHex({ destination: "03", source: "23", control: "13", information: "e6e6007e7e7ea0077e" });
    expect(told(createHdlcDecoder().push(fromHex(frame)))).toEqual([frame]);
  });

  it("finds the frame behind a broken one, and behind one whose length reaches into it", () => {
    const tooLong = frameHex({ destination: "03", source: "23", control: "10", information: "e6e600", length: 20 });
    const decoder = createHdlcDecoder();
    expect(told(decoder.push(fromHex(tooLong + snrm + disc)))).toEqual(["missingFlag", snrm, disc]);
    expect(decoder.isMidFrame).toBe(false);
  });

  it("gives a frame up that does not end, and what it had swallowed is found", () => {
    const tooLong = frameHex({ destination: "03", source: "23", control: "10", information: "e6e600", length: 200 });
    const decoder = createHdlcDecoder();
    expect(told(decoder.push(fromHex(tooLong + snrm)))).toEqual([]);
    expect(decoder.isMidFrame).toBe(true);
    expect(told(decoder.expire())).toEqual(["interOctetTimeout", snrm]);
    expect(decoder.isMidFrame).toBe(false);
    expect(told(decoder.push(fromHex(disc)))).toEqual([disc]);
  });
});
