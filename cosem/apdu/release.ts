/** RLRQ and RLRE: closing an association (IEC 62056-5-3, clause 7.2). user-information only where it is ciphered. */
import { berOctets, explicitMember, implicitMember, octetStringElement, readAcse, writeAcse } from "../codec/ber.js";
import { explicitOctets } from "./aarq.js";

export const releaseReason = { normal: 0, urgentOrNotFinished: 1, userDefined: 30 } as const;

export interface Release {
  /** Undefined where it was left out. */
  readonly reason: number | undefined;
  readonly userInformation: Uint8Array | undefined;
}

function decodeRelease(apdu: Uint8Array, applicationTag: number): Release {
  const members = readAcse(apdu, applicationTag);
  const reason = members.get(0);
  return {
    reason: reason === undefined ? undefined : berOctets(reason).at(-1),
    userInformation: explicitOctets(members, 30),
  };
}

function encodeRelease(release: Release, applicationTag: number): Uint8Array {
  const members = [];
  if (release.reason !== undefined) members.push(implicitMember(0, Uint8Array.of(release.reason)));
  if (release.userInformation !== undefined) {
    members.push(explicitMember(30, octetStringElement(release.userInformation)));
  }
  return writeAcse(applicationTag, members);
}

/** @throws DecodeError */
export const decodeRlrq = (apdu: Uint8Array): Release => decodeRelease(apdu, 2);
export const encodeRlrq = (release: Release): Uint8Array => encodeRelease(release, 2);
/** @throws DecodeError */
export const decodeRlre = (apdu: Uint8Array): Release => decodeRelease(apdu, 3);
export const encodeRlre = (release: Release): Uint8Array => encodeRelease(release, 3);
