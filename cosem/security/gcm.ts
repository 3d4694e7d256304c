/**
 * AES-GCM as COSEM uses it: 96-bit tag, IV = title || invocation counter; with authentication alone the text is part
 * of the additional authenticated data (GMAC).
 */
import { createCipheriv, createDecipheriv } from "node:crypto";
import type { SymmetricKey } from "./symmetric-key.js";

/** Octets of every tag. */
export const tagLength = 12;
/** Octets of a system title: with the counter it makes the IV. */
export const systemTitleLength = 8;

/** Made once: it is read with every message. */
const tagOption = { authTagLength: tagLength } as const;
const ciphers: Readonly<Record<number, "aes-128-gcm" | "aes-192-gcm" | "aes-256-gcm">> = {
  16: "aes-128-gcm",
  24: "aes-192-gcm",
  32: "aes-256-gcm",
};
const iv = new Uint8Array(systemTitleLength + 4);
const ivView = new DataView(iv.buffer);
const nothing = new Uint8Array(0);

/** The one IV buffer: node:crypto copies it at once, and everything here is synchronous. */
function initializationVector(title: Uint8Array, counter: number): Uint8Array {
  if (title.length !== systemTitleLength) throw new RangeError("a system title has 8 octets");
  iv.set(title);
  ivView.setUint32(systemTitleLength, counter);
  return iv;
}

function cipherName(key: SymmetricKey): "aes-128-gcm" | "aes-192-gcm" | "aes-256-gcm" {
  return ciphers[key.length] ?? "aes-128-gcm";
}

/** The text encrypted, as many octets as it had; with `associatedData` also its tag. */
export function gcmEncrypt(
  key: SymmetricKey,
  title: Uint8Array,
  counter: number,
  text: Uint8Array,
  associatedData: Uint8Array | undefined,
): { readonly text: Uint8Array; readonly tag: Uint8Array } {
  const cipher = createCipheriv(cipherName(key), key.keyObject, initializationVector(title, counter), tagOption);
  if (associatedData !== undefined) cipher.setAAD(associatedData);
  const encrypted = cipher.update(text);
  cipher.final();
  return { text: encrypted, tag: associatedData === undefined ? nothing : cipher.getAuthTag() };
}

/** @returns the plain text, or undefined where the tag does not fit; `tag` undefined: encryption alone, nothing is checked */
export function gcmDecrypt(
  key: SymmetricKey,
  title: Uint8Array,
  counter: number,
  text: Uint8Array,
  authentication: { readonly associatedData: Uint8Array; readonly tag: Uint8Array } | undefined,
): Uint8Array | undefined {
  const vector = initializationVector(title, counter);
  const decipher = createDecipheriv(cipherName(key), key.keyObject, vector, tagOption);
  if (authentication === undefined) return bytesOf(decipher.update(text));
  decipher.setAAD(authentication.associatedData);
  decipher.setAuthTag(authentication.tag);
  const plain = decipher.update(text);
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return bytesOf(plain);
}

/** Tag over `associatedData` alone. */
export function gmac(key: SymmetricKey, title: Uint8Array, counter: number, associatedData: Uint8Array): Uint8Array {
  const cipher = createCipheriv(cipherName(key), key.keyObject, initializationVector(title, counter), tagOption);
  cipher.setAAD(associatedData);
  cipher.final();
  return cipher.getAuthTag();
}

/** Compares in constant time. */
export function gmacFits(
  key: SymmetricKey,
  title: Uint8Array,
  counter: number,
  associatedData: Uint8Array,
  tag: Uint8Array,
): boolean {
  return gcmDecrypt(key, title, counter, nothing, { associatedData, tag }) !== undefined;
}

/** The same memory as plain Uint8Array: slice() of a Buffer would be a view. */
function bytesOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
