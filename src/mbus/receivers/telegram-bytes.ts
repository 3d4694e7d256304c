/** What every driver must know of telegrams: whether bytes can be one, and its L field. */
import { manufacturerLetters } from "../application/names.js";

/** L C M2 A6 and at least a CI field. */
export const leastTelegramBytes = 11;

/**
 * C fields with which meters, repeaters and their partners begin: SND-NR, SND-IR, ACC-NR, ACC-DMD, RSP-UD, CNF-IR, REQ,
 * SND-UD, SND-NKE.
 */
const controlFields: ReadonlySet<number> = new Set([
  0x44, 0x46, 0x47, 0x48, 0x08, 0x18, 0x28, 0x38, 0x06, 0x40, 0x43, 0x53, 0x73, 0x5a, 0x5b, 0x7a, 0x7b,
]);

/** Do C and M field at `offset` look like those of a telegram? For protocols without a checksum of their own. */
export function looksLikeTelegram(bytes: Uint8Array, offset: number): boolean {
  if (!controlFields.has(bytes[offset] ?? -1)) return false;
  const code = (bytes[offset + 1] ?? 0) | ((bytes[offset + 2] ?? 0) << 8);
  return /^[A-Z]{3}$/.test(manufacturerLetters(code & 0x7fff));
}

/** Puts the L field before a telegram that came without it. */
export function withLength(body: Uint8Array): Uint8Array {
  const telegram = new Uint8Array(body.length + 1);
  telegram[0] = body.length;
  telegram.set(body, 1);
  return telegram;
}

/** Some programs take the CRCs off and leave the L field as it was: it becomes that of the bytes there are. */
export function withRightLength(telegram: Uint8Array): Uint8Array {
  return withLength(telegram.subarray(1));
}

/** CC1101 and its like: a signed byte in half dB, 74 dB off. */
export function halfDecibelRssi(raw: number): number {
  return (raw >= 128 ? raw - 256 : raw) / 2 - 74;
}
