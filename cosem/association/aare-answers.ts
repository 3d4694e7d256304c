/** The AAREs of a server: what each of them says, accepted or refused. */
import { type Aare, associationResult, encodeAare, providerDiagnostic, userDiagnostic } from "../apdu/aare.js";
import { encodeConfirmedServiceError, initiateError } from "../apdu/confirmed-service-error.js";
import { dlmsVersion, encodeInitiateResponse, vaaNameLn } from "../apdu/initiate.js";
import {
  type ApplicationContext,
  applicationContext,
  applicationContextName,
  authenticationMechanismName,
} from "../apdu/object-identifiers.js";

/** vaa-name of SN referencing: the base name of the current association. */
const vaaNameSn = 0xfa00;

/** What each AARE says of this server. */
export interface Responder {
  readonly applicationContext: ApplicationContext;
  /** Sent in ciphered contexts, and where a high level mechanism is accepted. */
  readonly systemTitle?: Uint8Array | undefined;
}

export function isCipheredContext(context: ApplicationContext): boolean {
  return context === applicationContext.lnCiphered || context === applicationContext.snCiphered;
}

export function isSnContext(context: ApplicationContext): boolean {
  return context === applicationContext.sn || context === applicationContext.snCiphered;
}

function common({ applicationContext: context, systemTitle }: Responder): Omit<Aare, "result" | "diagnostic"> {
  return {
    applicationContextName: applicationContextName(context),
    respondingApTitle: isCipheredContext(context) ? systemTitle : undefined,
    mechanismName: undefined,
    respondingAuthenticationValue: undefined,
    userInformation: undefined,
  };
}

/**
 * @param hls  mechanism and our challenge, where passes 3 and 4 are still to come
 * @param userInformation  the InitiateResponse, plain or ciphered
 */
export function encodeAcceptance(
  responder: Responder,
  hls: { readonly mechanism: number; readonly challenge: Uint8Array } | undefined,
  userInformation: Uint8Array,
): Uint8Array {
  const diagnostic = hls === undefined ? userDiagnostic.null : userDiagnostic.authenticationRequired;
  const accepted = { result: associationResult.accepted, diagnostic: { source: "user", value: diagnostic } } as const;
  if (hls === undefined) return encodeAare({ ...common(responder), ...accepted, userInformation });
  return encodeAare({
    ...common(responder),
    ...accepted,
    respondingApTitle: responder.systemTitle,
    mechanismName: authenticationMechanismName(hls.mechanism),
    respondingAuthenticationValue: hls.challenge,
    userInformation,
  });
}

export function encodeInitiateAnswer(context: ApplicationContext, conformance: number, maxReceivePduSize: number) {
  return encodeInitiateResponse({
    negotiatedQualityOfService: undefined,
    negotiatedDlmsVersionNumber: dlmsVersion,
    negotiatedConformance: conformance,
    serverMaxReceivePduSize: maxReceivePduSize,
    vaaName: isSnContext(context) ? vaaNameSn : vaaNameLn,
  });
}

/** @param diagnostic  of the ACSE service user */
export function encodeRefusal(responder: Responder, diagnostic: number, userInformation?: Uint8Array): Uint8Array {
  return encodeAare({
    ...common(responder),
    result: associationResult.rejectedPermanent,
    diagnostic: { source: "user", value: diagnostic },
    userInformation,
  });
}

/** Protocol version without version 1: refused by the ACSE service provider. */
export function encodeVersionRefusal(responder: Responder): Uint8Array {
  return encodeAare({
    ...common(responder),
    result: associationResult.rejectedPermanent,
    diagnostic: { source: "provider", value: providerDiagnostic.noCommonAcseVersion },
  });
}

/** confirmed-service-error of the initiate service, the user-information of such a refusal. */
export function encodeInitiateError(reason: keyof typeof initiateError): Uint8Array {
  return encodeConfirmedServiceError({ service: 1, errorClass: 6, value: initiateError[reason] });
}
