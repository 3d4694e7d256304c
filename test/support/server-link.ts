/** The associations of one peer without a socket: APDUs go in as hex and come out as hex. */
import {
  type Association,
  type AssociationSecurity,
  ByteWriter,
  createMemoryCounters,
  createProtection,
  encodeAarq,
  encodeInitiateRequest,
  fromHex,
  type KeyRing,
  type Protection,
  type ProtectionForm,
  type ShortNames,
  SymmetricKey,
  toHex,
} from "../../cosem/index.js";
import type { DlmsClient, DlmsLimits } from "../../src/views/dlms/index.js";
import { defaultDlmsLimits } from "../../src/views/dlms/index.js";
import { PeerAssociations } from "../../src/views/dlms/peer-associations.js";
import { createDlmsFixture, type DlmsFixture } from "./dlms-fixture.js";
import { recordingLogger } from "./recording-logger.js";
import { recordedShortNames } from "./short-name-fixture.js";
import { systemClock } from "./system-clock.js";

export interface ServerLink {
  readonly fixture: DlmsFixture;
  readonly associations: PeerAssociations;
  readonly logger: ReturnType<typeof recordingLogger>;
  /** All answers to one APDU. */
  ask(apdu: string | Uint8Array, serverSap?: number): Promise<readonly string[]>;
  /** The only answer; "" where none is given. @throws Error for more than one */
  one(apdu: string | Uint8Array, serverSap?: number): Promise<string>;
}

export interface ServerLinkOptions {
  readonly client?: Partial<DlmsClient>;
  readonly limits?: Partial<DlmsLimits>;
  readonly isStreamed?: boolean;
  readonly association?: Association;
  /** Default: base names as the recorded server had them. */
  readonly shortNames?: ShortNames;
}

export function createServerLink(options: ServerLinkOptions = {}): ServerLink {
  const fixture = createDlmsFixture({ isStreamed: options.isStreamed === true });
  const clientSap = options.client?.clientSap ?? 1;
  const client: DlmsClient = {
    clientSap,
    association: options.association ?? fixture.association(clientSap),
    mechanism: 0,
    ...options.client,
  };
  const logger = recordingLogger();
  let sent: string[] = [];
  const associations = new PeerAssociations({
    peer: "memory",
    registry: fixture.registry,
    logger,
    clock: systemClock,
    systemTitle: serverTitle,
    shortNames: options.shortNames ?? recordedShortNames(),
    clients: new Map([[clientSap, client]]),
    limits: { ...defaultDlmsLimits, ...options.limits },
    scratch: new ByteWriter(512),
    send: (_client, _server, apdu) => sent.push(toHex(apdu)),
  });
  const ask = async (apdu: string | Uint8Array, serverSap = 1) => {
    sent = [];
    await associations.receive(clientSap, serverSap, typeof apdu === "string" ? fromHex(apdu) : apdu, 0);
    return sent;
  };
  return {
    fixture,
    associations,
    logger,
    ask,
    async one(apdu, serverSap) {
      const [only, ...more] = await ask(apdu, serverSap);
      if (more.length > 0) throw new Error(`${more.length + 1} answers`);
      return only ?? "";
    },
  };
}

/** AARQ without authentication; conformance as 6 hex digits, PDU size as 4. */
export const plainAarq = (conformance = "001e5d", pduSize = "ffff") =>
  `601da109060760857405080101be10040e01000000065f1f0400${conformance}${pduSize}`;

export const serverTitle = fromHex("45584d0000000001");
export const clientTitle = fromHex("4558430000000001");

export interface SecuredClient {
  readonly protection: Protection;
  /** Protects a request. @throws Error where it cannot be */
  close(apdu: string, form?: ProtectionForm["kind"] | ProtectionForm, bits?: number): Uint8Array;
  /** The plain APDU of an answer. @throws Error where it does not open */
  open(apdu: string): string;
  /** What the last answer had: form and protection bits. */
  lastStyle(): string;
  aarq(initiate?: AarqParts): Uint8Array;
}

