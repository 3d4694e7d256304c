import type { Audit } from "../../ports/index.js";
import { noAssociation } from "../../services/accounts/index.js";
import { anonymousUser } from "../../services/rights.js";
import {
  createFailedAssociations,
  defaultFailedAssociationLimits,
  type FailedAssociations,
} from "../../views/dlms/index.js";
import { type GatewayEvents, gatewayEvent } from "./gateway-events.js";

/**
 * Each failed authentication is an audit entry. An address that is held back is noted in the fraud log: the log sums up
 * what comes within its minute.
 */
export function recordedFailures(failuresPerMinute: number, events: GatewayEvents, audit: Audit): FailedAssociations {
  const failures = createFailedAssociations({ ...defaultFailedAssociationLimits, failuresPerMinute });
  return {
    ...failures,
    failed(address, nowMs, clientSap) {
      const heldMs = failures.failed(address, nowMs);
      const principal = { association: noAssociation, user: anonymousUser, door: "dlms", peer: address };
      const target = clientSap === undefined ? "" : `client ${clientSap}`;
      const detail = "it did not authenticate itself";
      audit.record({ principal, action: "association.open", target, detail, result: "refused" });
      if (heldMs > 0) events.record(gatewayEvent.heldBack, 1, { address });
      return heldMs;
    },
  };
}
