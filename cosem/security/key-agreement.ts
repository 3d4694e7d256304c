/**
 * Key agreement of suites 1 and 2 (IEC 62056-5-3, clause 5; NIST SP 800-56A): ECDH without cofactor, then the
 * concatenation key derivation. C(1e, 1s) and C(0e, 2s) serve general-ciphering, C(2e, 0s) Security setup's key_agreement.
 */
import { createHash, diffieHellman } from "node:crypto";
import {
  type CurvePrivateKey,
  type CurvePublicKey,
  coordinateLength,
  curveHash,
  generateKeyPair,
  publicKeyFromPoint,
} from "./curve-keys.js";
import type { RandomBytes } from "./random-bytes.js";
import { signOctets, verifyOctets } from "./signature.js";
import type { CurveName } from "./suite.js";
import { SymmetricKey } from "./symmetric-key.js";

/** What the derived key is for: it goes into the derivation. 2.16.756.5.8.3.n. */
export type DerivedKeyUse = "encrypt" | "wrap";

const algorithmArc: Readonly<Record<CurveName, Readonly<Record<DerivedKeyUse, number>>>> = {
  "P-256": { encrypt: 0, wrap: 2 },
  "P-384": { encrypt: 1, wrap: 3 },
};
const derivedLength: Readonly<Record<CurveName, number>> = { "P-256": 16, "P-384": 32 };

/** The x coordinate. Both keys have to be on one curve. */
export function sharedSecret(own: CurvePrivateKey, peer: CurvePublicKey): Uint8Array {
  return new Uint8Array(diffieHellman({ privateKey: own.keyObject, publicKey: peer.keyObject }));
}

/** Hash(00000001 || secret || algorithm id || party U || party V), as many octets as a key has. */
export function deriveKeyOctets(
  curve: CurveName,
  secret: Uint8Array,
  partyU: Uint8Array,
  partyV: Uint8Array,
  use: DerivedKeyUse = "encrypt",
): Uint8Array {
  const algorithmId = Uint8Array.of(0x60, 0x85, 0x74, 0x05, 0x08, 0x03, algorithmArc[curve][use]);
  const hash = createHash(curveHash[curve])
    .update(Uint8Array.of(0, 0, 0, 1))
    .update(secret);
  const derived = hash.update(algorithmId).update(partyU).update(partyV).digest();
  return new Uint8Array(derived.subarray(0, derivedLength[curve]));
}

/**
 * C(1e, 1s): one ephemeral key of the originator, the static agreement key of the recipient.
 * Each side gives its own private key and the public key of the other.
 */
export function agreeOnePass(
  own: CurvePrivateKey,
  peer: CurvePublicKey,
  originatorTitle: Uint8Array,
  recipientTitle: Uint8Array,
): SymmetricKey {
  const octets = deriveKeyOctets(own.curve, sharedSecret(own, peer), originatorTitle, recipientTitle);
  return new SymmetricKey(octets, true);
}

/** C(0e, 2s): both static agreement keys; the transaction id makes the key of each message another. */
export function agreeStatic(
  own: CurvePrivateKey,
  peer: CurvePublicKey,
  originatorTitle: Uint8Array,
  transactionId: Uint8Array,
  recipientTitle: Uint8Array,
): SymmetricKey {
  const partyU = new Uint8Array(originatorTitle.length + 1 + transactionId.length);
  partyU.set(originatorTitle);
  partyU[originatorTitle.length] = transactionId.length;
  partyU.set(transactionId, originatorTitle.length + 1);
  return new SymmetricKey(deriveKeyOctets(own.curve, sharedSecret(own, peer), partyU, recipientTitle), true);
}

/**
 * C(2e, 0s): both ephemeral keys. For key_agreement of Security setup the client is the originator.
 * @param use  `wrap` for the master key, else `encrypt`
 */
export function agreeEphemeral(
  own: CurvePrivateKey,
  peer: CurvePublicKey,
  originatorTitle: Uint8Array,
  recipientTitle: Uint8Array,
  use: DerivedKeyUse = "encrypt",
): SymmetricKey {
  return new SymmetricKey(deriveKeyOctets(own.curve, sharedSecret(own, peer), originatorTitle, recipientTitle, use));
}

export interface SignedEphemeralKey {
  readonly ephemeralKey: CurvePrivateKey;
  /** Public key x || y, then the signature over it, behind the key id where there is one. */
  readonly keyData: Uint8Array;
}

/**
 * @param keyId  of key_agreement: it is signed in front of the public key. Undefined in general-ciphering, where the
 *   public key alone is signed (Green Book, examples of C(2e, 0s) and C(1e, 1s))
 */
export function makeSignedEphemeralKey(
  signingKey: CurvePrivateKey,
  keyId: number | undefined,
  random: RandomBytes,
): SignedEphemeralKey {
  const ephemeralKey = generateKeyPair(signingKey.curve, random);
  const { point } = ephemeralKey.publicKey;
  const signature = signOctets(signingKey, keyId === undefined ? point : prefixed(keyId, point));
  const keyData = new Uint8Array(point.length + signature.length);
  keyData.set(point);
  keyData.set(signature, point.length);
  return { ephemeralKey, keyData };
}

export type EphemeralKeyCheck =
  | { readonly ok: true; readonly key: CurvePublicKey }
  | { readonly ok: false; readonly reason: "badKey" | "badSignature" };

/** What Gurux Java signs in front of the public key in general-ciphering too: the number of the scheme. */
const onePassScheme = 0x01;

/**
 * Opens what makeSignedEphemeralKey() made. Without a key id the reading of Gurux Java is taken as well: it, too, proves
 * who made the key.
 */
export function checkSignedEphemeralKey(
  signingKey: CurvePublicKey,
  keyId: number | undefined,
  keyData: Uint8Array,
): EphemeralKeyCheck {
  const pointLength = 2 * coordinateLength[signingKey.curve];
  if (keyData.length !== 2 * pointLength) return { ok: false, reason: "badKey" };
  const point = keyData.subarray(0, pointLength);
  const signature = keyData.subarray(pointLength);
  const isSigned =
    (keyId === undefined && verifyOctets(signingKey, point, signature)) ||
    verifyOctets(signingKey, prefixed(keyId ?? onePassScheme, point), signature);
  if (!isSigned) return { ok: false, reason: "badSignature" };
  const key = publicKeyFromPoint(signingKey.curve, point);
  return key === undefined ? { ok: false, reason: "badKey" } : { ok: true, key };
}

function prefixed(prefix: number, point: Uint8Array): Uint8Array {
  const octets = new Uint8Array(1 + point.length);
  octets[0] = prefix;
  octets.set(point, 1);
  return octets;
}
