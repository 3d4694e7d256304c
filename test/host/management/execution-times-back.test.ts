import { describe, expect, it } from "vitest";
import { executionTimesOf, patternTextOf } from "../../../src/host/management/execution-times.js";
import { nextRuns, parsePattern } from "../../../src/scheduler/index.js";

function pattern(text: string) {
  const parsed = parsePattern(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.pattern;
}
/** hour minute second hundredths, year month day weekday. */
const entry = (time: number[], date: number[]) => ({ time: Uint8Array.from(time), date: Uint8Array.from(date) });

describe("execution times written to a single action schedule", () => {
  it.each([
    [[entry([5, 0, 0, 0], [255, 255, 255, 255, 255])], "0 5 * * *"],
    [[entry([255, 15, 0, 255], [255, 255, 255, 255, 255])], "15 * * * *"],
    [[entry([0, 0, 0, 0], [255, 255, 1, 0xfe, 255])], "0 0 L 1 *"],
    // Sunday is 7 in COSEM and 0 here.
    [[entry([12, 30, 0, 0], [255, 255, 255, 16, 7])], "30 12 16 * 0"],
    [[0, 15, 30, 45].map((minute) => entry([255, minute, 0, 0], [255, 255, 255, 255, 255])), "0,15,30,45 * * * *"],
    [
      [entry([5, 0, 0, 0], [255, 255, 255, 255, 255]), entry([10, 8, 0, 0], [255, 255, 255, 255, 255])],
      "0 5 * * *|8 10 * * *",
    ],
  ])("become the pattern that means the same", (times, text) => {
    expect(patternTextOf(times)).toBe(text);
  });

  it.each([
    ["a second", entry([5, 0, 30, 0], [255, 255, 255, 255, 255])],
    ["a year", entry([5, 0, 0, 0], [0x07, 0xea, 255, 255, 255])],
    ["the second last day", entry([5, 0, 0, 0], [255, 255, 255, 0xfd, 255])],
    ["the last Monday of the month", entry([5, 0, 0, 0], [255, 255, 255, 0xfe, 1])],
    ["the day summer time begins", entry([5, 0, 0, 0], [255, 255, 0xfe, 255, 255])],
  ])("are refused where the dialect cannot say %s", (_what, time) => {
    expect(patternTextOf([time])).toBeUndefined();
  });

  it.each(["*/15 9-12 * * *", "0 5 * * *|8 10 * * *|22 17 * * *", "59 11 * * 1-5", "30 6 1,L * *"])(
    "of %s and back have the same runs",
    (text) => {
      const before = pattern(text);
      const after = pattern(patternTextOf(executionTimesOf(before)) ?? "");
      const start = Date.parse("2024-01-15T00:00Z");
      expect(nextRuns(after, start, "UTC", 60)).toEqual(nextRuns(before, start, "UTC", 60));
    },
  );
});
