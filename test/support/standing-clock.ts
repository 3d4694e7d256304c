import type { Clock } from "../../src/ports/index.js";

/** A clock that stands still until it is moved; tasks run when their time has come. */
export interface StandingClock extends Clock {
  advance(milliseconds: number): void;
}

export function createStandingClock(startMs: number): StandingClock {
  let elapsed = 0;
  const waiting = new Set<{ readonly at: number; readonly task: () => void }>();
  return {
    now: () => startMs + elapsed,
    monotonic: () => elapsed,
    after(milliseconds, task) {
      const entry = { at: elapsed + milliseconds, task };
      waiting.add(entry);
      return () => waiting.delete(entry);
    },
    advance(milliseconds) {
      elapsed += milliseconds;
      for (const entry of [...waiting].sort((left, right) => left.at - right.at)) {
        if (entry.at > elapsed || !waiting.delete(entry)) continue;
        entry.task();
      }
    },
  };
}
