/** Keys on P-256 and P-384 as COSEM has them (raw x || y, raw scalar), turned into KeyObjects once. */
import { createECDH, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import type { RandomBytes } from "./random-bytes.js";
import type { CurveName } from "./suite.js";

/** Octets of a coordinate, and of a scalar. */
export const coordinateLength: Readonly<Record<CurveName, number>> = { "P-256": 32, "P-384": 48 };

/** Hash that goes with a curve in the suites. */
export const curveHash: Readonly<Record<CurveName, "sha256" | "sha384">> = { "P-256": "sha256", "P-384": "sha384" };

const opensslName: Readonly<Record<CurveName, string>> = { "P-256": "prime256v1", "P-384": "secp384r1" };

export interface CurvePublicKey {
  readonly curve: CurveName;
  /** x || y, 64 or 96 octets. */
  readonly point: Uint8Array;
  readonly keyObject: KeyObject;
}

/** The scalar is inside the KeyObject alone, which prints nothing of it. */
export interface CurvePrivateKey {
  readonly curve: CurveName;
  readonly keyObject: KeyObject;
  readonly publicKey: CurvePublicKey;
}

/** Undefined when `point` has another length than the curve's, or is not on it. */
export function publicKeyFromPoint(curve: CurveName, point: Uint8Array): CurvePublicKey | undefined {
  const length = coordinateLength[curve];
  if (point.length !== 2 * length) return undefined;
  const copy = new Uint8Array(point);
  const jwk = { kty: "EC", crv: curve, x: base64Url(copy.subarray(0, length)), y: base64Url(copy.subarray(length)) };
  try {
    return { curve, point: copy, keyObject: createPublicKey({ key: jwk, format: "jwk" }) };
  } catch {
    return undefined;
  }
}

/** Undefined when `scalar` is not between 1 and the order of the curve, or of another length. */
export function privateKeyFromScalar(curve: CurveName, scalar: Uint8Array): CurvePrivateKey | undefined {
  const length = coordinateLength[curve];
  if (scalar.length !== length) return undefined;
  const point = pointOf(curve, scalar);
  const publicKey = point === undefined ? undefined : publicKeyFromPoint(curve, point);
  if (publicKey === undefined) return undefined;
  const x = base64Url(publicKey.point.subarray(0, length));
  const y = base64Url(publicKey.point.subarray(length));
  const jwk = { kty: "EC", crv: curve, x, y, d: base64Url(scalar) };
  return { curve, publicKey, keyObject: createPrivateKey({ key: jwk, format: "jwk" }) };
}

/** A fresh key pair from the random octets handed in; for ephemeral keys and Security setup's generate_key_pair. */
export function generateKeyPair(curve: CurveName, random: RandomBytes): CurvePrivateKey {
  // Nearly every scalar of this length is below the order of the curve: a second turn is rare, a tenth never comes.
  for (let attempt = 0; attempt < 10; attempt++) {
    const key = privateKeyFromScalar(curve, random(coordinateLength[curve]));
    if (key !== undefined) return key;
  }
  throw new Error("the random source gives no usable scalar");
}

/** The scalar of a private key, for the vault. */
export function revealScalar(key: CurvePrivateKey): Uint8Array {
  const { d } = key.keyObject.export({ format: "jwk" });
  return new Uint8Array(Buffer.from(d ?? "", "base64url"));
}

function pointOf(curve: CurveName, scalar: Uint8Array): Uint8Array | undefined {
  try {
    const pair = createECDH(opensslName[curve]);
    pair.setPrivateKey(scalar);
    return new Uint8Array(pair.getPublicKey().subarray(1));
  } catch {
    return undefined;
  }
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}
