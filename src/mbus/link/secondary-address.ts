/**
 * Secondary addresses: 8 bytes on the wire, identification (4, BCD, least significant first), manufacturer (2), version,
 * medium. Written as 16 hex digits: the identification as one reads it, then the other four bytes in wire order (as
 * libmbus writes them). Wildcards: F for a digit of the identification, FF for any other byte.
 * @see EN 13757-3, selection by secondary address
 */
import { DecodeError, toHex } from "../../../cosem/codec/bytes.js";

/** Eight bytes in wire order. */
export type SecondaryAddress = Uint8Array & { readonly __brand?: "SecondaryAddress" };

/** @throws DecodeError `badValue` unless `text` is 16 hex digits, or 8: an identification alone, of any kind of meter */
export function parseSecondaryAddress(text: string): SecondaryAddress {
  if (!/^([0-9a-fA-F]{8}){1,2}$/.test(text)) {
    throw new DecodeError("badValue", 0, "secondary address", "8 or 16 hex digits are wanted");
  }
  const digits = text.padEnd(16, "F");
  const written = Uint8Array.from({ length: 8 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
  return swapIdentification(written);
}

/** Sixteen hex digits, upper case. */
export function formatSecondaryAddress(address: SecondaryAddress): string {
  return toHex(swapIdentification(address)).toUpperCase();
}

function swapIdentification(bytes: Uint8Array): Uint8Array {
  // A copy even of a Buffer, whose slice() is a view.
  const swapped = new Uint8Array(bytes.subarray(0, 8));
  swapped.subarray(0, 4).reverse();
  return swapped;
}

/** Does `mask`, wildcards in it, name the meter with `address`? */
export function secondaryAddressMatches(mask: SecondaryAddress, address: SecondaryAddress): boolean {
  for (let index = 0; index < 8; index++) {
    const wanted = mask[index] ?? 0;
    const actual = address[index] ?? 0;
    if (wanted === 0xff || wanted === actual) continue;
    if (index >= 4) return false;
    const highFits = wanted >> 4 === 0xf || wanted >> 4 === actual >> 4;
    const lowFits = (wanted & 0xf) === 0xf || (wanted & 0xf) === (actual & 0xf);
    if (!highFits || !lowFits) return false;
  }
  return true;
}

/** Could `mask` name more than one meter? */
export function hasWildcard(mask: SecondaryAddress): boolean {
  return mask.some((byte, index) => (index < 4 ? byte >> 4 === 0xf || (byte & 0xf) === 0xf : byte === 0xff));
}

/**
 * The secondary address in a response's header; undefined where the header has none. The fixed data structure has the
 * identification alone: its other bytes come back as wildcards.
 */
export function addressInResponse(applicationData: Uint8Array): SecondaryAddress | undefined {
  const controlInformation = applicationData[0];
  if ((controlInformation === 0x72 || controlInformation === 0x76) && applicationData.length >= 13) {
    return applicationData.slice(1, 9);
  }
  if (controlInformation === 0x73 && applicationData.length >= 5) {
    return Uint8Array.of(...applicationData.subarray(1, 5), 0xff, 0xff, 0xff, 0xff);
  }
  return undefined;
}

/** Like secondaryAddressMatches, but wildcards in the answer's own address (unknown fields) fit too. */
export function answerFits(mask: SecondaryAddress, answer: SecondaryAddress): boolean {
  const known = mask.slice();
  for (let index = 4; index < 8; index++) if (answer[index] === 0xff) known[index] = 0xff;
  return secondaryAddressMatches(known, answer);
}
