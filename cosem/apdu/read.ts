/** READ service, SN referencing (IEC 62056-5-3, clause 8.5). */
import { readData, writeData } from "../codec/axdr.js";
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import { readList, writeList } from "./descriptor.js";
import { apduTag } from "./tags.js";
import {
  readVariableBlock,
  readVariableList,
  type VariableAccess,
  type VariableBlock,
  writeVariableAccess,
  writeVariableBlock,
} from "./variable-access.js";

export interface ReadRequest {
  readonly variables: readonly VariableAccess[];
}

/** One element of a read-response. */
export type ReadResponseItem =
  | { readonly kind: "data"; readonly data: Data }
  /** A code of Data-Access-Result. */
  | { readonly kind: "error"; readonly error: number }
  | { readonly kind: "block"; readonly block: VariableBlock }
  /** Acknowledges a block of a long request. */
  | { readonly kind: "blockNumber"; readonly blockNumber: number };

export interface ReadResponse {
  readonly items: readonly ReadResponseItem[];
}

/** @throws DecodeError also for bytes behind the request and for an unknown choice */
export function decodeReadRequest(apdu: Uint8Array): ReadRequest {
  const reader = new ByteReader(apdu, "read-request", 1);
  const variables = readVariableList(reader);
  reader.expectEnd();
  return { variables };
}

export function encodeReadRequest({ variables }: ReadRequest): Uint8Array {
  const writer = new ByteWriter(32).u8(apduTag.readRequest);
  writeList(writer, variables, writeVariableAccess);
  return writer.finish();
}

/** @throws DecodeError */
export function decodeReadResponse(apdu: Uint8Array): ReadResponse {
  const reader = new ByteReader(apdu, "read-response", 1);
  const items = readList(reader, readReadResponseItem);
  reader.expectEnd();
  return { items };
}

export function readReadResponseItem(reader: ByteReader): ReadResponseItem {
  const choice = reader.u8();
  switch (choice) {
    case 0:
      return { kind: "data", data: readData(reader) };
    case 1:
      return { kind: "error", error: reader.u8() };
    case 2:
      return { kind: "block", block: readVariableBlock(reader) };
    case 3:
      return { kind: "blockNumber", blockNumber: reader.u16() };
    default:
      return reader.fail("unknownTag", `read result ${choice}`, reader.offset - 1);
  }
}

export function encodeReadResponse(response: ReadResponse): Uint8Array {
  const writer = new ByteWriter(64);
  writeReadResponse(writer, response);
  return writer.finish();
}

export function writeReadResponse(writer: ByteWriter, { items }: ReadResponse): void {
  writer.u8(apduTag.readResponse);
  writeList(writer, items, writeItem);
}

function writeItem(writer: ByteWriter, item: ReadResponseItem): void {
  switch (item.kind) {
    case "data":
      writer.u8(0);
      writeData(writer, item.data);
      return;
    case "error":
      writer.u8(1).u8(item.error);
      return;
    case "block":
      writer.u8(2);
      writeVariableBlock(writer, item.block);
      return;
    case "blockNumber":
      writer.u8(3).u16(item.blockNumber);
  }
}
