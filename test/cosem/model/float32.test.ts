import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nearestDecimal } from "../../../cosem/index.js";

describe("the decimal of a float32", () => {
  it.each([
    // 0x4547db0a: 1.5613722… × 2^11; the meter SEN 00011788 sent it for 3197.69
    ["4547db0a", 3197.69],
    // 0.1 is 0x3dcccccd (IEEE 754 tables)
    ["3dcccccd", 0.1],
    // the largest float32
    ["7f7fffff", 3.4028235e38],
    ["bf000000", -0.5],
    ["00000000", 0],
  ])("of %s is %d", (hex, decimal) => {
    expect(nearestDecimal(Buffer.from(hex, "hex").readFloatBE())).toBe(decimal);
  });

  it("gives every float32 again", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        expect(Math.fround(nearestDecimal(value))).toBe(value);
      }),
    );
  });
});
