/** Status numbers in words; `ok` where nothing is wrong. */
import { type Data, types } from "../../../cosem/index.js";
import { octetsText } from "./octets-text.js";

/** Bits that meters of this gateway set in an Extended register's status; the standard leaves them to the maker. */
const registerBits: readonly (readonly [number, string])[] = [
  [0x02, "the meter reports an error of this value"],
  [0x04, "not valid"],
  [0x01, "not in the newest reading"],
  [0x100, "what came last could not be decrypted"],
  [0x20, "the counter went back"],
  [0x40, "the counter jumped"],
  [0x10, "the meter reports an error"],
  [0x80, "the meter's clock is off"],
  [0x08, "stale"],
];

/** Status of an Extended register. */
export function registerStatusText(data: Data): string {
  if (data.type !== "unsigned" && data.type !== "long-unsigned") return statusText(data);
  if (data.value === 0) return "ok";
  // One cause is enough: an invalid value is a missing one too.
  return registerBits.find(([bit]) => (data.value & bit) !== 0)?.[1] ?? `status ${data.value}`;
}

/** What was judged of a whole reading, all of it. */
export function readingQualityText(bits: number): string {
  const words = registerBits.filter(([bit]) => (bits & bit) !== 0).map(([, text]) => text);
  return words.join(", ") || "ok";
}

/** What the meter's status byte says in a row's other column. */
export const meterErrorBit = 0x10;

/** Bits 2 to 4 of the status byte (EN 13757-3); bits 0-1 are one number, 5-7 are the maker's. */
const meterBits: readonly (readonly [number, string])[] = [
  [0x04, "low power"],
  [0x08, "permanent error"],
  [0x10, "temporary error"],
];
const applicationStatus = ["", "busy", "application error", "alarm"] as const;

/** The M-Bus status byte of a reading. */
export function meterStatusText(statusByte: number): string {
  const parts = [
    applicationStatus[statusByte & 0x03] ?? "",
    ...meterBits.map(([bit, words]) => ((statusByte & bit) === 0 ? "" : words)),
    statusByte >> 5 === 0 ? "" : `maker's status ${statusByte >> 5}`,
  ];
  return parts.filter((part) => part !== "").join(", ") || "ok";
}

/** Any other status data: nothing, zero or empty is `ok`; text speaks for itself. */
export function statusText(data: Data): string {
  switch (data.type) {
    case "null-data":
    case "dont-care":
      return "ok";
    case "visible-string":
    case "utf8-string":
      return data.value === "" ? "ok" : data.value;
    case "octet-string":
      return data.value.every((byte) => byte === 0) ? "ok" : octetsText(data.value);
    case "bit-string":
      return data.value.bytes.every((byte) => byte === 0) ? "ok" : `status ${types.dataToJson(data)}`;
    default: {
      const json = types.dataToJson(data);
      return json === 0 || json === false ? "ok" : `status ${typeof json === "object" ? JSON.stringify(json) : json}`;
    }
  }
}
