/**
 * Record headers: DIF, DIFEs, VIF, plain text and VIFEs. Meters send the same few headers for ever, so what a header
 * says is worked out once and kept in a direct-mapped table keyed by its bytes; the table cannot grow.
 *
 * What a header says, and where it ends, depends on nothing but its own bytes: layouts rely on that.
 */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import type { RecordFault, RecordFunction, ValueInformation } from "../record.js";
import { type Coding, codingOf, dataLength } from "./coding.js";
import { hasTooManyVifes, maxVifes, parseInformation, type VibPlaces } from "./value-information.js";

export const layer = "mbus application";
/** Data length of a record whose end nobody knows. */
export const restOfTelegram = -2;
const maxDifes = 10;
const cacheSize = 4096;

export interface RecordHeader {
  /** The header as sent; shared by all records that have it, not to be written to. */
  readonly bytes: Uint8Array;
  readonly function: RecordFunction;
  readonly storage: number;
  readonly tariff: number;
  readonly subunit: number;
  readonly dataField: number;
  readonly information: ValueInformation;
  readonly coding: Coding;
  /** Data bytes; -1 behind an LVAR byte, -2 (`restOfTelegram`) where the length of a bad record is not known. */
  readonly dataLength: number;
  readonly profile: boolean;
  /** Why no value of this record may be taken; offset from the DIF. */
  readonly fault: RecordFault | undefined;
  /** The object's identity but for its occurrence; see slotIdentity(). */
  readonly identity: string;
}

const functions: readonly RecordFunction[] = ["inst", "max", "min", "error"];
const cache: (RecordHeader | undefined)[] = new Array<RecordHeader | undefined>(cacheSize).fill(undefined);

/**
 * The header that begins at `offset`, a DIF that is not one of the special functions (xF).
 * @throws DecodeError `truncated`
 */
export function headerAt(bytes: Uint8Array, offset: number, end: number): RecordHeader {
  const headerEnd = findHeaderEnd(bytes, offset, end);
  let hash = headerEnd - offset;
  for (let index = offset; index < headerEnd; index++) hash = Math.imul(hash, 31) + (bytes[index] as number);
  const place = (hash ^ (hash >>> 12)) & (cacheSize - 1);
  const cached = cache[place];
  if (cached !== undefined && startsWith(bytes, offset, headerEnd, cached.bytes)) return cached;
  // Not slice(): that of a Buffer is a view, and what is kept here would change with the caller's bytes.
  const header = buildHeader(new Uint8Array(bytes.subarray(offset, headerEnd)));
  cache[place] = header;
  return header;
}

/** True when the bytes `offset`..`end` are `expected`, all of them. */
function startsWith(bytes: Uint8Array, offset: number, end: number, expected: Uint8Array): boolean {
  const length = expected.length;
  if (end - offset !== length) return false;
  for (let index = 0; index < length; index++) {
    if (bytes[offset + index] !== expected[index]) return false;
  }
  return true;
}

function truncated(offset: number, detail: string): never {
  throw new DecodeError("truncated", offset, layer, detail);
}

/** Offset behind a chain whose bytes have the extension bit while more follow; `offset` is its first byte. */
function chainEnd(bytes: Uint8Array, offset: number, end: number, what: string): number {
  let next = offset;
  while (next < end) {
    if ((bytes[next++] as number) < 0x80) return next;
  }
  return truncated(end, `premature end in ${what}`);
}

function findHeaderEnd(bytes: Uint8Array, offset: number, end: number): number {
  const vif = chainEnd(bytes, offset, end, "DIF");
  if (vif >= end) truncated(end, "premature end before VIF");
  if (((bytes[vif] as number) & 0x7f) !== 0x7c) return chainEnd(bytes, vif, end, "VIF");
  const places = plainTextPlaces(bytes, vif, end);
  return Math.max(places.vifesEnd, places.textOffset + places.textLength);
}

/**
 * Plain text stands before the VIFEs; some meters send the VIFEs first. That is taken only where the standard order
 * would give unprintable text and the other one ends no later, so that the choice depends on the header alone.
 */
