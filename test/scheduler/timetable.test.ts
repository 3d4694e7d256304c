import { describe, expect, it } from "vitest";
import { createTimetable, parsePattern } from "../../src/scheduler/index.js";
import { manualClock } from "../support/manual-clock.js";
import { recordingLogger } from "../support/recording-logger.js";

const minute = 60_000;
const hour = 60 * minute;

/** A timetable of one job on a clock that can be set; what was due as `hh:mm`, and after how much true time. */
function timetable(text: string, start: string, timeZone = "UTC", lastDue?: string) {
  const parsed = parsePattern(text);
  if (!parsed.ok) throw new Error(parsed.message);
  const time = manualClock(Date.parse(start));
  let shift = 0;
  const due: string[] = [];
  const elapsed: number[] = [];
  const made = createTimetable({
    clock: {
      now: () => time.now() + shift,
      monotonic: () => time.monotonic(),
      after: (ms, task) => time.after(ms, task),
    },
    logger: recordingLogger(),
    timeZone,
    due(_name, instant) {
      due.push(new Date(instant).toISOString().slice(11, 16));
      elapsed.push(time.monotonic() / minute);
    },
  });
  made.set("job", parsed.pattern, lastDue === undefined ? undefined : Date.parse(lastDue));
  made.start();
  return {
    made,
    due,
    elapsed,
    advance: (ms: number) => time.advance(ms),
    waiting: () => time.waiting,
    setClock(byMs: number, isTold = true) {
      shift += byMs;
      if (isTold) made.clockChanged();
    },
  };
}

describe("the timetable", () => {
  it("says what is due when it is, and nothing after its stop", async () => {
    const { made, due, advance, waiting } = timetable("*/5 * * * *", "2024-01-15T09:00:30Z");
    await advance(12 * minute);
    expect(due).toEqual(["09:05", "09:10"]);
    expect(made.nextOf("job")).toBe(Date.parse("2024-01-15T09:15Z"));
    made.stop();
    await advance(hour);
    expect(due).toHaveLength(2);
    expect(waiting()).toBe(0);
  });

  it("is due once for what was missed while the machine slept, also where nobody told of it", async () => {
    const { due, advance, setClock } = timetable("* * * * *", "2024-01-15T09:00:30Z");
    setClock(hour, false);
    await advance(minute);
    expect(due).toEqual(["09:01"]);
    await advance(minute);
    expect(due).toEqual(["09:01", "10:02"]);
  });

  it("is due once where the clock is set forward over several instants", async () => {
    const { due, advance, setClock } = timetable("*/15 * * * *", "2024-01-15T12:05Z");
    setClock(2 * hour);
    expect(due).toEqual(["12:15"]);
    await advance(25 * minute);
    expect(due).toEqual(["12:15", "14:15", "14:30"]);
  });

  it("repeats no instant where the clock is set back by up to an hour", async () => {
    const { due, advance, setClock } = timetable("*/15 * * * *", "2024-01-15T12:05Z");
    await advance(15 * minute);
    expect(due).toEqual(["12:15"]);
    setClock(-30 * minute);
    // 11:50 now: 12:30 comes in 40 minutes.
    await advance(39 * minute);
    expect(due).toEqual(["12:15"]);
    await advance(minute);
    expect(due).toEqual(["12:15", "12:30"]);
  });

  it("goes by the wall clock again where it is set back further than the pattern's own period", async () => {
    const quarter = timetable("*/15 * * * *", "2024-01-15T12:05Z");
    await quarter.advance(20 * minute);
    quarter.setClock(-2 * hour);
    // 10:25.
    await quarter.advance(40 * minute);
    expect(quarter.due).toEqual(["12:15", "10:30", "10:45", "11:00"]);

    const hourly = timetable("0 * * * *", "2024-01-15T11:30Z");
    await hourly.advance(40 * minute);
    hourly.setClock(-90 * minute);
    // 10:40: the next hour is 11:00, half an hour after the last run. Then an instant is leapt over by a small step.
    await hourly.advance(21 * minute);
    expect(hourly.due).toEqual(["12:00", "11:00"]);
    await hourly.advance(58.5 * minute);
    hourly.setClock(minute);
    expect(hourly.due).toEqual(["12:00", "11:00", "12:00"]);
  });

  it("waits for no instant of a clock that was set back in steps", async () => {
    const { due, advance, setClock } = timetable("0 * * * *", "2024-01-15T11:30Z");
    await advance(40 * minute);
    for (let step = 0; step < 4; step++) setClock(-50 * minute);
    // 08:50.
    await advance(11 * minute);
    expect(due).toEqual(["12:00", "09:00"]);
  });

  it("runs no daily job twice a day where the clock is set back", async () => {
    const { due, elapsed, advance, setClock } = timetable("0 11 * * *", "2024-01-15T10:00Z");
    await advance(2 * hour);
    expect(due).toEqual(["11:00"]);
    setClock(-2 * hour);
    await advance(24 * hour);
    expect(due).toEqual(["11:00"]);
    await advance(2 * hour);
    expect(elapsed).toEqual([60, 60 + 26 * 60]);
  });

  it("does not run again for instants that it ran for, where the clock is set back and forward again", async () => {
    const { due, advance, setClock } = timetable("0 * * * *", "2024-01-15T09:30Z");
    await advance(3 * hour);
    expect(due).toEqual(["10:00", "11:00", "12:00"]);
    setClock(-2 * hour);
    await advance(10 * minute);
    setClock(2 * hour);
    await advance(30 * minute);
    expect(due).toEqual(["10:00", "11:00", "12:00", "13:00"]);
  });

  it("goes on after the clock was years ahead", async () => {
    const { due, advance, setClock } = timetable("0 11 * * *", "2031-01-15T10:00Z");
    await advance(2 * hour);
    setClock(Date.parse("2024-06-06T08:00Z") - Date.parse("2031-01-15T12:00Z"));
    await advance(48 * hour);
    // At 11:00 of each day, the first one too.
    expect(due).toEqual(["11:00", "11:00", "11:00"]);
  });

  it.each([
    ["0 0 1 * *", "2024-01-31T23:30Z", 25],
    ["0 11 * * *", "2024-01-15T10:30Z", 23],
    ["30 10 * * mon", "2024-01-15T10:00Z", 48],
  ])("runs %s no second time where the clock is set back by less than its period", async (pattern, start, hours) => {
    const { due, advance, setClock } = timetable(pattern, start);
    await advance(hour);
    expect(due).toHaveLength(1);
    setClock(-hours * hour);
    await advance(hours * hour);
    expect(due).toHaveLength(1);
  });

  it("repeats nothing after a restart with a clock that was set back meanwhile", async () => {
    const daily = timetable("0 11 * * *", "2024-01-15T10:30Z", "UTC", "2024-01-15T11:00Z");
    expect(daily.made.nextOf("job")).toBe(Date.parse("2024-01-16T11:00Z"));
    const again = timetable("0 11 * * *", "2024-01-15T11:00:20Z", "UTC", "2024-01-15T11:00Z");
    expect(again.made.nextOf("job")).toBe(Date.parse("2024-01-16T11:00Z"));
  });
});

