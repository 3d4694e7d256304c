import { describe, expect, it } from "vitest";
import { openInvocationCounters, restoredCounters } from "../../src/accounts/index.js";
import { manualClock } from "../support/manual-clock.js";
import { memoryState } from "../support/memory-state.js";
import { keepingLogger } from "../support/silent-logger.js";

const title = Uint8Array.of(0x45, 0x4c, 0x56, 0, 0, 0, 0, 1);
const peer = Uint8Array.of(0x4d, 0x4d, 0x4d, 0, 0, 0, 0, 2);
const key = { fingerprint: "a".repeat(32) };
const other = { fingerprint: "b".repeat(32) };

function parts(kept?: Map<string, string>, reservation = 10) {
  return { store: memoryState(kept), clock: manualClock(), logger: keepingLogger(), reservation };
}

describe("own invocation counters", () => {
  it("count from 0 under each registered key, and go on behind all that was handed out after a restart", async () => {
    const first = parts();
    const counters = await openInvocationCounters(first, title);
    await counters.register(key, title);
    expect([counters.next(key, title), counters.next(key, title)]).toEqual([0, 1]);

    // As after a kill: what is on disk is all there is.
    const again = await openInvocationCounters(parts(new Map(first.store.kept)), title);
    await again.register(key, title);
    expect(again.next(key, title)).toBe(10);
  });

  it("never hand out what is not reserved on disk", async () => {
    const all = parts();
    const counters = await openInvocationCounters(all, title);
    await counters.register(key, title);
    all.store.pause();
    const given = Array.from({ length: 12 }, () => counters.next(key, title));
    expect(given).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, undefined, undefined]);
    all.store.resume();
    await all.clock.advance(0);
    expect(counters.next(key, title)).toBe(10);
  });

  it("end at FFFFFFFF, over a restart too", async () => {
    const kept = new Map([[`counter.own/${key.fingerprint}/454c560000000001`, String(0xffffffff)]]);
    const all = parts(kept);
    const counters = await openInvocationCounters(all, title);
    await counters.register(key, title);
    expect([counters.next(key, title), counters.next(key, title)]).toEqual([0xffffffff, undefined]);
    const again = await openInvocationCounters(parts(all.store.kept), title);
    await again.register(key, title);
    expect(again.next(key, title)).toBeUndefined();
  });

  it("of keys that were not registered come from one line, so that none repeats whatever their values", async () => {
    const counters = await openInvocationCounters(parts(), title);
    expect([counters.next(key, title), counters.next(other, title), counters.next(key, title)]).toEqual([0, 1, 2]);
  });

  it("jump ahead after a restore, behind the backup and what was there, and take nothing again that was received", async () => {
    const [own, received] = [`counter.own/${key.fingerprint}/454c560000000001`, "counter.received/aa/bb"];
    const backup = new Map([
      [own, "10"],
      [received, "70"],
    ]);
    const present = new Map([
      [own, "500"],
      [received, "90"],
    ]);
    const jump = 0x0400_0000;
    expect(restoredCounters(backup, new Map()).get(own)).toBe(String(10 + jump));
    expect([...restoredCounters(backup, present)]).toEqual([
      [own, String(500 + jump)],
      [received, "90"],
    ]);
    expect(restoredCounters(new Map([[own, "4294967290"]]), new Map()).get(own)).toBe(String(2 ** 32));
    const counters = await openInvocationCounters(parts(new Map(restoredCounters(backup, present))), title);
    await counters.register(key, title);
    expect(counters.next(key, title)).toBe(500 + jump);
  });

  it("refuse a state that another program changed", async () => {
    const kept = new Map([[`counter.own/${key.fingerprint}/454c560000000001`, "-1"]]);
    await expect(openInvocationCounters(parts(kept), title)).rejects.toThrow("no counter");
  });
});

describe("received invocation counters", () => {
  it("are kept a second later, at the latest at the end, for registered keys", async () => {
    const all = parts();
    const counters = await openInvocationCounters(all, title);
    await counters.register(key, title);
    expect(counters.lastReceived(key, peer)).toBeUndefined();
    counters.accept(key, peer, 7);
    counters.accept(key, peer, 9);
    counters.accept(other, peer, 70);
    expect([counters.lastReceived(key, peer), counters.lastReceived(other, peer)]).toEqual([9, 70]);
    await all.clock.advance(1000);
    const again = await openInvocationCounters(parts(new Map(all.store.kept)), title);
    expect([again.lastReceived(key, peer), again.lastReceived(other, peer)]).toEqual([9, undefined]);
    counters.accept(key, peer, 11);
    await counters.stop();
    expect(counters.next(key, title)).toBeUndefined();
    const last = await openInvocationCounters(parts(all.store.kept), title);
    expect(last.lastReceived(key, peer)).toBe(11);
  });
});
