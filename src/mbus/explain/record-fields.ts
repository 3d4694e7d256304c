/** The fields of one data record: DIF, DIFEs, VIF, plain text, VIFEs, LVAR, data (EN 13757-3). */
import { variableKind, variableLength } from "../application/coding.js";
import { type ExpandedProfile, expandProfile } from "../application/compact-profile.js";
import { isUnreadable } from "../application/records.js";
import { efTable, fbTable, fdfdTable, fdTable, primaryTable, type VifMeaning } from "../application/vif-tables.js";
import { extensionWords, vifeMeaning } from "../application/vife-tables.js";
import type { DataRecord } from "../record.js";
import { type FieldWriter, hexByte } from "./tree.js";
import { valueText } from "./value-text.js";

const functionWords = ["instantaneous value", "maximum", "minimum", "value during error state"];
const dataFieldWords = [
  "no data",
  "8-bit integer",
  "16-bit integer",
  "24-bit integer",
  "32-bit integer",
  "32-bit real",
  "48-bit integer",
  "64-bit integer",
  "selection for readout",
  "2-digit BCD",
  "4-digit BCD",
  "6-digit BCD",
  "8-digit BCD",
  "variable length",
  "12-digit BCD",
  "special function",
];

/** The record that begins at the writer's offset, as one field with its parts. */
export function writeRecord(writer: FieldWriter, record: DataRecord, records: readonly DataRecord[]): void {
  const { information, storage, tariff, subunit } = record;
  const place = [
    record.function === "inst" ? "" : record.function,
    storage === 0 ? "" : `storage ${storage}`,
    tariff === 0 ? "" : `tariff ${tariff}`,
    subunit === 0 ? "" : `subunit ${subunit}`,
    ...information.modifiers,
    information.recordError === undefined ? "" : `record error: ${information.recordError}`,
    record.fault === undefined ? "" : `${record.fault.words} (${record.fault.reason})`,
  ].filter((words) => words !== "");
  const meaning = [information.quantity, ...place].join(", ");
  writer.group(
    {
      name: record.fault === undefined ? "record" : "bad record",
      meaning,
      value: valueText(record.value, information),
    },
    (inside) => {
      writeHeader(inside, record);
      writeData(inside, record, records);
    },
    record.endOffset,
  );
}

/** A fixed data structure has records without headers. */
function writeHeader(writer: FieldWriter, record: DataRecord): void {
  if (record.header.length === 0) return;
  if (record.fault?.reason === "reservedDataField") {
    writer.take(1, { name: "DIF", meaning: record.fault.words });
    return;
  }
  writeDataInformation(writer);
  writeValueInformation(writer, record.headerOffset + record.header.length, record);
}

function writeDataInformation(writer: FieldWriter): void {
  const dif = writer.byte();
  const storageBit = (dif & 0x40) === 0 ? "" : ", storage bit 0 set";
  writer.take(1, {
    name: "DIF",
    meaning: `${functionWords[(dif >> 4) & 3]}, ${dataFieldWords[dif & 0x0f]}${storageBit}`,
  });
  for (let extended = dif >= 0x80, step = 0; extended && writer.left > 0; step++) {
    const dife = writer.byte();
    const parts = [
      `storage + ${(dife & 0x0f) * 2 ** (1 + 4 * step)}`,
      `tariff + ${((dife >> 4) & 3) * 4 ** step}`,
      `subunit + ${((dife >> 6) & 1) * 2 ** step}`,
    ];
    // Last and with nothing set it adds nothing: the storage number is that of a register.
    const register = dife === 0 ? "register number: " : "";
    writer.take(1, { name: "DIFE", meaning: register + parts.join(", ") });
    extended = dife >= 0x80;
  }
}

const extensionTables: Readonly<Record<number, readonly VifMeaning[]>> = { 251: fbTable, 253: fdTable, 239: efTable };

function vifWords({ quantity, unit, exponent }: VifMeaning): string {
  const scale = exponent === 0 ? "" : `10^${exponent} `;
  return unit === "" && scale === "" ? quantity : `${quantity} in ${scale}${unit}`.trimEnd();
}

function writeValueInformation(writer: FieldWriter, end: number, record: DataRecord): void {
  const vif = writer.byte();
  const table = extensionTables[vif];
  if (table !== undefined) {
    writer.take(1, { name: "VIF", meaning: `extension table ${hexByte(vif)}` });
    const code = writer.byte();
    if (vif === 0xfd && code === 0xfd) {
      writer.take(1, { name: "VIFE", meaning: "second-level extension table" });
      writer.take(1, { name: "VIFE", meaning: vifWords(fdfdTable[writer.byte() & 0x7f] as VifMeaning) });
    } else {
      writer.take(1, { name: "VIFE", meaning: vifWords(table[code & 0x7f] as VifMeaning) });
    }
  } else {
    writer.take(1, { name: "VIF", meaning: vifWords(primaryTable[vif & 0x7f] as VifMeaning) });
    if ((vif & 0x7f) === 0x7c) writePlainText(writer, end, record);
  }
  writeVifes(writer, end, (vif & 0x7f) === 0x7f);
}

