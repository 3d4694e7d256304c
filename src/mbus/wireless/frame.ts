/**
 * Frames of the wireless link layer, from the L field on: with the CRCs of frame format A or B, or without any. Which
 * one it is nobody says; length and CRCs tell. Decode and encode side by side.
 *
 *   A        L C M2 A6 CRC2, then blocks of 16 bytes, each with its CRC2; L counts no CRC
 *   B        L C M2 A6 …, CRC2 behind byte 126 where there are more than 128, and at the end; L counts the CRCs
 *   removed  L C M2 A6 …; L counts what is there
 * @see EN 13757-4, frame formats
 */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import { addressBytes, linkAddress, type WirelessAddress } from "./address.js";
import { crc16 } from "./crc.js";

export type FrameFormat = "A" | "B" | "removed";

export interface WirelessFrame {
  readonly format: FrameFormat;
  /** C field. */
  readonly control: number;
  readonly address: WirelessAddress;
  /** The frame without CRCs, from an L field that counts none; offsets of errors in upper layers point into it. */
  readonly bytes: Uint8Array;
}

const layer = "wireless link";
const crcBytes = 2;
const headBytes = 10;
const blockBytesA = 16;
const firstPartBytesB = 126;
/** L of a frame that ends with the A field. */
const leastLength = headBytes - 1;
/** Where the CI field stands in a frame without CRCs. */
export const firstLayerOffset = headBytes;

/**
 * Takes away the CRCs of one whole frame.
 * @param bytes   from the L field on; frames of receivers that append a signal strength have it removed before
 * @param format  where the receiver says it; otherwise it is found out
 * @throws DecodeError `truncated`, `lengthMismatch`, `badLength`, `badChecksum`
 */
export function decodeWirelessFrame(bytes: Uint8Array, format?: FrameFormat): WirelessFrame {
  if (bytes.length === 0) throw new DecodeError("truncated", 0, layer, "no L field");
  const length = bytes[0] as number;
  if (length < leastLength) throw new DecodeError("badLength", 0, layer, `L ${length}`);
  if (bytes.length < length + 1) {
    throw new DecodeError("truncated", bytes.length, layer, `L says ${length + 1} bytes`);
  }
  const found = format ?? formatOf(bytes, length);
  const plain = withoutCrcs[found](bytes, length);
  return { format: found, control: plain[1] as number, address: linkAddress(plain, 2), bytes: plain };
}

function formatOf(bytes: Uint8Array, length: number): FrameFormat {
  if (bytes.length === length + 1) return hasFormatB(bytes) ? "B" : "removed";
  if (bytes.length === totalBytesA(length)) return "A";
  throw new DecodeError("lengthMismatch", 0, layer, `L is ${length}, ${bytes.length} bytes came`);
}

function totalBytesA(length: number): number {
  const blocks = Math.ceil((length - leastLength) / blockBytesA);
  return length + 1 + crcBytes * (1 + blocks);
}

const withoutCrcs: Readonly<Record<FrameFormat, (bytes: Uint8Array, length: number) => Uint8Array>> = {
  A: removeCrcsA,
  B: removeCrcsB,
  removed: (bytes, length) => {
    expectLength(bytes, length + 1);
    return new Uint8Array(bytes);
  },
};

function expectLength(bytes: Uint8Array, total: number): void {
  if (bytes.length === total) return;
  const reason = bytes.length < total ? "truncated" : "lengthMismatch";
  throw new DecodeError(reason, Math.min(bytes.length, total), layer, `${total} bytes wanted, ${bytes.length} came`);
}

function hasCrc(bytes: Uint8Array, start: number, end: number): boolean {
  return crc16(bytes, start, end) === (((bytes[end] as number) << 8) | (bytes[end + 1] as number));
}

