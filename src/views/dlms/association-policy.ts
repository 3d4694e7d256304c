import { randomBytes } from "node:crypto";
import { type AssociationPolicy, type LogicalDevice, offeredConformance } from "../../../cosem/index.js";
import type { DlmsClient, DlmsLimits } from "./options.js";

export interface PolicyParts {
  readonly limits: DlmsLimits;
  readonly systemTitle?: Uint8Array;
}

/** What a client may open at a logical device. Secret and keys are read at each AARQ: they may change meanwhile. */
export function policyOf(client: DlmsClient, device: LogicalDevice, parts: PolicyParts): AssociationPolicy {
  const { limits, systemTitle } = parts;
  return {
    clientSap: client.clientSap,
    serverSap: device.sap,
    applicationContext: client.applicationContext ?? 1,
    mechanism: client.mechanism,
    get secret() {
      return client.secret;
    },
    conformance: client.conformance ?? offeredConformance,
    maxReceivePduSize: limits.maxReceivePduSize,
    maxSendPduSize: limits.maxSendPduSize,
    systemTitle,
    get security() {
      return client.security?.(device);
    },
    random: randomBytes,
    isUserPermitted: (userId) => client.isUserPermitted?.(userId) ?? true,
  };
}
