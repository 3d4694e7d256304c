/** Header and data rows of a report, as its layout declares them. Text, not bytes. */
import type { MeterSummary, ObjectDescription, ReadingLine } from "../../services/meters/contract.js";
import type { ReportConventions } from "./contract.js";
import type { LocalTime } from "./local-time.js";
import type { ColumnFact, ReportLayout } from "./report-layout.js";

const lineEnd = "\r\n";
const number = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** What a column's header is made of. */
export type ValueWords = Pick<
  ObjectDescription,
  "quantity" | "unit" | "function" | "storage" | "tariff" | "subunit" | "modifiers" | "manufacturerSpecific"
>;
export type MeterWords = Pick<
  MeterSummary,
  "position" | "primaryAddress" | "identification" | "manufacturer" | "version" | "mediumName"
>;
export type ReadingWords = Omit<ReadingLine, "number" | "telegramCount" | "quality"> &
  Partial<Pick<ReadingLine, "quality">>;

export interface RowFormat {
  readonly layout: ReportLayout;
  readonly conventions: ReportConventions;
  readonly localTime: LocalTime;
  readonly gatewaySerial: string;
}

/** The row that names the columns; it stands before each meter, as their values differ. */
export function headerRow(format: RowFormat, values: readonly ValueWords[]): string {
  const { layout, conventions } = format;
  const fixed = layout.columns.map(({ header }) => header);
  return joinRow([...fixed, ...values.map((words) => valueHeader(layout, words))], conventions);
}

function valueHeader(layout: ReportLayout, words: ValueWords): string {
  const parts = { ...words, description: description(words), function: layout.values.functions[words.function] };
  return layout.values.header.map((part) => String(parts[part])).join(layout.values.separator);
}

const manufacturerCode = /^mfct 0x([0-9a-f]{2})$/i;

/** `flow temperature` is `flow-temperature`; VIF FFh with VIFE 07h is `manufacturer-specific-ff-07`. */
function description({ quantity, modifiers, manufacturerSpecific }: ValueWords): string {
  const codes = modifiers.map((modifier) => manufacturerCode.exec(modifier)?.[1] ?? modifier);
  const isBare = manufacturerSpecific && quantity.toLowerCase() === "manufacturer specific";
  const words = isBare && codes.length > 0 ? [quantity, "ff", ...codes] : [quantity, ...codes];
  const text = words.join(" ").trim().replaceAll(/\s+/g, "-");
  return isBare ? text.toLowerCase() : text;
}

/** One reading of one meter, with as many values as the header has; what the telegram lacked is empty. */
export function dataRow(format: RowFormat, meter: MeterWords, reading: ReadingWords, valueCount: number): string {
  const { layout, conventions } = format;
  const fixed = layout.columns.map(({ show, digits = 0, absent = "" }) => {
    const fact = columnFact(format, show, meter, reading);
    return fact === undefined ? absent : safeText(String(fact).padStart(digits, "0"));
  });
  const values = Array.from({ length: valueCount }, (_, index) => cellText(reading.cells[index] ?? "", conventions));
  return joinRow([...fixed, ...values], conventions);
}

function columnFact(
  format: RowFormat,
  show: ColumnFact,
  meter: MeterWords,
  reading: ReadingWords,
): string | number | undefined {
  switch (show) {
    case "gatewaySerial":
      return format.gatewaySerial;
    case "readAt":
      return format.localTime.dateTime(reading.readAtMs, format.conventions.showOffset);
    case "telegramNumber":
      // A reading is one row, whatever its number of telegrams: the number of the first one.
      return 0;
    case "accessNumber":
    case "statusByte":
    case "signature":
      return reading[show];
    case "quality":
      return reading.quality ?? 0;
    default:
      return meter[show];
  }
}

function cellText(text: string, { decimalSeparator }: ReportConventions): string {
  if (!number.test(text)) return safeText(text);
  return decimalSeparator === "." ? text : text.replace(".", decimalSeparator);
}

/** A spreadsheet must not take text from a meter or a form for a formula (OWASP, CSV injection). */
function safeText(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function joinRow(fields: readonly string[], { separator }: ReportConventions): string {
  return fields.map((field) => quoted(field, separator)).join(separator) + lineEnd;
}

/** RFC 4180, clause 2, with the separator in use. */
function quoted(field: string, separator: string): string {
  return field.includes(separator) || /["\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
