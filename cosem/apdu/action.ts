/**
 * ACTION service, LN referencing (IEC 62056-5-3, clauses 6.8 and 8.5).
 *
 * What a pblock carries: of a request the parameters (with list: the list of them), of a response the
 * Action-Response-With-Optional-Data (with list: the list of them), like the blocks of a GET with list.
 */
import { readData, writeData } from "../codec/axdr.js";
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import {
  type DataBlock,
  type MethodDescriptor,
  readBlock,
  readList,
  readMethod,
  readPresence,
  writeBlock,
  writeList,
  writeMethod,
} from "./descriptor.js";
import { type GetDataResult, readGetDataResult, writeGetDataResult } from "./get.js";
import { readValues } from "./set.js";
import { apduTag } from "./tags.js";

interface Invoked {
  readonly invokeIdAndPriority: number;
}

export type ActionRequest = Invoked &
  (
    | { readonly kind: "normal"; readonly method: MethodDescriptor; readonly parameters: Data | undefined }
    | { readonly kind: "nextPblock"; readonly blockNumber: number }
    | {
        readonly kind: "withList";
        readonly methods: readonly MethodDescriptor[];
        readonly parameters: readonly Data[];
      }
    | { readonly kind: "withFirstPblock"; readonly method: MethodDescriptor; readonly block: DataBlock }
    | {
        readonly kind: "withListAndFirstPblock";
        readonly methods: readonly MethodDescriptor[];
        readonly block: DataBlock;
      }
    | { readonly kind: "withPblock"; readonly block: DataBlock }
  );

/** Action-Response-With-Optional-Data; `result` is a code of Action-Result. */
export interface ActionResponseData {
  readonly result: number;
  readonly returned: GetDataResult | undefined;
}

export type ActionResponse = Invoked &
  (
    | { readonly kind: "normal"; readonly response: ActionResponseData }
    | { readonly kind: "withPblock"; readonly block: DataBlock }
    | { readonly kind: "withList"; readonly responses: readonly ActionResponseData[] }
    | { readonly kind: "nextPblock"; readonly blockNumber: number }
  );

/** @throws DecodeError also for bytes behind the request */
export function decodeActionRequest(apdu: Uint8Array): ActionRequest {
  const reader = new ByteReader(apdu, "action-request", 1);
  const choice = reader.u8();
  const invokeIdAndPriority = reader.u8();
  const request = readActionRequest(reader, choice, invokeIdAndPriority);
  reader.expectEnd();
  return request;
}

function readActionRequest(reader: ByteReader, choice: number, invokeIdAndPriority: number): ActionRequest {
  switch (choice) {
    case 1: {
      const method = readMethod(reader);
      const parameters = readPresence(reader) ? readData(reader) : undefined;
      return { kind: "normal", invokeIdAndPriority, method, parameters };
    }
    case 2:
      return { kind: "nextPblock", invokeIdAndPriority, blockNumber: reader.u32() };
    case 3: {
      const methods = readList(reader, readMethod);
      return { kind: "withList", invokeIdAndPriority, methods, parameters: readValues(reader, methods.length) };
    }
    case 4:
      return { kind: "withFirstPblock", invokeIdAndPriority, method: readMethod(reader), block: readBlock(reader) };
    case 5:
      return {
        kind: "withListAndFirstPblock",
        invokeIdAndPriority,
        methods: readList(reader, readMethod),
        block: readBlock(reader),
      };
    case 6:
      return { kind: "withPblock", invokeIdAndPriority, block: readBlock(reader) };
    default:
      return reader.fail("unknownTag", `choice ${choice}`, 1);
  }
}

export function encodeActionRequest(request: ActionRequest): Uint8Array {
  const writer = new ByteWriter(64).u8(apduTag.actionRequest);
  switch (request.kind) {
    case "normal":
      writer.u8(1).u8(request.invokeIdAndPriority);
      writeMethod(writer, request.method);
      writer.u8(request.parameters === undefined ? 0 : 1);
      if (request.parameters !== undefined) writeData(writer, request.parameters);
      break;
    case "nextPblock":
      writer.u8(2).u8(request.invokeIdAndPriority).u32(request.blockNumber);
      break;
    case "withList":
      writer.u8(3).u8(request.invokeIdAndPriority);
      writeList(writer, request.methods, writeMethod);
      writeList(writer, request.parameters, writeData);
      break;
    case "withFirstPblock":
      writer.u8(4).u8(request.invokeIdAndPriority);
      writeMethod(writer, request.method);
      writeBlock(writer, request.block);
      break;
    case "withListAndFirstPblock":
      writer.u8(5).u8(request.invokeIdAndPriority);
      writeList(writer, request.methods, writeMethod);
      writeBlock(writer, request.block);
      break;
    case "withPblock":
      writer.u8(6).u8(request.invokeIdAndPriority);
      writeBlock(writer, request.block);
  }
  return writer.finish();
}

/** @throws DecodeError */
export function decodeActionResponse(apdu: Uint8Array): ActionResponse {
  const reader = new ByteReader(apdu, "action-response", 1);
  const choice = reader.u8();
  const invokeIdAndPriority = reader.u8();
  const response = readActionResponse(reader, choice, invokeIdAndPriority);
  reader.expectEnd();
  return response;
}

function readActionResponse(reader: ByteReader, choice: number, invokeIdAndPriority: number): ActionResponse {
  switch (choice) {
    case 1:
      return { kind: "normal", invokeIdAndPriority, response: readActionResponseData(reader) };
    case 2:
      return { kind: "withPblock", invokeIdAndPriority, block: readBlock(reader) };
    case 3:
      return { kind: "withList", invokeIdAndPriority, responses: readList(reader, readActionResponseData) };
    case 4:
      return { kind: "nextPblock", invokeIdAndPriority, blockNumber: reader.u32() };
    default:
      return reader.fail("unknownTag", `choice ${choice}`, 1);
  }
}

export function readActionResponseData(reader: ByteReader): ActionResponseData {
  return { result: reader.u8(), returned: readPresence(reader) ? readGetDataResult(reader) : undefined };
}

export function writeActionResponseData(writer: ByteWriter, response: ActionResponseData): void {
  writer.u8(response.result).u8(response.returned === undefined ? 0 : 1);
  if (response.returned !== undefined) writeGetDataResult(writer, response.returned);
}

export function encodeActionResponse(response: ActionResponse): Uint8Array {
  const writer = new ByteWriter(32);
  writeActionResponse(writer, response);
  return writer.finish();
}

export function writeActionResponse(writer: ByteWriter, response: ActionResponse): void {
  writer.u8(apduTag.actionResponse);
  switch (response.kind) {
    case "normal":
      writer.u8(1).u8(response.invokeIdAndPriority);
      writeActionResponseData(writer, response.response);
      return;
    case "withPblock":
      writer.u8(2).u8(response.invokeIdAndPriority);
      writeBlock(writer, response.block);
      return;
    case "withList":
      writer.u8(3).u8(response.invokeIdAndPriority);
      writeList(writer, response.responses, writeActionResponseData);
      return;
    case "nextPblock":
      writer.u8(4).u8(response.invokeIdAndPriority).u32(response.blockNumber);
  }
}
