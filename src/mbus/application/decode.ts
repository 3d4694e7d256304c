/** The M-Bus application layer of wired telegrams: bytes from the CI field on, to header and records (EN 13757-3). */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import type { DecodedTelegram, MeterHeader } from "../record.js";
import { throwAlarmStatus, throwApplicationError } from "./application-error.js";
import { controlInformation, refusalReason, refusalWords } from "./control-information.js";
import { decodeFixed } from "./fixed-data.js";
import { layer } from "./record-header.js";
import { decodeRecords } from "./records.js";
import { requirePlain, requireSound } from "./security.js";
import { type HeaderPlaces, noHeader, readConfigurationWord, readMeterHeader } from "./telegram-header.js";

/**
 * Decodes one telegram.
 * @param bytes  application data from the CI field on, without link frame; byte values in the result are copies
 * @returns header and records; values are unscaled, offsets point into `bytes`
 * @throws DecodeError `truncated`, `trailingBytes`, `unknownControlInformation`, `sentToMeter`, `formatUnknown` (compact frames),
 *   `keyRequired`, `unsupportedSecurityMode`, `reservedDataField`, `badLength` (decodeRecords() says when: a bad record
 *   among good ones is given with its fault);
 *   MeterApplicationError for application errors and alarms
 */
export function decodeApplication(bytes: Uint8Array): DecodedTelegram {
  if (bytes.length === 0) throw new DecodeError("truncated", 0, layer, "no control information");
  const code = bytes[0] as number;
  const { treatment, header = noHeader } = controlInformation(code);
  switch (treatment) {
    case "variable":
      return decodeVariable(bytes, code, header);
    case "fixed":
      return decodeFixed(bytes);
    case "compact":
      throw new DecodeError("formatUnknown", 0, layer, "a compact frame needs the headers of a full one");
    case "applicationError":
      readMeterHeader(bytes, header);
      return throwApplicationError(bytes, 1 + header.length);
    case "alarm":
      readMeterHeader(bytes, header);
      return throwAlarmStatus(bytes, 1 + header.length);
    case "refused":
      throw new DecodeError(refusalReason(code), 0, layer, refusalWords(code));
  }
}

/**
 * The header alone, read at its fixed place: whether the records behind it are sound is not looked at.
 * @throws DecodeError, MeterApplicationError as decodeApplication() does for telegrams that are no readout or too short
 */
export function decodeHeader(bytes: Uint8Array): MeterHeader {
  const { treatment, header } = controlInformation(bytes[0] ?? 0);
  const isReadout = treatment === "variable" && header !== undefined && bytes.length > 0;
  return isReadout ? readMeterHeader(bytes, header) : decodeApplication(bytes).meter;
}

function decodeVariable(bytes: Uint8Array, code: number, places: HeaderPlaces): DecodedTelegram {
  const meter = readMeterHeader(bytes, places);
  const configurationWord = readConfigurationWord(bytes, places);
  const start = 1 + places.length;
  requirePlain(configurationWord, start, bytes.length);
  const { records, manufacturerData, more } = decodeRecords(bytes, start, bytes.length);
  requireSound(configurationWord, records, start);
  return { meter, controlInformation: code, configurationWord, records, manufacturerData, more };
}
