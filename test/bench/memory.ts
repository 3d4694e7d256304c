/** Bytes a registered meter costs, with its newest reading. */
import type { MemoryAnswer } from "./load/memory-child.js";
import { runOnce } from "./load/process.js";
import { type Bench, type BenchResult, result } from "./result.js";

const sizes = [512, 10_000, 100_000];

export const memoryBench: Bench = {
  names: sizes.map(nameOf),
  async run(names) {
    const results: BenchResult[] = [];
    for (const meters of sizes) if (names.has(nameOf(meters))) results.push(await measure(meters));
    return results;
  },
};

function nameOf(meters: number): string {
  return `registry-memory-${meters}`;
}

async function measure(meters: number): Promise<BenchResult> {
  const run = (isBare: boolean) => runOnce<MemoryAnswer>("memory-child.js", { meters, isBare }, ["--expose-gc"]);
  const own = await run(false);
  const bare = await run(true);
  const note =
    `${mebibytes(own.bytes)} MiB in all, process ${mebibytes(own.residentBytes)} MiB; ` +
    `installed and read once in ${(own.loadMs / 1000).toFixed(2)} s`;
  const what = "plain objects: row fields and payload";
  return result(nameOf(meters), own.bytes / meters, "bytes/meter", { what, value: bare.bytes / meters }, note);
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
