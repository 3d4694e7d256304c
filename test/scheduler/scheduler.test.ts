import { describe, expect, it } from "vitest";
import type { Logger } from "../../src/ports/index.js";
import { createScheduler, type Job, parsePattern } from "../../src/scheduler/index.js";
import { type ManualClock, manualClock } from "../support/manual-clock.js";

const start = Date.parse("2024-01-15T09:00:30Z");
const minute = 60_000;
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A job that notes when it was due, and runs until told. */
function recordedJob(text: string, name = "readout") {
  const parsed = parsePattern(text);
  if (!parsed.ok) throw new Error(parsed.message);
  const due: string[] = [];
  const endings: ((error?: Error) => void)[] = [];
  const signals: AbortSignal[] = [];
  const job: Job = {
    name,
    pattern: parsed.pattern,
    run(scheduledFor, signal) {
      due.push(new Date(scheduledFor).toISOString().slice(11, 19));
      signals.push(signal);
      return new Promise((resolve, reject) => {
        endings.push((error) => (error === undefined ? resolve() : reject(error)));
      });
    },
  };
  return { job, due, signals, end: (error?: Error) => endings.shift()?.(error), runningCount: () => endings.length };
}

function scheduler(clock: ManualClock, jobs: Job[], logger = silent) {
  const made = createScheduler({ clock, logger, timeZone: "UTC", jobs });
  made.start();
  return made;
}

describe("the scheduler", () => {
  it("runs each job when it is due", async () => {
    const clock = manualClock(start);
    const readout = recordedJob("*/5 * * * *");
    const report = recordedJob("7 * * * *", "report");
    scheduler(clock, [readout.job, report.job]);
    for (let index = 0; index < 12; index++) {
      await clock.advance(minute);
      readout.end();
    }
    expect(readout.due).toEqual(["09:05:00", "09:10:00"]);
    expect(report.due).toEqual(["09:07:00"]);
  });

  it("starts a job that is late once, however often it was due meanwhile", async () => {
    const clock = manualClock(start);
    const readout = recordedJob("* * * * *");
    scheduler(clock, [readout.job]);
    await clock.advance(5 * minute);
    expect(readout.due).toEqual(["09:01:00"]);
    expect(readout.runningCount()).toBe(1);
    readout.end();
    await clock.advance(0);
    expect(readout.due).toEqual(["09:01:00", "09:02:00"]);
    readout.end();
    await clock.advance(minute);
    expect(readout.due).toEqual(["09:01:00", "09:02:00", "09:06:00"]);
  });

  it("goes on after a job failed, and says so", async () => {
    const clock = manualClock(start);
    const lines: unknown[] = [];
    const readout = recordedJob("* * * * *");
    scheduler(clock, [readout.job], { ...silent, error: (message, fields) => lines.push([message, fields]) });
    await clock.advance(minute);
    readout.end(new Error("bus shorted"));
    await clock.advance(minute);
    expect(readout.due).toHaveLength(2);
    expect(lines).toEqual([["job failed", { job: "readout", error: "bus shorted" }]]);
  });

  it("runs a job by hand, beside its schedule", async () => {
    const clock = manualClock(start);
    const readout = recordedJob("0 * * * *");
    const made = scheduler(clock, [readout.job]);
    expect(made.run("readout")).toBe(true);
    expect(made.run("nothing")).toBe(false);
    expect(made.status()).toEqual([
      { name: "readout", patternText: "0 * * * *", isRunning: true, nextRunMs: Date.parse("2024-01-15T10:00Z") },
    ]);
  });

  it("runs once what was due while the machine slept", async () => {
    const clock = manualClock(start);
    let shift = 0;
    const readout = recordedJob("* * * * *");
    scheduler({ ...clock, now: () => clock.now() + shift, advance: clock.advance, waiting: 0 }, [readout.job]);
    shift = 60 * minute;
    await clock.advance(minute);
    readout.end();
    expect(readout.due).toEqual(["09:01:00"]);
    await clock.advance(minute);
    expect(readout.due).toEqual(["09:01:00", "10:02:00"]);
  });

  it("repeats nothing when the clock is set back a little, and begins anew when it is set back far", async () => {
    const clock = manualClock(start);
    let shift = 0;
    const readout = recordedJob("* * * * *");
    scheduler({ ...clock, now: () => clock.now() + shift, advance: clock.advance, waiting: 0 }, [readout.job]);
    await clock.advance(minute);
    readout.end();
    shift = -2 * minute;
    await clock.advance(2 * minute);
    readout.end();
    expect(readout.due).toEqual(["09:01:00"]);
    await clock.advance(minute);
    readout.end();
    expect(readout.due).toEqual(["09:01:00", "09:02:00"]);
    shift = -26 * 60 * minute;
    await clock.advance(2 * minute);
    expect(readout.due).toHaveLength(3);
  });

  it("waits for running jobs when it stops, and starts none any more", async () => {
    const clock = manualClock(start);
    const readout = recordedJob("* * * * *");
    const made = scheduler(clock, [readout.job]);
    await clock.advance(2 * minute);
    const stopping = made.stop(2000);
    expect(readout.signals[0]?.aborted).toBe(true);
    readout.end();
    expect(await stopping).toEqual([]);
    await clock.advance(10 * minute);
    expect(readout.due).toHaveLength(1);
    expect(clock.waiting).toBe(0);
    expect(made.run("readout")).toBe(false);
  });

  it("stops waiting at the limit and names what still runs", async () => {
    const clock = manualClock(start);
    const made = scheduler(clock, [recordedJob("* * * * *").job]);
    await clock.advance(minute);
    const stopping = made.stop(2000);
    await clock.advance(2000);
    expect(await stopping).toEqual(["readout"]);
  });
});
