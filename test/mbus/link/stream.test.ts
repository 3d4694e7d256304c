import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import { encodeLinkFrame, type LinkFrame, LinkStreamDecoder } from "../../../src/mbus/index.js";

const ack = "e5";
/** libmbus test-frames/manual_frame7. */
const answer = "681515680802727856341224400107130000000c78040302019d16";
/** libmbus error-frames/unspecified_error. */
const short = "680404680801700079" + "16";

function whole(frames: readonly LinkFrame[]): string[] {
  return frames.map((frame) => toHex(encodeLinkFrame(frame)));
}
function decoded(hex: string, listener: "master" | "slave" | "monitor" = "master"): string[] {
  return whole(new LinkStreamDecoder(listener).push(fromHex(hex)));
}

describe("stream decoder", () => {
  it("finds frames back to back", () => {
    expect(decoded(short + short + ack)).toEqual([short, short, ack]);
  });
  it("finds a frame in one-byte pieces", () => {
    const decoder = new LinkStreamDecoder("master");
    const frames = [...fromHex(short)].flatMap((byte) => decoder.push(Uint8Array.of(byte)));
    expect(whole(frames)).toEqual([short]);
    expect(decoder.pendingBytes).toBe(0);
  });
  it("finds a frame behind garbage, stray start bytes among it", () => {
    for (const garbage of ["00", "fdfc", "a5", "68", "6868", "10", "1010", "680505", "16", "68ff10"]) {
      expect([garbage, decoded(garbage + short)]).toEqual([garbage, [short]]);
    }
  });
  it("finds a frame behind one that lost a byte", () => {
    const decoder = new LinkStreamDecoder("master");
    const lost = short.slice(0, 10) + short.slice(12);
    expect(whole([...decoder.push(fromHex(lost + short)), ...decoder.flush()])).toEqual([short]);
  });
  it("reports two acknowledgements as two", () => {
    expect(decoded("e5e5")).toEqual([ack, ack]);
  });
  it("drops its own echo, whole or in pieces, and hands out the answer behind it", () => {
    const request = "107bfd7816";
    const decoder = new LinkStreamDecoder("master");
    expect(decoder.push(fromHex("107bfd"))).toEqual([]);
    expect(whole(decoder.push(fromHex(`7816${short}`)))).toEqual([short]);
    expect(decoder.echoedFrames).toBe(1);
    expect(decoded(request + ack, "slave")).toEqual([request]);
    expect(decoded(request + ack, "monitor")).toEqual([request, ack]);
  });
  it("takes no E5 inside a broken frame for an acknowledgement", () => {
    // Six data bytes, E5 among them; the checksum is wrong.
    expect(decoded("680606680801e5e5e5e50016")).toEqual([]);
    expect(decoded(`680606680801e5e5e5e50016${ack}`)).toEqual([ack]);
  });
  it("searches behind an unfinished head when the line falls silent", () => {
    const decoder = new LinkStreamDecoder("master");
    expect(decoder.push(fromHex(`68404068${short}`))).toEqual([]);
    expect(whole(decoder.flush())).toEqual([short]);
    expect(decoder.pendingBytes).toBe(0);
  });
  it("keeps start bytes inside the data", () => {
    // 08+01+72+68+10+68+68+16+e5 = 2beh
    const frame = "6809096808017268106868" + "16e5" + "be16";
    expect(decoded(frame)).toEqual([frame]);
  });
  it("never keeps more than one frame", () => {
    const decoder = new LinkStreamDecoder("master");
    const flood = fromHex("68ffff68".repeat(20_000));
    decoder.push(flood);
    expect(decoder.pendingBytes).toBeLessThanOrEqual(261);
  });
  it("counts what belonged to no frame", () => {
    const decoder = new LinkStreamDecoder("master");
    decoder.push(fromHex(`fdfc${ack}00`));
    expect(decoder.skippedBytes).toBe(3);
  });
  it("accepts a published answer", () => {
    expect(decoded(answer)).toEqual([answer]);
  });
});
