/**
 * The long form of test/fuzz/mbus-reception: `npm run soak`. COSEM_SOAK_FRAMES sets the number of wireless telegrams (10
 * million), COSEM_SOAK_STREAMS that of receiver streams (1 million), COSEM_SOAK_SEED where to begin.
 */
import { describe, expect, it } from "vitest";
import { ReceptionRun } from "../fuzz/mutated-receptions.js";
import { WirelessRun } from "../fuzz/mutated-wireless.js";
import { soak } from "./soak.js";

const frames = Number(process.env["COSEM_SOAK_FRAMES"] ?? 10_000_000);
const streams = Number(process.env["COSEM_SOAK_STREAMS"] ?? 1_000_000);
const seed = Number(process.env["COSEM_SOAK_SEED"] ?? 1);

describe("mutated receptions without end", () => {
  it(`${frames} wireless telegrams crash, hang and grow nothing`, async () => {
    const run = new WirelessRun(seed);
    const result = await soak({
      count: frames,
      batch: 1000,
      reportEvery: 1_000_000,
      step: () => void run.step(),
      words: () =>
        `${run.frames} wireless frames: ${run.decoded} decoded, ${run.encrypted} of them encrypted, ` +
        `${run.authenticated} authentic, ${run.compact} compact; ${run.fragments} fragments, ${run.formatFrames} formats`,
    });
    expect(result.slowestMs).toBeLessThan(result.hangMs);
    expect(result.grownBytes).toBeLessThan(result.mayGrowBytes);
  });

  it(`${streams} streams of receivers crash, hang and grow nothing`, async () => {
    const run = new ReceptionRun(seed);
    const result = await soak({
      count: streams,
      batch: 100,
      reportEvery: 100_000,
      step: () => void run.step(),
      words: () =>
        `${run.streams} receiver streams: ${run.telegrams} telegrams, ${run.decoded} decoded, ${run.refused} refused, ` +
        `${run.rejected} pieces rejected, ${run.answers} answers`,
    });
    expect(result.slowestMs).toBeLessThan(result.hangMs);
    expect(result.grownBytes).toBeLessThan(result.mayGrowBytes);
  });
});
