/** Data records of a variable data structure: one walk over the bytes, one object a record (EN 13757-3). */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import type { DataRecord } from "../record.js";
import { variableLength } from "./coding.js";
import { readValue } from "./data-values.js";
import { headerAt, layer, type RecordHeader } from "./record-header.js";

/** Special functions: DIFs whose data field is F. */
export const Special = { manufacturerData: 0x0f, moreFollows: 0x1f, filler: 0x2f } as const;

export interface DecodedRecords {
  readonly records: readonly DataRecord[];
  readonly manufacturerData: Uint8Array | undefined;
  readonly more: boolean;
}

/**
 * Decodes all records from `offset` to `end`. A value that is not valid is a record like any other; only what hides
 * where the next record begins refuses the telegram.
 * @throws DecodeError `truncated`, `reservedDataField` (DIF 3F-FF with data field F), `badLength` (reserved LVAR)
 */
export function decodeRecords(bytes: Uint8Array, offset: number, end: number): DecodedRecords {
  const records: DataRecord[] = [];
  let next = offset;
  while (next < end) {
    const dif = bytes[next] as number;
    if ((dif & 0x0f) === 0x0f) {
      if (dif === Special.filler) {
        next++;
        continue;
      }
      return finish(records, bytes, next, end, dif);
    }
    const record = decodeRecord(bytes, next, end);
    records.push(record);
    next = record.endOffset;
  }
  return { records, manufacturerData: undefined, more: false };
}

function finish(
  records: readonly DataRecord[],
  bytes: Uint8Array,
  offset: number,
  end: number,
  dif: number,
): DecodedRecords {
  if (dif !== Special.manufacturerData && dif !== Special.moreFollows) {
    throw new DecodeError("reservedDataField", offset, layer, `DIF ${dif.toString(16)}`);
  }
  return { records, manufacturerData: bytes.slice(offset + 1, end), more: dif === Special.moreFollows };
}

function decodeRecord(bytes: Uint8Array, offset: number, end: number): DataRecord {
  const header = headerAt(bytes, offset, end);
  let dataOffset = offset + header.bytes.length;
  let length = header.dataLength;
  let lvar = 0;
  if (length < 0) {
    if (dataOffset >= end) throw new DecodeError("truncated", end, layer, "premature end before LVAR");
    lvar = bytes[dataOffset] as number;
    length = variableLength(lvar);
    if (length < 0) throw new DecodeError("badLength", dataOffset, layer, `reserved LVAR ${lvar.toString(16)}`);
    dataOffset++;
  }
  if (dataOffset + length > end) throw new DecodeError("truncated", end, layer, "premature end of data");
  return recordOf(header, bytes, offset, dataOffset, length, lvar);
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
    dataField: header.dataField,
    headerOffset,
    dataOffset,
    endOffset: dataOffset + length,
    header: header.bytes,
  };
}

/** True for a compact profile: its bytes are as sent, and unit and exponent are those of each value inside. */
export function isCompactProfile(record: Pick<DataRecord, "header">): boolean {
  const { header } = record;
  // A fixed data structure has records without headers.
  return header.length > 0 && headerAt(header, 0, header.length).profile;
}

/** The records before the first byte that no record can be read from: for explanations of broken telegrams. */
export function decodeRecordsUntilFault(bytes: Uint8Array, offset: number, end: number): DataRecord[] {
  const records: DataRecord[] = [];
  let next = offset;
  while (next < end) {
    const dif = bytes[next] as number;
    if (dif === Special.filler) {
      next++;
      continue;
    }
    if ((dif & 0x0f) === 0x0f) return records;
    try {
      const record = decodeRecord(bytes, next, end);
      records.push(record);
      next = record.endOffset;
    } catch (error) {
      if (error instanceof DecodeError) return records;
      throw error;
    }
  }
  return records;
}
