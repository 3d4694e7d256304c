/** A checksum on each open reading: SQLite notices a broken page, but not other bytes within a row. Blocks have their own. */
import { crc32 } from "node:zlib";
import type { ReadingRow } from "../ports/index.js";
import type { Connection } from "./database.js";
import { StoreError } from "./store-error.js";

/** Columns that checkedRow() wants of the table `readings`. */
export const readingColumns = `
  meter_id AS meterId, number, read_at_ms AS readAtMs, layout_id AS layoutId, clock_status AS clockStatus, payload,
  checksum`;

/** Null in rows from before there were checksums. */
export type CheckedRow = ReadingRow & { readonly checksum: number | null };

const head = Buffer.alloc(40);

/** CRC-32 of the whole row; one thread, never across a call. */
export function checksumOf({ meterId, number, readAtMs, layoutId, clockStatus, payload }: ReadingRow): number {
  for (const [index, value] of [meterId, number, readAtMs, layoutId, clockStatus].entries()) {
    head.writeDoubleLE(value, index * 8);
  }
  return crc32(payload, crc32(head));
}

/** @throws StoreError `corrupt` */
export function checkedRow({ checksum, ...row }: CheckedRow): ReadingRow {
  if (checksum === null || checksum === checksumOf(row)) return row;
  const which = `reading ${row.number} of meter ${row.meterId}`;
  throw new StoreError("corrupt", `${which} is damaged (checksum); restart the gateway, which sets the database aside`);
}

/**
 * Looks at open readings: all of them, or the newest of each meter.
 * @throws StoreError `corrupt`
 */
export function checkRows(connection: Connection, which: "all" | "newest"): void {
  const rowsOf = connection.prepare<[number], CheckedRow>(
    `SELECT ${readingColumns} FROM readings WHERE meter_id = ? ORDER BY number DESC${which === "newest" ? " LIMIT 1" : ""}`,
  );
  for (const meterId of connection.prepare<[], number>("SELECT id FROM meters").pluck().all()) {
    for (const row of rowsOf.all(meterId)) checkedRow(row);
  }
}
