/** Contents of the simple data types, without their tag: shared by tagged data and compact-array. */
import { readLength, writeLength } from "./axdr-length.js";
import type { ByteReader, ByteWriter } from "./bytes.js";
import type { Data } from "./data.js";

/** Types whose contents stand alone. */
export type PlainType = Exclude<Data["type"], "null-data" | "dont-care" | "array" | "structure" | "compact-array">;
export type PlainData = Extract<Data, { readonly type: PlainType }>;

/** Tags of the Data choice (IEC 62056-6-2, clause 4.1.5). */
export const tagOf: Readonly<Record<PlainType, number>> = {
  boolean: 3,
  "bit-string": 4,
  "double-long": 5,
  "double-long-unsigned": 6,
  "octet-string": 9,
  "visible-string": 10,
  "utf8-string": 12,
  bcd: 13,
  integer: 15,
  long: 16,
  unsigned: 17,
  "long-unsigned": 18,
  long64: 20,
  "long64-unsigned": 21,
  enum: 22,
  float32: 23,
  float64: 24,
  "date-time": 25,
  date: 26,
  time: 27,
  "delta-integer": 28,
  "delta-long": 29,
  "delta-double-long": 30,
  "delta-unsigned": 31,
  "delta-long-unsigned": 32,
  "delta-double-long-unsigned": 33,
};

const types: (PlainType | undefined)[] = Array.from({ length: 34 }, () => undefined);
for (const [type, tag] of Object.entries(tagOf)) types[tag] = type as PlainType;

/** Undefined where no simple type has the tag. */
export function typeOfTag(tag: number): PlainType | undefined {
  return types[tag];
}

const dateTimeLength = { "date-time": 12, date: 5, time: 4 } as const;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const toUtf8 = new TextEncoder();

/** @throws DecodeError `truncated`, `badLength`, `badValue` */
export function readPlain(reader: ByteReader, type: PlainType): PlainData {
  switch (type) {
    case "double-long-unsigned":
    case "delta-double-long-unsigned":
      return { type, value: reader.u32() };
    case "long-unsigned":
    case "delta-long-unsigned":
      return { type, value: reader.u16() };
    case "unsigned":
    case "enum":
    case "bcd":
    case "delta-unsigned":
      return { type, value: reader.u8() };
    case "octet-string":
      return { type, value: reader.copy(checkedLength(reader)) };
    case "double-long":
    case "delta-double-long":
      return { type, value: reader.i32() };
    case "long":
    case "delta-long":
      return { type, value: reader.i16() };
    case "integer":
    case "delta-integer":
      return { type, value: reader.i8() };
    case "long64":
      return { type, value: reader.i64() };
    case "long64-unsigned":
      return { type, value: reader.u64() };
    case "boolean":
      return { type, value: reader.u8() !== 0 };
    case "float32":
      return { type, value: reader.f32() };
    case "float64":
      return { type, value: reader.f64() };
    case "date-time":
    case "date":
    case "time":
      return { type, value: reader.copy(dateTimeLength[type]) };
    case "visible-string":
      return { type, value: latin1(reader.view8(checkedLength(reader))) };
    case "utf8-string":
      return { type, value: readUtf8(reader) };
    case "bit-string":
      return readBitString(reader);
  }
}

/** @throws RangeError when the value does not fit its type */
export function writePlain(writer: ByteWriter, data: PlainData): void {
  switch (data.type) {
    case "double-long-unsigned":
    case "delta-double-long-unsigned":
      writer.u32(inRange(data.value, 0, 0xffffffff, data.type));
      return;
    case "long-unsigned":
    case "delta-long-unsigned":
      writer.u16(inRange(data.value, 0, 0xffff, data.type));
      return;
    case "unsigned":
    case "enum":
    case "bcd":
    case "delta-unsigned":
      writer.u8(inRange(data.value, 0, 0xff, data.type));
      return;
    case "octet-string":
      writeLength(writer, data.value.length);
      writer.bytes(data.value);
      return;
    case "double-long":
    case "delta-double-long":
      writer.u32(inRange(data.value, -0x80000000, 0x7fffffff, data.type));
      return;
    case "long":
    case "delta-long":
      writer.u16(inRange(data.value, -0x8000, 0x7fff, data.type));
      return;
    case "integer":
    case "delta-integer":
      writer.u8(inRange(data.value, -0x80, 0x7f, data.type));
      return;
    case "long64":
      writer.i64(bigInRange(data.value, -(2n ** 63n), 2n ** 63n - 1n, data.type));
      return;
    case "long64-unsigned":
      writer.u64(bigInRange(data.value, 0n, 2n ** 64n - 1n, data.type));
      return;
    case "boolean":
      writer.u8(data.value ? 1 : 0);
      return;
    case "float32":
      writer.f32(data.value);
      return;
    case "float64":
      writer.f64(data.value);
      return;
    case "date-time":
    case "date":
    case "time":
      if (data.value.length !== dateTimeLength[data.type]) throw new RangeError(`${data.type} of another length`);
      writer.bytes(data.value);
      return;
    case "visible-string":
      writeLatin1(writer, data.value);
      return;
    case "utf8-string":
      writeBytes(writer, toUtf8.encode(data.value));
      return;
    case "bit-string":
      if (data.value.bytes.length < (data.value.length + 7) >> 3) throw new RangeError("bit-string without its bytes");
      writeLength(writer, data.value.length);
      writer.bytes(data.value.bytes.subarray(0, (data.value.length + 7) >> 3));
  }
}

function writeBytes(writer: ByteWriter, bytes: Uint8Array): void {
  writeLength(writer, bytes.length);
  writer.bytes(bytes);
}

/** A length that the bytes left can fill. */
function checkedLength(reader: ByteReader): number {
  const start = reader.offset;
  const length = readLength(reader);
  if (length > reader.remaining) reader.fail("truncated", `${length} bytes announced`, start);
  return length;
}

function readUtf8(reader: ByteReader): string {
  const start = reader.offset;
  const bytes = reader.view8(checkedLength(reader));
  try {
    return utf8.decode(bytes);
  } catch {
    return reader.fail("badValue", "not UTF-8", start);
  }
}

function readBitString(reader: ByteReader): PlainData {
  const start = reader.offset;
  const length = readLength(reader);
  const byteCount = Math.ceil(length / 8);
  if (byteCount > reader.remaining) reader.fail("truncated", `${length} bits announced`, start);
  const bytes = reader.copy(byteCount);
  const last = byteCount - 1;
  if (length % 8 !== 0) bytes[last] = (bytes[last] ?? 0) & (0xff00 >> (length % 8));
  return { type: "bit-string", value: { bytes, length } };
}

/** In pieces: fromCharCode takes its characters as arguments. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 4096) {
    text += String.fromCharCode(...bytes.subarray(start, start + 4096));
  }
  return text;
}

function writeLatin1(writer: ByteWriter, text: string): void {
  writeLength(writer, text.length);
  for (let index = 0; index < text.length; index++) {
    writer.u8(inRange(text.charCodeAt(index), 0, 0xff, "visible-string"));
  }
}

function inRange(value: number, minimum: number, maximum: number, type: string): number {
  if (value >= minimum && value <= maximum && Number.isInteger(value)) return value;
  throw new RangeError(`${value} is no ${type}`);
}

function bigInRange(value: bigint, minimum: bigint, maximum: bigint, type: string): bigint {
  if (value >= minimum && value <= maximum) return value;
  throw new RangeError(`${value} is no ${type}`);
}
