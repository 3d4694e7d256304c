/** Opening an association by the declaration, or with something changed. */
import { randomBytes } from "node:crypto";
import {
  type Aare,
  apduTag,
  applicationContext,
  applicationContextName,
  authenticationMechanism,
  authenticationMechanismName,
  type ConfirmedServiceError,
  conformanceBit,
  decodeAare,
  decodeConfirmedServiceError,
  decodeInitiateResponse,
  encodeAarq,
  encodeInitiateRequest,
  type InitiateResponse,
  type Secret,
  toHex,
} from "../../cosem/index.js";
import type { DeclaredAssociation } from "../declaration/declaration.js";
import type { DlmsConnection } from "../tcp-connection.js";
import type { RunCounters } from "./counters.js";
import { Protection, type ProtectionChange } from "./protection.js";
import { Inapplicable, Misbehaviour } from "./verdict-errors.js";

/** What a case wants otherwise than declared; a key that is present counts, also with undefined. */
export interface OpenChanges {
  readonly conformance?: number;
  readonly maxReceivePduSize?: number;
  readonly dlmsVersion?: number;
  /** Number of the application context name. */
  readonly context?: number;
  readonly mechanism?: number;
  readonly hasProtocolVersion1?: boolean;
  readonly secret?: Secret;
  /** Sent as authentication value in place of the secret or a fresh challenge; undefined: none. */
  readonly authenticationValue?: Uint8Array | undefined;
  readonly callingApTitle?: Uint8Array | undefined;
  readonly callingAeInvocationId?: number;
  readonly isWithoutAuthenticationUnit?: boolean;
  readonly qualityOfService?: number;
  readonly dedicatedKey?: Uint8Array;
  /** Of the InitiateRequest; `protection: 0` sends it plain. */
  readonly initiateProtection?: ProtectionChange;
  /** What pass 3 carries instead of the right answer. */
  readonly alterAnswer?: (answer: Uint8Array) => Uint8Array;
}

export interface AarqAnswer {
  readonly aare: Aare;
  /** Undefined where the user-information holds none. */
  readonly initiate: InitiateResponse | undefined;
  readonly error: ConfirmedServiceError | undefined;
  readonly protection: Protection | undefined;
  /** The client's challenge of a high level mechanism. */
  readonly challenge: Uint8Array | undefined;
}

/** What cases propose: the services of logical names, without those that change the form of answers. */
export const ordinaryConformance =
  conformanceBit.get |
  conformanceBit.set |
  conformanceBit.action |
  conformanceBit.selectiveAccess |
  conformanceBit.multipleReferences |
  conformanceBit.blockTransferWithGet |
  conformanceBit.blockTransferWithSet |
  conformanceBit.blockTransferWithAction |
  conformanceBit.priorityManagement;

export const shortNameConformance =
  conformanceBit.read |
  conformanceBit.write |
  conformanceBit.parameterizedAccess |
  conformanceBit.multipleReferences |
  conformanceBit.informationReport;

export const usesShortNames = (association: DeclaredAssociation): boolean =>
  association.context === applicationContext.sn || association.context === applicationContext.snCiphered;

export const isCiphered = (association: DeclaredAssociation): boolean =>
  association.context >= applicationContext.lnCiphered;

/** Without these the association cannot be opened and used as declared: pass 3 is an ACTION. */
export function indispensableConformance(association: DeclaredAssociation): number {
  const isGeneral = association.security?.style.startsWith("general-") === true && isCiphered(association);
  const hasPasses = association.mechanism > authenticationMechanism.low && !usesShortNames(association);
  return (isGeneral ? conformanceBit.generalProtection : 0) | (hasPasses ? conformanceBit.action : 0);
}

export function proposedConformance(association: DeclaredAssociation): number {
  const services = usesShortNames(association) ? shortNameConformance : ordinaryConformance;
  return services | indispensableConformance(association);
}

/** A short PDU into which an object list does not fit, and pass 4 of this association does. */
export function narrowPduSize(association: DeclaredAssociation): number {
  return association.mechanism === authenticationMechanism.highEcdsa ? 160 : 64;
}

