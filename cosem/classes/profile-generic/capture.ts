/** Rows of a profile that captures by itself: where a new one goes, and when the next one is due. Pure. */
import type { Data } from "../../codec/data.js";
import type { LocalTimeAt } from "../daylight-saving.js";
import { instantOfLocal, instantsOfLocal, localOf } from "../local-time.js";
import { type CaptureObject, sortMethod } from "./definition.js";
import { type Comparable, comparableOf } from "./select.js";

export type Row = readonly Data[];

export interface BufferOrder {
  readonly sortMethod: (typeof sortMethod)[keyof typeof sortMethod];
  /** Column that the four sorted orders compare; undefined: they keep rows as fifo does. */
  readonly sortColumn: number | undefined;
  readonly profileEntries: number;
}

/**
 * The buffer, in the order in which it is read, with one row more; when it is full, fifo and lifo lose the oldest row,
 * the sorted orders the last one. Rows whose cell cannot be compared stand last.
 */
export function insertRow(rows: readonly Row[], row: Row, order: BufferOrder): readonly Row[] {
  const { sortColumn, profileEntries } = order;
  if (order.sortMethod === sortMethod.lifo) return [row, ...rows].slice(0, profileEntries);
  const isSorted = order.sortMethod !== sortMethod.fifo && sortColumn !== undefined;
  if (!isSorted) return [...rows, row].slice(-profileEntries);
  const isBefore = (one: Row, other: Row) => comesBefore(one[sortColumn], other[sortColumn], order.sortMethod);
  const place = rows.findIndex((other) => isBefore(row, other));
  return rows.toSpliced(place < 0 ? rows.length : place, 0, row).slice(0, profileEntries);
}

/** The same rows as another order has them, the oldest first where they were so. */
export function reorder(rows: readonly Row[], order: BufferOrder): readonly Row[] {
  return rows.reduce<readonly Row[]>((ordered, row) => insertRow(ordered, row, order), []);
}

function comesBefore(one: Data | undefined, other: Data | undefined, method: BufferOrder["sortMethod"]): boolean {
  const [first, second] = [keyOf(one, method), keyOf(other, method)];
  if (first === undefined || second === undefined) return first !== undefined;
  const isDescending = method === sortMethod.largest || method === sortMethod.farthestFromZero;
  return isDescending ? first > second : first < second;
}

function keyOf(cell: Data | undefined, method: BufferOrder["sortMethod"]): Comparable | undefined {
  const value = cell && comparableOf(cell);
  if (typeof value === "string" || Number.isNaN(value)) return undefined;
  const isDistance = method === sortMethod.nearestToZero || method === sortMethod.farthestFromZero;
  return isDistance && value !== undefined && value < 0 ? -value : value;
}

/** Index of the column that a sort object names. */
export function sortColumnOf(columns: readonly CaptureObject[], sortObject: CaptureObject): number | undefined {
  const index = columns.findIndex(
    (column) =>
      column.classId === sortObject.classId &&
      column.logicalName === sortObject.logicalName &&
      column.attributeIndex === sortObject.attributeIndex &&
      column.dataIndex === sortObject.dataIndex,
  );
  return index < 0 ? undefined : index;
}

/** What a capture object's data_index picks: 0 the whole, n the n-th element. Undefined: there is none. */
export function elementAt(data: Data, dataIndex: number): Data | undefined {
  if (dataIndex === 0) return data;
  const isList = data.type === "structure" || data.type === "array" || data.type === "compact-array";
  return isList ? data.value[dataIndex - 1] : undefined;
}

/**
 * When the next row is due: at whole multiples of the period by the local clock, so that 900 s means each quarter of
 * an hour and 86,400 s midnight.
 * @param period  seconds; 0: never
 */
export function nextCapture(after: number, period: number, localTimeAt: LocalTimeAt): number | undefined {
  if (period === 0) return undefined;
  const step = period * 1000;
  const local = localOf(after, localTimeAt);
  const nextLocal = (Math.floor(local / step) + 1) * step;
  const next = after + (nextLocal - local);
  if (localOf(next, localTimeAt) % step === 0) return next;
  // The clock is changed in between.
  const changed = instantsOfLocal(nextLocal, localTimeAt).find((instant) => instant > after);
  return changed ?? Math.max(next, instantOfLocal(nextLocal, localTimeAt));
}
