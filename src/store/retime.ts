/** Moves readings in time: those read before the clock was known good. Rows and blocks alike; one transaction. */
import type { ReadingRow, Retiming } from "../ports/index.js";
import { encodeBlock } from "./block/index.js";
import { type BlockRow, blockColumns, prepareInsertBlock, prepareOpenBlock } from "./block-table.js";
import type { Connection } from "./database.js";
import { type CheckedRow, checkedRow, checksumOf, readingColumns } from "./row-checksum.js";
import { StoreError } from "./store-error.js";

/** @returns the function that does it, inside the caller's transaction */
export function prepareRetime(connection: Connection): (retiming: Retiming) => void {
  const rowsOf = connection.prepare<[Retiming], CheckedRow>(
    `SELECT ${readingColumns} FROM readings WHERE meter_id = :meterId AND number BETWEEN :fromNumber AND :toNumber`,
  );
  const moveRow = connection.prepare<[number, number, number, number, number]>(
    "UPDATE readings SET read_at_ms = ?, clock_status = ?, checksum = ? WHERE meter_id = ? AND number = ?",
  );
  const blocksOf = connection.prepare<[Retiming], BlockRow>(`
    SELECT ${blockColumns} FROM reading_blocks
    WHERE meter_id = :meterId AND last_number >= :fromNumber AND first_number <= :toNumber`);
  const deleteBlock = connection.prepare("DELETE FROM reading_blocks WHERE id = ?");
  const insert = prepareInsertBlock(connection);
  const open = prepareOpenBlock(connection);

  return (retiming) => {
    const { fromNumber, toNumber, shiftMs, clockStatus } = retiming;
    const moved = (row: ReadingRow): ReadingRow =>
      row.number < fromNumber || row.number > toNumber
        ? row
        : // What was judged of it stays behind the clock status.
          { ...row, readAtMs: row.readAtMs + shiftMs, clockStatus: (row.clockStatus & ~0xff) | clockStatus };
    for (const row of rowsOf.all(retiming).map(checkedRow).map(moved)) {
      moveRow.run(row.readAtMs, row.clockStatus, checksumOf(row), row.meterId, row.number);
    }
    for (const block of blocksOf.all(retiming)) {
      const opened = open(block);
      const rows = opened.rows(0, opened.count).map(moved);
      const bytes = encodeBlock(rows);
      if (bytes === undefined) throw new StoreError("constraint", "readings cannot be moved so far in time");
      deleteBlock.run(block.id);
      insert(rows, bytes);
    }
  };
}
