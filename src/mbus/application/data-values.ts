/** Data bytes to values: integers, floats, BCD and LVAR (EN 13757-3, types A, B, C, H and variable length data). */
import type { RecordValue } from "../record.js";
import { Coding, variableKind } from "./coding.js";
import { readDateG, readDatetimeF, readDatetimeI, readTimeJ } from "./dates.js";
import type { RecordHeader } from "./record-header.js";

const none: RecordValue = Object.freeze({ kind: "none" });
const noNumber: RecordValue = Object.freeze({ kind: "invalid", reason: "float is not a number" });
const noBcd: RecordValue = Object.freeze({ kind: "invalid", reason: "BCD with digits A-F" });
/** By bytes: the most negative integer. */
const lowest = Array.from({ length: 9 }, (_, bytes) => (bytes === 8 ? -(2n ** 63n) : -(2 ** (8 * bytes - 1))));
/** By bytes: it is no value (type B: 1000…0b is invalid); the coded number stays beside it. */
const noValues = lowest.map(
  (coded, bytes): RecordValue =>
    Object.freeze({ kind: "invalid", reason: `no value (80${"00".repeat(Math.max(0, bytes - 1))})`, coded }),
);

function signedValue(value: number | bigint, bytes: number): RecordValue {
  return value === lowest[bytes] ? (noValues[bytes] ?? none) : { kind: "integer", value };
}

const floatView = new DataView(new ArrayBuffer(4));

/** 0-99 for a byte of two decimal digits, else -1. */
const bcdPairs: Int8Array = Int8Array.from({ length: 256 }, (_, byte) => {
  const tens = byte >> 4;
  const ones = byte & 0x0f;
  return tens > 9 || ones > 9 ? -1 : tens * 10 + ones;
});

/**
 * The value of a record with fixed or variable data; never throws.
 * @param offset  first data byte (behind the LVAR if there is one)
 * @param length  data bytes, all of them inside `bytes`
 * @param lvar    the LVAR byte; unused otherwise
 */
export function readValue(
  header: RecordHeader,
  bytes: Uint8Array,
  offset: number,
  length: number,
  lvar: number,
): RecordValue {
  if (header.fault !== undefined) return { kind: "invalid", reason: header.fault.words };
  switch (header.coding) {
    case Coding.none:
      return none;
    case Coding.signed:
      return signedValue(readSigned(bytes, offset, length), length);
    case Coding.unsigned:
      return { kind: "integer", value: readUnsigned(bytes, offset, length) };
    case Coding.int64:
      return signedValue(BigInt.asIntN(64, readBig(bytes, offset, 8)), 8);
    case Coding.uint64:
      return { kind: "integer", value: readBig(bytes, offset, 8) };
    case Coding.float:
      return readFloat(bytes, offset);
    case Coding.bcd:
      return readBcd(bytes, offset, length);
    case Coding.dateG:
      return readDateG(bytes, offset);
    case Coding.timeJ:
      return readTimeJ(bytes, offset);
    case Coding.datetimeF:
      return readDatetimeF(bytes, offset);
    case Coding.datetimeI:
      return readDatetimeI(bytes, offset);
    case Coding.variable:
      return readVariable(header, bytes, offset, length, lvar);
    case Coding.variableBytes:
      return reversed(bytes, offset, length);
    case Coding.variableDate:
      return variableKind(lvar) === "text" ? readText(bytes, offset, length) : reversed(bytes, offset, length);
  }
}

/** Least significant byte first, up to 6 bytes: exact in a number. */
function readUnsigned(bytes: Uint8Array, offset: number, length: number): number {
  let value = 0;
  for (let index = offset + length - 1; index >= offset; index--) value = value * 256 + (bytes[index] as number);
  return value;
}

function readSigned(bytes: Uint8Array, offset: number, length: number): number {
  const value = readUnsigned(bytes, offset, length);
  return length > 0 && (bytes[offset + length - 1] as number) >= 0x80 ? value - 256 ** length : value;
}

