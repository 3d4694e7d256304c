import { describe, expect, it } from "vitest";
import { DecodeError, decodeHdlcFrame, encodeHdlcFrame, fromHex, hdlcAddress, toHex } from "../../../../cosem/index.js";
import { frameHex, hdlcTranscripts } from "../../../support/hdlc-frames.js";

const frames = ["hdlc", "push", "recorded-c"]
  .flatMap(hdlcTranscripts)
  .flatMap(({ name, steps }) => steps.map((step, index) => ({ ...step, name: `${name} ${index + 1}` })));

describe("HDLC frames of recorded exchanges", () => {
  it.each(frames.filter(({ invalid }) => invalid === undefined))(
    "decode and encode to the same bytes: $name",
    (step) => {
      const frame = decodeHdlcFrame(fromHex(step.bytes));
      expect(toHex(encodeHdlcFrame(frame))).toBe(step.bytes);
      if (step.says !== undefined) expect(step.says.startsWith(frame.control.kind)).toBe(true);
      expect(frame.isSegmented).toBe(step.says?.includes("segment follows") ?? false);
    },
  );

  it.each(frames.filter(({ invalid }) => invalid !== undefined))("refuse a wrong check sequence: $name", (step) => {
    expect(() => decodeHdlcFrame(fromHex(step.bytes))).toThrow(step.invalid === "HCS" ? "headerCheck" : "frameCheck");
  });
});

describe("HDLC addresses", () => {
  // The examples of addresses in hdlc.json: `serverHdlcAddress` beside logical and physical device in words.
  it.each([
    ["03", 1, undefined],
    ["0223", 1, 17],
    ["00020ed1", 1, 1000],
    ["00020023", 1, 17],
    ["fefefeff", 0x3fff, 0x3fff],
  ])("%s", (hex, upper, lower) => {
    const bytes = fromHex(frameHex({ destination: hex, source: "23", control: "93" }));
    const { destination } = decodeHdlcFrame(bytes);
    expect(destination).toEqual({ upper, lower, length: hex.length / 2 });
    expect(hdlcAddress(upper, lower, destination.length)).toEqual(destination);
  });

  it("takes as few octets as do", () => {
    expect(hdlcAddress(16).length).toBe(1);
    expect(hdlcAddress(16, 17).length).toBe(2);
    expect(hdlcAddress(300, 17).length).toBe(4);
    expect(() => hdlcAddress(300)).toThrow(RangeError);
    expect(() => hdlcAddress(0x4000, 1)).toThrow(RangeError);
  });
});

describe("frames that are none", () => {
  it.each([
    ["no flag", "a007032393bf32", "badStartByte"],
    ["too few bytes", "7ea007032393bf", "truncated"],
    ["bytes behind", "7ea007032393bf327e00", "trailingBytes"],
    ["another format type", frameHex({ destination: "03", source: "23", control: "93", formatType: 9 }), "badValue"],
    ["six octets", "7ea00603233222337e", "badLength"],
    ["an address of three octets", frameHex({ destination: "020221", source: "23", control: "93" }), "badValue"],
    ["an address of five octets", frameHex({ destination: "0202020221", source: "23", control: "93" }), "badValue"],
    ["no closing flag", "7ea007032393bf3200", "badStopByte"],
  ])("%s", (_, hex, reason) => {
    try {
      decodeHdlcFrame(fromHex(hex));
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(DecodeError);
      expect((error as DecodeError).reason).toBe(reason);
    }
  });

  it("does not encode more than the format can carry", () => {
    const parts = {
      destination: hdlcAddress(1),
      source: hdlcAddress(16),
      control: { kind: "UI", isPoll: false },
    } as const;
    expect(encodeHdlcFrame({ ...parts, information: new Uint8Array(2038) })).toHaveLength(2049);
    expect(() => encodeHdlcFrame({ ...parts, information: new Uint8Array(2039) })).toThrow(RangeError);
  });
});
