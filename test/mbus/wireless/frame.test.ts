import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import { decodeWirelessFrame, encodeWirelessFrame, type FrameFormat } from "../../../src/mbus/index.js";
import { wirelessVectors } from "./support/vectors.js";

const sound = wirelessVectors.filter(({ expect: { kind } }) => kind === "wireless");
const address = fromHex("9315785634123303");

function encode(length: number, format: FrameFormat): Uint8Array {
  const data = Uint8Array.from({ length }, (_, index) => (index * 7) & 0xff);
  return encodeWirelessFrame({ control: 0x44, address, data, format });
}

describe("wireless frames", () => {
  it.each(sound.map((vector): [string, (typeof sound)[number]] => [vector.id, vector]))(
    "encodes %s as it came",
    (_, { hex, crc }) => {
      const { control, address: sender, bytes } = decodeWirelessFrame(fromHex(hex));
      const data = bytes.subarray(10);
      expect(toHex(encodeWirelessFrame({ control, address: sender.octets, data, format: crc }))).toBe(
        hex.toLowerCase(),
      );
    },
  );

  it.each(["A", "B", "removed"] as const)("finds format %s out at every length", (format) => {
    for (let length = 0; length <= 200; length++) {
      const frame = encode(length, format);
      const decoded = decodeWirelessFrame(frame);
      expect(decoded.format, `${length}`).toBe(format);
      expect(decoded.bytes.length).toBe(10 + length);
      expect(decoded.bytes[0]).toBe(9 + length);
    }
  });

  it("puts the first CRC of format B behind byte 126", () => {
    expect(encode(116, "B").length).toBe(128);
    expect(encode(117, "B").length).toBe(131);
  });

  it("holds the longest frames: L 255", () => {
    expect(encode(246, "removed")[0]).toBe(255);
    expect(decodeWirelessFrame(encode(246, "A")).bytes.length).toBe(256);
    expect(encode(242, "B")[0]).toBe(255);
    expect(() => encode(247, "A")).toThrow(RangeError);
    expect(() => encode(243, "B")).toThrow(RangeError);
  });

  it("refuses a flipped bit anywhere in format A", () => {
    const frame = encode(40, "A");
    for (let bit = 8; bit < frame.length * 8; bit++) {
      const flipped = frame.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => decodeWirelessFrame(flipped)).toThrow(/badChecksum/);
    }
  });

  it("refuses a flipped bit in format B where the receiver tells the format", () => {
    const frame = encode(150, "B");
    for (let index = 1; index < frame.length; index++) {
      const flipped = frame.slice();
      flipped[index] = (flipped[index] ?? 0) ^ 0x10;
      expect(() => decodeWirelessFrame(flipped, "B")).toThrow(/badChecksum/);
    }
  });

  it.each([
    ["", "truncated"],
    ["00", "badLength"],
    ["08 44 9315785634123303", "badLength"],
    ["09 44 93157856341233", "truncated"],
    ["0a 44 9315785634123303", "truncated"],
    ["09 44 9315785634123303 00", "lengthMismatch"],
  ])("refuses %s: %s", (hex, reason) => {
    expect(() => decodeWirelessFrame(fromHex(hex))).toThrow(expect.objectContaining({ reason }));
  });

  it("changes nothing of what it is given", () => {
    const frame = encode(30, "B");
    const copy = frame.slice();
    decodeWirelessFrame(frame).bytes.fill(0);
    expect(frame).toEqual(copy);
  });
});
