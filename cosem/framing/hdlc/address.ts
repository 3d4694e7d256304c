/**
 * HDLC addresses (IEC 62056-46): seven bits an octet, the lowest bit is 1 in the last octet.
 *
 * A client has one octet. A server has 1, 2 or 4: its logical device (upper) alone, or with its physical device
 * (lower), one or two octets each.
 */
import type { ByteWriter } from "../../codec/bytes.js";

export interface HdlcAddress {
  /** Logical device, or the client: 7 bits, in four octets 14. */
  readonly upper: number;
  /** Physical device; undefined in one octet. */
  readonly lower: number | undefined;
  /** Octets on the wire. */
  readonly length: 1 | 2 | 4;
}

/** Upper or lower address of one octet, of two. 0 in both is "no station". */
export const allStations = { oneOctet: 0x7f, twoOctets: 0x3fff } as const;
/** Lower address that stands for "whoever was called" or "who calls". */
export const callingStation = { oneOctet: 0x7e, twoOctets: 0x3ffe } as const;

/** A client's address. @throws RangeError unless 7 bits suffice */
export function clientAddress(sap: number): HdlcAddress {
  return hdlcAddress(sap);
}

/**
 * An address in as few octets as it fits.
 * @throws RangeError where seven bits (one octet) or 14 bits (two) do not suffice, or a SAP above 127 has no `lower`
 */
export function hdlcAddress(upper: number, lower?: number, length?: 1 | 2 | 4): HdlcAddress {
  const isSmall = upper <= 0x7f && (lower ?? 0) <= 0x7f;
  const octets = length ?? (isSmall ? (lower === undefined ? 1 : 2) : 4);
  const limit = octets === 4 ? 0x3fff : 0x7f;
  for (const part of lower === undefined ? [upper] : [upper, lower]) {
    if (!Number.isInteger(part) || part < 0 || part > limit) {
      throw new RangeError(`${part} does not fit an HDLC address of ${octets} octets`);
    }
  }
  if ((octets === 1) !== (lower === undefined)) {
    throw new RangeError(`an HDLC address of ${octets} octets ${octets === 1 ? "has no" : "wants a"} physical device`);
  }
  return { upper, lower, length: octets };
}

/** Octets of the address that begins at `offset`; undefined where it has not ended within four. */
export function addressLength(bytes: Uint8Array, offset: number, end: number): number | undefined {
  for (let length = 1; length <= 4 && offset + length <= end; length++) {
    if ((bytes[offset + length - 1] as number) & 1) return length;
  }
  return undefined;
}

/** @returns undefined for lengths that no address has */
export function decodeHdlcAddress(bytes: Uint8Array, offset: number, length: number): HdlcAddress | undefined {
  const octet = (index: number) => (bytes[offset + index] as number) >> 1;
  if (length === 1) return { upper: octet(0), lower: undefined, length };
  if (length === 2) return { upper: octet(0), lower: octet(1), length };
  if (length !== 4) return undefined;
  return { upper: (octet(0) << 7) | octet(1), lower: (octet(2) << 7) | octet(3), length };
}

export function writeHdlcAddress(writer: ByteWriter, { upper, lower = 0, length }: HdlcAddress): void {
  if (length === 1) writer.u8((upper << 1) | 1);
  else if (length === 2) writer.u8(upper << 1).u8((lower << 1) | 1);
  else {
    writer
      .u8((upper >> 7) << 1)
      .u8((upper & 0x7f) << 1)
      .u8((lower >> 7) << 1)
      .u8(((lower & 0x7f) << 1) | 1);
  }
}

export function isSameAddress(one: HdlcAddress, other: HdlcAddress): boolean {
  return one.upper === other.upper && one.lower === other.lower && one.length === other.length;
}

/** Whether it means every logical or every physical device. Such frames are never answered, and nobody sends from it. */
export function isAllStations({ upper, lower, length }: HdlcAddress): boolean {
  const all = length === 4 ? allStations.twoOctets : allStations.oneOctet;
  return upper === all || lower === all;
}
