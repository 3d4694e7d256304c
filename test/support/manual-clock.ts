import type { Clock } from "../../src/ports/index.js";

export interface ManualClock extends Clock {
  /** Lets time pass and runs what falls due, in order, giving promises a turn after each. */
  advance(milliseconds: number): Promise<void>;
  /** How many tasks wait. */
  readonly waiting: number;
}

/** A clock that stands still until told; `start` is its first now(). */
export function manualClock(start = 0): ManualClock {
  let elapsed = 0;
  let tasks: { due: number; task: () => void }[] = [];
  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    after(milliseconds, task) {
      const entry = { due: elapsed + Math.max(0, milliseconds), task };
      tasks.push(entry);
      return () => {
        tasks = tasks.filter((other) => other !== entry);
      };
    },
    get waiting() {
      return tasks.length;
    },
    async advance(milliseconds) {
      const end = elapsed + milliseconds;
      for (;;) {
        await turn();
        const next = tasks.toSorted((a, b) => a.due - b.due)[0];
        if (next === undefined || next.due > end) break;
        tasks = tasks.filter((other) => other !== next);
        elapsed = Math.max(elapsed, next.due);
        next.task();
      }
      elapsed = end;
      await turn();
    },
  };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
