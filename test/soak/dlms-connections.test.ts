/**
 * The long form of test/fuzz/dlms-connections: `npm run soak`. COSEM_SOAK_CONNECTIONS sets the number (1 million),
 * COSEM_SOAK_SEED where to begin. Writes a line every 100,000.
 */
import { expect, it } from "vitest";
import { ConnectionRun } from "../fuzz/mutated-connections.js";
import { soak } from "./soak.js";

const connections = Number(process.env["COSEM_SOAK_CONNECTIONS"] ?? 1_000_000);
const seed = Number(process.env["COSEM_SOAK_SEED"] ?? 1);

it(`${connections} mutated connections crash, hang and grow nothing, and good ones are served after them`, async () => {
  const run = new ConnectionRun(seed);
  const { slowestMs, grownBytes, hangMs, mayGrowBytes } = await soak({
    count: connections,
    batch: 100,
    reportEvery: 100_000,
    step: () => run.step(),
    words: () =>
      `${run.connections} connections, ${run.hdlc} of them HDLC: ` +
      `${(run.sentBytes / 1e6).toFixed(0)} MB answered, at most ${run.mostSent} bytes to one`,
  });
  await run.expectServing();
  expect(slowestMs).toBeLessThan(hangMs);
  expect(grownBytes).toBeLessThan(mayGrowBytes);
});
