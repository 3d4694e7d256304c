/**
 * Selective access to a profile's buffer (IEC 62056-6-2, Profile generic, selectors 1 and 2): from the parameters of a
 * request to a selection, and from a selection and rows to the rows wanted. Pure; a store answers a selection itself.
 */
import { toHex } from "../../codec/bytes.js";
import type { Data } from "../../codec/data.js";
import { cosemDateTimeFromBytes } from "../../model/cosem-date-time.js";
import { array, doubleLongUnsigned, longUnsigned, ScopeOfAccessViolated, TypeUnmatched } from "../../model/types.js";
import { type CaptureObject, captureObjectDefinition } from "./definition.js";

/** A bound or a cell that can be compared: an instant in milliseconds for times, else the number or text itself. */
export type Comparable = number | bigint | string;

/** Rows whose restricting column lies in from … to, both included. Undefined: open on that side. */
export interface RangeSelection {
  readonly kind: "range";
  /** Index in the capture objects, from 0. */
  readonly restrictingColumn: number;
  readonly from: Comparable | undefined;
  readonly to: Comparable | undefined;
  /** Indexes in the capture objects, from 0, in the order of the answer. */
  readonly columns: readonly number[];
}

/** Rows by their place in the buffer, from 1; `to` undefined: to the end. */
export interface EntrySelection {
  readonly kind: "entry";
  readonly from: number;
  readonly to: number | undefined;
  readonly columns: readonly number[];
}

export type BufferSelection = RangeSelection | EntrySelection;

export interface SelectionColumns {
  readonly captureObjects: readonly CaptureObject[];
  /** Minutes (UTC = local + minutes) for a time sent without deviation; given its local milliseconds. Default: 0. */
  deviationAt?(localMs: number): number;
}

const descriptorRange = 1;
const descriptorEntry = 2;

/**
 * What a request selects.
 * @throws TypeUnmatched when the parameters are not of the selector's type
 * @throws ScopeOfAccessViolated for a column or object that the profile does not capture, or a time that is none
 */
export function parseBufferSelection(
  access: { readonly selector: number; readonly parameters: Data },
  profile: SelectionColumns,
): BufferSelection {
  if (access.selector === descriptorRange) return parseRange(access.parameters, profile);
  if (access.selector === descriptorEntry) return parseEntry(access.parameters, profile);
  throw new ScopeOfAccessViolated(`selector ${access.selector} is not defined for a buffer`);
}

function parseRange(parameters: Data, profile: SelectionColumns): RangeSelection {
  const [restricting, from, to, selected] = fieldsOf(parameters, "range_descriptor");
  const restrictingColumn = columnOf(captureObjectDefinition.fromData(restricting), profile);
  const columns = array(captureObjectDefinition).fromData(selected);
  // A column named a thousand times would make a small request answer with a thousandfold of the buffer.
  if (columns.length > profile.captureObjects.length) throw new ScopeOfAccessViolated("more columns than are captured");
  return {
    kind: "range",
    restrictingColumn,
    from: bound(from, profile),
    to: bound(to, profile),
    columns: columns.length === 0 ? allColumns(profile) : columns.map((column) => columnOf(column, profile)),
  };
}

function parseEntry(parameters: Data, profile: SelectionColumns): EntrySelection {
  const [fromEntry, toEntry, fromColumn, toColumn] = fieldsOf(parameters, "entry_descriptor");
  const from = doubleLongUnsigned.fromData(fromEntry);
  const to = doubleLongUnsigned.fromData(toEntry);
  const first = longUnsigned.fromData(fromColumn);
  const last = longUnsigned.fromData(toColumn) || profile.captureObjects.length;
  if (from === 0 || first === 0) throw new ScopeOfAccessViolated("entries and columns count from 1");
  return {
    kind: "entry",
    from,
    to: to === 0 ? undefined : to,
    columns: allColumns(profile).slice(first - 1, last),
  };
}

