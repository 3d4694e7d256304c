/** Opening an association on the server's side: from an AARQ and the policy of this client to an AARE. Keeps nothing. */
import { userDiagnostic } from "../apdu/aare.js";
import { type Aarq, decodeAarq } from "../apdu/aarq.js";
import { isProtectedTag } from "../apdu/ciphering.js";
import type { initiateError } from "../apdu/confirmed-service-error.js";
import { conformanceBit } from "../apdu/conformance.js";
import { decodeInitiateRequest, dlmsVersion, type InitiateRequest } from "../apdu/initiate.js";
import {
  type ApplicationContext,
  type AuthenticationMechanism,
  applicationContext,
  applicationContextName,
  applicationContextOf,
  authenticationMechanism,
  authenticationMechanismName,
  authenticationMechanismOf,
} from "../apdu/object-identifiers.js";
import { DecodeError } from "../codec/bytes.js";
import { challengeFault, type HlsExchange, isHlsMechanism, needsSystemTitle } from "../security/hls.js";
import type { KeyRing } from "../security/key-ring.js";
import { createMemoryCounters } from "../security/memory-counters.js";
import type { RandomBytes } from "../security/random-bytes.js";
import type { Secret } from "../security/secret.js";
import {
  encodeAcceptance,
  encodeInitiateAnswer,
  encodeInitiateError,
  encodeRefusal,
  encodeVersionRefusal,
  isCipheredContext,
  type Responder,
} from "./aare-answers.js";
import type { AssociationSecurity } from "./association-security.js";
import type { Unprotected } from "./protection.js";
import { SecuredSession } from "./secured-session.js";
import { ownChallengeLength } from "./server-hls.js";

/** What one client SAP may open at one server SAP. */
export interface AssociationPolicy {
  readonly clientSap: number;
  readonly serverSap: number;
  readonly applicationContext: ApplicationContext;
  readonly mechanism: AuthenticationMechanism;
  /** The password of mechanism `low`, or what both sides share in MD5, SHA-1 and SHA-256. Read at each AARQ. */
  readonly secret: Secret | undefined;
  /** Services offered, 24 bits; what is negotiated is this AND what the client proposes. */
  readonly conformance: number;
  /** Longest APDU taken from the client. */
  readonly maxReceivePduSize: number;
  /** Longest APDU sent, whatever the client takes (0 of the client means no limit of its own). */
  readonly maxSendPduSize: number;
  /** Sent where ciphering is in play. */
  readonly systemTitle: Uint8Array | undefined;
  /** Needed for ciphered contexts and for GMAC, SHA-256 and ECDSA: without it they are refused. */
  readonly security?: AssociationSecurity | undefined;
  /** Challenges of the high level mechanisms where `security` brings no source of its own. */
  readonly random?: RandomBytes | undefined;
  /** Where the association has a user list: whether this calling-AE-invocation-id may open it. */
  isUserPermitted?(userId: number | undefined): boolean;
}

/** The live values of an open association, as Association LN shows them. */
export interface NegotiatedAssociation {
  readonly clientSap: number;
  readonly serverSap: number;
  readonly applicationContextName: readonly number[];
  readonly authenticationMechanismName: readonly number[];
  readonly conformance: number;
  readonly maxReceivePduSize: number;
  readonly maxSendPduSize: number;
  readonly dlmsVersionNumber: number;
  readonly isAuthenticationPending: boolean;
  /** Of the AARQ where one was wanted. */
  readonly clientSystemTitle?: Uint8Array | undefined;
  /** calling-AE-invocation-id of the AARQ. */
  readonly userId?: number | undefined;
}

/** Why an AARQ was refused; for the log and the counters. */
export type RefusalReason =
  | "malformedAarq"
  | "unknownClient"
  | "unknownServer"
  | "protocolVersion"
  | "applicationContext"
  | "mechanismRequired"
  | "mechanismNotRecognised"
  | "wrongPassword"
  | "badChallenge"
  | "authenticationFailed"
  | "unknownTitle"
  | "unknownUser"
  | "badInitiate"
  | "noInitiate"
  | "unconfirmedAssociation"
  | "dlmsVersionTooLow"
  | "incompatibleConformance"
  | "pduSizeTooShort";

