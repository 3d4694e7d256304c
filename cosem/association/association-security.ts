/** What protects the messages of one client: keys, counters, titles, chance and the policy. */
import type { InvocationCounters, KeyRing } from "../security/key-ring.js";
import type { RandomBytes } from "../security/random-bytes.js";
import { protectionBit } from "../security/suite.js";

export interface AssociationSecurity {
  /** Title of this server, 8 octets; it travels in the AARE. */
  readonly ownTitle: Uint8Array;
  /** Undefined: the title that the client names in its AARQ is taken. */
  readonly peerTitle: Uint8Array | undefined;
  /**
   * Asked at each AARQ and held as long as that association: keys changed meanwhile count from the next one on.
   * @param peerTitle  of the client; empty where the AARQ named none
   * @returns undefined where that title is not known
   */
  keys(peerTitle: Uint8Array): KeyRing | undefined;
  readonly counters: InvocationCounters;
  /** Challenges and keys. */
  readonly random: RandomBytes;
  /** Bits of security policy version 1 (see `securityPolicyBit`). Read at each message: it can be strengthened at any time. */
  readonly securityPolicy: number;
}

/** Security setup version 1 and later: each bit demands one kind of protection. */
export const securityPolicyBit = {
  authenticatedRequest: 0x04,
  encryptedRequest: 0x08,
  signedRequest: 0x10,
  authenticatedResponse: 0x20,
  encryptedResponse: 0x40,
  signedResponse: 0x80,
} as const;

/** Security setup version 0: 0 nothing, 1 authenticated, 2 encrypted, 3 both, in either direction. */
export function securityPolicyFromVersion0(policy: number): number {
  const authenticated = securityPolicyBit.authenticatedRequest | securityPolicyBit.authenticatedResponse;
  const encrypted = securityPolicyBit.encryptedRequest | securityPolicyBit.encryptedResponse;
  return ((policy & 1) === 0 ? 0 : authenticated) | ((policy & 2) === 0 ? 0 : encrypted);
}

const allProtection = protectionBit.authenticated | protectionBit.encrypted | protectionBit.signed;

/** Protection bits that requests must have. */
export function requestProtection(securityPolicy: number): number {
  return securityPolicy & allProtection;
}

/** Protection bits that responses get. */
export function responseProtection(securityPolicy: number): number {
  return (securityPolicy >> 3) & allProtection;
}