function fieldsOf(parameters: Data, name: string): readonly [Data, Data, Data, Data] {
  if (parameters.type !== "structure") throw new TypeUnmatched(name, parameters.type);
  const [first, second, third, fourth] = parameters.value;
  if (parameters.value.length !== 4 || !first || !second || !third || !fourth) {
    throw new TypeUnmatched(name, `structure of ${parameters.value.length}`);
  }
  return [first, second, third, fourth];
}

function allColumns(profile: SelectionColumns): readonly number[] {
  return profile.captureObjects.map((_, index) => index);
}

function columnOf(wanted: CaptureObject, profile: SelectionColumns): number {
  const index = profile.captureObjects.findIndex(
    (column) =>
      column.logicalName === wanted.logicalName &&
      column.classId === wanted.classId &&
      column.attributeIndex === wanted.attributeIndex &&
      column.dataIndex === wanted.dataIndex,
  );
  if (index < 0) throw new ScopeOfAccessViolated(`${wanted.logicalName} is not captured`);
  return index;
}

/** A time with nothing specified leaves its side open; one that names no instant otherwise is out of scope. */
function bound(data: Data, profile: SelectionColumns): Comparable | undefined {
  if (data.type === "null-data") return undefined;
  const time = dateTimeBytes(data);
  if (time !== undefined && isUnspecified(time)) return undefined;
  const comparable = comparableOf(data, profile.deviationAt);
  if (comparable !== undefined) return comparable;
  if (time !== undefined) throw new ScopeOfAccessViolated("a bound names no instant");
  throw new TypeUnmatched("simple data type", data.type);
}

/** Times come as date-time or as octet-string(12). */
function dateTimeBytes(data: Data): Uint8Array | undefined {
  const isTime = (data.type === "octet-string" || data.type === "date-time") && data.value.length === 12;
  return isTime ? data.value : undefined;
}

function isUnspecified(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8).every((byte) => byte === 0xff);
}

/** The form in which cells and bounds are compared: times as instants. Undefined: not comparable. */
export function comparableOf(data: Data, deviationAt?: (localMs: number) => number): Comparable | undefined {
  const bytes = dateTimeBytes(data);
  if (bytes !== undefined) {
    const time = cosemDateTimeFromBytes(bytes);
    const local = time.toInstant(0);
    if (local === undefined || time.deviation !== undefined) return local;
    return time.toInstant(deviationAt?.(local) ?? 0);
  }
  switch (data.type) {
    case "null-data":
    case "dont-care":
    case "bit-string":
    case "array":
    case "structure":
    case "compact-array":
      return undefined;
    case "octet-string":
    case "date":
    case "time":
    case "date-time":
      return toHex(data.value);
    case "boolean":
      return Number(data.value);
    default:
      return data.value;
  }
}

/** Rows as `Data` structures of the selected columns, in the order of the buffer. */
export function selectRows(
  rows: readonly (readonly Data[])[],
  selection: BufferSelection,
  deviationAt?: (localMs: number) => number,
): readonly (readonly Data[])[] {
  const chosen =
    selection.kind === "entry"
      ? rows.slice(selection.from - 1, selection.to)
      : rows.filter((row) => isInRange(row, selection, deviationAt));
  return chosen.map((row) => selection.columns.map((column) => row[column] ?? { type: "null-data" }));
}

function isInRange(
  row: readonly Data[],
  selection: RangeSelection,
  deviationAt?: (localMs: number) => number,
): boolean {
  const cell = row[selection.restrictingColumn];
  const value = cell && comparableOf(cell, deviationAt);
  if (value === undefined || !isSameKind(value, selection.from) || !isSameKind(value, selection.to)) return false;
  return (
    (selection.from === undefined || value >= selection.from) && (selection.to === undefined || value <= selection.to)
  );
}

/** Text is not compared with numbers; number and bigint are, exactly. */
function isSameKind(value: Comparable, limit: Comparable | undefined): boolean {
  return limit === undefined || (typeof value === "string") === (typeof limit === "string");
}
