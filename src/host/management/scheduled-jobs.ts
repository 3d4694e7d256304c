/** The jobs as their COSEM objects see them. */
import { type Answer, type Refused, refused } from "../../../cosem/index.js";
import type { Pattern } from "../../scheduler/index.js";
import type { JobList } from "../../services/jobs/index.js";
import { checkedPattern } from "../jobs/index.js";

/** One job, with the pattern it runs by now. */
export interface ScheduledJob {
  /** Undefined: it is switched off, or runs by hand only. */
  pattern(): Pattern | undefined;
  /** Starts it now and does not wait; a refusal: it cannot be started. */
  run(): undefined | Refused;
  /** Another pattern, kept over restarts; undefined: switched off. */
  change(pattern: string | undefined): Answer<undefined | Refused>;
}

export type JobPort = Pick<JobList, "listing" | "trigger" | "change">;

/** @param serial  what drawn values (`?`) depend on */
export function scheduledJob(name: string, list: JobPort, serial: string): ScheduledJob {
  return {
    pattern() {
      const listing = list.listing(name);
      if (listing?.schedule === undefined || !listing.enabled) return undefined;
      return checkedPattern(listing.schedule, serial);
    },
    run: () => (list.trigger(name, "dlms") ? undefined : refused.temporaryFailure),
    async change(schedule) {
      // A job that is not there has no schedule, and may be told so.
      if (list.listing(name) === undefined) return schedule === undefined ? undefined : refused.temporaryFailure;
      try {
        await list.change(name, schedule === undefined ? { enabled: false } : { schedule, enabled: true });
        return undefined;
      } catch {
        return refused.hardwareFault;
      }
    },
  };
}
