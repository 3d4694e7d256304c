/** Opening an association on the server's side: from an AARQ and the policy of this client to an AARE. Keeps nothing. */
import { type Aare, associationResult, encodeAare, providerDiagnostic, userDiagnostic } from "../apdu/aare.js";
import { type Aarq, decodeAarq } from "../apdu/aarq.js";
import { encodeConfirmedServiceError, type InitiateError, initiateError } from "../apdu/confirmed-service-error.js";
import { decodeInitiateRequest, dlmsVersion, encodeInitiateResponse, vaaNameLn } from "../apdu/initiate.js";
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
import type { Secret } from "../security/secret.js";
import type { AssociationSecurity } from "./association-security.js";

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
  | "noInitiate"
  | "unconfirmedAssociation"
  | "dlmsVersionTooLow"
  | "incompatibleConformance"
  | "pduSizeTooShort";

export type Negotiation =
  | { readonly accepted: true; readonly session: NegotiatedAssociation; readonly aare: Uint8Array }
  | {
      readonly accepted: false;
      readonly reason: RefusalReason;
      /** Undefined: nothing is due to the client. */
      readonly aare: Uint8Array | undefined;
    };

/** Shortest PDU with which anything can be said. */
const minPduSize = 12;

/** Decides on an AARQ, step by step: ACSE, authentication, xDLMS initiate. */
export function negotiate(apdu: Uint8Array, policy: AssociationPolicy): Negotiation {
  let aarq: Aarq;
  try {
    aarq = decodeAarq(apdu);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return refuse(policy, "malformedAarq", userDiagnostic.noReasonGiven);
  }
  if (!aarq.hasProtocolVersion1) return refuseProtocolVersion(policy);
  if (applicationContextOf(aarq.applicationContextName) !== policy.applicationContext) {
    return refuse(policy, "applicationContext", userDiagnostic.applicationContextNameNotSupported);
  }
  if (policy.applicationContext !== applicationContext.ln) {
    return refuse(policy, "applicationContext", userDiagnostic.applicationContextNameNotSupported);
  }
  return authenticate(aarq, policy) ?? initiate(aarq, policy);
}

/** Where no policy exists for a client or server SAP. */
export function refuseAssociation(reason: "unknownClient" | "unknownServer"): Negotiation {
  return refuse({ applicationContext: applicationContext.ln }, reason, userDiagnostic.noReasonGiven);
}

/** Undefined where the client is who it says. High level mechanisms are refused by name until they are served. */
function authenticate(aarq: Aarq, policy: AssociationPolicy): Negotiation | undefined {
  const offered = offeredMechanism(aarq);
  if (offered === authenticationMechanism.none && policy.mechanism !== authenticationMechanism.none) {
    return refuse(policy, "mechanismRequired", userDiagnostic.authenticationMechanismNameRequired);
  }
  if (offered !== policy.mechanism || policy.mechanism > authenticationMechanism.low) {
    return refuse(policy, "mechanismNotRecognised", userDiagnostic.authenticationMechanismNameNotRecognised);
  }
  if (policy.mechanism === authenticationMechanism.none) return undefined;
  const password = aarq.callingAuthenticationValue;
  const isRight = policy.secret?.equals(password ?? new Uint8Array(0)) === true && password !== undefined;
  return isRight ? undefined : refuse(policy, "wrongPassword", userDiagnostic.authenticationFailure);
}

/** Without the authentication functional unit the mechanism and its value do not count. */
function offeredMechanism(aarq: Aarq): number | undefined {
  if (!aarq.requiresAuthentication || aarq.mechanismName === undefined) return authenticationMechanism.none;
  return authenticationMechanismOf(aarq.mechanismName);
}

function initiate(aarq: Aarq, policy: AssociationPolicy): Negotiation {
  if (aarq.userInformation === undefined) return refuse(policy, "noInitiate", userDiagnostic.noReasonGiven);
  let request: ReturnType<typeof decodeInitiateRequest>;
  try {
    request = decodeInitiateRequest(aarq.userInformation);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return refuse(policy, "noInitiate", userDiagnostic.noReasonGiven);
  }
  if (!request.responseAllowed) return { accepted: false, reason: "unconfirmedAssociation", aare: undefined };
  if (request.proposedDlmsVersionNumber < dlmsVersion) return refuseInitiate(policy, "dlmsVersionTooLow");
  const conformance = request.proposedConformance & policy.conformance;
  if (conformance === 0) return refuseInitiate(policy, "incompatibleConformance");
  const clientMax = request.clientMaxReceivePduSize;
  if (clientMax !== 0 && clientMax < minPduSize) return refuseInitiate(policy, "pduSizeTooShort");
  const session: NegotiatedAssociation = {
    clientSap: policy.clientSap,
    serverSap: policy.serverSap,
    applicationContextName: applicationContextName(policy.applicationContext),
    authenticationMechanismName: authenticationMechanismName(policy.mechanism),
    conformance,
    maxReceivePduSize: policy.maxReceivePduSize,
    maxSendPduSize: clientMax === 0 ? policy.maxSendPduSize : Math.min(clientMax, policy.maxSendPduSize),
    dlmsVersionNumber: dlmsVersion,
    isAuthenticationPending: false,
  };
  return { accepted: true, session, aare: acceptance(policy, conformance) };
}

function acceptance(policy: AssociationPolicy, conformance: number): Uint8Array {
  return encodeAare({
    ...responder(policy),
    result: associationResult.accepted,
    diagnostic: { source: "user", value: userDiagnostic.null },
    userInformation: encodeInitiateResponse({
      negotiatedQualityOfService: undefined,
      negotiatedDlmsVersionNumber: dlmsVersion,
      negotiatedConformance: conformance,
      serverMaxReceivePduSize: policy.maxReceivePduSize,
      vaaName: vaaNameLn,
    }),
  });
}

type Responder = Pick<AssociationPolicy, "applicationContext"> & Partial<Pick<AssociationPolicy, "systemTitle">>;

/** What each AARE says of this server; the system title only where its context is a ciphered one. */
function responder(policy: Responder): Omit<Aare, "result" | "diagnostic"> {
  const isCiphered = policy.applicationContext >= applicationContext.lnCiphered;
  return {
    applicationContextName: applicationContextName(policy.applicationContext),
    respondingApTitle: isCiphered ? policy.systemTitle : undefined,
    mechanismName: undefined,
    respondingAuthenticationValue: undefined,
    userInformation: undefined,
  };
}

function refuse(policy: Responder, reason: RefusalReason, diagnostic: number): Negotiation {
  const aare = encodeAare({
    ...responder(policy),
    result: associationResult.rejectedPermanent,
    diagnostic: { source: "user", value: diagnostic },
  });
  return { accepted: false, reason, aare };
}

function refuseProtocolVersion(policy: Responder): Negotiation {
  const aare = encodeAare({
    ...responder(policy),
    result: associationResult.rejectedPermanent,
    diagnostic: { source: "provider", value: providerDiagnostic.noCommonAcseVersion },
  });
  return { accepted: false, reason: "protocolVersion", aare };
}

function refuseInitiate(policy: Responder, reason: keyof typeof initiateError): Negotiation {
  const value: InitiateError = initiateError[reason];
  const aare = encodeAare({
    ...responder(policy),
    result: associationResult.rejectedPermanent,
    diagnostic: { source: "user", value: userDiagnostic.noReasonGiven },
    userInformation: encodeConfirmedServiceError({ service: 1, errorClass: 6, value }),
  });
  return { accepted: false, reason, aare };
}
