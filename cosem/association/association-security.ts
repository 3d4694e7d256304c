/** What protects the messages of one client: keys, counters, titles, chance and the policy. */
import type { InvocationCounters, KeyRing } from "../security/key-ring.js";
import type { RandomBytes } from "../security/random-bytes.js";

export * from "../security/security-policy.js";

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
