/** Application errors (CI 70, 6E, 6F) and alarm status (CI 71): answers of a meter that holds no readout. */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import { layer } from "./record-header.js";

const errorWords: readonly string[] = [
  "unspecified error",
  "unimplemented CI field",
  "buffer too long, truncated",
  "too many records",
  "premature end of record",
  "more than 10 DIFEs",
  "more than 10 VIFEs",
  "reserved",
  "application too busy",
  "too many readouts",
];

/** Reason `applicationError`, or `alarm` for an alarm status (CI 71, 74, 75); error 8 (busy) is worth another try later. */
export class MeterApplicationError extends DecodeError {
  /** As sent; 0 where the meter sends none. */
  readonly code: number;
  readonly words: string;

  constructor(code: number, words: string, offset: number, reason: "applicationError" | "alarm" = "applicationError") {
    super(reason, offset, layer, `${words}, code ${code}`);
    this.name = "MeterApplicationError";
    this.code = code;
    this.words = words;
  }
}

export function applicationErrorWords(code: number): string {
  return errorWords[code] ?? "reserved";
}

/** @param offset  of the code, behind the header; past the end: no code was sent */
export function throwApplicationError(bytes: Uint8Array, offset: number): never {
  const code = bytes[offset] ?? 0;
  throw new MeterApplicationError(code, applicationErrorWords(code), offset);
}

export function throwAlarmStatus(bytes: Uint8Array, offset: number): never {
  throw new MeterApplicationError(bytes[offset] ?? 0, "alarm status", offset, "alarm");
}