function plainTextPlaces(bytes: Uint8Array, vif: number, end: number): VibPlaces {
  const extended = (bytes[vif] as number) >= 0x80;
  const lengthOffset = vif + 1;
  if (lengthOffset >= end) truncated(end, "premature end before plain-text VIF");
  const textLength = bytes[lengthOffset] as number;
  const textOffset = lengthOffset + 1;
  const textEnd = textOffset + textLength;
  if (extended && !isPrintable(bytes, textOffset, Math.min(textEnd, end))) {
    const swapped = vifesFirstPlaces(bytes, vif, Math.min(textEnd, end));
    if (swapped !== undefined) return swapped;
  }
  if (textEnd > end) truncated(end, "premature end in plain-text VIF");
  const vifesEnd = extended ? chainEnd(bytes, textEnd, end, "VIFE") : textEnd;
  return { vif, textOffset, textLength, vifes: textEnd, vifesEnd };
}

function vifesFirstPlaces(bytes: Uint8Array, vif: number, end: number): VibPlaces | undefined {
  let lengthOffset = vif + 1;
  while (lengthOffset < end && (bytes[lengthOffset] as number) >= 0x80) lengthOffset++;
  lengthOffset++;
  if (lengthOffset >= end) return undefined;
  const textLength = bytes[lengthOffset] as number;
  const textOffset = lengthOffset + 1;
  // A length from 20h on could itself be a printable character, and then the two orders could not be told apart.
  if (textLength === 0 || textLength >= 0x20 || textOffset + textLength > end) return undefined;
  if (!isPrintable(bytes, textOffset, textOffset + textLength)) return undefined;
  return { vif, textOffset, textLength, vifes: vif + 1, vifesEnd: lengthOffset };
}

function isPrintable(bytes: Uint8Array, from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    const code = bytes[index] as number;
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
  }
  return true;
}

function buildHeader(bytes: Uint8Array): RecordHeader {
  const end = bytes.length;
  const dif = bytes[0] as number;
  const vif = chainEnd(bytes, 0, end, "DIF");
  const block = readDataInformation(bytes, vif);
  const places = vibPlaces(bytes, vif, end);
  const parsed = parseInformation(bytes, places);
  const dataField = dif & 0x0f;
  const recordFunction = functions[(dif >> 4) & 3] ?? "inst";
  const { storage, tariff, subunit } = block;
  const fault = extensionFault(vif, places);
  return {
    bytes,
    function: recordFunction,
    storage,
    tariff,
    subunit,
    dataField,
    information: parsed.information,
    coding: codingOf(dataField, parsed.kind),
    dataLength: dataLength(dataField),
    profile: parsed.profile && dataField === 0xd,
    fault,
    identity:
      fault === undefined ? `${recordFunction}/${storage}/${tariff}/${subunit}/${parsed.identity}` : badIdentity(bytes),
  };
}

function vibPlaces(bytes: Uint8Array, vif: number, end: number): VibPlaces {
  if (((bytes[vif] as number) & 0x7f) === 0x7c) return plainTextPlaces(bytes, vif, end);
  return { vif, textOffset: end, textLength: 0, vifes: vif + 1, vifesEnd: end };
}

/** Bad records have identities of their own: the occurrences of good ones are counted without them. */
export function badIdentity(bytes: Uint8Array): string {
  return `bad/${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** @param vif  its place: the DIF and its extensions stand before it */
function extensionFault(vif: number, places: VibPlaces): RecordFault | undefined {
  const reason = "tooManyExtensions";
  if (vif > 1 + maxDifes) return { reason, offset: 1 + maxDifes, words: "more than 10 DIFEs" };
  if (hasTooManyVifes(places)) return { reason, offset: places.vifes + maxVifes, words: "more than 10 VIFEs" };
  return undefined;
}

/** Storage has up to 41 bits: shifts of 32-bit integers would lose the upper ones. */
function readDataInformation(bytes: Uint8Array, end: number): { storage: number; tariff: number; subunit: number } {
  let storage = ((bytes[0] as number) >> 6) & 1;
  let tariff = 0;
  let subunit = 0;
  for (let index = 1; index < Math.min(end, maxDifes + 1); index++) {
    const dife = bytes[index] as number;
    const step = index - 1;
    storage += (dife & 0x0f) * 2 ** (1 + 4 * step);
    tariff += ((dife >> 4) & 3) * 4 ** step;
    subunit += ((dife >> 6) & 1) * 2 ** step;
  }
  return { storage, tariff, subunit };
}
