/** The fields of application data, from the CI field on (EN 13757-3, -7). */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import { applicationErrorWords } from "../application/application-error.js";
import { controlInformation } from "../application/control-information.js";
import { decodeApplication } from "../application/decode.js";
import { fixedPlaces } from "../application/fixed-data.js";
import { decodeRecordsUntilCut, Special } from "../application/records.js";
import { securityOf } from "../application/security.js";
import { identificationText, readMeterHeader } from "../application/telegram-header.js";
import type { DataRecord, MeterHeader } from "../record.js";
import { writeMaker } from "./address-fields.js";
import { writeCommand } from "./command-fields.js";
import { type ManufacturerFields, writeManufacturerData } from "./manufacturer-fields.js";
import { writeRecord } from "./record-fields.js";
import { type Explanation, FieldWriter, hexByte } from "./tree.js";

export interface ApplicationOptions {
  /** Breaks down the manufacturer's data; default: one field. */
  readonly manufacturerFields?: ManufacturerFields | undefined;
  /** Whose data it is where the telegram's own header does not say it. */
  readonly meter?: MeterHeader | undefined;
  /** Why what is encrypted was not opened; default: that a key is needed. */
  readonly unopened?: string | undefined;
}

/** Any bytes are explained, as far as they can be read. */
export function explainApplication(bytes: Uint8Array, options: ApplicationOptions = {}): Explanation {
  const writer = new FieldWriter(bytes);
  writeApplication(writer, options);
  return { title: "application data", bytes, fields: writer.fields, error: refusalOf(() => decodeApplication(bytes)) };
}

/** What `decode` throws, for an explanation. */
export function refusalOf(decode: () => unknown): Explanation["error"] {
  try {
    decode();
    return undefined;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { reason: error.reason, offset: error.offset, words: error.message };
  }
}

/** Writes from the CI field to the end of the writer's bytes. */
export function writeApplication(writer: FieldWriter, options: ApplicationOptions = {}): void {
  if (writer.left === 0) return;
  const start = writer.offset;
  const code = writer.byte();
  const { name, treatment, header, direction } = controlInformation(code);
  writer.take(1, { name: "CI field", meaning: name });
  if (treatment === "fixed") {
    writeFixed(writer, start);
    return;
  }
  const isWhole = header !== undefined && writer.left >= header.length;
  const meter = options.meter ?? (isWhole ? readMeterHeader(writer.bytes.subarray(start), header) : undefined);
  const isPlain = header === undefined || writeMeterHeader(writer, header.length);
  if (!isPlain) writer.rest({ name: "encrypted data", meaning: options.unopened ?? "a key is needed" });
  else if (direction === "toMeter") writeCommand(writer, code);
  else if (treatment === "variable") writeRecords(writer, meter, options.manufacturerFields);
  else if (treatment === "applicationError") {
    writer.take(1, { name: "error code", meaning: applicationErrorWords(writer.byte()), value: String(writer.byte()) });
  } else if (treatment === "alarm") writer.take(1, { name: "alarm status", value: hexByte(writer.byte()) });
  writer.rest({ name: "data", meaning: "not decoded" });
}

/** @returns false where what follows is encrypted */
function writeMeterHeader(writer: FieldWriter, length: number): boolean {
  if (length === 12) writeIdentification(writer);
  if (length === 0) return true;
  writer.take(1, { name: "access number", value: String(writer.byte()) });
  writer.take(1, { name: "status", meaning: statusWords(writer.byte()), value: hexByte(writer.byte()) });
  const isWhole = writer.left >= 2;
  const word = writer.byte() | (writer.byte(1) << 8);
  writer.take(2, { name: "configuration word", meaning: securityWords(word), value: hexWord(word) });
  return !isWhole || securityOf(word) === "plain" || securityOf(word) === "signature";
}

const hexWord = (word: number) => hexByte(word >> 8) + hexByte(word & 0xff);

function securityWords(word: number): string {
  const mode = (word >> 8) & 0x1f;
  const security = securityOf(word);
  if (security === "signature") return `no security mode (${mode}): a signature of an old meter`;
  return `security mode ${mode}, ${security === "plain" ? "data in plain" : "data encrypted"}`;
}

function writeIdentification(writer: FieldWriter): void {
  const { bytes, offset } = writer;
  writer.take(4, {
    name: "identification number",
    value: writer.left >= 4 ? identificationText(bytes, offset) : undefined,
  });
  writeMaker(writer);
}

const applicationStates = ["no error", "application busy", "application error", "alarm"];

export function statusWords(status: number): string {
  const words = [
    applicationStates[status & 3] ?? "",
    (status & 0x04) === 0 ? "" : "power low",
    (status & 0x08) === 0 ? "" : "permanent error",
    (status & 0x10) === 0 ? "" : "temporary error",
    (status & 0xe0) === 0 ? "" : `manufacturer's bits ${hexByte(status & 0xe0)}`,
  ];
  return words.filter((word) => word !== "").join(", ");
}

function writeFixed(writer: FieldWriter, start: number): void {
  const bytes = writer.bytes.subarray(start, writer.end);
  if (bytes.length !== fixedPlaces.length) {
    writer.rest({ name: "fixed data", meaning: "16 bytes are wanted" });
    return;
  }
  const { records } = decodeApplication(bytes);
  writer.take(4, { name: "identification number", value: identificationText(writer.bytes, writer.offset) });
  writer.take(1, { name: "access number", value: String(writer.byte()) });
  writer.take(1, {
    name: "status",
    meaning: (writer.byte() & 1) === 0 ? "counters in BCD" : "counters binary",
    value: hexByte(writer.byte()),
  });
  for (const record of records) {
    writer.take(1, { name: "medium and unit", meaning: record.information.unit, value: hexByte(writer.byte()) });
  }
  for (const record of records) writeRecord(writer, movedBy(record, start), records);
}

function movedBy(record: DataRecord, offset: number): DataRecord {
  if (offset === 0) return record;
  return {
    ...record,
    headerOffset: record.headerOffset + offset,
    dataOffset: record.dataOffset + offset,
    endOffset: record.endOffset + offset,
  };
}

/** Records with their fillers, bad ones too, then the manufacturer's data; ends at a record that is cut. */
function writeRecords(
  writer: FieldWriter,
  meter: MeterHeader | undefined,
  manufacturerFields: ManufacturerFields | undefined,
): void {
  const records = decodeRecordsUntilCut(writer.bytes, writer.offset, writer.end);
  for (const record of records) {
    writeFillers(writer, record.headerOffset);
    writeRecord(writer, record, records);
  }
  writeFillers(writer, writer.end);
  if (writer.left === 0) return;
  const dif = writer.byte();
  if (dif !== Special.manufacturerData && dif !== Special.moreFollows) {
    writer.rest({ name: "not readable", meaning: "the telegram ends inside a record" });
    return;
  }
  const meaning =
    dif === Special.moreFollows ? "more records follow in the next telegram" : "manufacturer's data follow";
  writer.take(1, { name: "DIF", meaning });
  const data = writer.bytes.subarray(writer.offset, writer.end);
  writeManufacturerData(writer, (meter && manufacturerFields?.(meter, data)) ?? []);
}

function writeFillers(writer: FieldWriter, end: number): void {
  let count = 0;
  while (writer.offset + count < end && writer.byte(count) === Special.filler) count++;
  if (count > 0) writer.take(count, { name: "filler" });
}
