import {
  createFailedAssociations,
  defaultFailedAssociationLimits,
  type FailedAssociations,
} from "../../views/dlms/index.js";
import { type GatewayEvents, gatewayEvent } from "./gateway-events.js";

/** An address that is held back is noted in the fraud log: the log sums up what comes within its minute. */
export function recordedFailures(failuresPerMinute: number, events: GatewayEvents): FailedAssociations {
  const failures = createFailedAssociations({ ...defaultFailedAssociationLimits, failuresPerMinute });
  return {
    ...failures,
    failed(address, nowMs) {
      const heldMs = failures.failed(address, nowMs);
      if (heldMs > 0) events.record(gatewayEvent.heldBack, 1, { address });
      return heldMs;
    },
  };
}
