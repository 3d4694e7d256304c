import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  multiply,
  parseScaledNumber,
  toFloat32,
  toFloat64,
  toWholeNumber,
} from "../../../src/views/modbus/scaled-number.js";

const exponents = fc.integer({ min: -30, max: 30 });
const integers = fc.oneof(fc.maxSafeInteger(), fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n));

describe("scaled numbers", () => {
  it("become the nearest double, as JavaScript reads the decimal text", () => {
    fc.assert(
      fc.property(integers, exponents, (integer, exponent) => {
        expect(toFloat64(integer, exponent)).toBe(Number(`${integer}e${exponent}`) + 0);
      }),
    );
  });

  it("become the nearest single, closer than both neighbours", () => {
    const view = new DataView(new ArrayBuffer(4));
    const step = (single: number, by: number) => {
      view.setFloat32(0, single);
      view.setInt32(0, view.getInt32(0) + by);
      return view.getFloat32(0);
    };
    // exact distance to integer × 10^exponent, as a fraction of 10^30 × 2^200
    const exact = (single: number) => {
      let scaled = single;
      let halvings = 0n;
      while (!Number.isInteger(scaled)) {
        scaled *= 2;
        halvings++;
      }
      return (BigInt(scaled) * 10n ** 30n * 2n ** 200n) / 2n ** halvings;
    };
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 64n), fc.integer({ min: -20, max: 15 }), (integer, exponent) => {
        const single = toFloat32(integer, exponent);
        const wanted = integer * 10n ** BigInt(30 + exponent) * 2n ** 200n;
        const distance = (candidate: number) => {
          const difference = exact(candidate) - wanted;
          return difference < 0n ? -difference : difference;
        };
        expect(distance(single) <= distance(step(single, 1))).toBe(true);
        expect(distance(single) <= distance(step(single, -1))).toBe(true);
      }),
    );
  });

  it("are not rounded twice on the way to a single", () => {
    // 2^24 + 1 lies between two singles; a little more belongs to the upper one, though its double is the midpoint.
    expect(toFloat32(16_777_217n, 0)).toBe(16_777_216);
    expect(toFloat32(16_777_217_000_000_001n, -9)).toBe(16_777_218);
    expect(toFloat32(16_777_216_999_999_999n, -9)).toBe(16_777_216);
    expect(toFloat32(-16_777_217_000_000_001n, -9)).toBe(-16_777_218);
  });

  it("round to whole numbers with halves away from zero", () => {
    expect(toWholeNumber(25, -1)).toBe(3);
    expect(toWholeNumber(-25, -1)).toBe(-3);
    expect(toWholeNumber(24, -1)).toBe(2);
    expect(toWholeNumber(9_007_199_254_740_991, 2)).toBe(900_719_925_474_099_100n);
    expect(toWholeNumber(18_446_744_073_709_551_615n, -1)).toBe(1_844_674_407_370_955_162n);
    expect(toWholeNumber(5, -30)).toBe(0n);
    expect(toWholeNumber(2.5, 0)).toBe(3);
    expect(toWholeNumber(Number.NaN, 0)).toBeUndefined();
  });

  it("agree with whole-number arithmetic everywhere", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer({ min: -18, max: 18 }), (integer, exponent) => {
        const magnitude = BigInt(Math.abs(integer));
        const power = 10n ** BigInt(Math.abs(exponent));
        const rounded = exponent >= 0 ? magnitude * power : (magnitude + power / 2n) / power;
        expect(BigInt(toWholeNumber(integer, exponent) ?? 0)).toBe(integer < 0 ? -rounded : rounded);
      }),
    );
  });

  it("multiply exactly", () => {
    const constant = parseScaledNumber("0.001");
    expect(constant).toEqual({ integer: 1n, exponent: -3 });
    expect(multiply({ integer: 7, exponent: 2 }, { integer: 25n, exponent: -1 })).toEqual({
      integer: 175n,
      exponent: 1,
    });
    expect(parseScaledNumber("-1.5e3")).toEqual({ integer: -15n, exponent: 2 });
    expect(parseScaledNumber("1,5")).toBeUndefined();
  });
});
