import type { Clock, ClockChange, GatewayClock, Logger } from "../ports/index.js";

/** @param isGoodFromTheStart  the operating system looks after the time, and nobody else is asked for it */
export function createGatewayClock(system: Clock, logger: Logger, isGoodFromTheStart: boolean): GatewayClock {
  const listeners = new Set<(change: ClockChange) => void>();
  let offsetMs = 0;
  let isKnownGood = isGoodFromTheStart;
  let confirmedAtMs: number | undefined;
  return {
    now: () => system.now() + offsetMs,
    monotonic: () => system.monotonic(),
    after: (milliseconds, task) => system.after(milliseconds, task),
    get offsetMs() {
      return offsetMs;
    },
    get isKnownGood() {
      return isKnownGood;
    },
    get confirmedAtMs() {
      return confirmedAtMs;
    },
    set(given, source) {
      // A time server's answer has fractions; moments of the gateway are whole milliseconds everywhere.
      const shiftMs = Math.round(given);
      const isFirstGood = !isKnownGood;
      offsetMs += shiftMs;
      isKnownGood = true;
      confirmedAtMs = system.now() + offsetMs;
      if (shiftMs !== 0) logger.warn("the clock was set", { shiftMs, source });
      else if (isFirstGood) logger.info("the clock is known to be good", { source });
      if (shiftMs === 0 && !isFirstGood) return;
      for (const listener of listeners) {
        try {
          listener({ shiftMs, isFirstGood, source });
        } catch (error) {
          logger.error("a listener to the clock failed", { error: String(error) });
        }
      }
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
