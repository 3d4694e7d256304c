/**
 * Bytes to rows and rows to bytes, without I/O: CSV by papaparse, .xls and .xlsx by SheetJS. Runs in a worker: both take
 * what they are given, and a workbook can be made to cost far more than its size.
 */
import { read, utils, type WorkBook, write } from "@e965/xlsx";
import Papa from "papaparse";
import type { TableFormat } from "./contract.js";

/** A cell as it stands: numbers only where a workbook says that it is one. */
export type Cell = string | number;

export interface TableRow {
  /** Of the file, from 1. */
  readonly line: number;
  readonly cells: readonly Cell[];
}

export interface Table {
  /** What kind of file it is, in words. */
  readonly read: string;
  /** The first row that is not empty. */
  readonly header: readonly string[];
  /** Empty ones left out. */
  readonly rows: readonly TableRow[];
  /** Rows that a CSV reader cannot make out. */
  readonly faults: readonly { readonly line: number; readonly reason: string }[];
}

export interface Sheet {
  readonly name: string;
  readonly rows: readonly (readonly Cell[])[];
}

export interface TableLimits {
  readonly maxRows: number;
  readonly maxColumns: number;
  /** Of a workbook, unpacked. */
  readonly maxUnpackedBytes: number;
}

/** What was wrong with the file as a whole, in words. */
export class TableFault extends Error {}

/** @throws TableFault where the file is none that can be read, or is too large */
export function readTable(bytes: Uint8Array, limits: TableLimits): Table {
  const format = formatOf(bytes);
  return format === "csv" ? readText(bytes, limits) : readWorkbook(bytes, format, limits);
}

function formatOf(bytes: Uint8Array): TableFormat {
  const head = Buffer.from(bytes.subarray(0, 8)).toString("hex");
  if (head.startsWith("504b0304")) return "xlsx";
  return head === "d0cf11e0a1b11ae1" ? "xls" : "csv";
}

function readText(bytes: Uint8Array, { maxRows, maxColumns }: TableLimits): Table {
  const { text, encoding } = decodeText(bytes);
  if (text.includes("\0")) throw new TableFault("this is no text: a CSV, .xls or .xlsx file is wanted");
  const delimiter = delimiterOf(text);
  const rows: TableRow[] = [];
  const faults: { line: number; reason: string }[] = [];
  let line = 1;
  let from = 0;
  Papa.parse<string[]>(text, {
    delimiter,
    step({ data, errors, meta }, parser) {
      const [fault] = errors;
      if (fault !== undefined) faults.push({ line, reason: `${fault.message}; mend the quotation marks` });
      else if (data.some((cell) => cell.trim() !== "")) rows.push({ line, cells: data.map((cell) => cell.trim()) });
      line += countLines(text, from, meta.cursor);
      from = meta.cursor;
      if (rows.length > maxRows + 1 || faults.length > maxRows) parser.abort();
    },
  });
  const names: Record<string, string> = { "\t": "tab" };
  const words = `CSV, separator ${names[delimiter] ?? delimiter}, encoding ${encoding}`;
  return tableOf(words, rows, faults, { maxRows, maxColumns });
}

/** As most often stands in the header, outside quotation marks; `;` where there is none. */
function delimiterOf(text: string): string {
  const header = (text.split(/\r\n|\r|\n/).find((line) => line.trim() !== "") ?? "").replace(/"[^"]*"/g, "");
  const counted = [";", ",", "\t"].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }));
  return counted.sort((one, other) => other.count - one.count)[0]?.delimiter ?? ";";
}

function decodeText(bytes: Uint8Array): { readonly text: string; readonly encoding: string } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    return { text: new TextDecoder("utf-16le").decode(bytes), encoding: "UTF-16" };
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "UTF-8" };
  } catch {
    return { text: decodeCp1252(bytes), encoding: "CP1252" };
  }
}

/** 80 to 9F; blanks for the five codes that mean nothing. Node's own decoder leaves these as control characters. */
const cp1252 = "€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ";

function decodeCp1252(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1");
  return text.replace(/[\x80-\x9f]/g, (character) => cp1252[character.charCodeAt(0) - 0x80] ?? character);
}

function countLines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    // CR LF counts once, by its LF.
    if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) count += 1;
  }
  return count;
}