function removeCrcsA(bytes: Uint8Array, length: number): Uint8Array {
  expectLength(bytes, totalBytesA(length));
  const plain = new Uint8Array(length + 1);
  let from = 0;
  let to = 0;
  while (to < plain.length) {
    const size = Math.min(to === 0 ? headBytes : blockBytesA, plain.length - to);
    if (!hasCrc(bytes, from, from + size)) throw new DecodeError("badChecksum", from + size, layer, "format A");
    plain.set(bytes.subarray(from, from + size), to);
    from += size + crcBytes;
    to += size;
  }
  return plain;
}

/** Parts of a frame of format B: from, to (where the CRC stands). Undefined where the last part has no room for a CRC. */
function partsB(total: number): readonly (readonly [number, number])[] | undefined {
  const firstEnd = firstPartBytesB + crcBytes;
  if (total <= firstEnd) return total < headBytes + crcBytes ? undefined : [[0, total - crcBytes]];
  if (total - firstEnd <= crcBytes) return undefined;
  return [
    [0, firstPartBytesB],
    [firstEnd, total - crcBytes],
  ];
}

function hasFormatB(bytes: Uint8Array): boolean {
  return partsB(bytes.length)?.every(([from, to]) => hasCrc(bytes, from, to)) ?? false;
}

function removeCrcsB(bytes: Uint8Array, length: number): Uint8Array {
  expectLength(bytes, length + 1);
  const parts = partsB(bytes.length);
  if (parts === undefined) throw new DecodeError("badLength", 0, layer, `L ${length} in format B`);
  const plain = new Uint8Array(bytes.length - crcBytes * parts.length);
  let offset = 0;
  for (const [from, to] of parts) {
    if (!hasCrc(bytes, from, to)) throw new DecodeError("badChecksum", to, layer, "format B");
    plain.set(bytes.subarray(from, to), offset);
    offset += to - from;
  }
  plain[0] = plain.length - 1;
  return plain;
}

/** What a frame is made of. */
export interface FrameToEncode {
  readonly control: number;
  /** M2 id4 V T. */
  readonly address: Uint8Array;
  /** From the CI field on. */
  readonly data: Uint8Array;
  readonly format: FrameFormat;
}

/** @throws RangeError when the L field cannot hold the length */
export function encodeWirelessFrame({ control, address, data, format }: FrameToEncode): Uint8Array {
  const plain = new Uint8Array(2 + addressBytes + data.length);
  plain[1] = control;
  plain.set(address, 2);
  plain.set(data, headBytes);
  const frame = addCrcs(plain, format);
  const length = format === "B" ? frame.length - 1 : plain.length - 1;
  if (length > 0xff) throw new RangeError(`${length} bytes do not fit a wireless frame`);
  return frame;
}

function addCrcs(plain: Uint8Array, format: FrameFormat): Uint8Array {
  if (format === "removed") {
    plain[0] = plain.length - 1;
    return plain;
  }
  const starts = format === "A" ? startsA(plain.length) : plain.length <= firstPartBytesB ? [0] : [0, firstPartBytesB];
  const frame = new Uint8Array(plain.length + crcBytes * starts.length);
  plain[0] = format === "A" ? plain.length - 1 : frame.length - 1;
  let to = 0;
  for (const [index, start] of starts.entries()) {
    const part = plain.subarray(start, starts[index + 1] ?? plain.length);
    const crc = crc16(part);
    frame.set(part, to);
    to += part.length;
    frame[to++] = crc >> 8;
    frame[to++] = crc & 0xff;
  }
  return frame;
}

function startsA(length: number): number[] {
  const starts = [0];
  for (let start = headBytes; start < length; start += blockBytesA) starts.push(start);
  return starts;
}

/**
 * True for messages from the meter (or its radio adapter), told by the C field: SND-NR, SND-IR, ACC-NR, ACC-DMD,
 * RSP-UD, ACK. Requests and CNF-IR go to it.
 */
export function isFromMeter(control: number): boolean {
  if ((control & 0x40) === 0) return (control & 0x0f) !== 0x06;
  const code = control & 0x0f;
  return code === 0x04 || code === 0x06 || code === 0x07 || code === 0x08;
}
