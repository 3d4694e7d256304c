/** The M-Bus application layer of wired telegrams: bytes from the CI field on, to header and records (EN 13757-3). */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import type { DecodedTelegram, MeterHeader } from "../record.js";
import { throwAlarmStatus, throwApplicationError } from "./application-error.js";
import { decodeFixed } from "./fixed-data.js";
import { layer } from "./record-header.js";
import { decodeRecords } from "./records.js";
import { requirePlain } from "./security.js";
import {
  type HeaderPlaces,
  longHeader,
  noHeader,
  readConfigurationWord,
  readMeterHeader,
  shortHeader,
} from "./telegram-header.js";

/** What a control information field of a meter's answer announces. 76 and 77 come least significant byte first too. */
export type TelegramKind =
  | { readonly kind: "variable"; readonly header: HeaderPlaces }
  | { readonly kind: "fixed" }
  | { readonly kind: "compact" }
  | { readonly kind: "applicationError"; readonly header: HeaderPlaces }
  | { readonly kind: "alarm" };

const kinds: ReadonlyMap<number, TelegramKind> = new Map<number, TelegramKind>([
  [0x72, { kind: "variable", header: longHeader }],
  [0x76, { kind: "variable", header: longHeader }],
  [0x7a, { kind: "variable", header: shortHeader }],
  [0x78, { kind: "variable", header: noHeader }],
  [0x73, { kind: "fixed" }],
  [0x77, { kind: "fixed" }],
  [0x79, { kind: "compact" }],
  [0x7b, { kind: "compact" }],
  [0x70, { kind: "applicationError", header: noHeader }],
  [0x6e, { kind: "applicationError", header: shortHeader }],
  [0x6f, { kind: "applicationError", header: longHeader }],
  [0x71, { kind: "alarm" }],
]);

/** Undefined for control information that no wired meter answers a readout with. */
export function telegramKind(controlInformation: number): TelegramKind | undefined {
  return kinds.get(controlInformation);
}

/**
 * Decodes one telegram.
 * @param bytes  application data from the CI field on, without link frame; byte values in the result are copies
 * @returns header and records; values are unscaled, offsets point into `bytes`
 * @throws DecodeError `truncated`, `trailingBytes`, `unknownControlInformation`, `formatUnknown` (compact frames),
 *   `keyRequired`, `unsupportedSecurityMode`, `reservedDataField`, `badLength`;
 *   MeterApplicationError for application errors and alarms
 */
export function decodeApplication(bytes: Uint8Array): DecodedTelegram {
  if (bytes.length === 0) throw new DecodeError("truncated", 0, layer, "no control information");
  const controlInformation = bytes[0] as number;
  const telegram = kinds.get(controlInformation);
  if (telegram === undefined) {
    throw new DecodeError("unknownControlInformation", 0, layer, `CI ${controlInformation.toString(16)}`);
  }
  switch (telegram.kind) {
    case "variable":
      return decodeVariable(bytes, controlInformation, telegram.header);
    case "fixed":
      return decodeFixed(bytes);
    case "compact":
      throw new DecodeError("formatUnknown", 0, layer, "a compact frame needs the headers of a full one");
    case "applicationError":
      readMeterHeader(bytes, telegram.header);
      return throwApplicationError(bytes, 1 + telegram.header.length);
    case "alarm":
      return throwAlarmStatus(bytes, 1);
  }
}

/**
 * The header alone, read at its fixed place: whether the records behind it are sound is not looked at.
 * @throws DecodeError, MeterApplicationError as decodeApplication() does for telegrams that are no readout or too short
 */
export function decodeHeader(bytes: Uint8Array): MeterHeader {
  const telegram = kinds.get(bytes[0] ?? -1);
  return telegram?.kind === "variable" ? readMeterHeader(bytes, telegram.header) : decodeApplication(bytes).meter;
}

function decodeVariable(bytes: Uint8Array, controlInformation: number, places: HeaderPlaces): DecodedTelegram {
  const meter = readMeterHeader(bytes, places);
  const configurationWord = readConfigurationWord(bytes, places);
  const start = 1 + places.length;
  requirePlain(configurationWord, start, bytes.length);
  const { records, manufacturerData, more } = decodeRecords(bytes, start, bytes.length);
  return { meter, controlInformation, configurationWord, records, manufacturerData, more };
}
