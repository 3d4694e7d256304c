import { describe, expect, it } from "vitest";
import { exactNumber, float32Text, plainDecimal, shiftDecimal } from "../../../src/views/rest/decimal.js";

describe("exactNumber", () => {
  it("gives a number for up to 15 significant digits and any safe integer", () => {
    expect(exactNumber("1234.5")).toBe(1234.5);
    expect(exactNumber("-0.012")).toBe(-0.012);
    expect(exactNumber("0.0000001")).toBe(1e-7);
    expect(exactNumber("123456789.123456")).toBe(123456789.123456);
    expect(exactNumber("9007199254740991")).toBe(9007199254740991);
    expect(exactNumber("12000000000000000000")).toBe(12e18);
  });
  it("keeps the text where a double would print other digits", () => {
    expect(exactNumber("9007199254740993")).toBe("9007199254740993");
    expect(exactNumber("900719925474.0993")).toBe("900719925474.0993");
    expect(exactNumber("18446744073709551615")).toBe("18446744073709551615");
    expect(exactNumber(`1${"0".repeat(400)}`)).toBe(`1${"0".repeat(400)}`);
  });
});

describe("float32Text", () => {
  it("is the shortest text that gives the float again", () => {
    expect(float32Text(Math.fround(0.1))).toBe("0.1");
    expect(float32Text(Math.fround(21.1))).toBe("21.1");
    expect(float32Text(16777216)).toBe("16777216");
    expect(float32Text(Math.fround(1.5e-7))).toBe("0.00000015");
    expect(float32Text(-0.5)).toBe("-0.5");
  });
});

describe("shiftDecimal", () => {
  it("moves the point without rounding", () => {
    expect(shiftDecimal("21.1", 0)).toBe("21.1");
    expect(shiftDecimal("21.1", 3)).toBe("21100");
    expect(shiftDecimal("21.1", -3)).toBe("0.0211");
    expect(shiftDecimal("-0.5", 1)).toBe("-5");
    expect(shiftDecimal("100", -2)).toBe("1");
    expect(shiftDecimal("0", -2)).toBe("0");
    expect(plainDecimal("1e+21")).toBe("1000000000000000000000");
  });
});
