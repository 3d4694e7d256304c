/**
 * Says when things are due by their patterns. The wall clock is looked at again at least once a minute, and beside the
 * clock that only grows, so that a change of the time is noticed:
 * - set forward, or asleep: what was due meanwhile is due once, unless it has run for those instants before;
 * - set back by an hour at most: no instant comes twice, what has run waits until its next instant comes;
 * - set back further: what runs less often than that does not run again for an instant that it ran for; what runs more
 *   often would be left out while it waits, so it goes by the wall clock again at once;
 * - summer time changes no instant: next-run.ts has its rules.
 */
import type { Clock, Logger } from "../ports/index.js";
import { nextRun } from "./next-run.js";
import type { Pattern } from "./pattern.js";

export interface Timetable {
  /**
   * Enters a name or changes its pattern; undefined: due no more.
   * @param lastDueMs  the instant that it last ran for, of a run before this start
   */
  set(name: string, pattern: Pattern | undefined, lastDueMs?: number): void;
  remove(name: string): void;
  /** Milliseconds since 1970 UTC. */
  nextOf(name: string): number | undefined;
  start(): void;
  /** Nothing is due any more. */
  stop(): void;
  /** The clock was set: looks at it at once. */
  clockChanged(): void;
}

export interface TimetableOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** IANA name. */
  readonly timeZone: string;
  /** Must not throw. @param scheduledForMs  the instant; where several were missed, the first of them */
  due(name: string, scheduledForMs: number): void;
}

const longestWaitMs = 60_000;
/** Smaller differences of both clocks are those of their measuring, and of a clock that is slowly put right. */
const unnoticedMs = 100;
/** Set back by no more than this, the next instants stay what they were. */
const waitedForMs = 3_600_000;
/** Instants that ran before the clock was set back by more than this are forgotten: it had been wrong. */
const rememberedMs = 24 * 3_600_000;

interface Entry {
  readonly pattern: Pattern;
  next: number | undefined;
  /** The instant that was due last. */
  lastDue: number | undefined;
  /** The latest instant that was due, where the clock was set back since and nothing was due yet. */
  latestDue: number | undefined;
}

export function createTimetable({ clock, logger, timeZone, due }: TimetableOptions): Timetable {
  const entries = new Map<string, Entry>();
  let cancelWait: (() => void) | undefined;
  let isRunning = false;
  /** Both clocks at the last look. */
  let seenNow = 0;
  let seenMonotonic = 0;

  const planAfter = (entry: Entry, after: number): number | undefined => nextRun(entry.pattern, after, timeZone);

  /** @param byMs  how far the clock was set back */
  function planAfterSetBack(entry: Entry, now: number, byMs: number): number | undefined {
    const { lastDue, latestDue, next } = entry;
    const first = planAfter(entry, now);
    if (first === undefined || lastDue === undefined) return byMs <= waitedForMs ? (next ?? first) : first;
    const latest = Math.max(lastDue, latestDue ?? lastDue);
    const unrun = planAfter(entry, Math.max(latest, now));
    if (unrun === undefined) return first;
    // Set back in steps, it counts how far the last run lies ahead by now.
    const backMs = Math.max(byMs, latest - now);
    return backMs <= waitedForMs || backMs < unrun - latest ? unrun : first;
  }

  function look(): void {
    cancelWait?.();
    const now = clock.now();
    const monotonic = clock.monotonic();
    const expected = seenNow + (monotonic - seenMonotonic);
    const jump = now - expected;
    seenNow = now;
    seenMonotonic = monotonic;
    if (jump < -unnoticedMs) setBack(now, -jump);
    const fallenDue: { readonly name: string; readonly instant: number }[] = [];
    for (const [name, entry] of entries) {
      const { next } = entry;
      if (next === undefined || next > now) continue;
      const wasLeaptOver = jump > unnoticedMs && next > expected;
      if (!wasLeaptOver || !hasRunFor(entry, next, now)) {
        fallenDue.push({ name, instant: next });
        entry.lastDue = next;
        // From here on the clock as it is now is believed.
        entry.latestDue = undefined;
      }
      entry.next = planAfter(entry, now);
    }
    arm(now);
    for (const { name, instant } of fallenDue) due(name, instant);
  }

  function setBack(now: number, byMs: number): void {
    logger.warn("the clock was set back; runs are not repeated", { seconds: Math.round(byMs / 1000) });
    for (const entry of entries.values()) {
      entry.latestDue =
        byMs > rememberedMs ? undefined : Math.max(entry.latestDue ?? -Infinity, entry.lastDue ?? -Infinity);
      entry.next = planAfterSetBack(entry, now, byMs);
    }
  }

  /** All instants from `next` up to `now` ran before the clock was set back. */
  function hasRunFor(entry: Entry, next: number, now: number): boolean {
    if (entry.latestDue === undefined) return false;
    const unrun = planAfter(entry, Math.max(entry.latestDue, next - 1));
    return unrun === undefined || unrun > now;
  }

  function arm(now: number): void {
    if (!isRunning) return;
    const next = Math.min(...[...entries.values()].map((entry) => entry.next ?? Number.POSITIVE_INFINITY));
    cancelWait = clock.after(Math.min(Math.max(next - now, 0), longestWaitMs), look);
  }

  return {
    set(name, pattern, lastDueMs) {
      const former = entries.get(name);
      if (pattern === undefined) {
        entries.delete(name);
        return;
      }
      const entry: Entry = {
        pattern,
        next: undefined,
        lastDue: lastDueMs ?? former?.lastDue,
        latestDue: former?.latestDue,
      };
      const now = clock.now();
      // Another pattern, or a start, while an instant that was due lies ahead: the clock was set back meanwhile.
      const aheadMs = (entry.lastDue ?? now) - now;
      entry.next = aheadMs > 0 ? planAfterSetBack(entry, now, aheadMs) : planAfter(entry, now);
      entries.set(name, entry);
      if (!isRunning) return;
      cancelWait?.();
      arm(now);
    },
    remove: (name) => void entries.delete(name),
    nextOf: (name) => entries.get(name)?.next,
    start() {
      if (isRunning) return;
      isRunning = true;
      seenNow = clock.now();
      seenMonotonic = clock.monotonic();
      look();
    },
    stop() {
      isRunning = false;
      cancelWait?.();
    },
    clockChanged() {
      if (isRunning) look();
    },
  };
}
