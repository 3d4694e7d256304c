import { randomBytes } from "node:crypto";
import {
  type AccessRule,
  type ApplicationContext,
  type AssociationSecurity,
  type AuthenticationMechanism,
  accessInvoke,
  accessRead,
  accessWrite,
  applicationContext,
  createAssociation,
  createManagementClient,
  createPublicClient,
  fromHex,
  keyRingOf,
  managementClientRules,
  managementClientSap,
  publicClientRules,
  publicClientSap,
  readerClientRules,
  Secret,
  securityPolicyBit,
} from "../../cosem/index.js";
import { settingsHidden } from "../services/rights.js";
import type { DlmsClientSettings, DoorSettings, Secret as SettingSecret } from "../settings/index.js";
import type { DlmsClient } from "../views/dlms/index.js";
import type { GatewaySecurity } from "./security.js";

export interface ClientsParts {
  readonly dlms: DoorSettings["dlms"];
  readonly publicClientReadsMeters: boolean;
  readonly security: GatewaySecurity;
}

/**
 * The public client, without security; the management client, which exists once its password is set: nothing works
 * with a password known beforehand; and those of the settings, which were checked to fit together.
 */
export function createClients(parts: ClientsParts): readonly DlmsClient[] {
  const { dlms, publicClientReadsMeters } = parts;
  const publicClient = createPublicClient({
    readsMeters: publicClientReadsMeters,
    associationInstance: publicClientSap,
  });
  const clients: DlmsClient[] = [{ clientSap: publicClientSap, association: publicClient, mechanism: 0 }];
  if (dlms.managementPassword !== undefined) {
    const secret = octetsOf(dlms.managementPassword);
    clients.push({ clientSap: managementClientSap, association: createManagementClient(), mechanism: 1, secret });
  }
  for (const settings of dlms.clients) clients.push(createClient(settings, parts));
  return clients;
}

const mechanisms = { none: 0, low: 1, md5: 3, sha1: 4, gmac: 5, sha256: 6, ecdsa: 7 } as const satisfies Record<
  DlmsClientSettings["mechanism"],
  AuthenticationMechanism
>;

const contexts: Readonly<Record<string, ApplicationContext>> = {
  "ln none": applicationContext.ln,
  "ln ciphered": applicationContext.lnCiphered,
  "sn none": applicationContext.sn,
  "sn ciphered": applicationContext.snCiphered,
};

function createClient(settings: DlmsClientSettings, parts: ClientsParts): DlmsClient {
  const { sap, name, mechanism, secret, referencing, ciphering } = settings;
  const security = securityOf(settings, parts.security);
  const context = contexts[`${referencing} ${ciphering}`];
  return {
    clientSap: sap,
    association: createAssociation({ name, clientSap: sap, rules: rulesOf(settings) }),
    mechanism: mechanisms[mechanism],
    ...(context === undefined ? {} : { applicationContext: context }),
    ...(secret === undefined ? {} : { secret: octetsOf(secret) }),
    ...(security === undefined ? {} : { security: () => security }),
    ...(settings.users.length === 0 ? {} : { isUserPermitted: (id) => settings.users.some((user) => user.id === id) }),
  };
}

function securityOf(
  { securitySetup, systemTitle }: DlmsClientSettings,
  security: GatewaySecurity,
): AssociationSecurity | undefined {
  const keyStore = securitySetup === undefined ? undefined : security.setups.get(securitySetup);
  if (keyStore === undefined) return undefined;
  return {
    ownTitle: security.systemTitle,
    peerTitle: systemTitle === undefined ? undefined : fromHex(systemTitle),
    keys: (peerTitle) => keyRingOf(keyStore, peerTitle),
    counters: security.counters,
    random: (count) => new Uint8Array(randomBytes(count)),
    get securityPolicy() {
      return keyStore.state.policy;
    },
  };
}

function rulesOf({ sap, rights, rules }: DlmsClientSettings): readonly AccessRule[] {
  const own = rules.map(
    ({ device, classId, logicalName, access, protection, attributes, methods }): AccessRule => ({
      access,
      protection: protectionBits(protection),
      attributes: memberRights(attributes),
      methods: memberRights(methods),
      ...(device === undefined ? {} : { device }),
      ...(classId === undefined ? {} : { classId }),
      ...(logicalName === undefined ? {} : { logicalName }),
    }),
  );
  switch (rights) {
    case "public":
      return [...own, ...publicClientRules({ associationInstance: sap })];
    case "reader":
      return [...own, settingsHidden, ...readerClientRules(sap)];
    case "management":
      return [...own, ...managementClientRules()];
    case "rules":
      return own;
  }
}

type Rule = DlmsClientSettings["rules"][number];

/** Bits of access rights by index. */
function memberRights(members: readonly (Rule["attributes"] | Rule["methods"])[number][]) {
  return Object.fromEntries(
    members.map(({ index, access, protection }) => [
      index,
      access.reduce((sum, each) => sum | accessBit[each], 0) | protectionBits(protection),
    ]),
  );
}

const accessBit = { read: accessRead, write: accessWrite, invoke: accessInvoke } as const;

function protectionBits(protection: readonly (keyof typeof securityPolicyBit)[]): number {
  return protection.reduce((sum, each) => sum | securityPolicyBit[each], 0);
}

function octetsOf(secret: SettingSecret): Secret {
  return new Secret(new TextEncoder().encode(secret.reveal()));
}
