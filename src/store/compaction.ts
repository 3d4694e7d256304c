/**
 * Makes blocks of the oldest open readings, a meter a step: reads and encodes outside any transaction (nobody else
 * writes), checks that the block gives every reading back, then swaps rows for block in one short transaction. A kill
 * leaves either the rows or the block. A last block that is not full is filled up: it is written anew with them.
 */
import type { ReadingRow } from "../ports/index.js";
import { encodeBlock, type FieldPlans, openBlock } from "./block/index.js";
import { type BlockRow, blockColumns, prepareInsertBlock, prepareOpenBlock } from "./block-table.js";
import type { CompactionLimits } from "./compaction-limits.js";
import type { Connection } from "./database.js";
import { type CheckedRow, checkedRow, readingColumns } from "./row-checksum.js";
import { StoreError } from "./store-error.js";

/** Payload bytes of a block at most, about: what a reader holds decoded. */
const maxPayloadBytes = 4 << 20;
/** Meters looked at in one step of the survey. */
const surveyMeters = 500;

export interface Compactor {
  /** A reading of this meter was committed. */
  committed(meterId: number): void;
  /** Does one short piece of what is due. @returns false: nothing is */
  step(): boolean;
}

export function createCompactor(connection: Connection, limits: CompactionLimits): Compactor {
  const swap = prepareSwap(connection);
  const dueAt = limits.openRows + limits.batchRows;
  // Counted no further than a step needs: a database from before there were blocks may hold millions.
  const mostCounted = dueAt + limits.blockRows;
  const countRows = connection
    .prepare<[number, number], number>("SELECT count(*) FROM (SELECT 1 FROM readings WHERE meter_id = ? LIMIT ?)")
    .pluck();
  const openRows = (meterId: number): number => countRows.get(meterId, mostCounted) ?? 0;
  const metersFrom = connection
    .prepare<[number, number], number>("SELECT id FROM meters WHERE id > ? ORDER BY id LIMIT ?")
    .pluck();
  const open = new Map<number, number>();
  const due = new Set<number>();
  /** Meters up to this one were looked at since the start; undefined: all. */
  let surveyed: number | undefined = 0;

  const note = (meterId: number, count: number): void => {
    open.set(meterId, count);
    if (count >= dueAt) due.add(meterId);
  };

  const survey = (after: number): void => {
    const meters = metersFrom.all(after, surveyMeters);
    for (const meterId of meters) if (!open.has(meterId)) note(meterId, openRows(meterId));
    surveyed = meters.length < surveyMeters ? undefined : meters[meters.length - 1];
  };

  return {
    committed(meterId) {
      const count = open.get(meterId);
      // The rows committed so far are in the count the first time round.
      note(meterId, count === undefined ? openRows(meterId) : count + 1);
    },
    step() {
      const [meterId] = due;
      if (meterId === undefined) {
        if (surveyed === undefined) return false;
        survey(surveyed);
        return true;
      }
      due.delete(meterId);
      const count = openRows(meterId);
      open.set(meterId, count);
      if (count < dueAt) return true;
      const moved = swap(meterId, Math.min(count - limits.openRows, limits.blockRows), limits.blockRows);
      // Rows that cannot be in a block stay rows; the next start tries them again.
      if (moved > 0) note(meterId, count - moved);
      else open.set(meterId, Number.NEGATIVE_INFINITY);
      return true;
    },
  };
}