function readBig(bytes: Uint8Array, offset: number, length: number): bigint {
  if (length === 8) {
    return (BigInt(readUnsigned(bytes, offset + 4, 4)) << 32n) | BigInt(readUnsigned(bytes, offset, 4));
  }
  let value = 0n;
  for (let index = offset + length - 1; index >= offset; index--)
    value = (value << 8n) | BigInt(bytes[index] as number);
  return value;
}

function readFloat(bytes: Uint8Array, offset: number): RecordValue {
  for (let index = 0; index < 4; index++) floatView.setUint8(index, bytes[offset + index] as number);
  const value = floatView.getFloat32(0, true);
  return Number.isFinite(value) ? { kind: "float", value } : noNumber;
}

/** Type A: F in the top digit is a minus; any other digit above 9 is an error display, not a value. */
function readBcd(bytes: Uint8Array, offset: number, length: number): RecordValue {
  const top = offset + length - 1;
  const topByte = bytes[top] as number;
  if (topByte < 0xf0) return bcdValue(readDigits(bytes, offset, top, bcdPairs[topByte] as number), false);
  const digit = topByte & 0x0f;
  return digit > 9 ? noBcd : bcdValue(readDigits(bytes, offset, top, digit), true);
}

/** The digits below `top` behind those already in `start`; -1 when one of them is no digit. */
function readDigits(bytes: Uint8Array, offset: number, top: number, start: number): number {
  let value = start;
  if (value < 0) return -1;
  for (let index = top - 1; index >= offset; index--) {
    const pair = bcdPairs[bytes[index] as number] as number;
    if (pair < 0) return -1;
    value = value * 100 + pair;
  }
  return value;
}

function bcdValue(digits: number, negative: boolean): RecordValue {
  if (digits < 0) return noBcd;
  return { kind: "integer", value: negative && digits !== 0 ? -digits : digits };
}

function readVariable(
  header: RecordHeader,
  bytes: Uint8Array,
  offset: number,
  length: number,
  lvar: number,
): RecordValue {
  if (header.profile) return { kind: "bytes", value: copyOf(bytes, offset, length) };
  const kind = variableKind(lvar);
  if (kind === "text") {
    const isText = !header.information.manufacturerSpecific || isPlainAscii(bytes, offset, length);
    return isText ? readText(bytes, offset, length) : reversed(bytes, offset, length);
  }
  if (kind === "binary") return readBinary(bytes, offset, length);
  return readLongBcd(bytes, offset, length, kind === "negativeBcd");
}

/** Binary numbers past 8 bytes are bytes, most significant first. */
function readBinary(bytes: Uint8Array, offset: number, length: number): RecordValue {
  if (length > 8) return reversed(bytes, offset, length);
  if (length <= 6) return { kind: "integer", value: readSigned(bytes, offset, length) };
  return { kind: "integer", value: BigInt.asIntN(8 * length, readBig(bytes, offset, length)) };
}

/** Up to 18 digits: `bigint` where a number would not be exact. The sign is in the LVAR, so no digit may be F. */
function readLongBcd(bytes: Uint8Array, offset: number, length: number, negative: boolean): RecordValue {
  if (length <= 7) return bcdValue(readDigits(bytes, offset, offset + length, 0), negative);
  const low = readDigits(bytes, offset, offset + 7, 0);
  const high = readDigits(bytes, offset + 7, offset + length, 0);
  if (low < 0 || high < 0) return noBcd;
  const value = BigInt(high) * 100_000_000_000_000n + BigInt(low);
  return { kind: "integer", value: negative ? -value : value };
}

const latin1: readonly string[] = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));

/** ISO 8859-1, sent last character first. */
function readText(bytes: Uint8Array, offset: number, length: number): RecordValue {
  let value = "";
  for (let index = offset + length - 1; index >= offset; index--) value += latin1[bytes[index] as number];
  return { kind: "text", value };
}

/** Not slice(): that of a Buffer is a view. */
function copyOf(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  return new Uint8Array(bytes.subarray(offset, offset + length));
}

function reversed(bytes: Uint8Array, offset: number, length: number): RecordValue {
  return { kind: "bytes", value: copyOf(bytes, offset, length).reverse() };
}

function isPlainAscii(bytes: Uint8Array, offset: number, length: number): boolean {
  for (let index = offset; index < offset + length; index++) {
    const code = bytes[index] as number;
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}
