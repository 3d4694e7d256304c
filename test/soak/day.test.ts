import { afterEach, expect, it } from "vitest";
import { dayMeters, simulatedHours } from "../e2e/day-run.js";
import { Cleanup } from "../support/gateway-process.js";

const hours = Number(process.env["HOURS"] ?? 24);
const mebibyte = 1024 * 1024;

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

it(`runs ${hours} hours with ${dayMeters} meters: no growth in memory, no gap in history`, async () => {
  const { gaps, meters, heap, seconds } = await simulatedHours(cleanup, hours, Date.UTC(2026, 9, 24, 22));
  const megabytes = heap.map((bytes) => (bytes / mebibyte).toFixed(1));
  process.stdout.write(`${JSON.stringify({ hours, meters, seconds: Math.round(seconds), heapMiB: megabytes })}\n`);
  expect(gaps).toEqual([]);
  expect(meters).toBe(dayMeters);
  // From the second hour on: what is learned in the first stays.
  const [, second = 0] = heap;
  expect(Math.max(...heap.slice(2)) - second).toBeLessThan(4 * mebibyte);
});