/** @returns the function that moves up to `most` rows of a meter, and answers how many it moved */
function prepareSwap(connection: Connection): (meterId: number, most: number, blockRows: number) => number {
  const oldest = connection.prepare<[number, number], CheckedRow>(
    `SELECT ${readingColumns} FROM readings WHERE meter_id = ? ORDER BY number LIMIT ?`,
  );
  const lastBlock = connection.prepare<[number], BlockRow>(
    `SELECT ${blockColumns} FROM reading_blocks WHERE meter_id = ? ORDER BY first_number DESC LIMIT 1`,
  );
  const deleteBlock = connection.prepare("DELETE FROM reading_blocks WHERE id = ?");
  const deleteRows = connection.prepare("DELETE FROM readings WHERE meter_id = ? AND number BETWEEN ? AND ?");
  const insert = prepareInsertBlock(connection);
  const openStored = prepareOpenBlock(connection);
  const plans: FieldPlans = new Map();

  const replace = connection.transaction(
    (before: BlockRow | undefined, moved: readonly ReadingRow[], all: readonly ReadingRow[], bytes: Uint8Array) => {
      const [first, last] = [moved[0], moved[moved.length - 1]];
      if (first === undefined || last === undefined) return;
      if (before !== undefined) deleteBlock.run(before.id);
      insert(all, bytes);
      const { changes } = deleteRows.run(first.meterId, first.number, last.number);
      if (changes !== moved.length) throw new StoreError("stopped", "readings changed while a block was made of them");
    },
  );

  const readUnfull = (meterId: number, blockRows: number) => {
    const block = lastBlock.get(meterId);
    if (block === undefined || block.count >= blockRows) return undefined;
    try {
      const opened = openStored(block);
      return { block, rows: opened.rows(0, opened.count) };
    } catch {
      // Damaged: it stays as it is, and a new one is begun.
      return undefined;
    }
  };

  return (meterId, most, blockRows) => {
    const unfull = readUnfull(meterId, blockRows);
    const room = unfull === undefined ? most : Math.min(most, blockRows - unfull.rows.length);
    const rows = withinBytes(soundRows(oldest.all(meterId, room)));
    const together = unfull === undefined ? undefined : [...unfull.rows, ...rows];
    if (together !== undefined && payloadBytes(together) <= maxPayloadBytes) {
      const bytes = encodeChecked(together, plans);
      if (bytes !== undefined) {
        replace.immediate(unfull?.block, rows, together, bytes);
        return rows.length;
      }
    }
    for (let count = rows.length; count >= 1; count >>= 1) {
      const part = rows.slice(0, count);
      const bytes = encodeChecked(part, plans);
      if (bytes === undefined) continue;
      replace.immediate(undefined, part, part, bytes);
      return count;
    }
    return 0;
  };
}

/** @returns undefined where the rows cannot be in a block, or would not come back as they were */
function encodeChecked(rows: readonly ReadingRow[], plans: FieldPlans): Uint8Array | undefined {
  const bytes = encodeBlock(rows, plans);
  return bytes !== undefined && givesBack(bytes, rows) ? bytes : undefined;
}

function givesBack(bytes: Uint8Array, rows: readonly ReadingRow[]): boolean {
  const [first] = rows;
  if (first === undefined) return false;
  const block = openBlock(bytes, first.meterId);
  if (block.count !== rows.length) return false;
  return block.rows(0, block.count).every((row, index) => {
    const original = rows[index];
    return (
      original !== undefined &&
      row.number === original.number &&
      row.readAtMs === original.readAtMs &&
      row.layoutId === original.layoutId &&
      row.clockStatus === original.clockStatus &&
      Buffer.compare(row.payload, original.payload) === 0
    );
  });
}

function payloadBytes(rows: readonly ReadingRow[]): number {
  return rows.reduce((sum, { payload }) => sum + payload.length, 0);
}

/** Up to the first that is damaged: it stays a row, and the next start deals with it. */
function soundRows(rows: readonly CheckedRow[]): readonly ReadingRow[] {
  const sound: ReadingRow[] = [];
  for (const row of rows) {
    try {
      sound.push(checkedRow(row));
    } catch {
      return sound;
    }
  }
  return sound;
}

/** At least one row. */
function withinBytes(rows: readonly ReadingRow[]): readonly ReadingRow[] {
  let sum = 0;
  const end = rows.findIndex(({ payload }) => {
    sum += payload.length;
    return sum > maxPayloadBytes;
  });
  return end < 0 ? rows : rows.slice(0, Math.max(1, end));
}
