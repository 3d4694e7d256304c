import type { Clock } from "../ports/index.js";

/** Longest delay that setTimeout takes; longer ones would fire at once. */
const longestTimeoutMs = 0x7fffffff;

/** The machine's clock and timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, task) {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      const step = Math.min(left, longestTimeoutMs);
      timer = setTimeout(() => (left > step ? wait(left - step) : task()), step);
    };
    wait(Math.max(0, milliseconds));
    return () => clearTimeout(timer);
  },
};
