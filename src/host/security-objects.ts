/**
 * Objects about who may do what: Association LN for the current and for each client, and the security setups they refer
 * to. A setup is changed only by clients that use it, whatever else their rights allow.
 */
import { randomBytes } from "node:crypto";
import {
  type Association,
  type AssociationObjectParts,
  type AssociationUsers,
  type CosemObject,
  createAssociationObject,
  createKeyStore,
  createObject,
  createSecuritySetup,
  DataClass,
  emptyKeyStoreState,
  type KeyStore,
  type LogicalName,
  logicalName,
  types,
} from "../../cosem/index.js";
import type { DlmsClientSettings, DoorSettings } from "../settings/index.js";
import type { DlmsClient } from "../views/dlms/index.js";
import type { GatewaySecurity } from "./security.js";
import type { SecuritySetups } from "./security-setups.js";

export interface SecurityObjectsParts {
  readonly dlms: DoorSettings["dlms"];
  readonly clients: readonly DlmsClient[];
  readonly security: GatewaySecurity;
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** Of Security setup objects; default: 1. */
  readonly securitySetupVersion?: 0 | 1;
}

export interface SecurityObjects {
  /** For every logical device: the association of whoever asks. */
  readonly currentAssociation: CosemObject;
  /** For the management device: one a client, at 0-0:40.0.e with its SAP. */
  readonly associations: readonly CosemObject[];
  /** For the management device: one a setup, at 0-0:43.0.e with its instance; instance 0 always, without keys if need be. */
  readonly setups: readonly CosemObject[];
  /** For every logical device: of each setup, at 0-0:43.1.e, the highest counter that its unicast key was used with. */
  readonly frameCounters: readonly CosemObject[];
}

export function createSecurityObjects(parts: SecurityObjectsParts): SecurityObjects {
  const { dlms, clients, security, now, securitySetupVersion } = parts;
  const settingsOf = (association: Association) => dlms.clients.find(({ sap }) => sap === association.clientSap);
  const setups = withInstance0(security.setups);
  // Associations refer to it where their client has no other.
  const common: AssociationObjectParts = {
    version: dlms.associationVersion,
    securitySetupReference: (association) => setupName(settingsOf(association)?.securitySetup ?? 0),
    users: (association) => usersOf(settingsOf(association)),
    mayChangeObjects: true,
  };
  return {
    currentAssociation: createAssociationObject(common),
    associations: clients.map(({ association, clientSap }) =>
      createAssociationObject({ ...common, association, instance: clientSap }),
    ),
    frameCounters: setups.map(([instance, keyStore]) =>
      createFrameCounter(instance, () => {
        const { unicast } = keyStore.state.keys;
        return unicast === undefined ? 0 : (security.counters.highestReceived(unicast) ?? 0);
      }),
    ),
    setups: setups.map(([instance, keyStore]) =>
      createSecuritySetup({
        ...(securitySetupVersion === undefined ? {} : { version: securitySetupVersion }),
        logicalName: setupName(instance),
        keyStore: () => keyStore,
        mayChange: ({ principal }) => settingsOf(principal.association)?.securitySetup === instance,
        serverSystemTitle: security.systemTitle,
        random: (count) => new Uint8Array(randomBytes(count)),
        now,
      }),
    ),
  };
}

function withInstance0(setups: SecuritySetups): readonly (readonly [number, KeyStore])[] {
  if (setups.has(0)) return [...setups];
  return [[0, createKeyStore(emptyKeyStoreState(0), () => false)], ...setups];
}

function createFrameCounter(instance: number, value: () => number): CosemObject {
  return createObject(DataClass, logicalName(`0-0:43.1.${instance}*255`), {
    attributes: { value: { get: () => types.doubleLongUnsigned.toData(value()) } },
  });
}

function setupName(instance: number): LogicalName {
  return logicalName(`0-0:43.0.${instance}*255`);
}

/** The settings keep them: they are not changed over DLMS. */
function usersOf(settings: DlmsClientSettings | undefined): AssociationUsers {
  const users = (settings?.users ?? []).map(({ id, name }) => ({ userId: id, userName: name }));
  return { list: () => users };
}
