/**
 * Variable-Access-Specification, what the SN services name their variables by, and the blocks of their long transfers
 * (IEC 62056-5-3, clause 8.5).
 */
import { readData, writeData } from "../codec/axdr.js";
import { type ByteReader, ByteWriter } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import { readList, readOctets, type SelectiveAccessDescriptor, writeList, writeOctets } from "./descriptor.js";

/** One named variable: an attribute, or a method where it has parameters or is written. */
export interface VariableReference {
  /** 16 bits; multiples of 8 in COSEM. */
  readonly variableName: number;
  /** Parameterized-access: a selector of the attribute, or what a method is called with. */
  readonly parameterizedAccess: SelectiveAccessDescriptor | undefined;
}

/** A piece of a long request or answer. The number has 16 bits and begins with 1. */
export interface VariableBlock {
  readonly lastBlock: boolean;
  readonly blockNumber: number;
  readonly rawData: Uint8Array;
}

export type VariableAccess =
  | { readonly kind: "variable"; readonly variable: VariableReference }
  /** Asks for the block behind this one. */
  | { readonly kind: "blockNumber"; readonly blockNumber: number }
  /** Carries a piece of a long read-request. */
  | { readonly kind: "readDataBlock"; readonly block: VariableBlock }
  /** A piece of a long write-request stands as octet-string in its list of data. */
  | { readonly kind: "writeDataBlock"; readonly lastBlock: boolean; readonly blockNumber: number };

const choice = { variableName: 2, parameterized: 4, blockNumber: 5, readDataBlock: 6, writeDataBlock: 7 } as const;

/** @throws DecodeError `unknownTag` also for detailed-access (3), which COSEM does not use */
export function readVariableAccess(reader: ByteReader): VariableAccess {
  const tag = reader.u8();
  switch (tag) {
    case choice.variableName:
      return { kind: "variable", variable: { variableName: reader.u16(), parameterizedAccess: undefined } };
    case choice.parameterized: {
      const variableName = reader.u16();
      const parameterizedAccess = { selector: reader.u8(), parameters: readData(reader) };
      return { kind: "variable", variable: { variableName, parameterizedAccess } };
    }
    case choice.blockNumber:
      return { kind: "blockNumber", blockNumber: reader.u16() };
    case choice.readDataBlock:
      return { kind: "readDataBlock", block: readVariableBlock(reader) };
    case choice.writeDataBlock:
      return { kind: "writeDataBlock", lastBlock: reader.u8() !== 0, blockNumber: reader.u16() };
    default:
      return reader.fail("unknownTag", `variable access ${tag}`, reader.offset - 1);
  }
}

export function writeVariableAccess(writer: ByteWriter, access: VariableAccess): void {
  switch (access.kind) {
    case "variable": {
      const { variableName, parameterizedAccess } = access.variable;
      if (parameterizedAccess === undefined) {
        writer.u8(choice.variableName).u16(variableName);
        return;
      }
      writer.u8(choice.parameterized).u16(variableName).u8(parameterizedAccess.selector);
      writeData(writer, parameterizedAccess.parameters);
      return;
    }
    case "blockNumber":
      writer.u8(choice.blockNumber).u16(access.blockNumber);
      return;
    case "readDataBlock":
      writer.u8(choice.readDataBlock);
      writeVariableBlock(writer, access.block);
      return;
    case "writeDataBlock":
      writer
        .u8(choice.writeDataBlock)
        .u8(access.lastBlock ? 1 : 0)
        .u16(access.blockNumber);
  }
}

/** `rawData` is a view into the APDU. */
export function readVariableBlock(reader: ByteReader): VariableBlock {
  return { lastBlock: reader.u8() !== 0, blockNumber: reader.u16(), rawData: readOctets(reader) };
}

export function writeVariableBlock(writer: ByteWriter, { lastBlock, blockNumber, rawData }: VariableBlock): void {
  writer.u8(lastBlock ? 1 : 0).u16(blockNumber);
  writeOctets(writer, rawData);
}

/** What the blocks of a long read-request make together: its list of variables. @throws DecodeError */
export function readVariableList(reader: ByteReader): readonly VariableAccess[] {
  return readList(reader, readVariableAccess);
}

/** The list of variables and that of their values, as write-request and what its blocks make have them. */
export interface VariableWrites {
  readonly variables: readonly VariableAccess[];
  /** As many as variables. */
  readonly values: readonly Data[];
}

/** @throws DecodeError also where there are more or fewer values than variables */
export function readVariableWrites(reader: ByteReader): VariableWrites {
  const variables = readVariableList(reader);
  const start = reader.offset;
  const values = readList(reader, readData);
  if (values.length !== variables.length) {
    reader.fail("badValue", `${values.length} values for ${variables.length} variables`, start);
  }
  return { variables, values };
}

export function writeVariableWrites(writer: ByteWriter, { variables, values }: VariableWrites): void {
  writeList(writer, variables, writeVariableAccess);
  writeList(writer, values, writeData);
}

/** The encoded lists, as the blocks of a long write-request carry them. */
export function encodeVariableWrites(writes: VariableWrites): Uint8Array {
  const writer = new ByteWriter(256);
  writeVariableWrites(writer, writes);
  return writer.finish();
}

/** A plain reference to an attribute. */
export function variableNamed(variableName: number, parameterizedAccess?: SelectiveAccessDescriptor): VariableAccess {
  return { kind: "variable", variable: { variableName, parameterizedAccess } };
}
