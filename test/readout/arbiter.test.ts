import { describe, expect, it } from "vitest";
import { BusArbiter, type BusLease } from "../../src/readout/index.js";
import { manualClock } from "../support/manual-clock.js";

/** Asks for the bus under a name and a priority, and notes who got it in which order. */
function line() {
  const arbiter = new BusArbiter(manualClock(5000));
  const served: string[] = [];
  const leases = new Map<string, BusLease>();
  const ask = (holder: string, priority: number, signal?: AbortSignal) =>
    arbiter.acquire({ holder, priority }, signal).then((lease) => {
      served.push(lease === undefined ? `${holder} sent away` : holder);
      if (lease !== undefined) leases.set(holder, lease);
    });
  return { arbiter, served, leases, ask };
}

describe("bus arbiter", () => {
  it("serves by priority, then in order of asking, one at a time", async () => {
    const { served, leases, ask } = line();
    const all = [ask("first", 0), ask("second", 0), ask("live", 10), ask("third", 0), ask("command", 20)];
    for (let turn = 0; turn < all.length; turn++) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      expect(served.length).toBe(turn + 1);
      leases.get(served[turn] ?? "")?.release();
    }
    expect(served).toEqual(["first", "command", "live", "second", "third"]);
  });
  it("shows who holds the bus since when, and who waits", async () => {
    const { arbiter, leases, ask } = line();
    expect(arbiter.state).toEqual({ holder: undefined, heldSinceMs: undefined, waiting: [] });
    await ask("cycle", 0);
    void ask("tunnel", 5);
    expect(arbiter.state).toEqual({
      holder: "cycle",
      heldSinceMs: 5000,
      waiting: [{ holder: "tunnel", priority: 5 }],
    });
    leases.get("cycle")?.release();
    leases.get("cycle")?.release();
    expect(arbiter.state.holder).toBe("tunnel");
  });
  it("sends away who gives up or comes after closing", async () => {
    const { arbiter, served, ask } = line();
    await ask("holder", 0);
    const patience = new AbortController();
    const impatient = ask("impatient", 0, patience.signal);
    patience.abort();
    await impatient;
    const waiting = ask("waiting", 0);
    arbiter.close();
    await waiting;
    await ask("late", 0);
    expect(served).toEqual(["holder", "impatient sent away", "waiting sent away", "late sent away"]);
    expect(arbiter.state.waiting).toEqual([]);
  });
});
