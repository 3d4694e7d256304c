/**
 * Modbus TCP framing (MODBUS Messaging on TCP/IP V1.0b, clause 3.1): the MBAP header is transaction identifier,
 * protocol identifier 0, length of what follows, unit identifier; behind it stands the PDU.
 *
 * The decoder keeps at most one frame (260 bytes). A header that cannot be one ends the stream: nothing tells where
 * the next would begin. Frames before it still count, however the stream was cut.
 */
import { DecodeError } from "../../../cosem/index.js";
import type { AnswerBuffer } from "./answer-buffer.js";

const headerBytes = 7;
/** Unit identifier and PDU: the PDU has at most 253 bytes. */
const maxLength = 254;
const noRequests: readonly ModbusRequest[] = [];

export interface ModbusRequest {
  readonly transactionId: number;
  readonly unitId: number;
  readonly functionCode: number;
  /** What follows the function code; a view of the received bytes. */
  readonly data: Uint8Array;
}

export class ModbusStreamDecoder {
  /** Set once the stream cannot be read on; the connection is then to be closed. */
  broken: DecodeError | undefined;
  private kept: Uint8Array | undefined;
  private consumed = 0;

  /** The requests that this chunk completed, in order. Too few bytes is a normal answer. */
  push(chunk: Uint8Array): readonly ModbusRequest[] {
    if (this.broken !== undefined) return noRequests;
    const bytes = this.kept === undefined ? chunk : joined(this.kept, chunk);
    this.kept = undefined;
    const requests: ModbusRequest[] = [];
    let offset = 0;
    while (bytes.length - offset >= headerBytes) {
      this.broken = headerError(bytes, offset, this.consumed);
      if (this.broken !== undefined) return requests;
      const end = offset + 6 + u16(bytes, offset + 4);
      if (end > bytes.length) break;
      requests.push(requestAt(bytes, offset, end));
      offset = end;
    }
    this.consumed += offset;
    if (offset < bytes.length) this.kept = bytes.slice(offset);
    return requests;
  }
}

function requestAt(bytes: Uint8Array, offset: number, end: number): ModbusRequest {
  return {
    transactionId: u16(bytes, offset),
    unitId: bytes[offset + 6] ?? 0,
    functionCode: bytes[offset + 7] ?? 0,
    data: bytes.subarray(offset + 8, end),
  };
}

function headerError(bytes: Uint8Array, offset: number, consumed: number): DecodeError | undefined {
  if (u16(bytes, offset + 2) !== 0) {
    return new DecodeError("badValue", consumed + offset + 2, "mbap", "protocol identifier is not 0");
  }
  const length = u16(bytes, offset + 4);
  if (length >= 2 && length <= maxLength) return undefined;
  const reason = length > maxLength ? "lengthOverLimit" : "badLength";
  return new DecodeError(reason, consumed + offset + 4, "mbap", `length ${length}`);
}

function u16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** Appends the answer to function 3 or 4: `byteCount` (even, at most 250) bytes of `registers` from `from` on. */
export function appendRegisters(
  out: AnswerBuffer,
  request: ModbusRequest,
  registers: Uint8Array,
  from = 0,
  byteCount = registers.length,
): void {
  const { buffer, offset } = out.reserve(headerBytes + 2 + byteCount);
  writeHeader(buffer, offset, request, 3 + byteCount);
  buffer[offset + 7] = request.functionCode;
  buffer[offset + 8] = byteCount;
  for (let index = 0; index < byteCount; index++) buffer[offset + 9 + index] = registers[from + index] ?? 0;
}

/** Appends an exception response: the function code with its highest bit set, and the code. */
export function appendException(out: AnswerBuffer, request: ModbusRequest, exceptionCode: number): void {
  const { buffer, offset } = out.reserve(headerBytes + 2);
  writeHeader(buffer, offset, request, 3);
  buffer[offset + 7] = request.functionCode | 0x80;
  buffer[offset + 8] = exceptionCode;
}

function writeHeader(buffer: Uint8Array, offset: number, request: ModbusRequest, length: number): void {
  buffer[offset] = request.transactionId >> 8;
  buffer[offset + 1] = request.transactionId & 0xff;
  buffer[offset + 2] = 0;
  buffer[offset + 3] = 0;
  buffer[offset + 4] = length >> 8;
  buffer[offset + 5] = length & 0xff;
  buffer[offset + 6] = request.unitId;
}
