/** AES key wrap (RFC 3394) with keys of 128, 192 and 256 bits. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { SymmetricKey } from "./symmetric-key.js";

/** Octets that wrapping adds. */
export const wrapOverhead = 8;

const initialValue = new Uint8Array(8).fill(0xa6);
const ciphers: Readonly<Record<number, string>> = { 16: "id-aes128-wrap", 24: "id-aes192-wrap", 32: "id-aes256-wrap" };

/** @returns the key wrapped, 8 octets longer than it */
export function wrapKey(keyEncryptingKey: SymmetricKey, key: SymmetricKey): Uint8Array {
  const cipher = createCipheriv(ciphers[keyEncryptingKey.length] ?? "", keyEncryptingKey.keyObject, initialValue);
  return new Uint8Array(cipher.update(key.reveal()));
}

/** @returns undefined where the integrity check fails or the length is none of a key's */
export function unwrapKey(
  keyEncryptingKey: SymmetricKey,
  wrapped: Uint8Array,
  isSessionKey = false,
): SymmetricKey | undefined {
  const length = wrapped.length - wrapOverhead;
  if (length !== 16 && length !== 24 && length !== 32) return undefined;
  const decipher = createDecipheriv(ciphers[keyEncryptingKey.length] ?? "", keyEncryptingKey.keyObject, initialValue);
  try {
    return new SymmetricKey(decipher.update(wrapped), isSessionKey);
  } catch {
    return undefined;
  }
}
