import { afterEach, expect, it } from "vitest";
import { surviveRounds } from "../e2e/hostile-run.js";
import { Cleanup } from "../support/gateway-process.js";

const rounds = Number(process.env["ROUNDS"] ?? 200);
/** Round by round the allocator's noise stays the same; 100 bytes that each connection left behind would be 70 MB. */
const mostGrowthMb = 60;

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

it(`holds no more memory after ${rounds} rounds of hostile input than after a tenth of them`, async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  const { before, after, afterRoundMb } = await surviveRounds(cleanup, rounds, seed);
  const memory = `SEED=${seed}: ${afterRoundMb.join(", ")} MB`;
  for (const answers of after) expect(answers, memory).toEqual(before);
  const warm = afterRoundMb[Math.floor(rounds / 10)] ?? 0;
  expect((afterRoundMb.at(-1) ?? 0) - warm, memory).toBeLessThan(mostGrowthMb);
});
