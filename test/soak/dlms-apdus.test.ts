/**
 * The long form of test/fuzz/dlms-apdus: `npm run soak`. COSEM_SOAK_APDUS sets the number (10 million), COSEM_SOAK_SEED
 * where to begin. Writes a line every million.
 */
import { expect, it } from "vitest";
import { ApduRun } from "../fuzz/mutated-apdus.js";
import { soak } from "./soak.js";

const apdus = Number(process.env["COSEM_SOAK_APDUS"] ?? 10_000_000);
const seed = Number(process.env["COSEM_SOAK_SEED"] ?? 1);

it(`${apdus} mutated APDUs crash, hang and grow nothing, and a good client is served after them`, async () => {
  const run = new ApduRun(seed);
  const { slowestMs, grownBytes, hangMs, mayGrowBytes } = await soak({
    count: apdus,
    batch: 1000,
    reportEvery: 1_000_000,
    step: () => run.step(),
    words: () =>
      `${run.apdus} APDUs, ${run.ciphered} of them ciphered: ${run.answered} answered, ${run.served} of them served`,
  });
  await run.expectServing();
  expect(slowestMs).toBeLessThan(hangMs);
  expect(grownBytes).toBeLessThan(mayGrowBytes);
});
