/**
 * A-XDR of the `Data` choice (IEC 61334-6 as used by IEC 62056-5-3 and 62056-6-2): decode and encode side by side.
 *
 * Every length and count is checked against the bytes that are left before anything grows, and nesting is bounded.
 * What decodes, encodes to the same bytes, but for boolean TRUE sent as other than 01, lengths that were longer than
 * needed, and bits behind the end of a bit-string.
 */

import { readCompactArray, writeCompactArray } from "./axdr-compact-array.js";
import { readLength, writeLength } from "./axdr-length.js";
import { readPlain, tagOf, typeOfTag, writePlain } from "./axdr-plain.js";
import { ByteReader, ByteWriter } from "./bytes.js";
import { type Data, nullData } from "./data.js";

/** Deepest nesting of arrays and structures that is read. */
export const maxDataNesting = 32;

const dontCare: Data = Object.freeze({ type: "dont-care" });

/**
 * Decodes one value that fills `bytes` exactly. Strings of bytes are copies.
 * @throws DecodeError `truncated`, `trailingBytes`, `unknownTag`, `badLength`, `badValue`, `nestingTooDeep`,
 *   `lengthOverLimit`
 */
export function decodeData(bytes: Uint8Array): Data {
  const reader = new ByteReader(bytes, "axdr");
  const data = readData(reader);
  reader.expectEnd();
  return data;
}

/** Reads one value and leaves the reader behind it. @throws DecodeError as decodeData(), but for trailing bytes */
export function readData(reader: ByteReader, depth = 0): Data {
  const tagOffset = reader.offset;
  const tag = reader.u8();
  if (tag === 0) return nullData;
  if (tag === 255) return dontCare;
  if (tag === 1 || tag === 2) return { type: tag === 1 ? "array" : "structure", value: readElements(reader, depth) };
  if (tag === 19) return readCompactArray(reader, depth);
  const type = typeOfTag(tag);
  if (type === undefined) return reader.fail("unknownTag", `tag ${tag} is no data type`, tagOffset);
  return readPlain(reader, type);
}

/** Each element takes one byte at least: a count beyond what is left is refused before anything is made. */
function readElements(reader: ByteReader, depth: number): readonly Data[] {
  if (depth >= maxDataNesting) reader.fail("nestingTooDeep");
  const countOffset = reader.offset;
  const count = readLength(reader);
  if (count > reader.remaining) reader.fail("truncated", `${count} elements announced`, countOffset);
  const elements: Data[] = [];
  for (let index = 0; index < count; index++) elements.push(readData(reader, depth + 1));
  return elements;
}

/** @returns bytes of its own. @throws RangeError when a number does not fit its type: a fault of the caller */
export function encodeData(data: Data): Uint8Array {
  const writer = new ByteWriter(64);
  writeData(writer, data);
  return writer.finish();
}

/** Appends one value. @throws RangeError as encodeData() */
export function writeData(writer: ByteWriter, data: Data): void {
  switch (data.type) {
    case "array":
    case "structure":
      writer.u8(data.type === "array" ? 1 : 2);
      writeLength(writer, data.value.length);
      for (const element of data.value) writeData(writer, element);
      return;
    case "null-data":
      writer.u8(0);
      return;
    case "dont-care":
      writer.u8(255);
      return;
    case "compact-array":
      writeCompactArray(writer, data.contents, data.value);
      return;
    default:
      writer.u8(tagOf[data.type]);
      writePlain(writer, data);
  }
}

/** Tag and count of an array whose elements follow one by one. */
export function writeArrayHeader(writer: ByteWriter, count: number): void {
  writer.u8(1);
  writeLength(writer, count);
}
