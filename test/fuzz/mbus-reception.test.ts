import { describe, expect, it } from "vitest";
import { ReceptionRun } from "./mutated-receptions.js";
import { WirelessRun } from "./mutated-wireless.js";

describe("10,000 mutated wireless telegrams", () => {
  it("are results or DecodeErrors, behind link formats, extended links, AFL, keys and compact frames alike", () => {
    const run = new WirelessRun(0xa17);
    for (let count = 0; count < 10_000; count++) run.step();
    // Every kind of answer must come up, or the mutations are too tame or too wild to test anything.
    expect(run.decoded).toBeGreaterThan(2000);
    expect(run.encrypted).toBeGreaterThan(500);
    expect(run.authenticated).toBeGreaterThan(200);
    expect(run.fragments).toBeGreaterThan(200);
    expect(run.formatFrames).toBeGreaterThan(50);
    expect(run.compact).toBeGreaterThan(20);
    const reasons = ["badChecksum", "truncated", "wrongKey", "badMac", "formatUnknown", "unsupportedSecurityMode"];
    expect([...run.refusals.keys()]).toEqual(expect.arrayContaining(reasons));
  });
});

describe("3,000 mutated receiver streams", () => {
  it("give the same wherever they are cut, from every driver, and telegrams that are read or refused", () => {
    const run = new ReceptionRun(0xa17);
    for (let count = 0; count < 3000; count++) run.step();
    expect([...run.byType].filter(([, telegrams]) => telegrams < 30)).toEqual([]);
    expect(run.decoded).toBeGreaterThan(200);
    expect(run.rejected).toBeGreaterThan(200);
  });
});