/** What an accepted AARQ makes. */
export interface AcceptedAssociation {
  readonly session: NegotiatedAssociation;
  /** In ciphered contexts. */
  readonly secured: SecuredSession | undefined;
  /** Where passes 3 and 4 are still to come. */
  readonly hls: HlsExchange | undefined;
}

export type Negotiation =
  | { readonly accepted: true; readonly association: AcceptedAssociation; readonly aare: Uint8Array }
  | Refusal;

interface Refusal {
  readonly accepted: false;
  readonly reason: RefusalReason;
  /** Undefined: nothing is due to the client. */
  readonly aare: Uint8Array | undefined;
}

/** Shortest PDU with which anything can be said. */
const minPduSize = 12;

/** Decides on an AARQ, step by step: ACSE, authentication, titles, user, xDLMS initiate. */
export function negotiate(apdu: Uint8Array, policy: AssociationPolicy): Negotiation {
  let aarq: Aarq;
  try {
    aarq = decodeAarq(apdu);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return refuse(policy, "malformedAarq", userDiagnostic.noReasonGiven);
  }
  if (!aarq.hasProtocolVersion1) {
    return { accepted: false, reason: "protocolVersion", aare: encodeVersionRefusal(responderOf(policy)) };
  }
  if (applicationContextOf(aarq.applicationContextName) !== policy.applicationContext || !isServed(policy)) {
    return refuse(policy, "applicationContext", userDiagnostic.applicationContextNameNotSupported);
  }
  const refusal = authenticate(aarq, policy);
  if (refusal !== undefined) return refusal;
  const titles = identify(aarq, policy);
  if ("accepted" in titles) return titles;
  const hls = challenge(aarq, policy, titles);
  if (hls !== undefined && "accepted" in hls) return hls;
  if (policy.isUserPermitted?.(aarq.callingAeInvocationId) === false) {
    return refuse(policy, "unknownUser", userDiagnostic.callingAeInvocationIdNotRecognized);
  }
  return initiate(aarq, policy, { ...titles, hls });
}

/** Where no policy exists for a client or server SAP. */
export function refuseAssociation(reason: "unknownClient" | "unknownServer"): Negotiation {
  return refuse({ applicationContext: applicationContext.ln }, reason, userDiagnostic.noReasonGiven);
}

function isServed({ applicationContext: context, security }: AssociationPolicy): boolean {
  if (context === applicationContext.ln) return true;
  return context === applicationContext.lnCiphered && security !== undefined;
}

/** Undefined where the mechanism is the wanted one and, with a password, the client is who it says. */
function authenticate(aarq: Aarq, policy: AssociationPolicy): Refusal | undefined {
  const offered = offeredMechanism(aarq);
  if (offered === authenticationMechanism.none && policy.mechanism !== authenticationMechanism.none) {
    return refuse(policy, "mechanismRequired", userDiagnostic.authenticationMechanismNameRequired);
  }
  if (offered !== policy.mechanism || !isMechanismServed(policy)) {
    return refuse(policy, "mechanismNotRecognised", userDiagnostic.authenticationMechanismNameNotRecognised);
  }
  if (policy.mechanism !== authenticationMechanism.low) return undefined;
  const password = aarq.callingAuthenticationValue;
  const isRight = policy.secret?.equals(password ?? new Uint8Array(0)) === true && password !== undefined;
  return isRight ? undefined : refuse(policy, "wrongPassword", userDiagnostic.authenticationFailure);
}

function isMechanismServed({ mechanism, security, random }: AssociationPolicy): boolean {
  if (mechanism <= authenticationMechanism.low) return true;
  if (!isHlsMechanism(mechanism) || (random ?? security?.random) === undefined) return false;
  return security !== undefined || !needsSystemTitle(mechanism);
}

/** Without the authentication functional unit the mechanism and its value do not count. */
function offeredMechanism(aarq: Aarq): number | undefined {
  if (!aarq.requiresAuthentication || aarq.mechanismName === undefined) return authenticationMechanism.none;
  return authenticationMechanismOf(aarq.mechanismName);
}

