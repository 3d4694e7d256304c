/** A declaration in the form that cases use: defaults filled in, keys as bytes, names as numbers. */
import {
  type ApplicationContext,
  type AuthenticationMechanism,
  applicationContext,
  authenticationMechanism,
  type ConformanceName,
  conformanceBit,
  fromHex,
  type LogicalName,
  logicalName,
  protectionBit,
  publicClientSap,
  Secret,
  type SecuritySuite,
  suiteAlgorithms,
} from "../../cosem/index.js";
import type { DeclarationFile } from "./schema.js";

/** Something in a declaration that its schema cannot see. */
export class DeclarationError extends Error {}

export type ProtectionStyle = "glo" | "ded" | "general-glo" | "general-ded";

export interface DeclaredSecurity {
  readonly suite: SecuritySuite;
  /** Bits 4 authenticated, 8 encrypted. */
  readonly protection: number;
  readonly style: ProtectionStyle;
  readonly clientTitle: Uint8Array;
  /** Undefined: the AARE tells. */
  readonly serverTitle: Uint8Array | undefined;
  readonly encryptionKey: Uint8Array | undefined;
  readonly broadcastKey: Uint8Array | undefined;
  readonly authenticationKey: Uint8Array | undefined;
  readonly masterKey: Uint8Array | undefined;
  readonly clientSigningKey: Uint8Array | undefined;
  readonly serverSigningKey: Uint8Array | undefined;
  readonly clientAgreementKey: Uint8Array | undefined;
  readonly serverAgreementKey: Uint8Array | undefined;
  /** The next counter, or the object that holds the last one the server accepted. */
  readonly invocationCounter: number | LogicalName;
  readonly takesDedicatedKey: boolean;
  /** Undefined: security_setup_reference of the association tells. */
  readonly securitySetup: LogicalName | undefined;
}

export interface DeclaredAssociation {
  readonly name: string;
  readonly clientSap: number;
  readonly logicalDevices: readonly number[];
  readonly context: ApplicationContext;
  readonly mechanism: AuthenticationMechanism;
  readonly secret: Secret | undefined;
  readonly userId: number | undefined;
  /** 24 bits; undefined: not declared. */
  readonly conformance: number | undefined;
  readonly maxReceivePduSize: number | undefined;
  readonly security: DeclaredSecurity | undefined;
}

export interface DeclaredObject {
  readonly logicalDevice: number;
  readonly logicalName: LogicalName;
}

export interface DeclaredPush {
  readonly listenHost: string;
  readonly listenPort: number;
  readonly logicalDevice: number;
  readonly pushSetup: LogicalName | undefined;
  readonly clientSap: number | undefined;
  readonly isProtected: boolean;
  readonly timeoutMs: number;
}

export interface DeclaredHdlc {
  readonly addressLength: 1 | 2 | 4 | undefined;
  readonly physicalAddress: number | undefined;
  readonly maxInformationField: number | undefined;
  readonly windowSize: number | undefined;
  readonly inactivityTimeoutMs: number | undefined;
  readonly interOctetTimeoutMs: number | undefined;
}

export interface Declaration {
  readonly profile: "wrapper" | "hdlc";
  readonly host: string;
  readonly port: number;
  /** In place of host and port. */
  readonly serial: { readonly path: string; readonly baudRate: number } | undefined;
  readonly timeoutMs: number;
  readonly hdlc: DeclaredHdlc;
  readonly inactivityTimeoutMs: number | undefined;
  readonly halfFrameTimeoutMs: number | undefined;
  /** SAP and, where declared, logical device name. */
  readonly logicalDevices: readonly { readonly sap: number; readonly name: string | undefined }[];
  readonly associations: readonly DeclaredAssociation[];
  readonly profileObject: DeclaredObject | undefined;
  readonly writable: "all" | readonly (DeclaredObject & { readonly attributeIndex: number })[];
  readonly push: DeclaredPush | undefined;
  readonly permitsKeyTransfer: boolean;
  readonly permitsPolicyActivation: boolean;
}

const contexts = {
  ln: applicationContext.ln,
  sn: applicationContext.sn,
  "ln-ciphered": applicationContext.lnCiphered,
  "sn-ciphered": applicationContext.snCiphered,
} as const;

