import { crc32 } from "node:zlib";
import type { ReadingRow } from "../../ports/index.js";
import { BlockWriter } from "./block-bytes.js";
import {
  blockVersion,
  type FieldPlans,
  leastGroupRows,
  maxBlockBytes,
  maxBlockRows,
  maxGroups,
  numberBytes,
  planKey,
} from "./block-format.js";
import { writeTimes } from "./block-times.js";
import { planColumn, writeColumn } from "./column.js";
import { type Field, readField, widthOfNumbers } from "./field-values.js";
import { writePacked } from "./packed-bytes.js";
import { changingBytes, coversChanges, planFields } from "./plan-fields.js";

interface Group {
  readonly layoutId: number;
  readonly length: number;
  readonly payloads: Uint8Array[];
}

/** At most so many kinds of shapes are remembered. */
const maxPlans = 2000;

/**
 * Encodes readings of one meter.
 * @param rows  by number, ascending
 * @param plans  fields found before, by layout; new ones are added
 * @returns undefined where these rows do not fit in a block (too many bytes, numbers far apart): keep them as rows
 */
export function encodeBlock(rows: readonly ReadingRow[], plans: FieldPlans = new Map()): Uint8Array | undefined {
  if (!fitsInBlock(rows)) return undefined;
  const into = new BlockWriter();
  const first = rows[0]?.number ?? 0;
  into.byte(blockVersion);
  into.varint(rows.length);
  into.varint(first);
  const column = (values: Int32Array) => writeColumn(values, numberBytes, planColumn(values, numberBytes), [], into);
  column(Int32Array.from(rows, ({ number }) => number - first));
  writeTimes(
    rows.map(({ readAtMs }) => readAtMs),
    into,
  );
  column(Int32Array.from(rows, ({ clockStatus }) => clockStatus));

  const { groups, groupOf, loose } = groupsOf(rows);
  into.varint(groups.length);
  for (const { layoutId, length } of groups) {
    into.varint(layoutId);
    into.varint(length);
  }
  column(groupOf);
  for (const group of groups) writeGroup(group, plans, into);
  writeLoose(loose, into);
  const bytes = into.take();
  const block = new Uint8Array(bytes.length + 4);
  block.set(bytes);
  new DataView(block.buffer).setUint32(bytes.length, crc32(bytes), true);
  return block;
}

function fitsInBlock(rows: readonly ReadingRow[]): boolean {
  const first = rows[0]?.number ?? 0;
  const last = rows[rows.length - 1]?.number ?? 0;
  if (rows.length === 0 || rows.length > maxBlockRows || last - first >= 2 ** 31) return false;
  if (rows.reduce((sum, { payload }) => sum + payload.length, 0) > maxBlockBytes) return false;
  return rows.every(
    ({ readAtMs, clockStatus, layoutId }) =>
      Number.isSafeInteger(readAtMs) && (clockStatus | 0) === clockStatus && layoutId >= 0 && layoutId < 2 ** 31,
  );
}

/** The commonest shapes first; the others' rows are loose, their group the number behind the last. */
function groupsOf(rows: readonly ReadingRow[]) {
  const found = new Map<string, Group>();
  for (const { layoutId, payload } of rows) {
    const key = planKey({ layoutId, length: payload.length });
    const group = found.get(key);
    if (group === undefined) found.set(key, { layoutId, length: payload.length, payloads: [payload] });
    else group.payloads.push(payload);
  }
  const groups = [...found.values()]
    .filter(({ payloads, length }) => payloads.length >= leastGroupRows && length > 0)
    .sort((left, right) => right.payloads.length - left.payloads.length)
    .slice(0, maxGroups);
  const places = new Map(groups.map((group, index) => [planKey(group), index]));
  const groupOf = Int32Array.from(
    rows,
    ({ layoutId, payload }) => places.get(planKey({ layoutId, length: payload.length })) ?? groups.length,
  );
  return { groups, groupOf, loose: rows.filter((_, index) => groupOf[index] === groups.length) };
}

function writeGroup(group: Group, plans: FieldPlans, into: BlockWriter): void {
  const { payloads } = group;
  const changes = changingBytes(payloads);
  const fields = fieldsOf(group, changes, plans);
  writePacked(payloads[0] ?? new Uint8Array(0), into);
  into.varint(fields.length);
  const columns: Int32Array[] = [];
  let behind = 0;
  for (const { field, values } of fields) {
    const width = widthOfNumbers(field);
    into.varint(field.offset - behind);
    into.byte(field.width + (field.isDecimal ? 8 : 0));
    behind = field.offset + field.width;
    writeColumn(values, width, planColumn(values, width, columns), columns, into);
    columns.push(values);
  }
}

interface ReadField {
  readonly field: Field;
  readonly values: Int32Array;
}

function fieldsOf(group: Group, changes: Uint8Array, plans: FieldPlans): readonly ReadField[] {
  const known = plans.get(planKey(group));
  if (known !== undefined && coversChanges(known, changes)) {
    const fields = valuesOf(known, group.payloads, changes);
    if (fields !== undefined) return fields;
  }
  const planned = planFields(group.payloads, changes);
  if (plans.size >= maxPlans) plans.clear();
  plans.set(planKey(group), mergedPlan(planned, known));
  return valuesOf(planned, group.payloads, changes) ?? [];
}

/** @returns undefined where a field's bytes are no longer decimal digits */
function valuesOf(
  fields: readonly Field[],
  payloads: readonly Uint8Array[],
  changes: Uint8Array,
): readonly ReadField[] | undefined {
  const read: ReadField[] = [];
  for (const field of fields) {
    if (!changes.subarray(field.offset, field.offset + field.width).includes(1)) continue;
    const values = readField(payloads, field);
    if (values === undefined) return undefined;
    read.push({ field, values });
  }
  return read;
}

/** Keeps what was known of bytes that stood still this time. */
function mergedPlan(planned: readonly Field[], known: readonly Field[] = []): readonly Field[] {
  const isFree = ({ offset, width }: Field) =>
    planned.every((field) => field.offset + field.width <= offset || offset + width <= field.offset);
  return [...planned, ...known.filter(isFree)].sort((left, right) => left.offset - right.offset);
}

function writeLoose(rows: readonly ReadingRow[], into: BlockWriter): void {
  const heads = new BlockWriter();
  const bytes = new BlockWriter();
  for (const { layoutId, payload } of rows) {
    heads.varint(layoutId);
    heads.varint(payload.length);
    bytes.raw(payload);
  }
  into.varint(heads.length);
  writePacked(heads.take(), into);
  into.varint(bytes.length);
  writePacked(bytes.take(), into);
}
