/** Data records of a variable data structure: one walk over the bytes, one object a record (EN 13757-3). */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import type { DataRecord, RecordFault } from "../record.js";
import { reservedDataField, withReservedLength } from "./bad-record.js";
import { dataLength, lengthInLvar, variableLength } from "./coding.js";
import { readValue } from "./data-values.js";
import { headerAt, layer, type RecordHeader, restOfTelegram } from "./record-header.js";

/** Special functions: DIFs whose data field is F. */
export const Special = { manufacturerData: 0x0f, moreFollows: 0x1f, filler: 0x2f } as const;

export interface DecodedRecords {
  readonly records: readonly DataRecord[];
  readonly manufacturerData: Uint8Array | undefined;
  readonly more: boolean;
  /** One of the records has a reserved DIF or LVAR. */
  readonly hasUnreadable: boolean;
}

/**
 * Decodes all records from `offset` to `end`. One bad record never drops the others:
 * - a value that is not valid, or more than 10 DIFEs or VIFEs: a record without value, the next one is read;
 * - a reserved DIF or LVAR: a record without value, with its `fault`. Where its length is not known it takes all bytes
 *   to the end; the records before it stand.
 * Refused is what no telegram can be trusted of: one that ends inside a record has lost bytes, and nothing says which
 * record lost them; and one with a reserved code and not one good record that carries data need not hold records at all
 * (encrypted bytes behind a wrong CI field look so). The reasons stand in docs/bad-records.md.
 * @throws DecodeError `truncated`; `reservedDataField` (DIF 3F-FF with data field F) or `badLength` (reserved LVAR)
 *   where no good record with data and no manufacturer's data is beside it
 */
export function decodeRecords(bytes: Uint8Array, offset: number, end: number): DecodedRecords {
  const decoded = readRecords(bytes, offset, end, []);
  const fault = decoded.hasUnreadable
    ? refusedFault(decoded.records, decoded.manufacturerData !== undefined)
    : undefined;
  if (fault !== undefined) throw new DecodeError(fault.reason, fault.offset, layer, fault.words);
  return decoded;
}

/** Reads all records into `records`, where they are also when it throws. @throws DecodeError `truncated` */
function readRecords(bytes: Uint8Array, offset: number, end: number, records: DataRecord[]): DecodedRecords {
  let hasUnreadable = false;
  let next = offset;
  while (next < end) {
    const dif = bytes[next] as number;
    if ((dif & 0x0f) === 0x0f) {
      if (dif === Special.filler) {
        next++;
        continue;
      }
      if (dif === Special.manufacturerData || dif === Special.moreFollows) {
        const more = dif === Special.moreFollows;
        return { records, manufacturerData: new Uint8Array(bytes.subarray(next + 1, end)), more, hasUnreadable };
      }
    }
    const record = decodeRecord(bytes, next, end);
    hasUnreadable ||= record.fault !== undefined && isUnreadable(record);
    records.push(record);
    next = record.endOffset;
  }
  return { records, manufacturerData: undefined, more: false, hasUnreadable };
}

/** True for a reserved DIF or LVAR; false for good records, and for those with too many extensions. */
export function isUnreadable({ fault }: Pick<DataRecord, "fault">): boolean {
  return fault !== undefined && fault.reason !== "tooManyExtensions";
}

/**
 * The reserved code for which a telegram is refused: one stands there, and neither a good record with data nor
 * manufacturer's data is beside it. These bytes need not be records at all.
 */
export function refusedFault(
  records: readonly Pick<DataRecord, "fault" | "dataField">[],
  hasManufacturerData: boolean,
): RecordFault | undefined {
  const bad = hasManufacturerData ? undefined : records.find(isUnreadable);
  return bad === undefined || records.some(isGoodWithData) ? undefined : bad.fault;
}

function isGoodWithData({ fault, dataField }: Pick<DataRecord, "fault" | "dataField">): boolean {
  return fault === undefined && dataLength(dataField) !== 0;
}

/**
 * The header of the record that begins at `offset`, good or bad.
 * @throws DecodeError `truncated`
 */
export function recordHeaderAt(bytes: Uint8Array, offset: number, end: number): RecordHeader {
  const dif = bytes[offset] as number;
  if ((dif & 0x0f) === 0x0f) return reservedDataField(dif);
  const header = headerAt(bytes, offset, end);
  if (header.dataLength !== lengthInLvar) return header;
  const lvarOffset = offset + header.bytes.length;
  if (lvarOffset >= end) truncatedAt(end, "premature end before LVAR");
  const lvar = bytes[lvarOffset] as number;
  return variableLength(lvar) < 0 ? withReservedLength(header, lvar) : header;
}

function decodeRecord(bytes: Uint8Array, offset: number, end: number): DataRecord {
  if (((bytes[offset] as number) & 0x0f) === 0x0f) return badRecord(bytes, offset, end);
  const header = headerAt(bytes, offset, end);
  let dataOffset = offset + header.bytes.length;
  let length = header.dataLength;
  let lvar = 0;
  if (length < 0) {
    if (dataOffset >= end) truncatedAt(end, "premature end before LVAR");
    lvar = bytes[dataOffset] as number;
    length = variableLength(lvar);
    if (length < 0) return badRecord(bytes, offset, end);
    dataOffset++;
  }
  if (dataOffset + length > end) truncatedAt(end, "premature end of data");
  return recordOf(header, bytes, offset, dataOffset, length, lvar);
}

function truncatedAt(offset: number, detail: string): never {
  throw new DecodeError("truncated", offset, layer, detail);
}

/** A record with a reserved DIF or LVAR. */
function badRecord(bytes: Uint8Array, offset: number, end: number): DataRecord {
  const header = recordHeaderAt(bytes, offset, end);
  const dataOffset = offset + header.bytes.length;
  const length = header.dataLength === restOfTelegram ? end - dataOffset : header.dataLength;
  return recordOf(header, bytes, offset, dataOffset, length, 0);
}

function recordOf(
  header: RecordHeader,
  bytes: Uint8Array,
  headerOffset: number,
  dataOffset: number,
  length: number,
  lvar: number,
): DataRecord {
  return {
    function: header.function,
    storage: header.storage,
    tariff: header.tariff,
    subunit: header.subunit,
    information: header.information,
    value: readValue(header, bytes, dataOffset, length, lvar),
    fault: header.fault === undefined ? undefined : moved(header.fault, headerOffset),
    dataField: header.dataField,
    headerOffset,
    dataOffset,
    endOffset: dataOffset + length,
    header: header.bytes,
  };
}

/** True for a compact profile: its bytes are as sent, and unit and exponent are those of each value inside. */
export function isCompactProfile({ header, fault }: Pick<DataRecord, "header" | "fault">): boolean {
  // A fixed data structure has records without headers.
  return fault === undefined && header.length > 0 && headerAt(header, 0, header.length).profile;
}

function moved(fault: RecordFault, by: number): RecordFault {
  return { ...fault, offset: fault.offset + by };
}

/** The records before the one that the telegram's end cuts, if it does: for explanations of broken telegrams. */
export function decodeRecordsUntilCut(bytes: Uint8Array, offset: number, end: number): readonly DataRecord[] {
  const records: DataRecord[] = [];
  try {
    readRecords(bytes, offset, end, records);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return records;
}
