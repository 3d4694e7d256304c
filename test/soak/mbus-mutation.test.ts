/**
 * The long form of test/fuzz/mbus-mutation: `npm run soak`. COSEM_SOAK_FRAMES sets the number of telegrams (10 million),
 * COSEM_SOAK_SEED where to begin. Writes a line every million telegrams.
 */
import { describe, expect, it } from "vitest";
import { MutationRun } from "../fuzz/mutated-telegrams.js";

const frames = Number(process.env["COSEM_SOAK_FRAMES"] ?? 10_000_000);
const seed = Number(process.env["COSEM_SOAK_SEED"] ?? 1);
/** A batch takes about 20 ms; one that takes this long hangs. */
const batch = 1000;
const hangMs = 20_000;
const mayGrowBytes = 48 * 2 ** 20;

describe("mutated telegrams without end", () => {
  it(`${frames} of them crash, hang and grow nothing`, () => {
    const run = new MutationRun(seed);
    const startedMs = performance.now();
    let slowestMs = 0;
    let heapAtStart = 0;
    for (let count = 0; count < frames; count += batch) {
      const beganMs = performance.now();
      for (let step = 0; step < batch; step++) run.step();
      slowestMs = Math.max(slowestMs, performance.now() - beganMs);
      // Caches are full after the first tenth.
      if (heapAtStart === 0 && count >= frames / 10) heapAtStart = leastHeap(run);
      if ((count + batch) % 1_000_000 === 0) report(run, count + batch, startedMs, slowestMs);
    }
    report(run, frames, startedMs, slowestMs);
    expect(slowestMs).toBeLessThan(hangMs);
    expect(leastHeap(run) - heapAtStart).toBeLessThan(mayGrowBytes);
  });
});

/** Heap after collections: the least of several looks, since nobody says when one was. */
function leastHeap(run: MutationRun): number {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 50; look++) {
    for (let step = 0; step < 500; step++) run.step();
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}

function report(run: MutationRun, count: number, startedMs: number, slowestMs: number): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  const heap = (process.memoryUsage().heapUsed / 2 ** 20).toFixed(0);
  process.stdout.write(
    `${count} telegrams in ${seconds} s: ${run.decoded} decoded, ${run.refused} refused, ` +
      `${run.readByLayout} by layout, slowest 1000 in ${slowestMs.toFixed(0)} ms, heap ${heap} MB\n`,
  );
}
