import { type Answer, type Refused, refused } from "../../../cosem/index.js";
import type { GatewayClock, Logger } from "../../ports/index.js";

/** A head-end's own clock is as exact as that over the network. */
const toleranceMs = 2000;

/**
 * Sets the time: taken as it is where the clock shows it already; else the gateway's own clock moves, where the settings
 * let DLMS do that. The machine's clock is left alone: the operating system keeps it.
 */
export function createTimeSetter(
  clock: Pick<GatewayClock, "now" | "set">,
  maySet: boolean,
  logger: Logger,
): (instant: number) => Answer<undefined | Refused> {
  return (instant) => {
    const offsetMs = Math.round(instant - clock.now());
    if (Math.abs(offsetMs) <= toleranceMs) {
      if (maySet) clock.set(0, "DLMS");
      return undefined;
    }
    if (maySet) {
      clock.set(offsetMs, "DLMS");
      return undefined;
    }
    logger.warn("clock not set over DLMS: the setting timeSync.setByDlms is off", { offsetMs });
    return refused.readWriteDenied;
  };
}
