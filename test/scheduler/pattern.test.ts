import { describe, expect, it } from "vitest";
import { nextRun, type Pattern, parsePattern } from "../../src/scheduler/index.js";

function pattern(text: string, seed?: string): Pattern {
  const parsed = parsePattern(text, seed);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.pattern;
}

/** The next runs after an instant, as ISO text in UTC without seconds. */
function runs(text: string, after: string, count: number, timeZone = "UTC"): string[] {
  const parsed = pattern(text);
  const found: string[] = [];
  let instant = Date.parse(after);
  while (found.length < count) {
    const next = nextRun(parsed, instant, timeZone);
    if (next === undefined) return [...found, "never"];
    found.push(new Date(next).toISOString().slice(0, 16));
    instant = next;
  }
  return found;
}

// 2024-01-15 is a Monday.
describe("the manual's own patterns (row 99)", () => {
  it.each<[string, string, string[]]>([
    ["15 * * * *", "2024-01-15T09:15Z", ["2024-01-15T10:15", "2024-01-15T11:15"]],
    [
      "*/15 * * * *",
      "2024-01-15T09:14:59Z",
      ["2024-01-15T09:15", "2024-01-15T09:30", "2024-01-15T09:45", "2024-01-15T10:00"],
    ],
    ["* * * * *", "2024-01-15T23:58:30Z", ["2024-01-15T23:59", "2024-01-16T00:00"]],
    ["* 12 * * mon", "2024-01-15T12:58Z", ["2024-01-15T12:59", "2024-01-22T12:00"]],
    // Monday AND the 16th: next in September 2024.
    ["* 12 16 * mon", "2024-01-15T09:00Z", ["2024-09-16T12:00", "2024-09-16T12:01"]],
    ["59 11 * * 1,2,3,4,5", "2024-01-19T11:00Z", ["2024-01-19T11:59", "2024-01-22T11:59"]],
    ["59 11 * * 1-5", "2024-01-19T11:00Z", ["2024-01-19T11:59", "2024-01-22T11:59"]],
    ["*/15 9-17 * * *", "2024-01-15T17:30Z", ["2024-01-15T17:45", "2024-01-16T09:00"]],
    ["* 12 10-16/2 * *", "2024-01-10T12:58Z", ["2024-01-10T12:59", "2024-01-12T12:00"]],
    ["* 12 1-15,17,20-25 * *", "2024-01-15T12:58Z", ["2024-01-15T12:59", "2024-01-17T12:00"]],
    [
      "0 5 * * *|8 10 * * *|22 17 * * *",
      "2024-01-15T05:00Z",
      ["2024-01-15T10:08", "2024-01-15T17:22", "2024-01-16T05:00"],
    ],
  ])("%s", (text, after, expected) => {
    expect(runs(text, after, expected.length)).toEqual(expected);
  });

  it("?1-30 0 * * * runs once a day, at one minute from 1 to 30 past midnight", () => {
    const [first = "", second = ""] = runs("?1-30 0 * * *", "2024-01-15T12:00Z", 2);
    expect(first.slice(0, 14)).toBe("2024-01-16T00:");
    expect(second).toBe(first.replace("-16T", "-17T"));
    expect(Number(first.slice(14))).toBeGreaterThanOrEqual(1);
    expect(Number(first.slice(14))).toBeLessThanOrEqual(30);
  });
});