function readWorkbook(bytes: Uint8Array, format: "xls" | "xlsx", limits: TableLimits): Table {
  if (format === "xlsx") checkUnpacked(bytes, limits.maxUnpackedBytes);
  let book: WorkBook;
  try {
    book = read(bytes, {
      type: "array",
      sheetRows: limits.maxRows + 2,
      cellFormula: false,
      cellHTML: false,
      dense: true,
    });
  } catch (error) {
    throw new TableFault(`the workbook cannot be read (${(error as Error).message}); save it anew, or as CSV`);
  }
  const [name] = book.SheetNames;
  const sheet = name === undefined ? undefined : book.Sheets[name];
  if (sheet === undefined) throw new TableFault("the workbook has no sheet");
  const first = utils.decode_range(sheet["!ref"] ?? "A1").s.r;
  const cells = utils.sheet_to_json<unknown[]>(sheet, { header: 1, raw: true, defval: "", blankrows: true });
  const rows = cells.flatMap((row, index): TableRow[] => {
    const values = row.map((cell): Cell => (typeof cell === "number" ? cell : String(cell ?? "").trim()));
    return values.every((cell) => cell === "") ? [] : [{ line: first + index + 1, cells: values }];
  });
  const kind = format === "xls" ? "Excel 97-2003" : "Excel (.xlsx)";
  return tableOf(`${kind}, sheet "${name}"`, rows, [], limits);
}

/** By the sizes in the archive's own directory. @throws TableFault */
function checkUnpacked(bytes: Uint8Array, most: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = buffer.lastIndexOf("PK\x05\x06", undefined, "latin1");
  if (end < 0 || end + 20 > buffer.length) throw new TableFault("the workbook was cut short; bring it anew");
  let total = 0;
  let at = buffer.readUInt32LE(end + 16);
  for (let entries = buffer.readUInt16LE(end + 10); entries > 0 && at + 46 <= buffer.length; entries--) {
    total += buffer.readUInt32LE(at + 24);
    if (total > most) throw new TableFault(`unpacked, the workbook has more than ${most >> 20} MB; cut it in parts`);
    at += 46 + buffer.readUInt16LE(at + 28) + buffer.readUInt16LE(at + 30) + buffer.readUInt16LE(at + 32);
  }
}

function tableOf(
  words: string,
  rows: readonly TableRow[],
  faults: Table["faults"],
  { maxRows, maxColumns }: Pick<TableLimits, "maxRows" | "maxColumns">,
): Table {
  const [header, ...rest] = rows;
  if (header === undefined) throw new TableFault("the file has no row; the first one names the columns");
  if (header.cells.length > maxColumns) throw new TableFault(`more than ${maxColumns} columns`);
  if (rest.length > maxRows) throw new TableFault(`more than ${maxRows} rows; cut the file in parts`);
  const width = header.cells.length;
  const isWider = ({ cells }: TableRow) => cells.slice(width).some((cell) => cell !== "");
  const wider = rest.filter(isWider).map(({ line, cells }) => ({
    line,
    reason: `${cells.length} fields, but the first row names ${width}; put quotation marks around a separator in a text, or name the column`,
  }));
  return {
    read: words,
    header: header.cells.map(String),
    rows: rest.filter((row) => !isWider(row)),
    faults: [...faults, ...wider],
  };
}

const xlsMaxRows = 65_536;

/** CSV has the first sheet alone. @throws TableFault where the format cannot hold that many rows */
export function writeTable(format: TableFormat, sheets: readonly Sheet[]): Uint8Array {
  if (format === "csv") return writeText(sheets[0]?.rows ?? []);
  if (format === "xls" && sheets.some(({ rows }) => rows.length > xlsMaxRows)) {
    throw new TableFault(`Excel 97-2003 holds ${xlsMaxRows} rows at most; take xlsx or csv`);
  }
  const book = utils.book_new();
  for (const { name, rows } of sheets) {
    const sheet = utils.aoa_to_sheet(rows.map((row) => [...row]));
    utils.book_append_sheet(book, sheet, name);
  }
  const written: unknown = write(book, {
    type: "buffer",
    bookType: format === "xls" ? "biff8" : "xlsx",
    compression: true,
  });
  return new Uint8Array(written as Uint8Array);
}

/** `;`, CR LF, UTF-8 with its mark, which Excel opens as it is. */
function writeText(rows: Sheet["rows"]): Uint8Array {
  const text = Papa.unparse(
    rows.map((row) => row.map(withoutFormula)),
    { delimiter: ";", newline: "\r\n" },
  );
  return new TextEncoder().encode(`\uFEFF${text}\r\n`);
}

const plainNumber = /^[+-]?\d{1,15}([.,]\d{1,15})?$/;

/** A text that a spreadsheet would take for a formula, and that is no plain number, gets an apostrophe, which withApostrophe() takes off again. */
function withoutFormula(cell: Cell): Cell {
  if (typeof cell !== "string" || plainNumber.test(cell)) return cell;
  return /^'*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

export function withoutApostrophe(text: string): string {
  return /^'+[=+\-@\t\r]/.test(text) ? text.slice(1) : text;
}
