/**
 * The content of each ciphered APDU: security control byte, invocation counter, text and, where it is authenticated, a
 * tag (IEC 62056-5-3, clause 5). Which key and title go with it is the caller's matter.
 */
import { gcmDecrypt, gcmEncrypt, gmac, gmacFits, tagLength } from "./gcm.js";
import { securityControlBit } from "./suite.js";
import type { SymmetricKey } from "./symmetric-key.js";

/** Octets before the text. */
export const sealHeaderLength = 5;

export interface SealKeys {
  readonly encryptionKey: SymmetricKey;
  /** Needed where the control byte asks for authentication. */
  readonly authenticationKey: SymmetricKey | undefined;
  /** Of the sender, 8 octets. */
  readonly title: Uint8Array;
  /** general-ciphering: its head, authenticated too. */
  readonly header: Uint8Array | undefined;
}

/** Octets that a text grows by. */
export function sealOverhead(securityControl: number): number {
  return sealHeaderLength + (isAuthenticated(securityControl) ? tagLength : 0);
}

/** The invocation counter of a content that is known to have its header. */
export function counterOf(content: Uint8Array): number {
  const high = ((content[1] ?? 0) << 24) | ((content[2] ?? 0) << 16) | ((content[3] ?? 0) << 8) | (content[4] ?? 0);
  return high >>> 0;
}

/**
 * @param content  at least sealOverhead() octets
 * @returns the plain text (a view into `content` where it is authenticated alone), undefined where the tag does not fit
 */
export function openText(content: Uint8Array, keys: SealKeys): Uint8Array | undefined {
  const control = content[0] ?? 0;
  const counter = counterOf(content);
  const { encryptionKey, authenticationKey, title, header } = keys;
  if (!isAuthenticated(control)) {
    return gcmDecrypt(encryptionKey, title, counter, content.subarray(sealHeaderLength), undefined);
  }
  if (authenticationKey === undefined) return undefined;
  const end = content.length - tagLength;
  const text = content.subarray(sealHeaderLength, end);
  const tag = content.subarray(end);
  const associatedData = authenticationKey.associatedData(control);
  if (isEncrypted(control)) {
    const covered = header === undefined ? associatedData : joined(associatedData, header);
    return gcmDecrypt(encryptionKey, title, counter, text, { associatedData: covered, tag });
  }
  const covered = joined(associatedData, header, text);
  return gmacFits(encryptionKey, title, counter, covered, tag) ? text : undefined;
}

/**
 * Writes the content for `text` into `target`, which has room for sealOverhead() octets more than the text.
 * @throws Error where authentication is asked for without a key for it: callers check
 */
export function sealText(
  text: Uint8Array,
  control: number,
  counter: number,
  keys: SealKeys,
  target: Uint8Array,
  offset: number,
): void {
  const { encryptionKey, authenticationKey, title, header } = keys;
  target[offset] = control;
  target[offset + 1] = counter >>> 24;
  target[offset + 2] = counter >>> 16;
  target[offset + 3] = counter >>> 8;
  target[offset + 4] = counter;
  const start = offset + sealHeaderLength;
  if (!isAuthenticated(control)) {
    target.set(gcmEncrypt(encryptionKey, title, counter, text, undefined).text, start);
    return;
  }
  if (authenticationKey === undefined) throw new Error("no authentication key");
  const associatedData = authenticationKey.associatedData(control);
  if (isEncrypted(control)) {
    const covered = header === undefined ? associatedData : joined(associatedData, header);
    const sealed = gcmEncrypt(encryptionKey, title, counter, text, covered);
    target.set(sealed.text, start);
    target.set(sealed.tag, start + text.length);
    return;
  }
  target.set(text, start);
  target.set(gmac(encryptionKey, title, counter, joined(associatedData, header, text)), start + text.length);
}

function isAuthenticated(control: number): boolean {
  return (control & securityControlBit.authentication) !== 0;
}

function isEncrypted(control: number): boolean {
  return (control & securityControlBit.encryption) !== 0;
}

function joined(first: Uint8Array, second: Uint8Array | undefined, third?: Uint8Array): Uint8Array {
  const secondLength = second?.length ?? 0;
  const whole = new Uint8Array(first.length + secondLength + (third?.length ?? 0));
  whole.set(first);
  if (second !== undefined) whole.set(second, first.length);
  if (third !== undefined) whole.set(third, first.length + secondLength);
  return whole;
}
