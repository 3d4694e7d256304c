/** AARQ: opens an association (IEC 62056-5-3, clause 7.2; ACSE of ISO/IEC 15954). */
import {
  type AcseMembers,
  berFirstBit,
  berInner,
  berInteger,
  berObjectIdentifier,
  berOctets,
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

export interface Aarq {
  /** False only where protocol-version is present without version1. */
  readonly hasProtocolVersion1: boolean;
  readonly applicationContextName: readonly number[];
  /** System title of the client. */
  readonly callingApTitle: Uint8Array | undefined;
  /** Its certificate. */
  readonly callingAeQualifier: Uint8Array | undefined;
  /** The user, where the association has a user list. */
  readonly callingAeInvocationId: number | undefined;
  /** Whether the authentication functional unit is asked for. */
  readonly requiresAuthentication: boolean;
  readonly mechanismName: readonly number[] | undefined;
  readonly callingAuthenticationValue: Uint8Array | undefined;
  /** The xDLMS InitiateRequest, plain or ciphered. */
  readonly userInformation: Uint8Array | undefined;
}

const tag = {
  protocolVersion: 0,
  applicationContextName: 1,
  callingApTitle: 6,
  callingAeQualifier: 7,
  callingAeInvocationId: 9,
  senderAcseRequirements: 10,
  mechanismName: 11,
  callingAuthenticationValue: 12,
  userInformation: 30,
} as const;

/**
 * Members that COSEM has no use for are passed over.
 * @throws DecodeError when it is not BER or lacks the application context name
 */
export function decodeAarq(apdu: Uint8Array): Aarq {
  const members = readAcse(apdu, 0);
  const context = members.get(tag.applicationContextName);
  if (context === undefined) throw new DecodeError("badValue", 0, "aarq", "no application-context-name");
  const version = members.get(tag.protocolVersion);
  const requirements = members.get(tag.senderAcseRequirements);
  const mechanism = members.get(tag.mechanismName);
  const invocationId = members.get(tag.callingAeInvocationId);
  return {
    hasProtocolVersion1: version === undefined || berFirstBit(version),
    applicationContextName: berObjectIdentifier(berInner(context)),
    callingApTitle: explicitOctets(members, tag.callingApTitle),
    callingAeQualifier: explicitOctets(members, tag.callingAeQualifier),
    callingAeInvocationId: invocationId === undefined ? undefined : berInteger(berInner(invocationId)),
    requiresAuthentication: requirements !== undefined && berFirstBit(requirements),
    mechanismName: mechanism === undefined ? undefined : berObjectIdentifier(mechanism),
    callingAuthenticationValue: explicitOctets(members, tag.callingAuthenticationValue),
    userInformation: explicitOctets(members, tag.userInformation),
  };
}

/** Octets one level below a constructed member. */
export function explicitOctets(members: AcseMembers, tagNumber: number): Uint8Array | undefined {
  const member = members.get(tagNumber);
  return member === undefined ? undefined : berOctets(berInner(member));
}

export function encodeAarq(aarq: Aarq): Uint8Array {
  const members = [explicitMember(tag.applicationContextName, objectIdentifierElement(aarq.applicationContextName))];
  if (!aarq.hasProtocolVersion1) members.unshift(implicitMember(tag.protocolVersion, Uint8Array.of(0x07, 0x00)));
  const addOctets = (tagNumber: number, octets: Uint8Array | undefined) => {
    if (octets !== undefined) members.push(explicitMember(tagNumber, octetStringElement(octets)));
  };
  addOctets(tag.callingApTitle, aarq.callingApTitle);
  addOctets(tag.callingAeQualifier, aarq.callingAeQualifier);
  if (aarq.callingAeInvocationId !== undefined) {
    members.push(explicitMember(tag.callingAeInvocationId, integerElement(aarq.callingAeInvocationId)));
  }
  if (aarq.requiresAuthentication) members.push(authenticationRequired(tag.senderAcseRequirements));
  if (aarq.mechanismName !== undefined) {
    members.push(implicitMember(tag.mechanismName, objectIdentifierContents(aarq.mechanismName)));
  }
  if (aarq.callingAuthenticationValue !== undefined) {
    const value = implicitMember(0, aarq.callingAuthenticationValue);
    members.push(explicitMember(tag.callingAuthenticationValue, value));
  }
  addOctets(tag.userInformation, aarq.userInformation);
  return writeAcse(0, members);
}

/** ACSE requirements with the one bit that COSEM uses. */
export function authenticationRequired(tagNumber: number) {
  return implicitMember(tagNumber, Uint8Array.of(0x07, 0x80));
}
