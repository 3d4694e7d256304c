/** Records and headers to bytes: what a virtual meter sends (EN 13757-3). */
import { ByteWriter } from "../../../cosem/codec/bytes.js";
import type { RecordFunction, RecordValue } from "../record.js";
import { dataLength, variableLength } from "./coding.js";
import { encodeRecordValue } from "./encode-values.js";
import { manufacturerCode } from "./names.js";
import { headerAt } from "./record-header.js";

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
  /** DIFEs at least, filled up with 00: a meter may send more than it needs. */
  readonly difes?: number;
  /** The LVAR byte with data field D, as an integer may be BCD (C0-D9) or binary (E0-F6); else the shortest that fits. */
  readonly lvar?: number;
  /** Data that the value is written over: the source of what a value does not say, e.g. type F's hundred-year bits. */
  readonly data?: Uint8Array;
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
  if (record.data !== undefined && record.data.length !== length) throw new RangeError(`data is not ${length} bytes`);
  writer.bytes(record.data ?? new Uint8Array(length));
  const bytes = writer.finish().slice();
  const { value } = record;
  const keepsData = record.data !== undefined && value.kind === "invalid" && value.coded === undefined;
  if (keepsData) return bytes;
  if (value.kind === "bytes" && headerAt(bytes, 0, bytes.length).profile) {
    if (value.value.length !== length) throw new RangeError("bytes of another length");
    // A compact profile stands in its value as sent.
    bytes.set(value.value, dataOffset);
    return bytes;
  }
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
  while (storage > 0 || tariff > 0 || subunit > 0 || difes < (record.difes ?? 0)) {
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
function writeVariableLength(writer: ByteWriter, { dataField, value, lvar }: RecordToEncode): number {
  const length = dataLength(dataField);
  if (length >= 0) return length;
  const chosen = lvar ?? shortestLvar(value);
  const announced = chosen === undefined ? -1 : variableLength(chosen);
  if (chosen === undefined || announced < 0) throw new RangeError(`no variable length for ${value.kind}`);
  writer.u8(chosen);
  return announced;
}

/** LVARs of binary numbers: 0-15 bytes, then 16, 20 … 32, 48 and 64. */
const binaryLvars = Array.from({ length: 0xf7 - 0xe0 }, (_, index) => 0xe0 + index);

function shortestLvar(value: RecordValue): number | undefined {
  if (value.kind === "text") return value.value.length <= 0xbf ? value.value.length : undefined;
  if (value.kind === "bytes") return binaryLvars.find((lvar) => variableLength(lvar) === value.value.length);
  if (value.kind !== "integer") return undefined;
  const coded = BigInt(value.value);
  return binaryLvars.slice(1, 9).find((lvar) => BigInt.asIntN(8 * variableLength(lvar), coded) === coded);
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
