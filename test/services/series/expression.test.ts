import { describe, expect, it } from "vitest";
import { parseExpression, seriesIn } from "../../../src/services/series/expression.js";
import { ExpressionError } from "../../../src/services/series/index.js";
import { constantOf } from "../../../src/services/series/points.js";
import { unitOfExpression } from "../../../src/services/series/units.js";

const fault = (source: string): string => {
  try {
    parseExpression(source);
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    throw error;
  }
  return "no fault";
};

const units: Readonly<Record<string, string>> = { e1: "Wh", e2: "Wh", j: "J", v: "m3", r: "" };
const unitOf = (source: string): string | undefined =>
  unitOfExpression(parseExpression(source), (id) => units[id] ?? "unknown");

describe("the language of computed series", () => {
  it.each([
    ["1 + 2 * 3", "7"],
    ["(1 + 2) * 3", "9"],
    ["10 - 3 - 2", "5"],
    ["-2 * -3", "6"],
    ["1 / 8", "0.125"],
    ["0.1 + 0.2", "0.3"],
    ["12345678901234567890 + 0.000001", "12345678901234567890.000001"],
    ["mean(1, 2, 6)", "3"],
    ["maximum(1, 2) - minimum(3, -4)", "6"],
  ])("works out %s exactly", (source, value) => {
    expect(constantOf(parseExpression(source))?.toFixed()).toBe(value);
  });

  it("divides by zero to nothing", () => {
    expect(constantOf(parseExpression("1 / (2 - 2)"))).toBeUndefined();
  });

  it("names each series once", () => {
    const source = 'sum([A/1-0:1.8.0], [B/1-0:1.8.0]) - joined([A/1-0:1.8.0], [C], "2026-05-01T10:00:00+02:00", -5)';
    expect(seriesIn(parseExpression(source))).toEqual(["A/1-0:1.8.0", "B/1-0:1.8.0", "C"]);
  });

  it.each([
    ["", "column 1: expected a number, a [series] or a function, found the end"],
    ["1 +", "column 4: expected a number, a [series] or a function, found the end"],
    ["1 2", 'column 3: expected the end, found "2"'],
    ["process.exit()", 'column 8: ".exit()" is not understood'],
    ["eval(1)", 'column 1: there is no function "eval"; there are sum, mean, minimum, maximum, consumption, joined'],
    ["mean([a])", "column 1: mean takes several series, or one and a period: hour, day or month"],
    ["consumption([a], week)", 'column 18: "week" is not a period: hour, day or month'],
    [
      'joined([a], [b], "yesterday", 1)',
      'column 18: "yesterday" is not a moment with its zone, as "2026-05-01T10:00:00+02:00"',
    ],
    [`${"(".repeat(30)}1`, "column 21: more than 20 levels of brackets"],
    [`${"1+".repeat(300)}1`, "an expression has at most 200 parts"],
    ["1".repeat(4001), "an expression has at most 4000 characters; this one has 4001"],
  ])("says what is wrong with %s", (source, message) => {
    expect(fault(source)).toBe(message);
  });

  it.each([
    ["[e1] + [e2]", "Wh"],
    ["[e1] * 2", "Wh"],
    ["[e1] / [v]", "Wh/m3"],
    ["[e1] / [e2]", ""],
    ["[e1] + 5", "Wh"],
    ["consumption([v], day)", "m3"],
    ["2 / [v]", "1/m3"],
    ["[r] * [v]", "m3"],
  ])("the unit of %s is %s", (source, unit) => {
    expect(unitOf(source)).toBe(unit);
  });

  it("mixes no units", () => {
    expect(() => unitOf("[e1] + [j]")).toThrow('"+" mixes "Wh" and "J"');
    expect(() => unitOf("sum([e1], [v])")).toThrow('fold mixes "Wh" and "m3"');
    expect(() => unitOf("maximum([e1], [r])")).toThrow("a number without unit");
  });
});