interface Identity {
  readonly peerTitle: Uint8Array;
  readonly keys: KeyRing | undefined;
}

const noTitle = new Uint8Array(0);
const titleLength = 8;

/** The client's title and keys; a title is wanted in ciphered contexts and with GMAC, SHA-256 and ECDSA. */
function identify(aarq: Aarq, policy: AssociationPolicy): Identity | Refusal {
  const { security } = policy;
  const isWanted = isCipheredContext(policy.applicationContext) || needsSystemTitle(policy.mechanism);
  if (!isWanted || security === undefined) return { peerTitle: noTitle, keys: undefined };
  const named = aarq.callingApTitle;
  const isRight =
    named?.length === titleLength &&
    !areEqual(named, security.ownTitle) &&
    (security.peerTitle === undefined || areEqual(named, security.peerTitle));
  const peerTitle = isRight ? new Uint8Array(named) : undefined;
  const keys = peerTitle === undefined ? undefined : security.keys(peerTitle);
  if (peerTitle === undefined || keys === undefined) {
    return refuse(policy, "unknownTitle", userDiagnostic.callingApTitleNotRecognized);
  }
  return { peerTitle, keys };
}

/** Undefined without a high level mechanism. */
function challenge(aarq: Aarq, policy: AssociationPolicy, identity: Identity): HlsExchange | Refusal | undefined {
  const { mechanism, security, secret } = policy;
  if (!isHlsMechanism(mechanism)) return undefined;
  const random = security?.random ?? policy.random;
  const peerChallenge = new Uint8Array(aarq.callingAuthenticationValue ?? noTitle);
  const ownChallenge = random?.(ownChallengeLength) ?? noTitle;
  if (challengeFault(ownChallenge, peerChallenge) !== undefined) {
    return refuse(policy, "badChallenge", userDiagnostic.authenticationFailure);
  }
  return {
    mechanism,
    secret,
    keys: identity.keys ?? noKeys,
    counters: security?.counters ?? noCounters,
    ownTitle: security?.ownTitle ?? noTitle,
    peerTitle: identity.peerTitle,
    ownChallenge,
    peerChallenge,
  };
}

/** MD5 and SHA-1 take neither keys nor counters. */
const noKeys: KeyRing = {
  suite: 0,
  encryptionKey: () => undefined,
  authenticationKey: undefined,
  masterKey: undefined,
  ownSigningKey: undefined,
  peerSigningKey: undefined,
  ownAgreementKey: undefined,
  peerAgreementKey: undefined,
};
const noCounters = createMemoryCounters();

type Client = Identity & { readonly hls: HlsExchange | undefined };

function initiate(aarq: Aarq, policy: AssociationPolicy, client: Client): Negotiation {
  if (aarq.userInformation === undefined) return refuse(policy, "noInitiate", userDiagnostic.noReasonGiven);
  const secured = secure(policy, client);
  const opened = openInitiate(aarq.userInformation, secured);
  if (opened === undefined) return refuse(policy, "badInitiate", userDiagnostic.noReasonGiven);
  const { request, protection } = opened;
  if (!request.responseAllowed) return { accepted: false, reason: "unconfirmedAssociation", aare: undefined };
  const answer = (userInformation: Uint8Array) => closeInitiate(userInformation, secured, protection);
  const refuseInitiate = (reason: keyof typeof initiateError) =>
    refuse(policy, reason, userDiagnostic.noReasonGiven, answer(encodeInitiateError(reason)));
  if (request.proposedDlmsVersionNumber < dlmsVersion) return refuseInitiate("dlmsVersionTooLow");
  const conformance = request.proposedConformance & offered(policy);
  if (conformance === 0) return refuseInitiate("incompatibleConformance");
  const clientMax = request.clientMaxReceivePduSize;
  if (clientMax !== 0 && clientMax < minPduSize) return refuseInitiate("pduSizeTooShort");
  const session: NegotiatedAssociation = {
    clientSap: policy.clientSap,
    serverSap: policy.serverSap,
    applicationContextName: applicationContextName(policy.applicationContext),
    authenticationMechanismName: authenticationMechanismName(policy.mechanism),
    conformance,
    maxReceivePduSize: policy.maxReceivePduSize,
    maxSendPduSize: clientMax === 0 ? policy.maxSendPduSize : Math.min(clientMax, policy.maxSendPduSize),
    dlmsVersionNumber: dlmsVersion,
    isAuthenticationPending: client.hls !== undefined,
    clientSystemTitle: client.peerTitle.length === 0 ? undefined : client.peerTitle,
    userId: aarq.callingAeInvocationId,
  };
  const said = answer(encodeInitiateAnswer(policy.applicationContext, conformance, policy.maxReceivePduSize));
  if (said === undefined) return refuse(policy, "badInitiate", userDiagnostic.noReasonGiven);
  const { hls } = client;
  const pass2 = hls === undefined ? undefined : { mechanism: hls.mechanism, challenge: hls.ownChallenge };
  return {
    accepted: true,
    association: { session, secured, hls },
    aare: encodeAcceptance(responderOf(policy), pass2, said),
  };
}

