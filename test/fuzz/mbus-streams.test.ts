import { describe, expect, it } from "vitest";
import { StreamRun } from "./mutated-streams.js";

describe("5,000 mutated streams", () => {
  it("end every job of master, slave, decoders and search, wherever they are cut", () => {
    const run = new StreamRun(0xb05);
    for (let count = 0; count < 5000; count++) run.step();
    expect(run.jobs).toBe(5000);
    // The mutations must leave enough whole to test anything behind the decoder.
    expect(run.frames).toBeGreaterThan(4000);
  });
});