/** The text stands before the VIFEs or behind them; the decoder settled it, and its text tells which. */
function writePlainText(writer: FieldWriter, end: number, record: DataRecord): void {
  const { unit } = record.information;
  const isFirst = writer.byte() === unit.length && isTextAt(writer, 1, unit);
  if (!isFirst) {
    while (writer.offset < end && writer.byte() >= 0x80) writeVife(writer, false);
    if (writer.offset < end) writeVife(writer, false);
  }
  writer.take(1, { name: "text length", value: String(unit.length) });
  writer.take(Math.min(unit.length, end - writer.offset), {
    name: "plain text",
    meaning: "unit in the meter's own words, last letter first",
    value: JSON.stringify(unit),
  });
}

function isTextAt(writer: FieldWriter, ahead: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (writer.byte(ahead + index) !== text.charCodeAt(text.length - 1 - index)) return false;
  }
  return true;
}

function writeVifes(writer: FieldWriter, end: number, areManufacturers: boolean): void {
  let manufacturers = areManufacturers;
  while (writer.offset < end) manufacturers = writeVife(writer, manufacturers);
}

/** @returns true when all further VIFEs are the manufacturer's */
function writeVife(writer: FieldWriter, isManufacturers: boolean): boolean {
  const vife = writer.byte();
  if (isManufacturers) {
    writer.take(1, { name: "VIFE", meaning: "manufacturer specific" });
    return true;
  }
  const meaning = vifeMeaning(vife);
  switch (meaning.effect) {
    case "extension":
      writer.take(1, { name: "VIFE", meaning: "extension of the combinable VIFEs" });
      if (vife >= 0x80) writer.take(1, { name: "VIFE", meaning: extensionWords(writer.byte()) });
      return false;
    case "manufacturer":
      writer.take(1, { name: "VIFE", meaning: "manufacturer specific VIFEs follow" });
      return true;
    case "error":
      writer.take(1, { name: "VIFE", meaning: `record error: ${meaning.words}` });
      return false;
    default:
      writer.take(1, { name: "VIFE", meaning: meaning.words });
      return false;
  }
}

function writeData(writer: FieldWriter, record: DataRecord, records: readonly DataRecord[]): void {
  if (record.fault !== undefined && isUnreadable(record)) {
    if (record.fault.reason === "badLength") writer.take(1, { name: "LVAR", meaning: record.fault.words });
    writer.rest({ name: "not readable", meaning: "where the next record begins is not known" });
    return;
  }
  const profile = expandProfile(records, record);
  if (writer.offset < record.dataOffset) {
    const lvar = writer.byte();
    const plain = { text: "text", bcd: "BCD", negativeBcd: "negative BCD", binary: "binary" }[variableKind(lvar)];
    const kind = profile === undefined ? plain : "a compact profile";
    writer.take(1, { name: "LVAR", meaning: `${variableLength(lvar)} bytes of ${kind}` });
  }
  const length = record.endOffset - writer.offset;
  if (profile === undefined) {
    const value = valueText(record.value, record.information);
    writer.take(length, { name: "data", meaning: centuryWords(writer, record, length), value });
    return;
  }
  writer.group({ name: "data" }, (inside) => writeProfile(inside, profile, record), record.endOffset);
}

/** Type F may name its century; what is coded is taken, also where a clock of 2126 stands beside a set date of 2026. */
function centuryWords(writer: FieldWriter, { value }: DataRecord, length: number): string {
  const hundreds = (writer.byte(1) >> 5) & 3;
  if (value.kind !== "datetime" || length !== 4 || hundreds === 0) return "";
  return `hundred-year field ${hundreds}: ${1900 + 100 * hundreds} and the year`;
}

const modeWords = {
  absolute: "absolute values",
  increments: "increments",
  decrements: "decrements",
  differences: "signed differences",
} as const;

function writeProfile(writer: FieldWriter, profile: ExpandedProfile, record: DataRecord): void {
  const { spacing } = profile;
  const distance = spacing === undefined ? "no time series" : `${spacing.count} ${spacing.unit}`;
  const size = `${profile.elementBytes} bytes each`;
  writer.take(1, { name: "spacing control", meaning: `${modeWords[profile.incrementMode]}, ${size}` });
  writer.take(1, { name: "spacing value", meaning: distance });
  for (const { time, storage, value } of profile.entries) {
    const register = storage === undefined ? "" : `register ${storage}`;
    writer.take(profile.elementBytes, {
      name: "profile value",
      meaning: [time ?? "", register].filter((words) => words !== "").join(", "),
      value: valueText(value, { ...record.information, exponent: profile.exponent }),
    });
  }
  writer.rest({ name: "profile remainder", meaning: "shorter than one value" });
}
