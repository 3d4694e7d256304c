/** A long run watched for hangs and growth. */

export interface SoakParts {
  readonly count: number;
  /** Steps between two looks at the clock. */
  readonly batch: number;
  readonly reportEvery: number;
  step(): Promise<void> | undefined;
  /** What was done so far. */
  words(): string;
}

export interface SoakResult {
  readonly slowestMs: number;
  readonly grownBytes: number;
  /** A batch that takes this long hangs: it takes about 50 ms. */
  readonly hangMs: number;
  readonly mayGrowBytes: number;
}

/** Growth counts from the end of the first tenth on, when caches are full. */
export async function soak(parts: SoakParts): Promise<SoakResult> {
  const { count, batch, reportEvery } = parts;
  const startedMs = performance.now();
  let slowestMs = 0;
  let heapAtStart: number | undefined;
  for (let done = 0; done < count; done += batch) {
    const beganMs = performance.now();
    await runBatch(parts);
    slowestMs = Math.max(slowestMs, performance.now() - beganMs);
    if (heapAtStart === undefined && done >= count / 10) heapAtStart = await leastHeap(parts);
    if ((done + batch) % reportEvery === 0) report(parts, startedMs, slowestMs);
  }
  if (count % reportEvery !== 0) report(parts, startedMs, slowestMs);
  const grownBytes = (await leastHeap(parts)) - (heapAtStart ?? 0);
  return { slowestMs, grownBytes, hangMs: 20_000, mayGrowBytes: 48 * 2 ** 20 };
}

async function runBatch({ batch, step }: SoakParts): Promise<void> {
  for (let index = 0; index < batch; index++) {
    const waiting = step();
    if (waiting !== undefined) await waiting;
  }
}

/** Heap after collections: the least of several looks, since nobody says when one was. */
async function leastHeap(parts: SoakParts): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 50; look++) {
    await runBatch(parts);
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}

function report({ words }: SoakParts, startedMs: number, slowestMs: number): void {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  const heap = (process.memoryUsage().heapUsed / 2 ** 20).toFixed(0);
  process.stdout.write(`${words()}, in ${seconds} s, slowest batch ${slowestMs.toFixed(0)} ms, heap ${heap} MB\n`);
}
