import { afterEach, expect, it } from "vitest";
import { torture } from "../e2e/torture-run.js";
import { Cleanup } from "../support/gateway-process.js";

const cycles = Number(process.env["CYCLES"] ?? 200);

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

it(`loses and doubles no reading over ${cycles} cycles of torture`, async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  const started = performance.now();
  const { faults, due, answers, cyclesOf } = await torture(cleanup, cycles, seed);
  process.stdout.write(
    `${JSON.stringify({ seed, cyclesOf, answers, due, seconds: Math.round((performance.now() - started) / 1000) })}\n`,
  );
  expect(faults, `repeat with SEED=${seed}`).toEqual([]);
});
