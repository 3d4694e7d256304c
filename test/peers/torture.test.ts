import { afterEach, expect, it } from "vitest";
import { torture } from "../e2e/torture-run.js";
import { Cleanup } from "../support/gateway-process.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** `npm run soak` runs 200. */
it("loses and doubles no reading over kills, a full disk, clock jumps, a bus that goes away and one of noise", async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  const { faults, due, stored } = await torture(cleanup, 10, seed);
  expect(faults, `repeat with SEED=${seed}`).toEqual([]);
  expect(stored.foreignKeyFaults).toEqual([]);
  // The test says nothing unless readings had to be kept: some 60 on an idle machine, fewer beside other work.
  expect(stored.meters.size).toBe(40);
  expect(due).toBeGreaterThan(10);
}, 180_000);
