/** Files of history for the benches: by the block writer, and as plain rows beside it. */
import type { MeterRow, ReadingRow } from "../../../src/ports/index.js";
import type { SourceTelegramName } from "../../../src/simulator/index.js";
import { encodeBlock, type FieldPlans } from "../../../src/store/block/index.js";
import { prepareInsertBlock } from "../../../src/store/block-table.js";
import { defaultCompaction } from "../../../src/store/compaction-limits.js";
import { openWriter } from "../../../src/store/database.js";
import { prepareLogTable } from "../../../src/store/log-table.js";
import { prepareWrites } from "../../../src/store/write-operations.js";
import { openSqlite } from "../../support/sqlite.js";
import { series } from "./store-series.js";

const layout = { id: 1, kind: "kind", shape: Uint8Array.of(1) };
const meterOf = (sap: number): Omit<MeterRow, "id"> => ({
  sap,
  logicalDeviceName: undefined,
  kind: undefined,
  interfaceName: "bus",
  secondaryAddress: undefined,
  primaryAddress: undefined,
  position: "",
});

/** Meters of these telegrams in turn. */
export interface FileOfBlocks {
  readonly path: string;
  readonly telegrams: readonly SourceTelegramName[];
  readonly meters: number;
  /** Of each meter. */
  readonly readings: number;
}

/**
 * Writes a history by the block writer: all in blocks but the newest reading of each meter, which is a row. The second
 * meter of a telegram has the values of the first: its blocks are not encoded again.
 */
export function writeBlocks({ path, telegrams, meters, readings }: FileOfBlocks): void {
  const connection = openWriter({ path });
  connection.pragma("synchronous = OFF");
  const write = prepareWrites(connection, { rawTelegrams: 0, readoutRecords: 0 }, prepareLogTable(connection));
  const insert = prepareInsertBlock(connection);
  const plans: FieldPlans = new Map();
  const ids = Array.from({ length: meters }, (_, index) => {
    const sap = index < 111 ? 16 + index : 17 + index;
    return write({ kind: "addMeter", meter: meterOf(sap) }) ?? 0;
  });
  const insertAll = connection.transaction((rows: readonly ReadingRow[], bytes: Uint8Array, of: readonly number[]) => {
    for (const meterId of of) insert([...rows.map((row) => ({ ...row, meterId }))], bytes);
  });
  for (const [turn, telegram] of telegrams.entries()) {
    const own = ids.filter((_, index) => index % telegrams.length === turn);
    let rows: ReadingRow[] = [];
    for (const row of series(telegram, readings, 0)) {
      if (row.number === readings) {
        for (const meterId of own)
          write({ kind: "commit", commit: { reading: { ...row, meterId }, newLayout: layout } });
      } else rows.push(row);
      if (rows.length < defaultCompaction.blockRows && (row.number < readings || rows.length === 0)) continue;
      const bytes = encodeBlock(rows, plans);
      if (bytes === undefined) throw new Error("not a block");
      insertAll(rows, bytes, own);
      rows = [];
    }
  }
  connection.close();
}

/** The same as plain SQLite rows, as a table would be made without a second thought. */
export function writeRows(path: string, telegrams: readonly SourceTelegramName[], readings: number): void {
  const connection = openSqlite(path);
  connection.exec(`
    CREATE TABLE readings (meter_id INTEGER NOT NULL, number INTEGER NOT NULL, read_at_ms INTEGER NOT NULL,
      layout_id INTEGER NOT NULL, clock_status INTEGER NOT NULL, payload BLOB NOT NULL,
      PRIMARY KEY (meter_id, number)) WITHOUT ROWID;
    CREATE INDEX readings_by_time ON readings (meter_id, read_at_ms)`);
  const insert = connection.prepare("INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?)");
  const insertAll = connection.transaction((telegram: SourceTelegramName, meterId: number) => {
    for (const { number, readAtMs, layoutId, clockStatus, payload } of series(telegram, readings, meterId)) {
      insert.run(meterId, number, readAtMs, layoutId, clockStatus, payload);
    }
  });
  for (const [index, telegram] of telegrams.entries()) insertAll(telegram, index + 1);
  connection.close();
}
