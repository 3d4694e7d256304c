/** The header behind the control information field: none, short or long (EN 13757-7). */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import type { MeterHeader } from "../record.js";
import { manufacturerLetters } from "./names.js";
import { layer } from "./record-header.js";

/** Where the fields stand; offsets into bytes that begin with the CI field, -1 where the header lacks the field. */
export interface HeaderPlaces {
  readonly length: number;
  readonly identification: number;
  readonly accessNumber: number;
  readonly status: number;
  readonly configurationWord: number;
}

export const longHeader: HeaderPlaces = {
  length: 12,
  identification: 1,
  accessNumber: 9,
  status: 10,
  configurationWord: 11,
};
export const shortHeader: HeaderPlaces = {
  length: 4,
  identification: -1,
  accessNumber: 1,
  status: 2,
  configurationWord: 3,
};
export const noHeader: HeaderPlaces = {
  length: 0,
  identification: -1,
  accessNumber: -1,
  status: -1,
  configurationWord: -1,
};

/** @throws DecodeError `truncated` when the bytes end inside the header */
export function readMeterHeader(bytes: Uint8Array, places: HeaderPlaces): MeterHeader {
  if (bytes.length < 1 + places.length) throw new DecodeError("truncated", bytes.length, layer, "header too short");
  const at = places.identification;
  const hasIdentification = at >= 0;
  return {
    manufacturer: hasIdentification ? manufacturerLetters(word(bytes, at + 4)) : null,
    id: hasIdentification ? identificationText(bytes, at) : null,
    version: hasIdentification ? (bytes[at + 6] as number) : null,
    medium: hasIdentification ? (bytes[at + 7] as number) : null,
    accessNumber: places.accessNumber < 0 ? null : (bytes[places.accessNumber] as number),
    status: places.status < 0 ? null : (bytes[places.status] as number),
  };
}

/** The configuration word; null where the header lacks it. The header is known to be complete. */
export function readConfigurationWord(bytes: Uint8Array, places: HeaderPlaces): number | null {
  return places.configurationWord < 0 ? null : word(bytes, places.configurationWord);
}

function word(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] as number) | ((bytes[offset + 1] as number) << 8);
}

const pairs: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Identification number of 4 bytes, least significant first, as eight digits; lower-case hex where a meter sends such. */
export function identificationText(bytes: Uint8Array, offset: number): string {
  return (
    (pairs[bytes[offset + 3] as number] as string) +
    pairs[bytes[offset + 2] as number] +
    pairs[bytes[offset + 1] as number] +
    pairs[bytes[offset] as number]
  );
}