// Europe/Paris 2024: 31 March 02:00 becomes 03:00 (01:00Z); 27 October 03:00 becomes 02:00 (01:00Z).
describe("over a change to and from summer time", () => {
  it.each([
    // 48 hours, whatever the wall clock shows: 48 × 4 quarters, 48 hours, and 2 days.
    ["*/15 * * * *", "2024-03-30T12:00:30Z", 192],
    ["0 * * * *", "2024-03-30T12:00:30Z", 48],
    ["30 2 * * *", "2024-03-30T12:00:30Z", 2],
    ["0 3 * * *", "2024-03-30T12:00:30Z", 2],
    ["*/15 * * * *", "2024-10-26T12:00:30Z", 192],
    ["0 * * * *", "2024-10-26T12:00:30Z", 48],
    ["30 2 * * *", "2024-10-26T12:00:30Z", 2],
    ["0 3 * * *", "2024-10-26T12:00:30Z", 2],
  ])("%s from %s runs %i times in two days", async (pattern, start, count) => {
    const { due, elapsed, advance } = timetable(pattern, start, "Europe/Paris");
    await advance(48 * hour);
    expect(due).toHaveLength(count);
    expect(new Set(elapsed).size).toBe(count);
  });
});

// 2026. Stockholm: 29 March 02:00 becomes 03:00, 25 October 03:00 becomes 02:00, both at 01:00Z. Sydney: 5 April 03:00
// becomes 02:00, 4 October 02:00 becomes 03:00, both at 16:00Z of the day before.
describe("the instants of both changes, north and south", () => {
  async function instants(text: string, from: string, timeZone: string, hours: number): Promise<readonly string[]> {
    const { due, elapsed, advance } = timetable(text, from, timeZone);
    await advance(hours * hour);
    const start = Date.parse(from);
    expect(due).toHaveLength(elapsed.length);
    return elapsed.map((minutes) => new Date(start + minutes * minute).toISOString().slice(8, 16).replace("T", " "));
  }

  it.each([
    ["Europe/Stockholm", "2026-03-28T00:00Z", ["28 01:30", "29 01:30", "30 00:30"]],
    ["Europe/Stockholm", "2026-10-24T00:00Z", ["24 00:30", "25 00:30", "26 01:30"]],
    ["Australia/Sydney", "2026-04-03T12:00Z", ["03 15:30", "04 15:30", "05 16:30"]],
    ["Australia/Sydney", "2026-10-02T12:00Z", ["02 16:30", "03 16:30", "04 15:30"]],
  ])("02:30 each day in %s from %s", async (zone, from, expected) => {
    expect(await instants("30 2 * * *", from, zone, 72)).toEqual(expected);
  });

  it.each([
    ["Europe/Stockholm", "2026-03-28T22:50Z", 6],
    ["Europe/Stockholm", "2026-10-24T22:50Z", 6],
    ["Australia/Sydney", "2026-04-04T12:50Z", 6],
    ["Australia/Sydney", "2026-10-03T12:50Z", 6],
  ])("each quarter of an hour in %s from %s, by time that passes", async (zone, from, hours) => {
    const seen = await instants("*/15 * * * *", from, zone, hours);
    const first = Date.parse(from) + 10 * minute;
    const expected = Array.from({ length: hours * 4 }, (_, index) =>
      new Date(first + index * 15 * minute).toISOString().slice(8, 16).replace("T", " "),
    );
    expect(seen).toEqual(expected);
  });

  it.each([
    ["Europe/Stockholm", "2026-10-25T00:45Z", -90],
    ["Australia/Sydney", "2026-04-04T15:45Z", -90],
    ["Europe/Stockholm", "2026-03-29T01:45Z", -90],
    ["Australia/Sydney", "2026-10-03T16:45Z", -90],
  ])("a clock set back over the change in %s runs 02:30 no second time (%s)", async (zone, from, byMinutes) => {
    const { due, advance, setClock } = timetable("30 2 * * *", new Date(Date.parse(from) - hour).toISOString(), zone);
    await advance(hour);
    expect(due).toHaveLength(1);
    setClock(byMinutes * minute);
    await advance(4 * hour);
    expect(due).toHaveLength(1);
  });
});
