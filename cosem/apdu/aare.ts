/** AARE: the answer to an AARQ (IEC 62056-5-3, clause 7.2). */
import {
  berInner,
  berInteger,
  berObjectIdentifier,
  explicitMember,
  implicitMember,
  integerElement,
  objectIdentifierContents,
  objectIdentifierElement,
  octetStringElement,
  readAcse,
  writeAcse,
} from "../codec/ber.js";
import { DecodeError } from "../codec/bytes.js";
import { authenticationRequired, explicitOctets } from "./aarq.js";

export const associationResult = { accepted: 0, rejectedPermanent: 1, rejectedTransient: 2 } as const;

/** acse-service-user diagnostics. */
export const userDiagnostic = {
  null: 0,
  noReasonGiven: 1,
  applicationContextNameNotSupported: 2,
  callingApTitleNotRecognized: 3,
  callingAeInvocationIdNotRecognized: 6,
  authenticationMechanismNameNotRecognised: 11,
  authenticationMechanismNameRequired: 12,
  authenticationFailure: 13,
  authenticationRequired: 14,
} as const;

/** acse-service-provider diagnostics. */
export const providerDiagnostic = { null: 0, noReasonGiven: 1, noCommonAcseVersion: 2 } as const;

export interface Aare {
  readonly applicationContextName: readonly number[];
  readonly result: number;
  readonly diagnostic: { readonly source: "user" | "provider"; readonly value: number };
  /** System title of the server. */
  readonly respondingApTitle: Uint8Array | undefined;
  readonly mechanismName: readonly number[] | undefined;
  /** The server's challenge. */
  readonly respondingAuthenticationValue: Uint8Array | undefined;
  /** InitiateResponse, or confirmed-service-error, plain or ciphered. Rejections often have none. */
  readonly userInformation: Uint8Array | undefined;
}

const tag = {
  applicationContextName: 1,
  result: 2,
  resultSourceDiagnostic: 3,
  respondingApTitle: 4,
  responderAcseRequirements: 8,
  mechanismName: 9,
  respondingAuthenticationValue: 10,
  userInformation: 30,
} as const;

/** @throws DecodeError */
export function decodeAare(apdu: Uint8Array): Aare {
  const members = readAcse(apdu, 1);
  const context = members.get(tag.applicationContextName);
  const result = members.get(tag.result);
  const diagnostic = members.get(tag.resultSourceDiagnostic);
  if (context === undefined || result === undefined || diagnostic === undefined) {
    throw new DecodeError("badValue", 0, "aare", "context, result and diagnostic are wanted");
  }
  const choice = berInner(diagnostic);
  const mechanism = members.get(tag.mechanismName);
  return {
    applicationContextName: berObjectIdentifier(berInner(context)),
    result: berInteger(berInner(result)),
    diagnostic: {
      source: choice.idBlock.tagNumber === 2 ? "provider" : "user",
      value: berInteger(berInner(choice)),
    },
    respondingApTitle: explicitOctets(members, tag.respondingApTitle),
    mechanismName: mechanism === undefined ? undefined : berObjectIdentifier(mechanism),
    respondingAuthenticationValue: explicitOctets(members, tag.respondingAuthenticationValue),
    userInformation: explicitOctets(members, tag.userInformation),
  };
}

export function encodeAare(aare: Aare): Uint8Array {
  const choice = explicitMember(aare.diagnostic.source === "user" ? 1 : 2, integerElement(aare.diagnostic.value));
  const members = [
    explicitMember(tag.applicationContextName, objectIdentifierElement(aare.applicationContextName)),
    explicitMember(tag.result, integerElement(aare.result)),
    explicitMember(tag.resultSourceDiagnostic, choice),
  ];
  if (aare.respondingApTitle !== undefined) {
    members.push(explicitMember(tag.respondingApTitle, octetStringElement(aare.respondingApTitle)));
  }
  if (aare.mechanismName !== undefined) {
    members.push(authenticationRequired(tag.responderAcseRequirements));
    members.push(implicitMember(tag.mechanismName, objectIdentifierContents(aare.mechanismName)));
  }
  if (aare.respondingAuthenticationValue !== undefined) {
    const value = implicitMember(0, aare.respondingAuthenticationValue);
    members.push(explicitMember(tag.respondingAuthenticationValue, value));
  }
  if (aare.userInformation !== undefined) {
    members.push(explicitMember(tag.userInformation, octetStringElement(aare.userInformation)));
  }
  return writeAcse(1, members);
}
