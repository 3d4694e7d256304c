/** Attribute and method descriptors of the LN services, and the block that carries a piece of a long one. */
import { readData, writeData } from "../codec/axdr.js";
import { readLength, writeLength } from "../codec/axdr-length.js";
import type { ByteReader, ByteWriter } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import { type LogicalName, logicalNameFromBytes, logicalNameToBytes } from "../model/logical-name.js";

export interface SelectiveAccessDescriptor {
  readonly selector: number;
  readonly parameters: Data;
}

export interface AttributeDescriptor {
  readonly classId: number;
  readonly logicalName: LogicalName;
  /** 0 means all attributes. */
  readonly attributeIndex: number;
  readonly selectiveAccess: SelectiveAccessDescriptor | undefined;
}

export interface MethodDescriptor {
  readonly classId: number;
  readonly logicalName: LogicalName;
  readonly methodIndex: number;
}

/** DataBlock-SA, DataBlock-G with data, and pblock: all alike. */
export interface DataBlock {
  readonly lastBlock: boolean;
  readonly blockNumber: number;
  readonly rawData: Uint8Array;
}

/**
 * Equal names are made once: a server meets the same few names in every request, and writing one out costs more than
 * the rest of a GET. Bounded, so that a client asking for every name there is gains nothing.
 */
const names = new Map<number, LogicalName>();
const maxNames = 16_384;

function readLogicalName(reader: ByteReader): LogicalName {
  const start = reader.offset;
  const key = (reader.u16() * 0x10000 + reader.u16()) * 0x10000 + reader.u16();
  const known = names.get(key);
  if (known !== undefined) return known;
  if (names.size >= maxNames) names.clear();
  const name = logicalNameFromBytes(reader.bytes, start);
  names.set(key, name);
  return name;
}

/** Cosem-Attribute-Descriptor with its optional selection. @throws DecodeError */
export function readAttribute(reader: ByteReader): AttributeDescriptor {
  const classId = reader.u16();
  const logicalName = readLogicalName(reader);
  const attributeIndex = reader.i8();
  const selectiveAccess = readPresence(reader) ? readSelection(reader) : undefined;
  return { classId, logicalName, attributeIndex, selectiveAccess };
}

/** Where the place of a selection is known beforehand: always there, or (undefined) never. */
export function readAttributeDescriptor(
  reader: ByteReader,
  selection: ((reader: ByteReader) => SelectiveAccessDescriptor) | undefined,
): AttributeDescriptor {
  const classId = reader.u16();
  const logicalName = readLogicalName(reader);
  const attributeIndex = reader.i8();
  return { classId, logicalName, attributeIndex, selectiveAccess: selection?.(reader) };
}

export function readSelection(reader: ByteReader): SelectiveAccessDescriptor {
  return { selector: reader.u8(), parameters: readData(reader) };
}

export function writeAttribute(writer: ByteWriter, attribute: AttributeDescriptor): void {
  writeAttributeDescriptor(writer, attribute);
  writer.u8(attribute.selectiveAccess === undefined ? 0 : 1);
  if (attribute.selectiveAccess !== undefined) writeSelection(writer, attribute.selectiveAccess);
}

/** Without its selection. */
export function writeAttributeDescriptor(writer: ByteWriter, attribute: AttributeDescriptor): void {
  writer.u16(attribute.classId).bytes(logicalNameToBytes(attribute.logicalName)).u8(attribute.attributeIndex);
}

export function writeSelection(writer: ByteWriter, { selector, parameters }: SelectiveAccessDescriptor): void {
  writer.u8(selector);
  writeData(writer, parameters);
}

export function readMethod(reader: ByteReader): MethodDescriptor {
  return { classId: reader.u16(), logicalName: readLogicalName(reader), methodIndex: reader.i8() };
}

export function writeMethod(writer: ByteWriter, method: MethodDescriptor): void {
  writer.u16(method.classId).bytes(logicalNameToBytes(method.logicalName)).u8(method.methodIndex);
}

/** The byte before an OPTIONAL: 0 absent, 1 present. @throws DecodeError `badValue` for others */
export function readPresence(reader: ByteReader): boolean {
  const present = reader.u8();
  if (present > 1) reader.fail("badValue", `presence ${present}`, reader.offset - 1);
  return present === 1;
}

/** SEQUENCE OF: each element takes at least one byte. */
export function readList<T>(reader: ByteReader, readElement: (reader: ByteReader) => T): readonly T[] {
  const start = reader.offset;
  const count = readLength(reader);
  if (count > reader.remaining) reader.fail("truncated", `${count} elements announced`, start);
  const list: T[] = [];
  for (let index = 0; index < count; index++) list.push(readElement(reader));
  return list;
}

export function writeList<T>(
  writer: ByteWriter,
  list: readonly T[],
  writeElement: (writer: ByteWriter, element: T) => void,
): void {
  writeLength(writer, list.length);
  for (const element of list) writeElement(writer, element);
}

/** `rawData` is a view into the APDU. */
export function readBlock(reader: ByteReader): DataBlock {
  const lastBlock = reader.u8() !== 0;
  const blockNumber = reader.u32();
  return { lastBlock, blockNumber, rawData: readOctets(reader) };
}

export function writeBlock(writer: ByteWriter, block: DataBlock): void {
  writer.u8(block.lastBlock ? 1 : 0).u32(block.blockNumber);
  writeOctets(writer, block.rawData);
}

/** A view into the APDU. */
export function readOctets(reader: ByteReader): Uint8Array {
  return reader.view8(readLength(reader));
}

export function writeOctets(writer: ByteWriter, octets: Uint8Array): void {
  writeLength(writer, octets.length);
  writer.bytes(octets);
}
