/** Opening an association on the server's side: from an AARQ and the policy of this client to an AARE. Keeps nothing. */
import { userDiagnostic } from "../apdu/aare.js";
import { type Aarq, decodeAarq } from "../apdu/aarq.js";
import { isProtectedTag } from "../apdu/ciphering.js";
import type { initiateError } from "../apdu/confirmed-service-error.js";
import { conformanceBit, logicalNameServices, shortNameServices } from "../apdu/conformance.js";
import { decodeInitiateRequest, dlmsVersion, type InitiateRequest } from "../apdu/initiate.js";
import {
  applicationContext,
  applicationContextName,
  applicationContextOf,
  authenticationMechanismName,
} from "../apdu/object-identifiers.js";
import { DecodeError } from "../codec/bytes.js";
import type { HlsExchange } from "../security/hls.js";
import {
  encodeAcceptance,
  encodeInitiateAnswer,
  encodeInitiateError,
  encodeVersionRefusal,
  isCipheredContext,
  isSnContext,
} from "./aare-answers.js";
import type { AssociationPolicy, NegotiatedAssociation } from "./association-policy.js";
import { authenticate, challenge, type Identity, identify } from "./negotiate-client.js";
import type { Unprotected } from "./protection.js";
import { type Refusal, refuse, responderOf } from "./refusal.js";
import { SecuredSession } from "./secured-session.js";

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
  return !isCipheredContext(context) || security !== undefined;
}

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

/** The general forms need keys: without them they are not offered; nor are the services of the other referencing. */
function offered({ applicationContext: context, conformance }: AssociationPolicy): number {
  const offer = conformance & ~(isSnContext(context) ? logicalNameServices : shortNameServices);
  return isCipheredContext(context) ? offer : offer & ~conformanceBit.generalProtection;
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
