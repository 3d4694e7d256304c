import { describe, expect, it } from "vitest";
import { MutationRun } from "./mutated-telegrams.js";

describe("20,000 mutated telegrams", () => {
  it("are values or DecodeErrors, by decoder and layout alike, and explained to the last byte", () => {
    const run = new MutationRun(0x5eed);
    for (let count = 0; count < 20_000; count++) run.step();
    expect(run.decoded + run.refused).toBe(20_000);
    // Both kinds of answer must come up, or the mutations are too tame or too wild to test anything.
    expect(run.decoded).toBeGreaterThan(2000);
    expect(run.refused).toBeGreaterThan(2000);
    expect(run.readByLayout).toBeGreaterThan(1000);
  });
});
