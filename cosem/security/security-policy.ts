/** security_policy of Security setup: the one form in which it is kept and enforced, bits of version 1. */
import { protectionBit } from "./suite.js";

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
