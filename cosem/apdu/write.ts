/** WRITE service, SN referencing (IEC 62056-5-3, clause 8.5). */
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import { readList, writeList } from "./descriptor.js";
import { apduTag } from "./tags.js";
import { readVariableWrites, type VariableWrites, writeVariableWrites } from "./variable-access.js";

export type WriteRequest = VariableWrites;

/** One element of a write-response. */
export type WriteResponseItem =
  | { readonly kind: "success" }
  /** A code of Data-Access-Result. */
  | { readonly kind: "error"; readonly error: number }
  /** Acknowledges a block of a long request. */
  | { readonly kind: "blockNumber"; readonly blockNumber: number };

export interface WriteResponse {
  readonly items: readonly WriteResponseItem[];
}

/** @throws DecodeError also for bytes behind the request, an unknown choice, and lists of different lengths */
export function decodeWriteRequest(apdu: Uint8Array): WriteRequest {
  const reader = new ByteReader(apdu, "write-request", 1);
  const request = readVariableWrites(reader);
  reader.expectEnd();
  return request;
}

export function encodeWriteRequest(request: WriteRequest): Uint8Array {
  const writer = new ByteWriter(64).u8(apduTag.writeRequest);
  writeVariableWrites(writer, request);
  return writer.finish();
}

/** @throws DecodeError */
export function decodeWriteResponse(apdu: Uint8Array): WriteResponse {
  const reader = new ByteReader(apdu, "write-response", 1);
  const items = readList(reader, readItem);
  reader.expectEnd();
  return { items };
}

function readItem(reader: ByteReader): WriteResponseItem {
  const choice = reader.u8();
  switch (choice) {
    case 0:
      return { kind: "success" };
    case 1:
      return { kind: "error", error: reader.u8() };
    case 2:
      return { kind: "blockNumber", blockNumber: reader.u16() };
    default:
      return reader.fail("unknownTag", `write result ${choice}`, reader.offset - 1);
  }
}

export function encodeWriteResponse(response: WriteResponse): Uint8Array {
  const writer = new ByteWriter(16);
  writeWriteResponse(writer, response);
  return writer.finish();
}

export function writeWriteResponse(writer: ByteWriter, { items }: WriteResponse): void {
  writer.u8(apduTag.writeResponse);
  writeList(writer, items, writeItem);
}

function writeItem(writer: ByteWriter, item: WriteResponseItem): void {
  switch (item.kind) {
    case "success":
      writer.u8(0);
      return;
    case "error":
      writer.u8(1).u8(item.error);
      return;
    case "blockNumber":
      writer.u8(2).u16(item.blockNumber);
  }
}