const mechanisms = {
  none: authenticationMechanism.none,
  low: authenticationMechanism.low,
  high: authenticationMechanism.high,
  md5: authenticationMechanism.highMd5,
  sha1: authenticationMechanism.highSha1,
  gmac: authenticationMechanism.highGmac,
  sha256: authenticationMechanism.highSha256,
  ecdsa: authenticationMechanism.highEcdsa,
} as const;

const protections = {
  none: 0,
  authenticated: protectionBit.authenticated,
  encrypted: protectionBit.encrypted,
  "authenticated-encrypted": protectionBit.authenticated | protectionBit.encrypted,
} as const;

const defaultTimeoutMs = 2000;
const milliseconds = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);
const bytes = (text: string | undefined) => (text === undefined ? undefined : fromHex(text));

/**
 * @param where  host and port of the command line; they win
 * @throws DeclarationError naming the association and what is wrong with it
 */
export function resolveDeclaration(
  file: DeclarationFile,
  where: { readonly host?: string; readonly port?: number } = {},
): Declaration {
  const { connection = {}, extras = {} } = file;
  const logicalDevices = (file.logicalDevices ?? [{ sap: 1 }]).map(({ sap, name }) => ({ sap, name }));
  const saps = logicalDevices.map((device) => device.sap);
  const { serial } = connection;
  const host = where.host ?? connection.host ?? serial?.path;
  if (serial !== undefined && connection.profile !== "hdlc")
    throw new DeclarationError("connection.serial wants profile hdlc");
  if (host === undefined) throw new DeclarationError("connection.host is missing");
  const writable = extras.writable ?? [];
  return {
    profile: connection.profile ?? "wrapper",
    host,
    port: where.port ?? connection.port ?? 4059,
    serial: serial === undefined ? undefined : { path: serial.path, baudRate: serial.baudRate ?? 9600 },
    timeoutMs: milliseconds(connection.timeoutSeconds) ?? defaultTimeoutMs,
    hdlc: {
      addressLength: connection.hdlc?.addressLength,
      physicalAddress: connection.hdlc?.physicalAddress,
      maxInformationField: connection.hdlc?.maxInformationField,
      windowSize: connection.hdlc?.windowSize,
      inactivityTimeoutMs: milliseconds(connection.hdlc?.inactivityTimeoutSeconds),
      interOctetTimeoutMs: milliseconds(connection.hdlc?.interOctetTimeoutSeconds),
    },
    inactivityTimeoutMs: milliseconds(connection.inactivityTimeoutSeconds),
    halfFrameTimeoutMs: milliseconds(connection.halfFrameTimeoutSeconds),
    logicalDevices,
    associations: file.associations.map((association) => resolveAssociation(association, saps)),
    profileObject: extras.profile === undefined ? undefined : objectOf(extras.profile),
    writable:
      writable === "all" ? "all" : writable.map((entry) => ({ ...objectOf(entry), attributeIndex: entry.attribute })),
    push: resolvePush(extras.push),
    permitsKeyTransfer: extras.keyTransfer ?? false,
    permitsPolicyActivation: extras.policyActivation ?? false,
  };
}

const objectOf = (entry: { readonly logicalDevice?: number; readonly object: string }): DeclaredObject => ({
  logicalDevice: entry.logicalDevice ?? 1,
  logicalName: logicalName(entry.object),
});

function resolvePush(push: NonNullable<DeclarationFile["extras"]>["push"]): DeclaredPush | undefined {
  if (push === undefined) return undefined;
  return {
    listenHost: push.listenHost ?? "0.0.0.0",
    listenPort: push.listenPort ?? 4059,
    logicalDevice: push.logicalDevice ?? 1,
    pushSetup: push.pushSetup === undefined ? undefined : logicalName(push.pushSetup),
    clientSap: push.clientSap,
    isProtected: push.protected ?? false,
    timeoutMs: milliseconds(push.timeoutSeconds) ?? 10_000,
  };
}

type AssociationFile = DeclarationFile["associations"][number];

