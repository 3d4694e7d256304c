import { describe, expect, it } from "vitest";
import { fromHex, type LocalTimeAt, nextCapture, nextExecution } from "../../../cosem/index.js";

/** Central European time by the rule of Directive 2000/84/EC: 01:00 UTC on the last Sundays of March and October. */
const centralEurope: LocalTimeAt = (instant) => {
  const year = new Date(instant).getUTCFullYear();
  const lastSunday = (month: number) => {
    const last = new Date(Date.UTC(year, month + 1, 0));
    return Date.UTC(year, month, last.getUTCDate() - last.getUTCDay(), 1);
  };
  const isDaylightSaving = instant >= lastSunday(2) && instant < lastSunday(9);
  return { deviation: isDaylightSaving ? -120 : -60, isDaylightSaving };
};

const text = (instant: number | undefined) => (instant === undefined ? undefined : new Date(instant).toISOString());

/** `hhmmss00 yyyymmddww` in hex. */
const entry = (hex: string) => {
  const bytes = fromHex(hex);
  return { time: bytes.slice(0, 4), date: bytes.slice(4) };
};

describe("the next execution", () => {
  it.each([
    ["each day at 01:30", ["011e0000 ffffffffff"], "2026-11-22T10:00:00Z", "2026-11-23T00:30:00.000Z"],
    ["today, later", ["17000000 ffffffffff"], "2026-11-22T10:00:00Z", "2026-11-22T22:00:00.000Z"],
    ["strictly after", ["0b000000 ffffffffff"], "2026-11-22T10:00:00Z", "2026-11-23T10:00:00.000Z"],
    [
      "each quarter of an hour",
      ["ff000000 ffffffffff", "ff0f0000 ffffffffff"],
      "2026-11-22T10:01:00Z",
      "2026-11-22T10:15:00.000Z",
    ],
    ["each minute", ["ffff0000 ffffffffff"], "2026-11-22T10:00:30Z", "2026-11-22T10:01:00.000Z"],
    ["the first of the month", ["00000000 ffffff01ff"], "2026-11-22T10:00:00Z", "2026-11-30T23:00:00.000Z"],
    ["the last of the month", ["00000000 ffff02feff"], "2027-01-01T00:00:00Z", "2027-02-27T23:00:00.000Z"],
    ["the second last of the month", ["00000000 fffffffdff"], "2026-11-22T10:00:00Z", "2026-11-28T23:00:00.000Z"],
    ["each Monday", ["06000000 ffffffff01"], "2026-11-22T10:00:00Z", "2026-11-23T05:00:00.000Z"],
    ["the last Sunday of March", ["0c000000 ffff03fe07"], "2026-11-22T10:00:00Z", "2027-03-28T10:00:00.000Z"],
    ["the second last Sunday of March", ["0c000000 ffff03fd07"], "2026-11-22T10:00:00Z", "2027-03-21T11:00:00.000Z"],
    ["a leap day", ["0c000000 ffff021dff"], "2026-11-22T10:00:00Z", "2028-02-29T11:00:00.000Z"],
    ["a leap day that is a Monday", ["0c000000 ffff021d01"], "2026-11-22T10:00:00Z", "2044-02-29T11:00:00.000Z"],
    [
      "the day on which daylight saving begins",
      ["0c000000 fffffeffff"],
      "2026-11-22T10:00:00Z",
      "2027-03-28T10:00:00.000Z",
    ],
    ["the day on which it ends", ["0c000000 fffffdffff"], "2026-11-22T10:00:00Z", "2027-10-31T11:00:00.000Z"],
    ["one date of a later year", ["0c000000 07f00101ff"], "2026-11-22T10:00:00Z", "2032-01-01T11:00:00.000Z"],
    ["one date that is over", ["0c000000 07e90101ff"], "2026-11-22T10:00:00Z", undefined],
    ["a date that does not exist", ["0c000000 ffff021eff"], "2026-11-22T10:00:00Z", undefined],
    [
      "the earliest of several",
      ["0c000000 07f00101ff", "0c000000 ffff0c18ff"],
      "2026-11-22T10:00:00Z",
      "2026-12-24T11:00:00.000Z",
    ],
    [
      "the hour left out in March, as long after the change",
      ["021e0000 07ea031dff"],
      "2026-03-28T10:00:00Z",
      "2026-03-29T01:30:00.000Z",
    ],
    [
      "the hour that comes twice in October, once",
      ["021e0000 ffffffffff"],
      "2026-10-25T00:30:00Z",
      "2026-10-26T01:30:00.000Z",
    ],
    [
      "each hour, in the hour that comes twice, twice",
      ["ff000000 ffffffffff"],
      "2026-10-25T00:00:00Z",
      "2026-10-25T01:00:00.000Z",
    ],
    ["no entry", [], "2026-11-22T10:00:00Z", undefined],
  ] as const)("%s", (_, entries, after, expected) => {
    expect(text(nextExecution(entries.map(entry), Date.parse(after), centralEurope))).toBe(expected);
  });

  it("never comes from an entry out of range", () => {
    for (const hex of ["18000000 ffffffffff", "00000100 ffff0dffff", "00000000 ffffffff08"]) {
      expect(nextExecution([entry(hex)], 0, centralEurope)).toBeUndefined();
    }
  });

  it("ends where the zone has no daylight saving to begin", () => {
    const india: LocalTimeAt = () => ({ deviation: -330, isDaylightSaving: false });
    expect(nextExecution([entry("0c000000 fffffeffff")], 0, india)).toBeUndefined();
  });
});

describe("the next capture", () => {
  it.each([
    [900, "2026-11-22T10:00:00Z", "2026-11-22T10:15:00.000Z"],
    [900, "2026-11-22T10:14:59.999Z", "2026-11-22T10:15:00.000Z"],
    // Local midnight.
    [86_400, "2026-11-22T10:00:00Z", "2026-11-22T23:00:00.000Z"],
    // 02:45 CEST, before the hour comes again: quarters go on.
    [900, "2026-10-25T00:45:00Z", "2026-10-25T01:00:00.000Z"],
    // The day of 25 hours ends at local midnight.
    [86_400, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00.000Z"],
    // The day of 23 hours too.
    [86_400, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00.000Z"],
    [0, "2026-11-22T10:00:00Z", undefined],
  ] as const)("of %i s after %s", (period, after, expected) => {
    expect(text(nextCapture(Date.parse(after), period, centralEurope))).toBe(expected);
  });
});
