/** Addresses of wireless meters: manufacturer, identification number, version and device type (EN 13757-4, -7). */
import { manufacturerLetters } from "../application/names.js";
import { identificationText } from "../application/telegram-header.js";
import { readWord } from "./little-endian.js";

export interface WirelessAddress {
  /** Three letters. */
  readonly manufacturer: string;
  /** Eight digits, hex digits where the meter sends such. */
  readonly id: string;
  readonly version: number;
  /** Device type, EN 13757-7. */
  readonly medium: number;
  /** M2 id4 version type as on the air: what keys are derived and initialization vectors made from. */
  readonly octets: Uint8Array;
}

export const addressBytes = 8;

/** Of the link layer or an extended link layer: M2 id4 V T. The octets are a copy. */
export function linkAddress(bytes: Uint8Array, offset: number): WirelessAddress {
  // Not slice(): that of a Buffer is a view.
  return addressOf(new Uint8Array(bytes.subarray(offset, offset + addressBytes)));
}

/** Of a long transport header, which sends id4 M2 V T. */
export function headerAddress(bytes: Uint8Array, offset: number): WirelessAddress {
  const octets = new Uint8Array(addressBytes);
  octets[0] = bytes[offset + 4] as number;
  octets[1] = bytes[offset + 5] as number;
  for (let index = 0; index < 4; index++) octets[2 + index] = bytes[offset + index] as number;
  octets[6] = bytes[offset + 6] as number;
  octets[7] = bytes[offset + 7] as number;
  return addressOf(octets);
}

/** Of a selection on a wired bus: id4 M2 V T, no wildcards. */
export function wirelessAddressOf(secondaryAddress: Uint8Array): WirelessAddress {
  return headerAddress(secondaryAddress, 0);
}

function addressOf(octets: Uint8Array): WirelessAddress {
  return {
    manufacturer: manufacturerLetters(readWord(octets, 0)),
    id: identificationText(octets, 2),
    version: octets[6] as number,
    medium: octets[7] as number,
    octets,
  };
}

export function isSameAddress(one: WirelessAddress, other: WirelessAddress): boolean {
  return one.octets.every((octet, index) => octet === other.octets[index]);
}
