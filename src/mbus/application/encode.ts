/** Records and headers to bytes: what a virtual meter sends (EN 13757-3). */
import { ByteWriter } from "../../../cosem/codec/bytes.js";
import type { RecordFunction, RecordValue } from "../record.js";
import { dataLength } from "./coding.js";
import { encodeRecordValue } from "./encode-values.js";
import { manufacturerCode } from "./names.js";

export interface RecordToEncode {
  readonly function?: RecordFunction;
  readonly storage?: number;
  readonly tariff?: number;
  readonly subunit?: number;
  /** DIF bits 0-3. */
  readonly dataField: number;
  /** VIF and VIFEs as sent, plain text included. */
  readonly valueInformation: Uint8Array;
  readonly value: RecordValue;
}

const functions: readonly RecordFunction[] = ["inst", "max", "min", "error"];
const maxDifes = 10;

/**
 * One record: DIF, DIFEs, value information, LVAR where the data field is D, data.
 * @throws RangeError when a number needs more than 10 DIFEs or the value does not fit
 */
export function encodeRecord(record: RecordToEncode): Uint8Array {
  const writer = new ByteWriter(32);
  writeDataInformation(writer, record);
  writer.bytes(record.valueInformation);
  const length = writeVariableLength(writer, record);
  const dataOffset = writer.length;
  writer.bytes(new Uint8Array(length));
  const bytes = writer.finish().slice();
  encodeRecordValue(bytes, { dataField: record.dataField, dataOffset, endOffset: bytes.length }, record.value);
  return bytes;
}

function writeDataInformation(writer: ByteWriter, record: RecordToEncode): void {
  let storage = record.storage ?? 0;
  let tariff = record.tariff ?? 0;
  let subunit = record.subunit ?? 0;
  let byte = record.dataField | (functions.indexOf(record.function ?? "inst") << 4) | ((storage % 2) << 6);
  storage = Math.floor(storage / 2);
  let difes = 0;
  while (storage > 0 || tariff > 0 || subunit > 0) {
    if (++difes > maxDifes) throw new RangeError("storage, tariff or subunit needs more than 10 DIFEs");
    writer.u8(byte | 0x80);
    byte = (storage % 16) | ((tariff % 4) << 4) | ((subunit % 2) << 6);
    storage = Math.floor(storage / 16);
    tariff = Math.floor(tariff / 4);
    subunit = Math.floor(subunit / 2);
  }
  writer.u8(byte);
}

/** Writes the LVAR of a record that has one; returns the number of data bytes. */
function writeVariableLength(writer: ByteWriter, { dataField, value }: RecordToEncode): number {
  const length = dataLength(dataField);
  if (length >= 0) return length;
  if (value.kind === "text" && value.value.length <= 0xbf) {
    writer.u8(value.value.length);
    return value.value.length;
  }
  if (value.kind === "bytes" && value.value.length <= 0x0f) {
    writer.u8(0xe0 | value.value.length);
    return value.value.length;
  }
  throw new RangeError(`no variable length for ${value.kind}`);
}

export interface LongHeader {
  /** Three letters. */
  readonly manufacturer: string;
  /** Eight (hex) digits. */
  readonly id: string;
  readonly version: number;
  readonly medium: number;
  readonly accessNumber: number;
  readonly status: number;
  readonly configurationWord?: number;
}

/**
 * CI 72 and the long header, 13 bytes.
 * @throws RangeError for a manufacturer or an id that is none
 */
export function encodeLongHeader(header: LongHeader): Uint8Array {
  if (!/^[0-9a-f]{8}$/i.test(header.id)) throw new RangeError(`no identification number: ${header.id}`);
  const bytes = new Uint8Array(13);
  bytes[0] = 0x72;
  for (let index = 0; index < 4; index++) {
    bytes[1 + index] = Number.parseInt(header.id.slice(6 - 2 * index, 8 - 2 * index), 16);
  }
  const manufacturer = manufacturerCode(header.manufacturer);
  const signature = header.configurationWord ?? 0;
  bytes.set([manufacturer & 0xff, manufacturer >> 8, header.version, header.medium], 5);
  bytes.set([header.accessNumber, header.status, signature & 0xff, signature >> 8], 9);
  return bytes;
}
