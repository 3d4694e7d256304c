import { randomBytes } from "node:crypto";
import {
  type AssociationPolicy,
  applicationContext,
  type LogicalDevice,
  offeredConformance,
  offeredShortNameConformance,
} from "../../../cosem/index.js";
import type { DlmsClient, DlmsLimits } from "./options.js";

export interface PolicyParts {
  readonly limits: DlmsLimits;
  readonly systemTitle?: Uint8Array;
}

/** Whether a client has short names in place of logical ones. */
export function hasShortNames({ applicationContext: context }: Pick<DlmsClient, "applicationContext">): boolean {
  return context === applicationContext.sn || context === applicationContext.snCiphered;
}

/** What a client may open at a logical device. Secret and keys are read at each AARQ: they may change meanwhile. */
export function policyOf(client: DlmsClient, device: LogicalDevice, parts: PolicyParts): AssociationPolicy {
  const { limits, systemTitle } = parts;
  const context = client.applicationContext ?? applicationContext.ln;
  return {
    clientSap: client.clientSap,
    serverSap: device.sap,
    applicationContext: context,
    mechanism: client.mechanism,
    get secret() {
      return client.secret;
    },
    conformance: client.conformance ?? (hasShortNames(client) ? offeredShortNameConformance : offeredConformance),
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