interface Prepared {
  readonly aarq: Uint8Array;
  readonly protection: Protection | undefined;
  readonly challenge: Uint8Array | undefined;
}

const challengeLength = 16;

export function prepareAarq(
  association: DeclaredAssociation,
  counters: RunCounters,
  changes: OpenChanges = {},
): Prepared {
  const { security } = association;
  const context = changes.context ?? association.context;
  const mechanism = changes.mechanism ?? association.mechanism;
  const protection = security === undefined ? undefined : new Protection(security, counters);
  const ciphers = context >= applicationContext.lnCiphered;
  const initiate = encodeInitiateRequest({
    dedicatedKey: changes.dedicatedKey,
    responseAllowed: true,
    proposedQualityOfService: changes.qualityOfService,
    proposedDlmsVersionNumber: changes.dlmsVersion ?? 6,
    proposedConformance: changes.conformance ?? proposedConformance(association),
    clientMaxReceivePduSize: changes.maxReceivePduSize ?? 1024,
  });
  const userInformation =
    ciphers && protection !== undefined
      ? protection.protect(initiate, { style: "glo", ...changes.initiateProtection })
      : initiate;
  if (protection !== undefined && ciphers) protection.dedicatedKey = changes.dedicatedKey;
  const value = authenticationValue(association, mechanism, changes);
  const needsTitle = security !== undefined && (ciphers || mechanism >= authenticationMechanism.highGmac);
  const hasUnit = mechanism !== authenticationMechanism.none && changes.isWithoutAuthenticationUnit !== true;
  const aarq = encodeAarq({
    hasProtocolVersion1: changes.hasProtocolVersion1 ?? true,
    applicationContextName: applicationContextName(context),
    callingApTitle:
      "callingApTitle" in changes ? changes.callingApTitle : needsTitle ? security.clientTitle : undefined,
    callingAeQualifier: undefined,
    callingAeInvocationId: changes.callingAeInvocationId ?? association.userId,
    requiresAuthentication: hasUnit,
    mechanismName: hasUnit ? authenticationMechanismName(mechanism as 0) : undefined,
    callingAuthenticationValue: hasUnit ? value : undefined,
    userInformation,
  });
  return { aarq, protection, challenge: mechanism > authenticationMechanism.low ? value : undefined };
}

function authenticationValue(
  association: DeclaredAssociation,
  mechanism: number,
  changes: OpenChanges,
): Uint8Array | undefined {
  if ("authenticationValue" in changes) return changes.authenticationValue;
  if (mechanism === authenticationMechanism.none) return undefined;
  if (mechanism > authenticationMechanism.low) return new Uint8Array(randomBytes(challengeLength));
  const secret = changes.secret ?? association.secret;
  if (secret === undefined) throw new Inapplicable("no secret is declared");
  return secret.reveal();
}

/** @throws Misbehaviour for an answer that is no AARE, or that holds what cannot be read */
export async function sendAarq(
  connection: DlmsConnection,
  association: DeclaredAssociation,
  counters: RunCounters,
  changes: OpenChanges = {},
): Promise<AarqAnswer> {
  const { aarq, protection, challenge } = prepareAarq(association, counters, changes);
  const answer = await connection.exchange(aarq);
  if (answer[0] !== apduTag.aare) throw new Misbehaviour(`AARE expected, got ${toHex(answer.subarray(0, 16))}`);
  const aare = decodeAare(answer);
  if (aare.respondingApTitle !== undefined && protection !== undefined) {
    protection.serverTitle = aare.respondingApTitle;
  }
  return { aare, protection, challenge, ...readUserInformation(aare, protection) };
}

function readUserInformation(aare: Aare, protection: Protection | undefined) {
  if (aare.userInformation === undefined) return { initiate: undefined, error: undefined };
  const plain = protection?.unprotect(aare.userInformation).apdu ?? aare.userInformation;
  if (plain[0] === apduTag.confirmedServiceError) {
    return { initiate: undefined, error: decodeConfirmedServiceError(plain) };
  }
  return { initiate: decodeInitiateResponse(plain), error: undefined };
}
