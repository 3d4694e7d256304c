/** xDLMS InitiateRequest and InitiateResponse (IEC 62056-5-3, clauses 6.2 and 8.5), the user-information of ACSE. */
import { ByteReader, ByteWriter } from "../codec/bytes.js";
import { readOctets, readPresence, writeOctets } from "./descriptor.js";
import { apduTag } from "./tags.js";

export const dlmsVersion = 6;
/** vaa-name of LN referencing. */
export const vaaNameLn = 0x0007;

export interface InitiateRequest {
  readonly dedicatedKey: Uint8Array | undefined;
  /** False: an unconfirmed association, to which no AARE is due. */
  readonly responseAllowed: boolean;
  readonly proposedQualityOfService: number | undefined;
  readonly proposedDlmsVersionNumber: number;
  /** 24 bits. */
  readonly proposedConformance: number;
  /** Bytes of a whole APDU; 0 = no limit. */
  readonly clientMaxReceivePduSize: number;
}

export interface InitiateResponse {
  readonly negotiatedQualityOfService: number | undefined;
  readonly negotiatedDlmsVersionNumber: number;
  readonly negotiatedConformance: number;
  readonly serverMaxReceivePduSize: number;
  readonly vaaName: number;
}

/** @throws DecodeError `unknownTag` also for a ciphered initiate */
export function decodeInitiateRequest(bytes: Uint8Array): InitiateRequest {
  const reader = new ByteReader(bytes, "initiate-request");
  if (reader.u8() !== apduTag.initiateRequest) reader.fail("unknownTag", undefined, 0);
  const request = {
    dedicatedKey: readPresence(reader) ? new Uint8Array(readOctets(reader)) : undefined,
    responseAllowed: readPresence(reader) ? reader.u8() !== 0 : true,
    proposedQualityOfService: readPresence(reader) ? reader.i8() : undefined,
    proposedDlmsVersionNumber: reader.u8(),
    proposedConformance: readConformance(reader),
    clientMaxReceivePduSize: reader.u16(),
  };
  reader.expectEnd();
  return request;
}

export function encodeInitiateRequest(request: InitiateRequest): Uint8Array {
  const writer = new ByteWriter(32).u8(apduTag.initiateRequest);
  writer.u8(request.dedicatedKey === undefined ? 0 : 1);
  if (request.dedicatedKey !== undefined) writeOctets(writer, request.dedicatedKey);
  if (request.responseAllowed) writer.u8(0);
  else writer.u8(1).u8(0);
  writeOptionalInteger(writer, request.proposedQualityOfService);
  writer.u8(request.proposedDlmsVersionNumber);
  writeConformance(writer, request.proposedConformance);
  return writer.u16(request.clientMaxReceivePduSize).finish();
}

/** @throws DecodeError */
export function decodeInitiateResponse(bytes: Uint8Array): InitiateResponse {
  const reader = new ByteReader(bytes, "initiate-response");
  if (reader.u8() !== apduTag.initiateResponse) reader.fail("unknownTag", undefined, 0);
  const response = {
    negotiatedQualityOfService: readPresence(reader) ? reader.i8() : undefined,
    negotiatedDlmsVersionNumber: reader.u8(),
    negotiatedConformance: readConformance(reader),
    serverMaxReceivePduSize: reader.u16(),
    vaaName: reader.u16(),
  };
  reader.expectEnd();
  return response;
}

export function encodeInitiateResponse(response: InitiateResponse): Uint8Array {
  const writer = new ByteWriter(16).u8(apduTag.initiateResponse);
  writeOptionalInteger(writer, response.negotiatedQualityOfService);
  writer.u8(response.negotiatedDlmsVersionNumber);
  writeConformance(writer, response.negotiatedConformance);
  return writer.u16(response.serverMaxReceivePduSize).u16(response.vaaName).finish();
}

/** `5f1f 04 00` and 24 bits. Old clients leave out `1f`, the low part of the tag. */
function readConformance(reader: ByteReader): number {
  const start = reader.offset;
  if (reader.u8() !== 0x5f) reader.fail("badValue", "no conformance block", start);
  if (reader.peekU8() === 0x1f) reader.u8();
  if (reader.u16() !== 0x0400) reader.fail("badValue", "the conformance block has 24 bits", start);
  return reader.u8() * 0x10000 + reader.u16();
}

function writeConformance(writer: ByteWriter, conformance: number): void {
  writer
    .u16(0x5f1f)
    .u16(0x0400)
    .u8(conformance >>> 16)
    .u16(conformance & 0xffff);
}

function writeOptionalInteger(writer: ByteWriter, value: number | undefined): void {
  if (value === undefined) writer.u8(0);
  else writer.u8(1).u8(value);
}
