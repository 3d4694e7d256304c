/** Secondary addresses as text: an identification of 8 digits, or 16 hex digits with manufacturer, version and type. */
import { manufacturerCode, manufacturerLetters } from "../../mbus/index.js";

/** What is known of a meter's address; undefined: not given. */
export interface AddressParts {
  /** 8 digits, upper case; F stands for any. */
  readonly identification: string | undefined;
  readonly manufacturer: string | undefined;
  readonly version: number | undefined;
  readonly type: number | undefined;
}

const anyByte = 0xff;
const anyManufacturer = "FFFF";

/** @param text  8 or 16 hex digits, already checked */
export function addressParts(text: string | undefined): AddressParts {
  if (text === undefined) {
    return { identification: undefined, manufacturer: undefined, version: undefined, type: undefined };
  }
  const digits = text.toUpperCase().padEnd(16, "F");
  const byteAt = (index: number) => Number.parseInt(digits.slice(index, index + 2), 16);
  const known = (value: number) => (value === anyByte ? undefined : value);
  const code = byteAt(8) | (byteAt(10) << 8);
  return {
    identification: digits.slice(0, 8),
    manufacturer: digits.slice(8, 12) === anyManufacturer ? undefined : manufacturerLetters(code),
    version: known(byteAt(12)),
    type: known(byteAt(14)),
  };
}

/** 8 digits where nothing else is known, else 16 with wildcards for what is not. @throws RangeError for no manufacturer */
export function writtenAddress({ identification, manufacturer, version, type }: AddressParts): string | undefined {
  if (identification === undefined) return undefined;
  if (manufacturer === undefined && version === undefined && type === undefined) return identification;
  const hexByte = (value: number) => value.toString(16).padStart(2, "0").toUpperCase();
  const code = manufacturer === undefined ? undefined : manufacturerCode(manufacturer);
  const maker = code === undefined ? anyManufacturer : hexByte(code & 0xff) + hexByte(code >> 8);
  return identification + maker + hexByte(version ?? anyByte) + hexByte(type ?? anyByte);
}
