/** ECDSA with the hash that goes with the curve; signatures are r || s, 64 or 96 octets. */
import { sign, verify } from "node:crypto";
import { type CurvePrivateKey, type CurvePublicKey, coordinateLength, curveHash } from "./curve-keys.js";

export function signOctets(key: CurvePrivateKey, octets: Uint8Array): Uint8Array {
  const options = { key: key.keyObject, dsaEncoding: "ieee-p1363" } as const;
  return new Uint8Array(sign(curveHash[key.curve], octets, options));
}

/** False also for a signature of another length. */
export function verifyOctets(key: CurvePublicKey, octets: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 2 * coordinateLength[key.curve]) return false;
  const options = { key: key.keyObject, dsaEncoding: "ieee-p1363" } as const;
  return verify(curveHash[key.curve], octets, options, signature);
}
