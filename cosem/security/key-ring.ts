/** What the security functions are handed: keys, counters, titles and chance. Nothing here says where they are kept. */
import type { CurvePrivateKey, CurvePublicKey } from "./curve-keys.js";
import type { RandomBytes } from "./random-bytes.js";
import type { SecuritySuite } from "./suite.js";
import type { SymmetricKey } from "./symmetric-key.js";

/** `dedicated` is the key of one association, from its ciphered InitiateRequest. */
export type EncryptionKeyKind = "unicast" | "broadcast" | "dedicated";

/** The keys of one association (or of one pair of titles). Looked up for each message, so that a new key counts at once. */
export interface KeyRing {
  readonly suite: SecuritySuite;
  /** Undefined where there is none. */
  encryptionKey(which: EncryptionKeyKind): SymmetricKey | undefined;
  readonly authenticationKey: SymmetricKey | undefined;
  /** Key encrypting key: wraps other keys. */
  readonly masterKey: SymmetricKey | undefined;
  readonly ownSigningKey: CurvePrivateKey | undefined;
  readonly peerSigningKey: CurvePublicKey | undefined;
  readonly ownAgreementKey: CurvePrivateKey | undefined;
  readonly peerAgreementKey: CurvePublicKey | undefined;
}

/** A ring without a key: for mechanisms that need none. */
export const noKeys: KeyRing = Object.freeze({
  suite: 0,
  encryptionKey: () => undefined,
  authenticationKey: undefined,
  masterKey: undefined,
  ownSigningKey: undefined,
  peerSigningKey: undefined,
  ownAgreementKey: undefined,
  peerAgreementKey: undefined,
});

/**
 * Invocation counters, 32 bits each. Both directions are synchronous: the implementation loads them at its start and
 * keeps them with headroom. Lines are told apart by `key.fingerprint` and the octets of the title, so that a line starts
 * over only with a new key value.
 */
export interface InvocationCounters {
  /**
   * The next counter of our own under this title and key, never handed out twice.
   * @returns undefined when it is used up: FFFFFFFF was the last, and it never wraps
   */
  next(key: SymmetricKey, ownTitle: Uint8Array): number | undefined;
  /** The highest counter accepted from this title under this key; undefined before the first. */
  lastReceived(key: SymmetricKey, peerTitle: Uint8Array): number | undefined;
  /** Called after a message was verified; `counter` is greater than lastReceived(). */
  accept(key: SymmetricKey, peerTitle: Uint8Array, counter: number): void;
}

/** One end of a protected exchange. */
export interface SecurityContext {
  readonly keys: KeyRing;
  readonly counters: InvocationCounters;
  /** 8 octets. */
  readonly ownTitle: Uint8Array;
  /** Undefined: not known before a message brings it. */
  readonly peerTitle: Uint8Array | undefined;
  readonly random: RandomBytes;
}
