/** Whether the data behind a transport header is encrypted, told by its configuration word (EN 13757-7). */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import type { DataRecord, ValueInformation } from "../record.js";
import { layer } from "./record-header.js";

/** AES-CBC with a count of encrypted blocks in bits 4-7; a count of 0 leaves all data plain. */
const blockModes: readonly number[] = [5, 7];
/** The modes that have or may get a meaning. */
const lastMode = 15;

/** Ciphertext makes fewer than this before it ends in something that no meter sends. */
const leastRecords = 4;

/** `signature`: no security mode; see areSound(). */
export type Security = "plain" | "keyRequired" | "unsupportedSecurityMode" | "signature";

/**
 * Before encryption the word was a `signature` that some wired meters fill with anything (27 B6 of a real one). Above 15
 * it can be no mode: the data are plain where they make a sound telegram.
 */
export function securityOf(configurationWord: number): Security {
  const mode = (configurationWord >> 8) & 0x1f;
  if (mode === 0) return "plain";
  if (blockModes.includes(mode)) return (configurationWord & 0xf0) === 0 ? "plain" : "keyRequired";
  return mode <= lastMode ? "unsupportedSecurityMode" : "signature";
}

/** @throws DecodeError `keyRequired` or `unsupportedSecurityMode` when data at `offset` is there and encrypted */
export function requirePlain(configurationWord: number | null, offset: number, end: number): void {
  if (configurationWord === null || offset >= end) return;
  const security = securityOf(configurationWord);
  if (security === "plain" || security === "signature") return;
  throw new DecodeError(security, offset, layer, `security mode ${(configurationWord >> 8) & 0x1f}`);
}

/** What tells a sound record: all of it stands in its header. */
type Described = Pick<DataRecord, "fault" | "information">;

/**
 * Whether these are records such as a meter makes. Behind a word that is no security mode they must be: ciphertext
 * hardly ever is.
 */
export function areSound(records: readonly Described[]): boolean {
  return (
    records.length >= leastRecords &&
    records.every(({ fault, information }) => fault === undefined && !isDoubtful(information))
  );
}

/** @throws DecodeError `unsupportedSecurityMode` behind a word that is no security mode, unless areSound() */
export function requireSound(configurationWord: number | null, records: readonly Described[], offset: number): void {
  if (configurationWord === null || securityOf(configurationWord) !== "signature" || areSound(records)) return;
  const mode = (configurationWord >> 8) & 0x1f;
  throw new DecodeError(
    "unsupportedSecurityMode",
    offset,
    layer,
    `security mode ${mode} has no meaning, nor have the data`,
  );
}

function isDoubtful({ quantity, modifiers }: ValueInformation): boolean {
  return quantity === "Reserved" || modifiers.some((modifier) => modifier.startsWith("VIFE 0x"));
}
