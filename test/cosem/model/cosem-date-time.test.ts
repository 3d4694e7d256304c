import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CosemDateTime,
  cosemDateTimeFromBytes,
  cosemDateTimeFromInstant,
  cosemDateTimeToBytes,
  fromHex,
  toHex,
} from "../../../cosem/index.js";

/** Bytes and meanings from axdr.json (independent encoder; Gurux.DLMS.Python 1.0.197 decoded them alike). */
const vectors = [
  ["07ea0b16070b001e00ffc400", "2026-11-22T11:00:30+01:00", "2026-11-22T10:00:30Z"],
  ["07ea0701030c000000ff8880", "2026-07-01T12:00:00+02:00", "2026-07-01T10:00:00Z"],
  ["07ea01010400000000000000", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"],
  ["07ea01010400000000012c00", "2026-01-01T00:00:00-05:00", "2026-01-01T05:00:00Z"],
  ["07ea0b16070b001e63ffc400", "2026-11-22T11:00:30.99+01:00", "2026-11-22T10:00:30.990Z"],
  ["07ea0b16070b001e00800000", "2026-11-22T11:00:30", "2026-11-22T11:00:30Z"],
  ["07ea0b16ff0b001eff8000ff", "2026-11-22T11:00:30", "2026-11-22T11:00:30Z"],
  ["07ea0b16ff0b001e00feb600", "2026-11-22T11:00:30+05:30", "2026-11-22T05:30:30Z"],
  ["ffffffffffffffffff8000ff", "****-**-**T**:**:**", undefined],
  ["ffff03fe0702000000800000", "****-03-FET02:00:00", undefined],
  ["ffff0afdff02000000800000", "****-10-FDT02:00:00", undefined],
  ["fffffdffff02000000800000", "****-FD-**T02:00:00", undefined],
] as const;

describe("date-time", () => {
  it.each(vectors)("%s reads %s", (hex, text, utc) => {
    const value = cosemDateTimeFromBytes(fromHex(hex));
    expect(value.toString()).toBe(text);
    expect(value.toInstant()).toBe(utc === undefined ? undefined : Date.parse(utc));
    expect(toHex(cosemDateTimeToBytes(value))).toBe(hex);
  });

  it("keeps the daylight saving bit of the status", () => {
    expect(cosemDateTimeFromBytes(fromHex("07ea0701030c000000ff8880")).clockStatus).toBe(0x80);
  });

  it("compares as instants, whatever the deviation", () => {
    const cet = cosemDateTimeFromBytes(fromHex("07ea0b16070b000000ffc400"));
    const utc = cosemDateTimeFromBytes(fromHex("07ea0b16070a000000000000"));
    const later = cosemDateTimeFromBytes(fromHex("07ea0b16070a000001000000"));
    expect(cet.compareTo(utc)).toBe(0);
    expect(cet.compareTo(later)).toBe(-10);
    expect(later.compareTo(cet)).toBe(10);
    expect(cet.compareTo(new CosemDateTime({}))).toBeUndefined();
  });

  it("takes the deviation handed in for one that is not specified", () => {
    expect(cosemDateTimeFromBytes(fromHex("07ea0b16070b001e00800000")).toInstant(-60)).toBe(
      Date.parse("2026-11-22T10:00:30Z"),
    );
  });

  it.each([
    ["30 February", { year: 2026, month: 2, day: 30, hour: 0, minute: 0 }],
    ["hour 24", { year: 2026, month: 2, day: 3, hour: 24, minute: 0 }],
    ["month 0", { year: 2026, month: 0, day: 3, hour: 1, minute: 0 }],
    ["day 0", { year: 2026, month: 1, day: 0, hour: 1, minute: 0 }],
  ])("%s is no instant", (_, fields) => expect(new CosemDateTime(fields).toInstant()).toBeUndefined());

  it("keeps years below 100 as they are", () => {
    const year50 = new CosemDateTime({ year: 50, month: 1, day: 1, hour: 0, minute: 0, deviation: 0 });
    expect(year50.toInstant()).toBe(Date.parse("0050-01-01T00:00:00Z"));
  });

  it("writes what it read, for any twelve bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (bytes) => {
        expect(cosemDateTimeToBytes(cosemDateTimeFromBytes(bytes))).toEqual(bytes);
      }),
    );
  });

  it("gives back the instant it was made from, to the hundredth", () => {
    const instant = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) / 10 }).map((hundredths) => hundredths * 10);
    fc.assert(
      fc.property(instant, fc.integer({ min: -840, max: 840 }), (moment, deviation) => {
        expect(cosemDateTimeFromInstant(moment, deviation).toInstant()).toBe(moment);
      }),
    );
  });

  it("names the day of week with Sunday as 7", () => {
    expect(cosemDateTimeFromInstant(Date.parse("2026-11-22T10:00:30Z"), -60).dayOfWeek).toBe(7);
    expect(cosemDateTimeFromInstant(Date.parse("2026-11-23T10:00:30Z"), -60).dayOfWeek).toBe(1);
  });
});
