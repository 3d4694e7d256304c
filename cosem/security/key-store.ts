/**
 * What a Security setup object stands on: policy, symmetric keys, key pairs and certificates of one client. One change
 * is kept as a whole or not at all, before its answer goes out. Associations that are open keep the keys with which they
 * were opened (keyRingOf() takes them at the AARQ); only the policy holds at once.
 */
import { areEqualOctets, type Certificate, type CertificatePurpose } from "./certificate.js";
import type { CurvePrivateKey } from "./curve-keys.js";
import type { KeyRing } from "./key-ring.js";
import type { SecuritySuite } from "./suite.js";
import type { SymmetricKey } from "./symmetric-key.js";

/** Global keys; `master` wraps the others. */
export type GlobalKey = "unicast" | "broadcast" | "authentication" | "master";
export type KeyPairKind = "signing" | "agreement" | "tls";

export const globalKeys: readonly GlobalKey[] = ["unicast", "broadcast", "authentication", "master"];
export const keyPairKinds: readonly KeyPairKind[] = ["signing", "agreement", "tls"];

/** All of it, as it is kept. Secrets are inside their own types. */
export interface KeyStoreState {
  readonly suite: SecuritySuite;
  /** Sum of securityPolicyBit. */
  readonly policy: number;
  readonly keys: Readonly<Partial<Record<GlobalKey, SymmetricKey>>>;
  /** In use. */
  readonly keyPairs: Readonly<Partial<Record<KeyPairKind, CurvePrivateKey>>>;
  /** Generated, and not in use before a certificate of theirs is imported. */
  readonly newKeyPairs: Readonly<Partial<Record<KeyPairKind, CurvePrivateKey>>>;
  readonly certificates: readonly Certificate[];
}

export interface KeyStore {
  readonly state: KeyStoreState;
  /** False: it could not be kept, and nothing has changed. */
  change(part: Partial<KeyStoreState>): boolean | Promise<boolean>;
}

/** Keeps a state where it outlives the process; false where it cannot. One call at a time. */
export type KeepKeyStore = (state: KeyStoreState) => boolean | Promise<boolean>;

/** @param keep  default: the state lives as long as the process, for tests */
export function createKeyStore(initial: KeyStoreState, keep: KeepKeyStore = () => true): KeyStore {
  let state = initial;
  let isKeeping = false;
  function done(next: KeyStoreState, isKept: boolean): boolean {
    isKeeping = false;
    if (isKept) state = next;
    return isKept;
  }
  return {
    get state() {
      return state;
    },
    change(part) {
      // Two changes at once could each undo the other.
      if (isKeeping) return false;
      const next = { ...state, ...part };
      isKeeping = true;
      try {
        const kept = keep(next);
        if (!(kept instanceof Promise)) return done(next, kept);
        return kept.then(
          (isKept) => done(next, isKept),
          (error: unknown) => {
            isKeeping = false;
            throw error;
          },
        );
      } catch (error) {
        isKeeping = false;
        throw error;
      }
    },
  };
}

export function emptyKeyStoreState(suite: SecuritySuite, policy = 0): KeyStoreState {
  return { suite, policy, keys: {}, keyPairs: {}, newKeyPairs: {}, certificates: [] };
}

/** The keys as they are now, for an association that is being opened with this peer. */
export function keyRingOf({ state }: KeyStore, peerTitle: Uint8Array): KeyRing {
  return {
    suite: state.suite,
    encryptionKey: (which) => (which === "dedicated" ? undefined : state.keys[which]),
    authenticationKey: state.keys.authentication,
    masterKey: state.keys.master,
    ownSigningKey: state.keyPairs.signing,
    peerSigningKey: certificateOf(state, "signing", peerTitle)?.publicKey,
    ownAgreementKey: state.keyPairs.agreement,
    peerAgreementKey: certificateOf(state, "agreement", peerTitle)?.publicKey,
  };
}

/** The newest certificate of this purpose whose common name is the system title. */
export function certificateOf(
  { certificates }: KeyStoreState,
  purpose: CertificatePurpose,
  systemTitle: Uint8Array,
): Certificate | undefined {
  return certificates.findLast(
    (certificate) =>
      certificate.purpose === purpose &&
      certificate.systemTitle !== undefined &&
      areEqualOctets(certificate.systemTitle, systemTitle),
  );
}
