/** Whether the data behind a transport header is encrypted, told by its configuration word (EN 13757-7). */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import { layer } from "./record-header.js";

/** AES-CBC with a count of encrypted blocks in bits 4-7; a count of 0 leaves all data plain. */
const blockModes: readonly number[] = [5, 7];
/** Modes with a meaning that are not built: manufacturer's, DES, AES-CBC without IV, CTR, GCM, CCM, TLS. */
const otherModes: readonly number[] = [1, 2, 3, 4, 8, 9, 10, 13];

export type Security = "plain" | "keyRequired" | "unsupportedSecurityMode";

/**
 * Modes without a meaning are plain data: before encryption the word was a `signature` that some wired meters fill
 * with anything.
 */
export function securityOf(configurationWord: number): Security {
  const mode = (configurationWord >> 8) & 0x1f;
  if (mode === 0) return "plain";
  if (blockModes.includes(mode)) return (configurationWord & 0xf0) === 0 ? "plain" : "keyRequired";
  return otherModes.includes(mode) ? "unsupportedSecurityMode" : "plain";
}

/** @throws DecodeError `keyRequired` or `unsupportedSecurityMode` when data at `offset` is there and encrypted */
export function requirePlain(configurationWord: number | null, offset: number, end: number): void {
  if (configurationWord === null || offset >= end) return;
  const security = securityOf(configurationWord);
  if (security === "plain") return;
  throw new DecodeError(security, offset, layer, `security mode ${(configurationWord >> 8) & 0x1f}`);
}
