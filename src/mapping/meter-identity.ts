/**
 * Who a meter is: manufacturer, identification, medium and version, written as its logical device name (DESIGN,
 * decision 1): three letters, eight digits, medium and version as two hex digits each; a suffix where two are equal.
 */
import type { MeterHeader } from "../mbus/index.js";

export interface MeterIdentity {
  /** Three letters; `XXX` where the telegram names none (fixed data structure). */
  readonly manufacturer: string;
  /** Eight digits, hex digits where the meter sends such. */
  readonly id: string;
  /** 255 where the telegram has none. */
  readonly medium: number;
  readonly version: number;
}

const unknownManufacturer = "XXX";
const unknownByte = 0xff;
/** Letters and digits of a name without suffix; at most 16 octets leave one for the suffix. */
export const baseLength = 15;
const suffixes = "23456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** Undefined where the telegram has no identification at all. */
export function identityOf(header: MeterHeader): MeterIdentity | undefined {
  if (header.id === null) return undefined;
  return {
    manufacturer: header.manufacturer ?? unknownManufacturer,
    id: header.id.toUpperCase(),
    medium: header.medium ?? unknownByte,
    version: header.version ?? unknownByte,
  };
}

const hexByte = (value: number) => value.toString(16).toUpperCase().padStart(2, "0");

/** e.g. `GWF19458309073C`. */
export function deviceNameOf(identity: MeterIdentity): string {
  return identity.manufacturer + identity.id + hexByte(identity.medium) + hexByte(identity.version);
}

/** Key of the kind of meters that share layouts and objects: manufacturer, medium and version, e.g. `GWF073C`. */
export function kindKeyOf(identity: MeterIdentity): string {
  return identity.manufacturer + hexByte(identity.medium) + hexByte(identity.version);
}

/** Reads deviceNameOf() back, suffix or not. */
export function meterIdentityOf(name: string): MeterIdentity {
  return {
    manufacturer: name.slice(0, 3),
    id: name.slice(3, 11),
    medium: Number.parseInt(name.slice(11, 13), 16),
    version: Number.parseInt(name.slice(13, 15), 16),
  };
}

/** The header that maps are asked with, from a kind's key. */
export function headerOfKind(key: string): MeterHeader {
  const known = (value: number) => (value === unknownByte ? null : value);
  return {
    manufacturer: key.slice(0, 3) === unknownManufacturer ? null : key.slice(0, 3),
    id: null,
    medium: known(Number.parseInt(key.slice(3, 5), 16)),
    version: known(Number.parseInt(key.slice(5, 7), 16)),
    accessNumber: null,
    status: null,
  };
}

/** The first free name: the bare one, else with a suffix; undefined where all 35 are taken. */
export function freeDeviceName(identity: MeterIdentity, isTaken: (name: string) => boolean): string | undefined {
  const base = deviceNameOf(identity);
  if (!isTaken(base)) return base;
  const suffix = [...suffixes].find((letter) => !isTaken(base + letter));
  return suffix === undefined ? undefined : base + suffix;
}
