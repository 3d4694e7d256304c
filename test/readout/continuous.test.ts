import { describe, expect, it } from "vitest";
import type { Retiming } from "../../src/ports/index.js";
import { BusArbiter, busPriority, createReadingClock } from "../../src/readout/index.js";
import { manualClock } from "../support/manual-clock.js";
import { keepingLogger } from "../support/silent-logger.js";

describe("a lease of a bus", () => {
  it("with a limit ends by itself, tells its holder and lets the next one on", async () => {
    const clock = manualClock(0);
    const arbiter = new BusArbiter(clock);
    const tunnel = await arbiter.acquire({ holder: "tunnel", priority: busPriority.tunnel, limitMs: 1000 });
    const next = arbiter.acquire({ holder: "cycle", priority: busPriority.cycle });
    expect(arbiter.state).toMatchObject({ holder: "tunnel", endsAtMs: 1000 });
    await clock.advance(600);
    expect(tunnel?.renew()).toBe(true);
    await clock.advance(600);
    expect(tunnel?.isHeld).toBe(true);
    await clock.advance(400);
    expect([tunnel?.isHeld, tunnel?.signal.aborted, tunnel?.renew()]).toEqual([false, true, false]);
    await next;
    expect(arbiter.state.holder).toBe("cycle");
    tunnel?.release();
    expect(arbiter.state.holder).toBe("cycle");
  });

  it("is told when somebody of a higher priority waits, and of nobody else", async () => {
    const arbiter = new BusArbiter(manualClock(0));
    const wanted: string[] = [];
    await arbiter.acquire({
      holder: "tunnel",
      priority: busPriority.tunnel,
      onWanted: ({ holder }) => void wanted.push(holder),
    });
    void arbiter.acquire({ holder: "cycle", priority: busPriority.cycle });
    void arbiter.acquire({ holder: "live", priority: busPriority.live });
    expect(wanted).toEqual(["live"]);
  });
});

describe("a clock that is not known good", () => {
  function trusted(mode: "plausible" | "confirmed", nowMs: number) {
    const clock = manualClock(nowMs);
    const moved: Retiming[] = [];
    const trust = createReadingClock({
      clock,
      logger: keepingLogger(),
      mode,
      earliestMs: 1_735_689_600_000,
      retime: async (retiming) => void moved.push(retiming),
    });
    trust.start();
    return { clock, trust, moved };
  }

  it("marks what is read, and moves each reading once by the clock that only grows", async () => {
    const { clock, trust, moved } = trusted("confirmed", 1_000_000);
    expect(trust.momentOf(1_000_000, 0)).toEqual({ atMs: 1_000_000, clockStatus: 1 });
    const readAt = clock.monotonic();
    trust.kept({ meterId: 7, number: 1, readAtMs: 1_000_000, monotonicMs: readAt });
    await clock.advance(60_000);
    trust.confirm("timeSync");
    trust.confirm("admin");
    // True time of the reading: what the clock shows now less the minute since.
    const shiftMs = clock.now() - 60_000 - 1_000_000;
    expect(moved).toEqual([{ meterId: 7, fromNumber: 1, toNumber: 1, shiftMs, clockStatus: 0 }]);
    expect([trust.isGood, trust.source, trust.pending]).toEqual([true, "timeSync", 0]);
  });

  it("is taken where a system clock in a time that can be is enough", () => {
    expect(trusted("plausible", 1_795_000_000_000).trust.source).toBe("plausible");
    expect(trusted("plausible", 86_400_000).trust.isGood).toBe(false);
    expect(trusted("confirmed", 1_795_000_000_000).trust.isGood).toBe(false);
  });

  it("holds reports back until it is good, or ten minutes", async () => {
    const { clock, trust } = trusted("confirmed", 0);
    let left = 0;
    void trust.goodOrLate().then(() => {
      left += 1;
    });
    await clock.advance(599_000);
    expect(left).toBe(0);
    await clock.advance(2000);
    expect(left).toBe(1);
    const other = trusted("confirmed", 0);
    const held = other.trust.goodOrLate();
    other.trust.confirm("dlms");
    await held;
  });
});
