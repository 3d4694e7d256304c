/** Security suites, the security control byte and the protection bits (IEC 62056-5-3, clause 5). */

/** 0: AES-128 alone. 1: AES-128, P-256, SHA-256. 2: AES-256, P-384, SHA-384. */
export type SecuritySuite = 0 | 1 | 2;
export type CurveName = "P-256" | "P-384";

export interface SuiteAlgorithms {
  /** Octets of every symmetric key. */
  readonly keyLength: 16 | 32;
  /** Undefined: the suite has no public-key functions. */
  readonly curve: CurveName | undefined;
  readonly hash: "sha256" | "sha384" | undefined;
}

export const suiteAlgorithms: Readonly<Record<SecuritySuite, SuiteAlgorithms>> = {
  0: { keyLength: 16, curve: undefined, hash: undefined },
  1: { keyLength: 16, curve: "P-256", hash: "sha256" },
  2: { keyLength: 32, curve: "P-384", hash: "sha384" },
};

export function isSecuritySuite(value: number): value is SecuritySuite {
  return value === 0 || value === 1 || value === 2;
}

/** Bits of the security control byte; bits 0 to 3 are the suite. */
export const securityControlBit = {
  authentication: 0x10,
  encryption: 0x20,
  broadcastKey: 0x40,
  compression: 0x80,
} as const;

/** How a message was protected: bits as in access rights of version 3 (bits 2 to 4). */
export const protectionBit = { authenticated: 4, encrypted: 8, signed: 16 } as const;

/** Authenticated and encrypted; the others are sums of `protectionBit`. */
export const authenticatedEncryption = protectionBit.authenticated | protectionBit.encrypted;

/** Protection bits 2 and 3 of a security control byte. */
export function protectionOf(securityControl: number): number {
  return (securityControl & (securityControlBit.authentication | securityControlBit.encryption)) >> 2;
}

/** Security control byte for protection bits 2 and 3 (bit 4, signed, has no place in it). */
export function securityControlFor(suite: SecuritySuite, protection: number, isBroadcastKey = false): number {
  const bits = (protection & authenticatedEncryption) << 2;
  return suite | bits | (isBroadcastKey ? securityControlBit.broadcastKey : 0);
}
