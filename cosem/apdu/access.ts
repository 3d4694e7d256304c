/**
 * ACCESS service (IEC 62056-5-3, clause 8.5): a list of get, set and action specifications executed in order, each with
 * its own result. The data of requests and responses stand in a list of their own, one place a specification.
 */
import { readData, writeData } from "../codec/axdr.js";
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import {
  type AttributeDescriptor,
  type MethodDescriptor,
  readAttributeDescriptor,
  readList,
  readMethod,
  readOctets,
  readSelection,
  writeAttributeDescriptor,
  writeList,
  writeMethod,
  writeOctets,
  writeSelection,
} from "./descriptor.js";
import { apduTag } from "./tags.js";

/** Bits of long-invoke-id-and-priority; bits 0 to 23 are the id. */
export const longInvokeBit = {
  selfDescriptive: 0x1000_0000,
  breakOnError: 0x2000_0000,
  confirmed: 0x4000_0000,
  highPriority: 0x8000_0000,
} as const;

/** True where `bit` of `longInvokeBit` is set. */
export function hasLongInvokeBit(longInvokeIdAndPriority: number, bit: keyof typeof longInvokeBit): boolean {
  return (longInvokeIdAndPriority & longInvokeBit[bit]) !== 0;
}

/** With selection is a choice of its own on the wire: here it shows in `attribute.selectiveAccess`. */
export type AccessSpecification =
  | { readonly kind: "get" | "set"; readonly attribute: AttributeDescriptor }
  | { readonly kind: "action"; readonly method: MethodDescriptor };

export interface AccessRequest {
  /** 32 bits. */
  readonly longInvokeIdAndPriority: number;
  /** 12 octets or none. */
  readonly dateTime: Uint8Array;
  readonly specifications: readonly AccessSpecification[];
  /** As many as specifications: values of set, parameters of action, null-data for get. */
  readonly data: readonly Data[];
}

export interface AccessResult {
  readonly kind: AccessSpecification["kind"];
  /** A code of Data-Access-Result, or of Action-Result. */
  readonly result: number;
}

export interface AccessResponse {
  readonly longInvokeIdAndPriority: number;
  readonly dateTime: Uint8Array;
  /** What was asked, where the request wanted a response that explains itself. */
  readonly specifications: readonly AccessSpecification[] | undefined;
  readonly data: readonly Data[];
  readonly results: readonly AccessResult[];
}

const choice = { get: 1, set: 2, action: 3, getWithSelection: 4, setWithSelection: 5 } as const;

/** @throws DecodeError also for bytes behind the request, and `badValue` where the lists differ in length */
export function decodeAccessRequest(apdu: Uint8Array): AccessRequest {
  const reader = new ByteReader(apdu, "access-request", 1);
  const longInvokeIdAndPriority = reader.u32();
  const dateTime = readDateTime(reader);
  const specifications = readList(reader, readSpecification);
  const start = reader.offset;
  const data = readList(reader, readAny);
  if (data.length !== specifications.length) reader.fail("badValue", `${data.length} data`, start);
  reader.expectEnd();
  return { longInvokeIdAndPriority, dateTime, specifications, data };
}

export function encodeAccessRequest(request: AccessRequest): Uint8Array {
  const writer = new ByteWriter(128).u8(apduTag.accessRequest).u32(request.longInvokeIdAndPriority);
  writeOctets(writer, request.dateTime);
  writeList(writer, request.specifications, writeSpecification);
  writeList(writer, request.data, writeData);
  return writer.finish();
}

/** @throws DecodeError */
export function decodeAccessResponse(apdu: Uint8Array): AccessResponse {
  const reader = new ByteReader(apdu, "access-response", 1);
  const longInvokeIdAndPriority = reader.u32();
  const dateTime = readDateTime(reader);
  const present = reader.u8();
  if (present > 1) reader.fail("badValue", `presence ${present}`, reader.offset - 1);
  const specifications = present === 0 ? undefined : readList(reader, readSpecification);
  const data = readList(reader, readAny);
  const start = reader.offset;
  const results = readList(reader, readAccessResult);
  if (data.length !== results.length) reader.fail("badValue", `${results.length} results`, start);
  reader.expectEnd();
  return { longInvokeIdAndPriority, dateTime, specifications, data, results };
}

export function encodeAccessResponse(response: AccessResponse): Uint8Array {
  const writer = new ByteWriter(128);
  writeAccessResponseHead(writer, response);
  writeList(writer, response.data, writeData);
  writeList(writer, response.results, writeAccessResult);
  return writer.finish();
}

/** All before the list of data. */
export function writeAccessResponseHead(
  writer: ByteWriter,
  head: Pick<AccessResponse, "longInvokeIdAndPriority" | "dateTime" | "specifications">,
): void {
  writer.u8(apduTag.accessResponse).u32(head.longInvokeIdAndPriority);
  writeOctets(writer, head.dateTime);
  writer.u8(head.specifications === undefined ? 0 : 1);
  if (head.specifications !== undefined) writeList(writer, head.specifications, writeSpecification);
}

export function writeAccessResult(writer: ByteWriter, { kind, result }: AccessResult): void {
  writer.u8(choice[kind]).u8(result);
}

function readAccessResult(reader: ByteReader): AccessResult {
  const kinds = [undefined, "get", "set", "action"] as const;
  const kind = kinds[reader.u8()] ?? reader.fail("unknownTag", "result", reader.offset - 1);
  return { kind, result: reader.u8() };
}

function readSpecification(reader: ByteReader): AccessSpecification {
  const tag = reader.u8();
  switch (tag) {
    case choice.get:
    case choice.set:
      return { kind: tag === choice.get ? "get" : "set", attribute: readAttributeDescriptor(reader, undefined) };
    case choice.action:
      return { kind: "action", method: readMethod(reader) };
    case choice.getWithSelection:
    case choice.setWithSelection:
      return {
        kind: tag === choice.getWithSelection ? "get" : "set",
        attribute: readAttributeDescriptor(reader, readSelection),
      };
    default:
      return reader.fail("unknownTag", `specification ${tag}`, reader.offset - 1);
  }
}

function writeSpecification(writer: ByteWriter, specification: AccessSpecification): void {
  if (specification.kind === "action") {
    writeMethod(writer.u8(choice.action), specification.method);
    return;
  }
  const { kind, attribute } = specification;
  const { selectiveAccess } = attribute;
  const withSelection = kind === "get" ? choice.getWithSelection : choice.setWithSelection;
  writeAttributeDescriptor(writer.u8(selectiveAccess === undefined ? choice[kind] : withSelection), attribute);
  if (selectiveAccess !== undefined) writeSelection(writer, selectiveAccess);
}

function readDateTime(reader: ByteReader): Uint8Array {
  const start = reader.offset;
  const dateTime = readOctets(reader);
  if (dateTime.length !== 0 && dateTime.length !== 12) reader.fail("badLength", "a date-time has 12 octets", start);
  return dateTime;
}

const readAny = (reader: ByteReader): Data => readData(reader);
