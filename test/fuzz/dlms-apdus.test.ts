import { expect, it } from "vitest";
import { ApduRun } from "./mutated-apdus.js";

const apdus = 10_000;

it(`${apdus} mutated APDUs in associations of every context throw nothing, and a good client is served after them`, {
  timeout: 120_000,
}, async () => {
  const run = new ApduRun(Number(process.env["FUZZ_SEED"] ?? 20_261_123));
  for (let count = 0; count < apdus; count++) await run.step();
  await run.expectServing();
  // Else nothing was open, or nothing was reached behind the protection.
  expect(run.served).toBeGreaterThan(apdus / 10);
  expect(run.ciphered).toBeGreaterThan(apdus / 5);
});
