import { describe, expect, it } from "vitest";
import { createWrapperDecoder, DecodeError, encodeWrapperFrame, fromHex, toHex } from "../../../cosem/index.js";

const frame = "0001001000010003aabbcc";

describe("the wrapper", () => {
  it("writes version, ports and length before the APDU", () => {
    expect(toHex(encodeWrapperFrame({ sourceWPort: 16, destinationWPort: 1, apdu: fromHex("aabbcc") }))).toBe(frame);
    const tooLong = { sourceWPort: 1, destinationWPort: 1, apdu: new Uint8Array(65_536) };
    expect(() => encodeWrapperFrame(tooLong)).toThrow(RangeError);
  });

  it("reads several frames at once and one byte by byte", () => {
    const decoder = createWrapperDecoder(100);
    expect(decoder.push(fromHex(frame + frame)).map((one) => toHex(one.apdu))).toEqual(["aabbcc", "aabbcc"]);
    const pieces = [...fromHex(frame)].map((byte) => decoder.push(Uint8Array.of(byte)));
    expect(pieces.flat()).toHaveLength(1);
    expect(pieces.at(-1)?.[0]).toMatchObject({ sourceWPort: 16, destinationWPort: 1 });
    expect(decoder.isMidFrame).toBe(false);
  });

  it("reads an APDU of no bytes", () => {
    expect(createWrapperDecoder(100).push(fromHex("0001001000010000"))[0]?.apdu).toHaveLength(0);
  });

  it("knows that a frame has begun", () => {
    const decoder = createWrapperDecoder(100);
    decoder.push(fromHex("0001001000"));
    expect(decoder.isMidFrame).toBe(true);
  });

  it.each([
    ["0002001000010003aabbcc", "unsupportedVersion"],
    ["0001001000010065", "lengthOverLimit"],
  ])("refuses %s: %s", (hex, reason) => {
    const whole = createWrapperDecoder(100);
    const inPieces = createWrapperDecoder(100);
    const refusal = (push: () => unknown) => {
      try {
        push();
      } catch (error) {
        return error instanceof DecodeError ? error.reason : error;
      }
      return "taken";
    };
    expect(refusal(() => whole.push(fromHex(frame + hex)))).toBe(reason);
    expect(whole.framesBeforeError).toHaveLength(1);
    inPieces.push(fromHex(hex.slice(0, 8)));
    expect(refusal(() => inPieces.push(fromHex(hex.slice(8))))).toBe(reason);
  });
});
