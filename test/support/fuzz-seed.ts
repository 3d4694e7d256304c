/**
 * One seed for all generated tests, so that a run can be repeated: FUZZ_SEED=n npx vitest run … tries others, and
 * FUZZ_RUNS=n so many cases of each property.
 */
import fc from "fast-check";

const seed = Number(process.env["FUZZ_SEED"] ?? 20_261_122);
const runs = process.env["FUZZ_RUNS"];
fc.configureGlobal({ seed, ...(runs === undefined ? {} : { numRuns: Number(runs) }) });