export interface AarqParts {
  readonly conformance?: number;
  readonly pduSize?: number;
  readonly dedicatedKey?: Uint8Array;
  /** 0: the initiate goes in plain. */
  readonly bits?: number;
  readonly mechanism?: number;
  readonly challenge?: Uint8Array;
}

export interface SecuredPair {
  readonly security: AssociationSecurity & { securityPolicy: number };
  readonly client: SecuredClient;
}

const suite0Keys = (dedicated: () => SymmetricKey | undefined): KeyRing => {
  const unicast = new SymmetricKey(fromHex("000102030405060708090a0b0c0d0e0f"));
  const broadcast = new SymmetricKey(fromHex("0f0e0d0c0b0a09080706050403020100"));
  return {
    suite: 0,
    encryptionKey: (which) => (which === "unicast" ? unicast : which === "broadcast" ? broadcast : dedicated()),
    authenticationKey: new SymmetricKey(fromHex("d0d1d2d3d4d5d6d7d8d9dadbdcdddedf")),
    masterKey: new SymmetricKey(fromHex("202122232425262728292a2b2c2d2e2f")),
    ownSigningKey: undefined,
    peerSigningKey: undefined,
    ownAgreementKey: undefined,
    peerAgreementKey: undefined,
  };
};

/** Both ends of a suite 0 association with the test keys of the transcripts, or with `keys`. */
export function securedPair(
  securityPolicy: number,
  keys: { readonly server?: KeyRing; readonly client?: KeyRing } = {},
): SecuredPair {
  const security = {
    ownTitle: serverTitle,
    peerTitle: undefined,
    keys: () => keys.server ?? suite0Keys(() => undefined),
    counters: createMemoryCounters(),
    random: (count: number) => new Uint8Array(count).fill(0x5a),
    securityPolicy,
  };
  let dedicated: SymmetricKey | undefined;
  const protection = createProtection({
    keys: keys.client ?? suite0Keys(() => dedicated),
    counters: createMemoryCounters(),
    ownTitle: clientTitle,
    peerTitle: serverTitle,
    random: (count) => new Uint8Array(count).fill(0x33),
  });
  let style = "";
  const close: SecuredClient["close"] = (apdu, form = "glo", bits = 12) => {
    const whole = typeof form === "string" ? ({ kind: form } as ProtectionForm) : form;
    const result = protection.protect(fromHex(apdu), whole, bits);
    if (!result.ok) throw new Error(result.reason);
    return result.apdu;
  };
  return {
    security,
    client: {
      protection,
      close,
      open(apdu) {
        const result = protection.unprotect(fromHex(apdu));
        if (!result.ok) throw new Error(`${result.reason} of ${apdu}`);
        style = `${result.form.kind} ${result.protection}`;
        return toHex(result.apdu);
      },
      lastStyle: () => style,
      aarq(parts = {}) {
        const { mechanism, challenge, bits = 12, dedicatedKey } = parts;
        if (dedicatedKey !== undefined) dedicated = new SymmetricKey(dedicatedKey, true);
        const initiate = encodeInitiateRequest({
          dedicatedKey,
          responseAllowed: true,
          proposedQualityOfService: undefined,
          proposedDlmsVersionNumber: 6,
          proposedConformance: parts.conformance ?? 0x401e5d,
          clientMaxReceivePduSize: parts.pduSize ?? 0xffff,
        });
        return encodeAarq({
          hasProtocolVersion1: true,
          applicationContextName: [2, 16, 756, 5, 8, 1, 3],
          callingApTitle: clientTitle,
          callingAeQualifier: undefined,
          callingAeInvocationId: undefined,
          requiresAuthentication: mechanism !== undefined,
          mechanismName: mechanism === undefined ? undefined : [2, 16, 756, 5, 8, 2, mechanism],
          callingAuthenticationValue: challenge,
          userInformation: bits === 0 ? initiate : close(toHex(initiate), "glo", bits),
        });
      },
    },
  };
}
