/**
 * Which meters are listened to. A pattern is written over a meter's name, manufacturer, identification, medium and
 * version (`KAM12345678161B`): `?` stands for one character, `*` at the end for the rest. `KAM*`, `???12345678*`.
 */
import type { WirelessAddress } from "../../mbus/index.js";

export interface FilterPatterns {
  /** Where there are any, only these are listened to. */
  readonly whitelist: readonly string[];
  readonly blacklist: readonly string[];
}

export interface AddressFilter {
  admits(meterName: string): boolean;
}

/** The name a meter will have: three letters, eight digits, medium and version as two hex digits each. */
export function meterNameOf({ manufacturer, id, medium, version }: WirelessAddress): string {
  const hexByte = (value: number) => value.toString(16).padStart(2, "0");
  return `${manufacturer}${id}${hexByte(medium)}${hexByte(version)}`.toUpperCase();
}

export function createAddressFilter({ whitelist, blacklist }: FilterPatterns): AddressFilter {
  const wanted = whitelist.map((pattern) => pattern.toUpperCase());
  const unwanted = blacklist.map((pattern) => pattern.toUpperCase());
  return {
    admits(meterName) {
      if (unwanted.some((pattern) => fits(pattern, meterName))) return false;
      return wanted.length === 0 || wanted.some((pattern) => fits(pattern, meterName));
    },
  };
}

function fits(pattern: string, name: string): boolean {
  const isOpen = pattern.endsWith("*");
  const fixed = isOpen ? pattern.slice(0, -1) : pattern;
  if (isOpen ? name.length < fixed.length : name.length !== fixed.length) return false;
  for (let index = 0; index < fixed.length; index++) {
    if (fixed[index] !== "?" && fixed[index] !== name[index]) return false;
  }
  return true;
}
