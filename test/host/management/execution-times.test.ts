import { expect, it } from "vitest";
import { toHex } from "../../../cosem/index.js";
import { executionTimesOf, scheduleTypeOf } from "../../../src/host/management/execution-times.js";
import { parsePattern } from "../../../src/scheduler/index.js";

function timesOf(text: string) {
  const parsed = parsePattern(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return executionTimesOf(parsed.pattern);
}

const shown = (text: string) => timesOf(text).map(({ time, date }) => `${toHex(time)} ${toHex(date)}`);

it("writes a schedule as entries of hour, minute, second, hundredths and year, month, day, weekday", () => {
  expect(shown("*/15 * * * *")).toEqual(
    ["ff000000", "ff0f0000", "ff1e0000", "ff2d0000"].map((time) => `${time} ffffffffff`),
  );
  expect(shown("30 2 * * *")).toEqual(["021e0000 ffffffffff"]);
  expect(shown("0 0 1 1,7 *")).toEqual(["00000000 ffff0101ff", "00000000 ffff0701ff"]);
  // Monday is 1, Sunday 7; FE is the last day of the month.
  expect(shown("0 6 * * sun,mon")).toEqual(["06000000 ffffffff07", "06000000 ffffffff01"]);
  expect(shown("0 0 L * *")).toEqual(["00000000 fffffffeff"]);
  expect(shown("0 0 15,L * *")).toEqual(["00000000 ffffff0fff", "00000000 fffffffeff"]);
  expect(shown("* * * * *")).toEqual(["ffff0000 ffffffffff"]);
  expect(shown("0 1 * * *|0 2 * * *")).toEqual(["01000000 ffffffffff", "02000000 ffffffffff"]);
});

it("shows none where more than 64 would be needed", () => {
  expect(timesOf("*/2 */2 * * *")).toEqual([]);
  expect(timesOf("*/15 0-15 * * *")).toHaveLength(64);
});

it("names the type that fits the entries", () => {
  expect(scheduleTypeOf(timesOf("30 2 * * *"))).toBe(1);
  expect(scheduleTypeOf([])).toBe(1);
  expect(scheduleTypeOf(timesOf("0 0 1,15 * *"))).toBe(3);
  expect(scheduleTypeOf(timesOf("*/15 * * * *"))).toBe(5);
});
