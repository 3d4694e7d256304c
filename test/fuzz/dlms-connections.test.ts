import { expect, it } from "vitest";
import { ConnectionRun } from "./mutated-connections.js";

const connections = 1500;

it(`${connections} mutated connections throw nothing, leave nothing behind, and good ones are served after them`, {
  timeout: 120_000,
}, async () => {
  const run = new ConnectionRun(Number(process.env["FUZZ_SEED"] ?? 20_261_123));
  for (let count = 0; count < connections; count++) await run.step();
  await run.expectServing();
  expect(run.hdlc).toBeGreaterThan(connections / 5);
  expect(run.sentBytes).toBeGreaterThan(connections * 100);
});