/** The general forms need keys: without them they are not offered. */
function offered(policy: AssociationPolicy): number {
  const isCiphered = isCipheredContext(policy.applicationContext);
  return isCiphered ? policy.conformance : policy.conformance & ~conformanceBit.generalProtection;
}

function secure({ applicationContext: context, security }: AssociationPolicy, { keys, peerTitle }: Client) {
  if (!isCipheredContext(context) || security === undefined || keys === undefined) return undefined;
  return new SecuredSession(security, keys, peerTitle);
}

interface OpenedInitiate {
  readonly request: InitiateRequest;
  readonly protection: Unprotected | undefined;
}

/** @returns undefined where it is broken, not protected as it must be, or brings a key that may not come so */
function openInitiate(userInformation: Uint8Array, secured: SecuredSession | undefined): OpenedInitiate | undefined {
  const opened = openUserInformation(userInformation, secured);
  if (opened === undefined) return undefined;
  let request: InitiateRequest;
  try {
    request = decodeInitiateRequest(opened.apdu);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
  const { dedicatedKey } = request;
  if (secured !== undefined && dedicatedKey !== undefined) {
    if (opened.protection === undefined || !secured.takeDedicatedKey(dedicatedKey)) return undefined;
  }
  return { request, protection: opened.protection };
}

/** The plain InitiateRequest of an AARQ or RLRQ; undefined where it does not come as it must. */
export function openUserInformation(
  userInformation: Uint8Array,
  secured: SecuredSession | undefined,
): { readonly apdu: Uint8Array; readonly protection: Unprotected | undefined } | undefined {
  if (!isProtectedTag(userInformation[0])) {
    const mayBePlain = secured === undefined || secured.requiredOfInitiate === 0;
    return mayBePlain ? { apdu: userInformation, protection: undefined } : undefined;
  }
  const opened = secured?.open(userInformation, secured.requiredOfInitiate);
  return opened?.ok === true ? { apdu: opened.apdu, protection: opened } : undefined;
}

/** In the style of the request. @returns undefined where it cannot be protected */
export function closeInitiate(
  userInformation: Uint8Array,
  secured: SecuredSession | undefined,
  request: Unprotected | undefined,
): Uint8Array | undefined {
  const answer = secured?.answerToInitiate(request);
  if (secured === undefined || answer === undefined) return userInformation;
  return secured.close(userInformation, answer, false);
}

function responderOf({ applicationContext: context, systemTitle, security }: Responding): Responder {
  return { applicationContext: context, systemTitle: security?.ownTitle ?? systemTitle };
}

type Responding = Pick<AssociationPolicy, "applicationContext"> & Partial<AssociationPolicy>;

function refuse(policy: Responding, reason: RefusalReason, diagnostic: number, userInformation?: Uint8Array): Refusal {
  return { accepted: false, reason, aare: encodeRefusal(responderOf(policy), diagnostic, userInformation) };
}

/** Of titles, which are public. */
function areEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((octet, index) => octet === right[index]);
}
