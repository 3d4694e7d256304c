/** Blocks in the database: writing one, finding those of a query, opening one. */
import type { ReadingRow } from "../ports/index.js";
import { BlockError, type OpenBlock, openBlock } from "./block/index.js";
import type { Connection } from "./database.js";
import { StoreError } from "./store-error.js";

/** What is known of a block without reading its bytes. */
export interface BlockRow {
  readonly id: number;
  readonly meterId: number;
  readonly firstNumber: number;
  readonly lastNumber: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
  readonly size: number;
}

export const blockColumns = `
  id, meter_id AS meterId, first_number AS firstNumber, last_number AS lastNumber, from_ms AS fromMs, to_ms AS toMs,
  count, size`;

/** Readings of one meter by number and by time, all ends inclusive. */
export interface Bounds {
  readonly meterId: number;
  readonly fromNumber: number;
  readonly toNumber: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** @returns the function that writes one block; inside the caller's transaction */
export function prepareInsertBlock(connection: Connection): (rows: readonly ReadingRow[], bytes: Uint8Array) => void {
  const insert = connection.prepare(`
    INSERT INTO reading_blocks (meter_id, first_number, last_number, from_ms, to_ms, count, size, bytes)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  return (rows, bytes) => {
    const [first, last] = [rows[0], rows[rows.length - 1]];
    if (first === undefined || last === undefined) return;
    let [fromMs, toMs] = [first.readAtMs, first.readAtMs];
    for (const { readAtMs } of rows) {
      fromMs = Math.min(fromMs, readAtMs);
      toMs = Math.max(toMs, readAtMs);
    }
    insert.run(first.meterId, first.number, last.number, fromMs, toMs, rows.length, bytes.length, bytes);
  };
}

/** @returns the function that reads a block's bytes and opens them @throws StoreError `corrupt` when it is damaged */
export function prepareOpenBlock(connection: Connection): (block: BlockRow) => OpenBlock {
  const bytesOf = connection.prepare<[number], Uint8Array>("SELECT bytes FROM reading_blocks WHERE id = ?").pluck();
  return (block) =>
    answeringDamage(block, () => {
      const opened = openBlock(bytesOf.get(block.id) ?? new Uint8Array(), block.meterId);
      // A sound block in another one's place is damage too.
      const { numbers, count } = opened;
      if (count !== block.count || numbers[0] !== block.firstNumber || numbers[count - 1] !== block.lastNumber) {
        throw new BlockError("the block is another one");
      }
      return opened;
    });
}

/** Runs what may find the block damaged. @throws StoreError `corrupt` that names the readings */
export function answeringDamage<Result>(block: BlockRow, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BlockError)) throw error;
    const { meterId, firstNumber, lastNumber } = block;
    const range = `readings ${firstNumber} to ${lastNumber} of meter ${meterId}`;
    throw new StoreError("corrupt", `${range} are damaged (${error.message}); restore a backup to have them again`);
  }
}
