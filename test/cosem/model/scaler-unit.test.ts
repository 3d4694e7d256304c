import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatScaled, unitCode, unitSymbol } from "../../../cosem/index.js";

/** The decimal text as numerator and power of ten, read without floats. */
function exactOf(text: string): { digits: bigint; exponent: number } {
  const [whole = "", fraction = ""] = text.split(".");
  return { digits: BigInt(whole + fraction), exponent: -fraction.length };
}

describe("scaled values", () => {
  it.each([
    [103000, -3, "103"],
    [12345, -1, "1234.5"],
    [-12, -3, "-0.012"],
    [12, 3, "12000"],
    [0, 5, "0"],
    [-0, -2, "0"],
    [123456789012n, 3, "123456789012000"],
    [-9223372036854775808n, -9, "-9223372036.854775808"],
    [21.5, 0, "21.5"],
    [21.5, -1, "2.15"],
    [1e-7, 3, "0.0001"],
    [Number.NaN, 2, "NaN"],
  ] as const)("%s with scaler %s is %s", (value, scaler, text) => expect(formatScaled(value, scaler)).toBe(text));

  it("are exact for every integer and scaler", () => {
    const value = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n });
    fc.assert(
      fc.property(value, fc.integer({ min: -128, max: 127 }), (integer, scaler) => {
        const { digits, exponent } = exactOf(formatScaled(integer, scaler));
        const shift = Math.min(scaler, exponent);
        expect(digits * 10n ** BigInt(exponent - shift)).toBe(integer * 10n ** BigInt(scaler - shift));
      }),
    );
  });

  it("have neither superfluous zeros nor a sign on zero", () => {
    const value = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
    fc.assert(
      fc.property(value, fc.integer({ min: -12, max: 12 }), (integer, scaler) => {
        expect(formatScaled(integer, scaler)).toMatch(/^(0|-?(0|[1-9]\d*)\.\d*[1-9]|-?[1-9]\d*)$/);
      }),
    );
  });
});

describe("units", () => {
  /** DLMS.md (h). */
  const codes = { Wh: 30, J: 25, W: 27, "J/h": 26, m3: 13, "m3/h": 15, kg: 20, "°C": 9, K: 52, bar: 24, V: 35, A: 33 };
  const more = { Hz: 44, var: 29, varh: 32, VA: 28, VAh: 31, "%": 56, dBm: 70, s: 7, min: 6, h: 5, d: 4, wk: 3, mo: 2 };

  it.each(Object.entries({ ...codes, ...more, a: 1, other: 254, "": 255, "kg/s": 50 }))("%s is %s", (symbol, code) => {
    expect(unitCode(symbol)).toBe(code);
    expect(unitSymbol(code)).toBe(symbol);
  });

  it("show their number where the table has no symbol", () => {
    expect(unitSymbol(200)).toBe("unit 200");
    expect(unitCode("furlong")).toBeUndefined();
  });
});
