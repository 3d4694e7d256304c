import { afterEach, expect, it } from "vitest";
import { Cleanup } from "../support/gateway-process.js";
import { dayMeters, simulatedHours } from "./day-run.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** Across the end of summer time; `npm run soak` runs 24 hours. */
it(`reads ${dayMeters} meters each quarter of an hour for three hours without a gap`, async () => {
  const { gaps, meters, heap } = await simulatedHours(cleanup, 3, Date.UTC(2026, 9, 25, 0));
  expect(gaps).toEqual([]);
  expect(meters).toBe(dayMeters);
  expect(heap).toHaveLength(3);
}, 120_000);
