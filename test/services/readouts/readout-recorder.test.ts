import { expect, it } from "vitest";
import { createReadingClock } from "../../../src/readout/index.js";
import { ReadoutRecorder } from "../../../src/services/readouts/index.js";
import { databasePath, open, silent } from "../../store/fixture.js";
import { manualClock } from "../../support/manual-clock.js";

const record = (meterId: number, createdAtMs: number, ok = true) => ({
  ...{ meterId, createdAtMs, ok, origin: "cycle" as const, message: "", telegramCount: 1 },
  ...{ durationMs: 10, retries: 0, responseMs: 5, signalDbm: undefined, reason: ok ? undefined : "timeout" },
});

it("moves records of readouts before the clock was known good, once, failed ones and the sums too", async () => {
  const elapsed = manualClock();
  // A machine without a clock of its own starts in 1970; the time server tells 2026-11-23T12:00:00Z.
  const told = Date.UTC(2026, 10, 23, 12);
  let offset = 0;
  const clock = { ...elapsed, now: () => elapsed.now() + offset };
  const store = await open(databasePath());
  const trust = createReadingClock({
    clock,
    logger: silent,
    mode: "confirmed",
    earliestMs: 0,
    retime: () => Promise.resolve(),
  });
  const recorder = new ReadoutRecorder({ store, trust, clock, logger: silent });

  recorder.note(record(1, clock.now()), clock.monotonic());
  await elapsed.advance(60_000);
  recorder.note(record(1, clock.now(), false), clock.monotonic());
  await elapsed.advance(30_000);
  await recorder.flush();
  const before = await store.readoutRecords({ limit: 10 });
  expect(before.map(({ createdAtMs }) => createdAtMs)).toEqual([60_000, 0]);

  // Noted before, on its way to the disk when the clock is set; and one that ended after but began before.
  recorder.note(record(2, clock.now()), clock.monotonic());
  offset = told - elapsed.now();
  trust.confirm("timeSync");
  recorder.note(record(3, 89_000), 89_000);
  await elapsed.advance(5000);
  recorder.note(record(3, clock.now()), clock.monotonic());
  await recorder.flush();
  await recorder.flush();

  // 90 s have passed when the server tells the time.
  const at = (seconds: number) => told + (seconds - 90) * 1000;
  const moved = async () => {
    const rows = await store.readoutRecords({ limit: 10 });
    return rows.map(({ meterId, createdAtMs }) => [meterId, createdAtMs]);
  };
  const expected = [
    [3, at(95)],
    [3, at(89)],
    [2, at(90)],
    [1, at(60)],
    [1, at(0)],
  ];
  await expect.poll(moved).toEqual(expected);
  expect(await store.meterStatistics(1)).toMatchObject([
    { attempts: 2, good: 1, firstAtMs: at(0), lastAtMs: at(60), lastGoodAtMs: at(0) },
  ]);
});
