/** How often a report is tried again, from its period alone (manual, 6.32.1). */

interface Step {
  readonly upToSeconds: number;
  readonly tries: number;
  readonly delaySeconds: number;
}

const steps: readonly Step[] = [
  { upToSeconds: 15 * 60, tries: 1, delaySeconds: 0 },
  { upToSeconds: 60 * 60, tries: 2, delaySeconds: 300 },
  { upToSeconds: 23 * 3600, tries: 3, delaySeconds: 500 },
];
const longest: Step = { upToSeconds: Number.POSITIVE_INFINITY, tries: 6, delaySeconds: 3600 };

/**
 * The adaptive plan: all tries end before the next report, so that values of a failed one ride with the next.
 * @param periodSeconds time from one report to the next
 */
export function adaptiveRetryPlan(periodSeconds: number): { readonly tries: number; readonly delaySeconds: number } {
  const { tries, delaySeconds } = steps.find(({ upToSeconds }) => periodSeconds <= upToSeconds) ?? longest;
  return { tries, delaySeconds };
}
