/**
 * The long form of test/fuzz/mbus-streams: `npm run soak`. COSEM_SOAK_STREAMS sets the number of streams (1 million),
 * COSEM_SOAK_SEED where to begin. Writes a line every 100,000 streams.
 */
import { describe, expect, it } from "vitest";
import { StreamRun } from "../fuzz/mutated-streams.js";

const streams = Number(process.env["COSEM_SOAK_STREAMS"] ?? 1_000_000);
const seed = Number(process.env["COSEM_SOAK_SEED"] ?? 1);
const batch = 100;
/** A batch takes about 20 ms; one that takes this long hangs. */
const hangMs = 20_000;
const mayGrowBytes = 48 * 2 ** 20;

describe("mutated streams without end", () => {
  it(`${streams} of them crash, hang and grow nothing`, () => {
    const run = new StreamRun(seed);
    const startedMs = performance.now();
    let slowestMs = 0;
    let heapAtStart = 0;
    for (let count = 0; count < streams; count += batch) {
      const beganMs = performance.now();
      for (let step = 0; step < batch; step++) run.step();
      slowestMs = Math.max(slowestMs, performance.now() - beganMs);
      if (heapAtStart === 0 && count >= streams / 10) heapAtStart = leastHeap(run);
      if ((count + batch) % 100_000 === 0) report(run, startedMs, slowestMs);
    }
    report(run, startedMs, slowestMs);
    expect(slowestMs).toBeLessThan(hangMs);
    expect(leastHeap(run) - heapAtStart).toBeLessThan(mayGrowBytes);
  });
});

/** Heap after collections: the least of several looks, since nobody says when one was. */
function leastHeap(run: StreamRun): number {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 50; look++) {
    for (let step = 0; step < 100; step++) run.step();
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}

function report(run: StreamRun, startedMs: number, slowestMs: number): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  const heap = (process.memoryUsage().heapUsed / 2 ** 20).toFixed(0);
  process.stdout.write(
    `${run.streams} streams in ${seconds} s: ${run.frames} frames, ${run.jobs} jobs ended, ` +
      `slowest ${batch} in ${slowestMs.toFixed(0)} ms, heap ${heap} MB\n`,
  );
}
