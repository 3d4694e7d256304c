import { type Answer, type Refused, refused } from "../../../cosem/index.js";
import type { Clock, Logger } from "../../ports/index.js";

/** A head-end's own clock is as exact as that over the network. */
const toleranceMs = 2000;

/**
 * Sets the time: taken where the clock shows that time already, else refused. The operating system keeps the clock, and
 * the part that may set it is still to be built.
 */
export function createTimeSetter(
  clock: Pick<Clock, "now">,
  logger: Logger,
): (instant: number) => Answer<undefined | Refused> {
  return (instant) => {
    const offsetMs = Math.round(instant - clock.now());
    if (Math.abs(offsetMs) <= toleranceMs) return undefined;
    logger.warn("clock not set: the operating system keeps the time", { offsetMs });
    return refused.temporaryFailure;
  };
}
