/** The clients that each server has, as rules. */
import { type AccessRule, createAssociation } from "./association.js";
import type { Association } from "./contract.js";

export const publicClientSap = 16;
export const managementClientSap = 1;

/** Data with the SAP that a caller's requests go to; see Principal.selectDevice. */
export const channelSelectionName = "0-128:1.0.0*255";

export interface PublicClientParts {
  /** The demo alone lets the public client read meters. Default: false. */
  readonly readsMeters?: boolean;
  /** Value group E of this client's Association LN, seen beside 0-0:40.0.0*255. */
  readonly associationInstance?: number;
}

/** Clock, logical device name, SAP assignment, its own association and the frame counters, all read-only. */
export function publicClientRules(parts: PublicClientParts = {}): readonly AccessRule[] {
  return [
    { classId: 8, logicalName: "0-0:1.0.0*255", access: "read" },
    { classId: 1, logicalName: "0-0:42.0.0*255", access: "read" },
    { classId: 17, logicalName: "0-0:41.0.0*255", access: "read" },
    { classId: 15, logicalName: "0-0:40.0.0*255", access: "read" },
    { classId: 12, logicalName: "0-0:40.0.0*255", access: "read" },
    ...ownAssociation(parts.associationInstance),
    { classId: 1, logicalName: "0-0:43.1.e*255", access: "read" },
    { classId: 15, access: "none" },
    ...(parts.readsMeters === true ? [{ device: "meter", access: "read" } as const] : []),
  ];
}

function ownAssociation(instance: number | undefined): readonly AccessRule[] {
  return instance === undefined ? [] : [{ classId: 15, logicalName: `0-0:40.0.${instance}*255`, access: "read" }];
}

/** Reads everything, of the associations its own alone; it may select the channel, which changes nothing but its own. */
export function readerClientRules(associationInstance: number): readonly AccessRule[] {
  return [
    { classId: 15, logicalName: "0-0:40.0.0*255", access: "read" },
    { classId: 12, logicalName: "0-0:40.0.0*255", access: "read" },
    ...ownAssociation(associationInstance),
    { classId: 15, access: "none" },
    { classId: 1, logicalName: channelSelectionName, access: "declared" },
    { access: "read" },
  ];
}

/** All that classes and instances offer. */
export function managementClientRules(): readonly AccessRule[] {
  return [{ access: "declared" }];
}

/** Reads everything but the current association: a caller without an application association has none. */
export function internalReaderRules(): readonly AccessRule[] {
  return [{ classId: 15, logicalName: "0-0:40.0.0*255", access: "none" }, { access: "read" }];
}

/** Client SAP 16. */
export function createPublicClient(parts: PublicClientParts = {}): Association {
  return createAssociation({ name: "public", clientSap: publicClientSap, rules: publicClientRules(parts) });
}

/** Client SAP 1. */
export function createManagementClient(): Association {
  return createAssociation({ name: "management", clientSap: managementClientSap, rules: managementClientRules() });
}

/** A caller inside the process or of another door: `rest:viewer`, `modbus`, `push`. Reads all, writes nothing. */
export function createInternalReader(name: string): Association {
  return createAssociation({ name, clientSap: undefined, rules: internalReaderRules() });
}
