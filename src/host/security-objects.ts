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
  createSecuritySetup,
  type LogicalName,
  logicalName,
} from "../../cosem/index.js";
import type { DlmsClientSettings, DoorSettings } from "../settings/index.js";
import type { DlmsClient } from "../views/dlms/index.js";
import type { GatewaySecurity } from "./security.js";

export interface SecurityObjectsParts {
  readonly dlms: DoorSettings["dlms"];
  readonly clients: readonly DlmsClient[];
  readonly security: GatewaySecurity;
  /** Milliseconds since 1970 UTC. */
  now(): number;
}

export interface SecurityObjects {
  /** For every logical device: the association of whoever asks. */
  readonly currentAssociation: CosemObject;
  /** For the management device: one a client, at 0-0:40.0.e with its SAP. */
  readonly associations: readonly CosemObject[];
  /** For the management device: one a setup, at 0-0:43.0.e with its instance. */
  readonly setups: readonly CosemObject[];
}

export function createSecurityObjects({ dlms, clients, security, now }: SecurityObjectsParts): SecurityObjects {
  const settingsOf = (association: Association) => dlms.clients.find(({ sap }) => sap === association.clientSap);
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
    setups: [...security.setups].map(([instance, keyStore]) =>
      createSecuritySetup({
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

function setupName(instance: number): LogicalName {
  return logicalName(`0-0:43.0.${instance}*255`);
}

/** The settings keep them: they are not changed over DLMS. */
function usersOf(settings: DlmsClientSettings | undefined): AssociationUsers {
  const users = (settings?.users ?? []).map(({ id, name }) => ({ userId: id, userName: name }));
  return { list: () => users };
}
