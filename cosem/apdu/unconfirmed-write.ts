/** UnconfirmedWrite, SN referencing (IEC 62056-5-3, clause 8.5): as WRITE, and nothing answers it. */
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import { apduTag } from "./tags.js";
import { readVariableWrites, type VariableWrites, writeVariableWrites } from "./variable-access.js";

export type UnconfirmedWriteRequest = VariableWrites;

/** @throws DecodeError as decodeWriteRequest() */
export function decodeUnconfirmedWriteRequest(apdu: Uint8Array): UnconfirmedWriteRequest {
  const reader = new ByteReader(apdu, "unconfirmed-write-request", 1);
  const request = readVariableWrites(reader);
  reader.expectEnd();
  return request;
}

export function encodeUnconfirmedWriteRequest(request: UnconfirmedWriteRequest): Uint8Array {
  const writer = new ByteWriter(64).u8(apduTag.unconfirmedWriteRequest);
  writeVariableWrites(writer, request);
  return writer.finish();
}
