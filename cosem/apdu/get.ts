/** GET service, LN referencing (IEC 62056-5-3, clauses 6.6 and 8.5). */
import { readData, writeData } from "../codec/axdr.js";
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import {
  type AttributeDescriptor,
  type DataBlock,
  readAttribute,
  readList,
  readOctets,
  writeAttribute,
  writeList,
  writeOctets,
} from "./descriptor.js";
import { apduTag } from "./tags.js";

export type GetRequest =
  | { readonly kind: "normal"; readonly invokeIdAndPriority: number; readonly attribute: AttributeDescriptor }
  | { readonly kind: "next"; readonly invokeIdAndPriority: number; readonly blockNumber: number }
  | {
      readonly kind: "withList";
      readonly invokeIdAndPriority: number;
      readonly attributes: readonly AttributeDescriptor[];
    };

/** Get-Data-Result: data, or a code of Data-Access-Result. */
export type GetDataResult =
  | { readonly kind: "data"; readonly data: Data }
  | { readonly kind: "error"; readonly error: number };

export type GetResponse =
  | { readonly kind: "normal"; readonly invokeIdAndPriority: number; readonly result: GetDataResult }
  | { readonly kind: "withDatablock"; readonly invokeIdAndPriority: number; readonly block: DataBlock }
  | {
      readonly kind: "blockError";
      readonly invokeIdAndPriority: number;
      readonly lastBlock: boolean;
      readonly blockNumber: number;
      readonly error: number;
    }
  | { readonly kind: "withList"; readonly invokeIdAndPriority: number; readonly results: readonly GetDataResult[] };

/** @throws DecodeError also for bytes behind the request and for an unknown choice */
export function decodeGetRequest(apdu: Uint8Array): GetRequest {
  const reader = new ByteReader(apdu, "get-request", 1);
  const choice = reader.u8();
  const invokeIdAndPriority = reader.u8();
  const request = readGetRequest(reader, choice, invokeIdAndPriority);
  reader.expectEnd();
  return request;
}

function readGetRequest(reader: ByteReader, choice: number, invokeIdAndPriority: number): GetRequest {
  switch (choice) {
    case 1:
      return { kind: "normal", invokeIdAndPriority, attribute: readAttribute(reader) };
    case 2:
      return { kind: "next", invokeIdAndPriority, blockNumber: reader.u32() };
    case 3:
      return { kind: "withList", invokeIdAndPriority, attributes: readList(reader, readAttribute) };
    default:
      return reader.fail("unknownTag", `choice ${choice}`, 1);
  }
}

export function encodeGetRequest(request: GetRequest): Uint8Array {
  const writer = new ByteWriter(64).u8(apduTag.getRequest);
  switch (request.kind) {
    case "normal":
      writer.u8(1).u8(request.invokeIdAndPriority);
      writeAttribute(writer, request.attribute);
      break;
    case "next":
      writer.u8(2).u8(request.invokeIdAndPriority).u32(request.blockNumber);
      break;
    case "withList":
      writer.u8(3).u8(request.invokeIdAndPriority);
      writeList(writer, request.attributes, writeAttribute);
  }
  return writer.finish();
}

/** @throws DecodeError */
export function decodeGetResponse(apdu: Uint8Array): GetResponse {
  const reader = new ByteReader(apdu, "get-response", 1);
  const choice = reader.u8();
  const invokeIdAndPriority = reader.u8();
  const response = readGetResponse(reader, choice, invokeIdAndPriority);
  reader.expectEnd();
  return response;
}

function readGetResponse(reader: ByteReader, choice: number, invokeIdAndPriority: number): GetResponse {
  switch (choice) {
    case 1:
      return { kind: "normal", invokeIdAndPriority, result: readGetDataResult(reader) };
    case 2:
      return readGetBlock(reader, invokeIdAndPriority);
    case 3:
      return { kind: "withList", invokeIdAndPriority, results: readList(reader, readGetDataResult) };
    default:
      return reader.fail("unknownTag", `choice ${choice}`, 1);
  }
}

function readGetBlock(reader: ByteReader, invokeIdAndPriority: number): GetResponse {
  const lastBlock = reader.u8() !== 0;
  const blockNumber = reader.u32();
  const choice = reader.u8();
  if (choice === 1) return { kind: "blockError", invokeIdAndPriority, lastBlock, blockNumber, error: reader.u8() };
  if (choice !== 0) reader.fail("unknownTag", `block result ${choice}`, reader.offset - 1);
  return {
    kind: "withDatablock",
    invokeIdAndPriority,
    block: { lastBlock, blockNumber, rawData: readOctets(reader) },
  };
}

export function readGetDataResult(reader: ByteReader): GetDataResult {
  const choice = reader.u8();
  if (choice === 0) return { kind: "data", data: readData(reader) };
  if (choice === 1) return { kind: "error", error: reader.u8() };
  return reader.fail("unknownTag", `result ${choice}`, reader.offset - 1);
}

export function writeGetDataResult(writer: ByteWriter, result: GetDataResult): void {
  if (result.kind === "error") {
    writer.u8(1).u8(result.error);
    return;
  }
  writer.u8(0);
  writeData(writer, result.data);
}

export function encodeGetResponse(response: GetResponse): Uint8Array {
  const writer = new ByteWriter(64);
  writeGetResponse(writer, response);
  return writer.finish();
}

export function writeGetResponse(writer: ByteWriter, response: GetResponse): void {
  writer.u8(apduTag.getResponse);
  switch (response.kind) {
    case "normal":
      writer.u8(1).u8(response.invokeIdAndPriority);
      writeGetDataResult(writer, response.result);
      return;
    case "withDatablock":
      writer.u8(2).u8(response.invokeIdAndPriority);
      writer
        .u8(response.block.lastBlock ? 1 : 0)
        .u32(response.block.blockNumber)
        .u8(0);
      writeOctets(writer, response.block.rawData);
      return;
    case "blockError":
      writer.u8(2).u8(response.invokeIdAndPriority);
      writer
        .u8(response.lastBlock ? 1 : 0)
        .u32(response.blockNumber)
        .u8(1)
        .u8(response.error);
      return;
    case "withList":
      writer.u8(3).u8(response.invokeIdAndPriority);
      writeList(writer, response.results, writeGetDataResult);
  }
}
