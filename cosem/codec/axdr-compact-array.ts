/**
 * compact-array: the type is described once, then come the length of the contents in bytes and the elements without
 * tags (IEC 62056-6-2, clause 4.1.5). Strings keep their lengths, structures and arrays have none.
 */
import { readLength, writeLength } from "./axdr-length.js";
import { readPlain, tagOf, typeOfTag, writePlain } from "./axdr-plain.js";
import { ByteReader, ByteWriter } from "./bytes.js";
import { type Data, nullData, type TypeDescription } from "./data.js";

const maxNesting = 32;
/** Values that take no bytes (null-data) are counted, so that few bytes cannot become many values. */
const maxValuesBeyondContents = 65_536;

const dontCare: Data = Object.freeze({ type: "dont-care" });

interface ValueBudget {
  left: number;
}

/**
 * Reads what stands behind tag 19.
 * @throws DecodeError `truncated` when the contents are no whole number of elements, `lengthOverLimit`, `badValue` …
 */
export function readCompactArray(reader: ByteReader, depth = 0): Data {
  const contents = readTypeDescription(reader, depth);
  const lengthOffset = reader.offset;
  const length = readLength(reader);
  if (length > reader.remaining) reader.fail("truncated", `${length} bytes announced`, lengthOffset);
  const inner = new ByteReader(reader.bytes, reader.layer, reader.offset, reader.offset + length);
  const budget: ValueBudget = { left: length + maxValuesBeyondContents };
  const value: Data[] = [];
  while (inner.offset < inner.end) {
    const start = inner.offset;
    value.push(readElement(inner, contents, budget));
    if (inner.offset === start) inner.fail("badValue", "elements of no length");
  }
  reader.offset = inner.end;
  return { type: "compact-array", contents, value };
}

export function writeCompactArray(writer: ByteWriter, contents: TypeDescription, value: readonly Data[]): void {
  writer.u8(19);
  writeTypeDescription(writer, contents);
  const inner = new ByteWriter();
  for (const element of value) writeElement(inner, contents, element);
  writeLength(writer, inner.length);
  writer.bytes(inner.finish());
}

/** @throws DecodeError `unknownTag`, `nestingTooDeep`, `truncated` */
export function readTypeDescription(reader: ByteReader, depth = 0): TypeDescription {
  if (depth > maxNesting) reader.fail("nestingTooDeep");
  const tagOffset = reader.offset;
  const tag = reader.u8();
  if (tag === 0) return { type: "null-data" };
  if (tag === 255) return { type: "dont-care" };
  if (tag === 1) {
    const count = reader.u16();
    return { type: "array", count, element: readTypeDescription(reader, depth + 1) };
  }
  if (tag === 2) return { type: "structure", elements: readTypeDescriptions(reader, depth) };
  const type = typeOfTag(tag);
  return type === undefined ? reader.fail("unknownTag", `tag ${tag} in a type description`, tagOffset) : { type };
}

function readTypeDescriptions(reader: ByteReader, depth: number): readonly TypeDescription[] {
  const countOffset = reader.offset;
  const count = readLength(reader);
  if (count > reader.remaining) reader.fail("truncated", `${count} types announced`, countOffset);
  const elements: TypeDescription[] = [];
  for (let index = 0; index < count; index++) elements.push(readTypeDescription(reader, depth + 1));
  return elements;
}

export function writeTypeDescription(writer: ByteWriter, description: TypeDescription): void {
  switch (description.type) {
    case "null-data":
      writer.u8(0);
      return;
    case "dont-care":
      writer.u8(255);
      return;
    case "array":
      writer.u8(1).u16(description.count);
      writeTypeDescription(writer, description.element);
      return;
    case "structure":
      writer.u8(2);
      writeLength(writer, description.elements.length);
      for (const element of description.elements) writeTypeDescription(writer, element);
      return;
    default:
      writer.u8(tagOf[description.type]);
  }
}

function readElement(reader: ByteReader, description: TypeDescription, budget: ValueBudget): Data {
  if (--budget.left < 0) reader.fail("lengthOverLimit", "values without bytes");
  switch (description.type) {
    case "null-data":
      return nullData;
    case "dont-care":
      return dontCare;
    case "array": {
      const value: Data[] = [];
      for (let index = 0; index < description.count; index++) {
        value.push(readElement(reader, description.element, budget));
      }
      return { type: "array", value };
    }
    case "structure":
      return { type: "structure", value: description.elements.map((element) => readElement(reader, element, budget)) };
    default:
      return readPlain(reader, description.type);
  }
}

/** The value without its tags. @throws RangeError when it is not as described */
export function writeElement(writer: ByteWriter, description: TypeDescription, data: Data): void {
  if (data.type !== description.type) throw new RangeError(`${data.type} in a compact-array of ${description.type}`);
  switch (data.type) {
    case "null-data":
    case "dont-care":
      return;
    case "array":
      if (description.type !== "array" || data.value.length !== description.count) {
        throw new RangeError("array of another count in a compact-array");
      }
      for (const element of data.value) writeElement(writer, description.element, element);
      return;
    case "structure":
      writeStructure(writer, description, data.value);
      return;
    default:
      writePlain(writer, data);
  }
}

function writeStructure(writer: ByteWriter, description: TypeDescription, value: readonly Data[]): void {
  if (description.type !== "structure" || value.length !== description.elements.length) {
    throw new RangeError("structure of another length in a compact-array");
  }
  for (const [index, element] of description.elements.entries())
    writeElement(writer, element, value[index] ?? nullData);
}