describe("patterns", () => {
  it("draw ? by the seed: each gateway its own, the same one again", () => {
    const minuteOf = (seed: string) => [...(pattern("?0-59 * * * *", seed).alternatives[0]?.minutes ?? [])];
    const drawn = Array.from({ length: 200 }, (_, index) => minuteOf(String(10_000_000 + index)));
    expect(new Set(drawn.flat()).size).toBeGreaterThan(40);
    expect(minuteOf("10000000")).toEqual(drawn[0]);
    expect(drawn.every((minutes) => minutes.length === 1)).toBe(true);
  });

  it("know names, either Sunday, ranges over the end and the last day", () => {
    expect(runs("0 0 * FEB Sun", "2024-01-15T00:00Z", 2)).toEqual(["2024-02-04T00:00", "2024-02-11T00:00"]);
    for (const sunday of ["0", "7", "sun"])
      expect(runs(`0 0 * * ${sunday}`, "2024-01-15T00:00Z", 1)).toEqual(["2024-01-21T00:00"]);
    for (const weekend of ["fri-mon", "5-1"]) {
      expect(runs(`0 0 * * ${weekend}`, "2024-01-15T00:00Z", 4)).toEqual([
        "2024-01-19T00:00",
        "2024-01-20T00:00",
        "2024-01-21T00:00",
        "2024-01-22T00:00",
      ]);
    }
    expect(runs("0 0 * * 0-7", "2024-01-15T00:00Z", 2)).toEqual(["2024-01-16T00:00", "2024-01-17T00:00"]);
    expect(runs("0 0 * * 5-7", "2024-01-15T00:00Z", 1)).toEqual(["2024-01-19T00:00"]);
    expect(runs("0 22-1 * * *", "2024-01-15T22:30Z", 4).map((run) => run.slice(11))).toEqual([
      "23:00",
      "00:00",
      "01:00",
      "22:00",
    ]);
    expect(runs("30 6 L * *", "2024-01-31T07:00Z", 3)).toEqual([
      "2024-02-29T06:30",
      "2024-03-31T06:30",
      "2024-04-30T06:30",
    ]);
    expect(runs("0 0 1,L * *", "2024-02-01T07:00Z", 3)).toEqual([
      "2024-02-29T00:00",
      "2024-03-01T00:00",
      "2024-03-31T00:00",
    ]);
    expect(runs("0 0 29 2 *", "2024-03-01T00:00Z", 1)).toEqual(["2028-02-29T00:00"]);
    expect(runs("0 0 29 2 mon", "2024-03-01T00:00Z", 1)).toEqual(["2044-02-29T00:00"]);
  });

  it("give nothing for a day that never comes", () => {
    expect(runs("0 0 31 2 *", "2024-01-15T00:00Z", 1)).toEqual(["never"]);
  });

  it.each([
    ["", "wants five fields"],
    ["* * * *", "wants five fields"],
    ["* * * * * *", "wants five fields"],
    ["60 * * * *", '"60" in the minute: wants 0 to 59'],
    ["* 24 * * *", '"24" in the hour'],
    ["* * 0 * *", '"0" in the day'],
    ["* * * 13 *", '"13" in the month'],
    ["* * * * 8", '"8" in the weekday'],
    ["* * * * lun", "sun, mon"],
    ["*/0 * * * *", "the step wants one number from 1"],
    ["*/ * * * *", "the step"],
    ["5/15 * * * *", "write 5-59/15"],
    ["1-2-3 * * * *", "a range has two ends"],
    ["1, * * * *", '"" in the minute'],
    ["0 5 * * *|", "wants five fields"],
    ["?1-70 * * * *", '"70" in the minute'],
    ["-1 * * * *", '"" in the minute'],
    ["1e1 * * * *", '"1e1" in the minute'],
  ])("refuse %j in words", (text, words) => {
    expect(parsePattern(text)).toMatchObject({ ok: false, message: expect.stringContaining(words) });
  });
});

// Europe/Paris 2024: 31 March 02:00 becomes 03:00 (01:00Z); 27 October 03:00 becomes 02:00 (01:00Z).
describe("when the clock is changed", () => {
  const paris = "Europe/Paris";

  it("does not leave out a run whose time is leapt over", () => {
    expect(runs("30 2 * * *", "2024-03-30T12:00Z", 2, paris)).toEqual(["2024-03-31T01:30", "2024-04-01T00:30"]);
    expect(runs("0,30 2 * * *", "2024-03-30T12:00Z", 3, paris)).toEqual([
      "2024-03-31T01:00",
      "2024-03-31T01:30",
      "2024-04-01T00:00",
    ]);
  });

  it("does not repeat a run in the hour that comes twice", () => {
    expect(runs("30 2 * * *", "2024-10-26T12:00Z", 2, paris)).toEqual(["2024-10-27T00:30", "2024-10-28T01:30"]);
    expect(runs("0 3 * * *", "2024-10-26T12:00Z", 2, paris)).toEqual(["2024-10-27T02:00", "2024-10-28T02:00"]);
  });

  it("keeps the pace of patterns for every hour", () => {
    expect(runs("*/30 * * * *", "2024-03-31T00:15Z", 4, paris)).toEqual([
      "2024-03-31T00:30",
      "2024-03-31T01:00",
      "2024-03-31T01:30",
      "2024-03-31T02:00",
    ]);
    expect(runs("30 * * * *", "2024-10-26T23:45Z", 4, paris)).toEqual([
      "2024-10-27T00:30",
      "2024-10-27T01:30",
      "2024-10-27T02:30",
      "2024-10-27T03:30",
    ]);
  });

  it("goes by the zone's calendar", () => {
    expect(runs("0 0 1 * *", "2024-01-15T00:00Z", 2, "Asia/Kolkata")).toEqual(["2024-01-31T18:30", "2024-02-29T18:30"]);
    expect(runs("0 0 * * mon", "2024-01-15T00:00Z", 1, "Pacific/Kiritimati")).toEqual(["2024-01-21T10:00"]);
    // In Beirut there was no midnight on 31 March 2024: the clock went from 00:00 to 01:00.
    expect(runs("0 0 * * *", "2024-03-30T12:00Z", 2, "Asia/Beirut")).toEqual(["2024-03-30T22:00", "2024-03-31T21:00"]);
  });

  it.each([
    ["Europe/Paris", "2024-03-31"],
    ["Europe/Paris", "2024-10-27"],
    ["America/St_Johns", "2024-03-10"],
    ["America/St_Johns", "2024-11-03"],
    // Moved by half an hour only.
    ["Australia/Lord_Howe", "2024-04-07"],
    ["Australia/Lord_Howe", "2024-10-06"],
  ])("gives each quarter of an hour once in %s around %s", (zone, day) => {
    const quarter = pattern("*/15 * * * *");
    const from = Date.parse(`${day}T00:00Z`) - 2 * 86_400_000;
    let instant = from;
    for (let count = 1; count <= 4 * 96; count++) {
      instant = nextRun(quarter, instant, zone) ?? 0;
      expect(instant).toBe(from + count * 900_000);
    }
  });
});
