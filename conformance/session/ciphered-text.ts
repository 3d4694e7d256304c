/**
 * AES-GCM of COSEM with every part in the caller's hand, so that a case can get any of them wrong. Apart from
 * cosem/security on purpose: a harness that ciphers by the code it checks would agree with its faults.
 */
import { type CipherGCMTypes, createCipheriv, createDecipheriv } from "node:crypto";
import { securityControlBit } from "../../cosem/index.js";

export interface TextKeys {
  readonly encryptionKey: Uint8Array;
  readonly authenticationKey: Uint8Array;
}

const tagLength = 12;
const headerLength = 5;

/** @returns security control || counter || text || tag, as far as the control byte asks for them */
export function sealText(
  plain: Uint8Array,
  keys: TextKeys,
  title: Uint8Array,
  control: number,
  counter: number,
): Uint8Array {
  const isEncrypted = (control & securityControlBit.encryption) !== 0;
  const isAuthenticated = (control & securityControlBit.authentication) !== 0;
  const cipher = createCipheriv(algorithm(keys), keys.encryptionKey, initialVector(title, counter), {
    authTagLength: tagLength,
  });
  if (isAuthenticated) cipher.setAAD(associatedData(control, keys, isEncrypted ? undefined : plain));
  const text = isEncrypted ? cipher.update(plain) : plain;
  cipher.final();
  const header = Buffer.alloc(headerLength);
  header[0] = control;
  header.writeUInt32BE(counter, 1);
  return Buffer.concat([header, text, isAuthenticated ? cipher.getAuthTag() : Buffer.alloc(0)]);
}

export interface OpenedText {
  readonly plain: Uint8Array;
  readonly control: number;
  readonly counter: number;
}

/** Undefined where the tag does not fit, or bytes are missing. */
export function openText(content: Uint8Array, keys: TextKeys, title: Uint8Array): OpenedText | undefined {
  const control = content[0] ?? 0;
  const isEncrypted = (control & securityControlBit.encryption) !== 0;
  const isAuthenticated = (control & securityControlBit.authentication) !== 0;
  const end = content.length - (isAuthenticated ? tagLength : 0);
  if (end < headerLength) return undefined;
  const counter = Buffer.from(content).readUInt32BE(1);
  const text = content.subarray(headerLength, end);
  if (!isEncrypted && !isAuthenticated) return { plain: text, control, counter };
  const decipher = createDecipheriv(algorithm(keys), keys.encryptionKey, initialVector(title, counter), {
    authTagLength: tagLength,
  });
  if (isAuthenticated) decipher.setAAD(associatedData(control, keys, isEncrypted ? undefined : text));
  const plain = isEncrypted ? decipher.update(text) : text;
  if (!isAuthenticated) return { plain, control, counter };
  decipher.setAuthTag(content.subarray(end));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return { plain, control, counter };
}

const algorithm = (keys: TextKeys): CipherGCMTypes => `aes-${(keys.encryptionKey.length * 8) as 128 | 256}-gcm`;

function initialVector(title: Uint8Array, counter: number): Uint8Array {
  const vector = Buffer.alloc(12);
  vector.set(title.subarray(0, 8));
  vector.writeUInt32BE(counter, 8);
  return vector;
}

function associatedData(control: number, keys: TextKeys, plain: Uint8Array | undefined): Uint8Array {
  return Buffer.concat([Uint8Array.of(control), keys.authenticationKey, plain ?? new Uint8Array(0)]);
}
