/** Days and months of the local clock as numbers that follow each other. */

export interface LocalPeriods {
  /** Number of the period that a local time lies in. @param localMs  local time as if it were UTC */
  indexOf(localMs: number): number;
  /** Local time at which a period begins. */
  beginOf(index: number): number;
}

const dayMs = 86_400_000;

export const localDays: LocalPeriods = {
  indexOf: (localMs) => Math.floor(localMs / dayMs),
  beginOf: (index) => index * dayMs,
};

export const localMonths: LocalPeriods = {
  indexOf(localMs) {
    const date = new Date(localMs);
    return date.getUTCFullYear() * 12 + date.getUTCMonth();
  },
  beginOf: (index) => Date.UTC(Math.floor(index / 12), index % 12),
};

/** Number of the period that an instant lies in. @param deviationAt  minutes, UTC = local + deviation */
export function periodOf(periods: LocalPeriods, instantMs: number, deviationAt: (instantMs: number) => number): number {
  return periods.indexOf(instantMs - deviationAt(instantMs) * 60_000);
}

/** The instant at which a period begins. */
export function beginOf(periods: LocalPeriods, index: number, deviationAt: (instantMs: number) => number): number {
  const localMs = periods.beginOf(index);
  // The deviation near that instant, then at it: a clock change on the day before counts no more.
  const near = localMs + deviationAt(localMs) * 60_000;
  return localMs + deviationAt(near) * 60_000;
}