function resolveAssociation(file: AssociationFile, saps: readonly number[]): DeclaredAssociation {
  const name = file.name ?? `client ${file.clientSap}`;
  const refuse = (reason: string): never => {
    throw new DeclarationError(`association "${name}": ${reason}`);
  };
  const context = contexts[file.context ?? "ln"];
  const mechanism = mechanisms[file.mechanism ?? "none"];
  const logicalDevices = file.logicalDevices ?? saps;
  const unknown = logicalDevices.find((sap) => !saps.includes(sap));
  if (unknown !== undefined) refuse(`logical device ${unknown} is not declared`);
  if (file.secret !== undefined && file.secretHex !== undefined) refuse("secret and secretHex; give one");
  const secretBytes = bytes(file.secretHex) ?? (file.secret && new TextEncoder().encode(file.secret)) ?? undefined;
  const needsSecret = [1, 3, 4, 6].includes(mechanism);
  if (needsSecret && !secretBytes) refuse(`mechanism ${file.mechanism} wants a secret`);
  if (mechanism === authenticationMechanism.high) refuse("mechanism high (2) is each maker's own; it cannot be run");
  const needsSecurity = context >= applicationContext.lnCiphered || mechanism >= authenticationMechanism.highGmac;
  if (needsSecurity && file.security === undefined) refuse("its context or mechanism wants security: titles and keys");
  return {
    name,
    clientSap: file.clientSap,
    logicalDevices,
    context,
    mechanism,
    secret: secretBytes ? new Secret(secretBytes) : undefined,
    userId: file.userId,
    conformance: file.conformance?.reduce((bits, bit) => bits | conformanceBit[bit as ConformanceName], 0),
    maxReceivePduSize: file.maxReceivePduSize,
    security: file.security === undefined ? undefined : resolveSecurity(file.security, mechanism, refuse),
  };
}

function resolveSecurity(
  file: NonNullable<AssociationFile["security"]>,
  mechanism: AuthenticationMechanism,
  refuse: (reason: string) => never,
): DeclaredSecurity {
  const { keyLength } = suiteAlgorithms[file.suite];
  for (const key of ["encryptionKey", "broadcastKey", "authenticationKey", "masterKey"] as const) {
    const length = bytes(file[key])?.length ?? keyLength;
    if (length !== keyLength) refuse(`security.${key} has ${length} octets; suite ${file.suite} has ${keyLength}`);
  }
  for (const title of ["clientSystemTitle", "serverSystemTitle"] as const) {
    if ((bytes(file[title])?.length ?? 8) !== 8) refuse(`security.${title} has 8 octets`);
  }
  if (mechanism === authenticationMechanism.highEcdsa) {
    if (file.clientSigningKey === undefined || file.serverSigningKey === undefined) {
      refuse("mechanism ecdsa wants clientSigningKey and serverSigningKey");
    }
  }
  const counter = file.invocationCounter;
  return {
    suite: file.suite,
    protection: protections[file.policy ?? "authenticated-encrypted"],
    style: file.style ?? "glo",
    clientTitle: fromHex(file.clientSystemTitle),
    serverTitle: bytes(file.serverSystemTitle),
    encryptionKey: bytes(file.encryptionKey),
    broadcastKey: bytes(file.broadcastKey),
    authenticationKey: bytes(file.authenticationKey),
    masterKey: bytes(file.masterKey),
    clientSigningKey: bytes(file.clientSigningKey),
    serverSigningKey: bytes(file.serverSigningKey),
    clientAgreementKey: bytes(file.clientAgreementKey),
    serverAgreementKey: bytes(file.serverAgreementKey),
    invocationCounter: typeof counter === "string" ? logicalName(counter) : (counter ?? 0),
    takesDedicatedKey: file.dedicatedKey ?? false,
    securitySetup: file.securitySetup === undefined ? undefined : logicalName(file.securitySetup),
  };
}

/** What stands for a declaration on the command line: one client of one logical device. */
export interface PlainTarget {
  readonly host: string;
  readonly port: number;
  /** Default 16. */
  readonly clientSap?: number;
  /** Default 1. */
  readonly serverSap?: number;
  /** Low-level password of that client; without one, none is used. */
  readonly password?: Secret;
  readonly timeoutMs?: number;
}

export function declarePlain(target: PlainTarget): Declaration {
  const { host, port, clientSap = publicClientSap, serverSap = 1, password, timeoutMs } = target;
  const seconds = timeoutMs === undefined ? {} : { timeoutSeconds: timeoutMs / 1000 };
  const declaration = resolveDeclaration({
    connection: { host, port, ...seconds },
    logicalDevices: [{ sap: serverSap }],
    associations: [{ clientSap }],
  });
  if (password === undefined) return declaration;
  const low = { mechanism: authenticationMechanism.low, secret: password };
  return { ...declaration, associations: declaration.associations.map((one) => ({ ...one, ...low })) };
}
