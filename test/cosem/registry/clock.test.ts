import { describe, expect, it } from "vitest";
import {
  type ClockParts,
  createClock,
  type Data,
  daylightSavingOf,
  decodeData,
  fromHex,
  type LocalTimeAt,
  refused,
} from "../../../cosem/index.js";
import { everything, management, registryOf, target } from "./fixture.js";

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

const india: LocalTimeAt = () => ({ deviation: -330, isDaylightSaving: false });

/** What a zone of the tz database says, through Intl. */
function zone(timeZone: string, standardDeviation: number): LocalTimeAt {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  return (instant) => {
    const offset = /GMT([+-]\d\d):(\d\d)/.exec(format.format(instant));
    const hours = Number(offset?.[1] ?? 0);
    const deviation = -(hours * 60 + Math.sign(hours) * Number(offset?.[2] ?? 0));
    return { deviation, isDaylightSaving: deviation !== standardDeviation };
  };
}

function clockAt(utc: string, parts: Partial<ClockParts> = {}) {
  const device = management([createClock({ now: () => Date.parse(utc), localTimeAt: centralEurope, ...parts })]);
  const registry = registryOf(device);
  return {
    read(index: number): Data | undefined {
      const answer = registry.read(target(device, "8:0-0:1.0.0*255", index), everything);
      return answer instanceof Promise || !answer.ok || answer.value.type === "array-stream" ? undefined : answer.value;
    },
    write: (hex: string) => registry.write(target(device, "8:0-0:1.0.0*255", 2), decodeData(fromHex(hex)), everything),
  };
}

describe("a clock", () => {
  /** services.json, get-clock: 2026-11-22 11:00:00, deviation -60, the change rules of Central Europe. */
  it.each([
    [1, "09060000010000ff"],
    [2, "090c07ea0b16070b000000ffc400"],
    [3, "10ffc4"],
    [4, "1100"],
    [5, "090cffff03fe07020000008000ff"],
    [6, "090cffff0afe07030000008000ff"],
    [7, "0f3c"],
    [8, "0301"],
    [9, "1601"],
  ])("answers attribute %i in winter", (index, hex) => {
    expect(clockAt("2026-11-22T10:00:00Z").read(index)).toEqual(decodeData(fromHex(hex)));
  });

  it("shows daylight saving in time and status, and keeps the zone's own deviation", () => {
    const clock = clockAt("2026-07-01T10:00:00Z");
    // 2026-07-01, a Wednesday, 12:00 CEST: deviation -120, status bit 7.
    expect(clock.read(2)).toEqual(decodeData(fromHex("090c07ea0701030c000000ff8880")));
    expect(clock.read(3)).toEqual({ type: "long", value: -60 });
    expect(clock.read(4)).toEqual({ type: "unsigned", value: 0x80 });
  });

  it("adds daylight saving to the status handed in", () => {
    const clock = clockAt("2026-07-01T10:00:00Z", { status: () => 0x02 });
    expect(clock.read(4)).toEqual({ type: "unsigned", value: 0x82 });
    expect(clock.read(2)).toEqual(decodeData(fromHex("090c07ea0701030c000000ff8882")));
  });

  it("leaves begin and end open where the zone has no daylight saving", () => {
    const clock = clockAt("2026-11-22T05:30:30Z", { localTimeAt: india });
    expect(clock.read(2)).toEqual(decodeData(fromHex("090c07ea0b16070b001e00feb600")));
    expect(clock.read(3)).toEqual({ type: "long", value: -330 });
    expect(clock.read(5)).toEqual(decodeData(fromHex("090cffffffffffffffffff8000ff")));
    expect(clock.read(7)).toEqual({ type: "integer", value: 0 });
    expect(clock.read(8)).toEqual({ type: "boolean", value: false });
  });
});

describe("setting the time", () => {
  function settable(localTimeAt = centralEurope) {
    const instants: string[] = [];
    const clock = clockAt("2026-11-22T10:00:00Z", {
      localTimeAt,
      setTime(instant) {
        instants.push(new Date(instant).toISOString());
        return undefined;
      },
    });
    return { clock, instants };
  }

  it.each([
    ["090c07ea0701030c000000ff8880", "2026-07-01T10:00:00.000Z"],
    ["090c07ea0701ff0c000000800000", "2026-07-01T10:00:00.000Z"],
    ["090c07ea0b16ff0b001eff8000ff", "2026-11-22T10:00:30.000Z"],
    // The hour that comes twice on 2026-10-25: the first of them.
    ["090c07ea0a19ff021e0000800000", "2026-10-25T00:30:00.000Z"],
  ])("%s means %s", (hex, utc) => {
    const { clock, instants } = settable();
    expect(clock.write(hex)).toEqual({ ok: true });
    expect(instants).toEqual([utc]);
  });

  it("refuses a time that is none, and another type", () => {
    const { clock, instants } = settable();
    expect(clock.write("090cffffffffffffffffff8000ff")).toBe(refused.scopeOfAccessViolated);
    expect(clock.write("090c07ea021eff0c000000800000")).toBe(refused.scopeOfAccessViolated);
    expect(clock.write("0600000000")).toBe(refused.typeUnmatched);
    expect(instants).toEqual([]);
  });

  it("is denied without a function for it", () => {
    expect(clockAt("2026-11-22T10:00:00Z").write("090c07ea0701030c000000ff8880")).toBe(refused.readWriteDenied);
  });
});

describe("daylight saving of zones", () => {
  it("south of the equator ends before it begins", () => {
    const saving = daylightSavingOf(zone("Australia/Sydney", -600), 2026);
    expect(saving).toMatchObject({ timeZone: -600, deviation: 60, isEnabled: true });
    // First Sundays of October and April are no rule that a date-time can say: the dates of the year.
    expect(saving.begin.toString()).toBe("2026-10-04T02:00:00");
    expect(saving.end.toString()).toBe("2026-04-05T03:00:00");
  });

  it("agrees with the directive's rule for Europe/Berlin", () => {
    expect(daylightSavingOf(zone("Europe/Berlin", -60), 2026)).toEqual(daylightSavingOf(centralEurope, 2026));
  });
});
