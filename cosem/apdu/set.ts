/** SET service, LN referencing (IEC 62056-5-3, clauses 6.7 and 8.5). */
import { readData, writeData } from "../codec/axdr.js";
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import {
  type AttributeDescriptor,
  type DataBlock,
  readAttribute,
  readBlock,
  readList,
  writeAttribute,
  writeBlock,
  writeList,
} from "./descriptor.js";
import { apduTag } from "./tags.js";

interface Invoked {
  readonly invokeIdAndPriority: number;
}

export type SetRequest = Invoked &
  (
    | { readonly kind: "normal"; readonly attribute: AttributeDescriptor; readonly value: Data }
    | { readonly kind: "withFirstDatablock"; readonly attribute: AttributeDescriptor; readonly block: DataBlock }
    | { readonly kind: "withDatablock"; readonly block: DataBlock }
    | {
        readonly kind: "withList";
        readonly attributes: readonly AttributeDescriptor[];
        readonly values: readonly Data[];
      }
    | {
        readonly kind: "withListAndFirstDatablock";
        readonly attributes: readonly AttributeDescriptor[];
        readonly block: DataBlock;
      }
  );

/** Results are codes of Data-Access-Result. */
export type SetResponse = Invoked &
  (
    | { readonly kind: "normal"; readonly result: number }
    | { readonly kind: "datablock"; readonly blockNumber: number }
    | { readonly kind: "lastDatablock"; readonly result: number; readonly blockNumber: number }
    | { readonly kind: "lastDatablockWithList"; readonly results: readonly number[]; readonly blockNumber: number }
    | { readonly kind: "withList"; readonly results: readonly number[] }
  );

/** @throws DecodeError also for bytes behind the request, and `badValue` for a list with another number of values */
export function decodeSetRequest(apdu: Uint8Array): SetRequest {
  const reader = new ByteReader(apdu, "set-request", 1);
  const choice = reader.u8();
  const invokeIdAndPriority = reader.u8();
  const request = readSetRequest(reader, choice, invokeIdAndPriority);
  reader.expectEnd();
  return request;
}

function readSetRequest(reader: ByteReader, choice: number, invokeIdAndPriority: number): SetRequest {
  switch (choice) {
    case 1:
      return { kind: "normal", invokeIdAndPriority, attribute: readAttribute(reader), value: readData(reader) };
    case 2:
      return {
        kind: "withFirstDatablock",
        invokeIdAndPriority,
        attribute: readAttribute(reader),
        block: readBlock(reader),
      };
    case 3:
      return { kind: "withDatablock", invokeIdAndPriority, block: readBlock(reader) };
    case 4: {
      const attributes = readList(reader, readAttribute);
      return { kind: "withList", invokeIdAndPriority, attributes, values: readValues(reader, attributes.length) };
    }
    case 5:
      return {
        kind: "withListAndFirstDatablock",
        invokeIdAndPriority,
        attributes: readList(reader, readAttribute),
        block: readBlock(reader),
      };
    default:
      return reader.fail("unknownTag", `choice ${choice}`, 1);
  }
}

/** The value list of a SET or ACTION with list. @throws DecodeError `badValue` when their number is not `count` */
export function readValues(reader: ByteReader, count: number): readonly Data[] {
  const start = reader.offset;
  const values = readList(reader, readValue);
  if (values.length !== count) reader.fail("badValue", `${values.length} values for ${count} descriptors`, start);
  return values;
}

const readValue = (reader: ByteReader): Data => readData(reader);

export function encodeSetRequest(request: SetRequest): Uint8Array {
  const writer = new ByteWriter(64).u8(apduTag.setRequest);
  switch (request.kind) {
    case "normal":
      writer.u8(1).u8(request.invokeIdAndPriority);
      writeAttribute(writer, request.attribute);
      writeData(writer, request.value);
      break;
    case "withFirstDatablock":
      writer.u8(2).u8(request.invokeIdAndPriority);
      writeAttribute(writer, request.attribute);
      writeBlock(writer, request.block);
      break;
    case "withDatablock":
      writer.u8(3).u8(request.invokeIdAndPriority);
      writeBlock(writer, request.block);
      break;
    case "withList":
      writer.u8(4).u8(request.invokeIdAndPriority);
      writeList(writer, request.attributes, writeAttribute);
      writeList(writer, request.values, writeData);
      break;
    case "withListAndFirstDatablock":
      writer.u8(5).u8(request.invokeIdAndPriority);
      writeList(writer, request.attributes, writeAttribute);
      writeBlock(writer, request.block);
  }
  return writer.finish();
}

/** @throws DecodeError */
export function decodeSetResponse(apdu: Uint8Array): SetResponse {
  const reader = new ByteReader(apdu, "set-response", 1);
  const choice = reader.u8();
  const invokeIdAndPriority = reader.u8();
  const response = readSetResponse(reader, choice, invokeIdAndPriority);
  reader.expectEnd();
  return response;
}

const readResult = (reader: ByteReader): number => reader.u8();
const writeResult = (writer: ByteWriter, result: number): void => {
  writer.u8(result);
};

function readSetResponse(reader: ByteReader, choice: number, invokeIdAndPriority: number): SetResponse {
  switch (choice) {
    case 1:
      return { kind: "normal", invokeIdAndPriority, result: reader.u8() };
    case 2:
      return { kind: "datablock", invokeIdAndPriority, blockNumber: reader.u32() };
    case 3:
      return { kind: "lastDatablock", invokeIdAndPriority, result: reader.u8(), blockNumber: reader.u32() };
    case 4:
      return {
        kind: "lastDatablockWithList",
        invokeIdAndPriority,
        results: readList(reader, readResult),
        blockNumber: reader.u32(),
      };
    case 5:
      return { kind: "withList", invokeIdAndPriority, results: readList(reader, readResult) };
    default:
      return reader.fail("unknownTag", `choice ${choice}`, 1);
  }
}

export function encodeSetResponse(response: SetResponse): Uint8Array {
  const writer = new ByteWriter(16);
  writeSetResponse(writer, response);
  return writer.finish();
}

export function writeSetResponse(writer: ByteWriter, response: SetResponse): void {
  writer.u8(apduTag.setResponse);
  switch (response.kind) {
    case "normal":
      writer.u8(1).u8(response.invokeIdAndPriority).u8(response.result);
      return;
    case "datablock":
      writer.u8(2).u8(response.invokeIdAndPriority).u32(response.blockNumber);
      return;
    case "lastDatablock":
      writer.u8(3).u8(response.invokeIdAndPriority).u8(response.result).u32(response.blockNumber);
      return;
    case "lastDatablockWithList":
      writer.u8(4).u8(response.invokeIdAndPriority);
      writeList(writer, response.results, writeResult);
      writer.u32(response.blockNumber);
      return;
    case "withList":
      writer.u8(5).u8(response.invokeIdAndPriority);
      writeList(writer, response.results, writeResult);
  }
}
