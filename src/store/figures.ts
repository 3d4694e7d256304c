/** What the history takes and how long the room lasts; asked of the writer thread, where its few milliseconds harm nobody. */
import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { HistoryFigures } from "../ports/index.js";
import type { Connection, WriterOptions } from "./database.js";

const dayMs = 86_400_000;
/** A row and its entry in the index by time, beside the payload; and what pages and indexes add to blocks, measured. */
const rowOverheadBytes = 40;
const blockOverhead = 1.3;

/** Free bytes: on the disk, or up to the size allowed where that is less, and pages inside the file. */
export function prepareRoom(connection: Connection, { path, maxBytes }: WriterOptions): () => number {
  const pageSize = Number(connection.pragma("page_size", { simple: true }));
  return () => {
    const { bavail, bsize } = statfsSync(dirname(path));
    const pages = Number(connection.pragma("page_count", { simple: true }));
    const freePages = Number(connection.pragma("freelist_count", { simple: true }));
    const disk = bavail * bsize;
    const allowed = maxBytes === undefined ? disk : Math.max(0, Math.min(disk, maxBytes - pages * pageSize));
    return allowed + freePages * pageSize;
  };
}

interface OpenRows {
  readonly count: number;
  readonly firstNumber: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

export function prepareFigures(connection: Connection, { path }: WriterOptions, room: () => number) {
  const blockSums = connection.prepare<
    [],
    { blocks: number; readings: number | null; bytes: number | null; fromMs: number | null; toMs: number | null }
  >(`SELECT count(*) AS blocks, sum(count) AS readings, sum(size) AS bytes, min(from_ms) AS fromMs, max(to_ms) AS toMs
     FROM reading_blocks INDEXED BY reading_blocks_of_meter`);
  const meters = connection.prepare<[], number>("SELECT id FROM meters ORDER BY id").pluck();
  const openRows = connection.prepare<[number], OpenRows>(`
    SELECT count(*) AS count, min(number) AS firstNumber, min(read_at_ms) AS firstMs, max(read_at_ms) AS lastMs
    FROM readings INDEXED BY readings_by_time WHERE meter_id = ? HAVING count(*) > 0`);
  const payloadBytes = connection
    .prepare<[], number | null>("SELECT avg(length(payload)) FROM (SELECT payload FROM readings LIMIT 1000)")
    .pluck();

  return function* figures(): Generator<void, HistoryFigures> {
    const sums = blockSums.get();
    let oldestMs = sums?.fromMs ?? Number.POSITIVE_INFINITY;
    let newestMs = sums?.toMs ?? Number.NEGATIVE_INFINITY;
    let openReadings = 0;
    let readingsPerDay = 0;
    let looked = 0;
    for (const meterId of meters.all()) {
      const rows = openRows.get(meterId);
      if (++looked % 200 === 0) yield;
      if (rows === undefined) continue;
      openReadings += rows.count;
      oldestMs = Math.min(oldestMs, rows.firstMs);
      newestMs = Math.max(newestMs, rows.lastMs);
      const days = (rows.lastMs - rows.firstMs) / dayMs;
      if (rows.count > 1 && days > 0) readingsPerDay += (rows.count - 1) / days;
    }
    const compacted = sums?.readings ?? 0;
    const bytesPerReading = compacted > 0 ? ((sums?.bytes ?? 0) * blockOverhead) / compacted : undefined;
    // Before the first block, as if all stayed rows: the forecast only gets better.
    const bytesPerDay = readingsPerDay * (bytesPerReading ?? (payloadBytes.get() ?? 0) + rowOverheadBytes);
    const roomBytes = room();
    return {
      readings: compacted + openReadings,
      oldestMs: Number.isFinite(oldestMs) ? oldestMs : undefined,
      newestMs: Number.isFinite(newestMs) ? newestMs : undefined,
      openReadings,
      blocks: sums?.blocks ?? 0,
      bytesPerReading,
      fileBytes: sizeOf(path) + sizeOf(`${path}-wal`),
      roomBytes,
      readingsPerDay,
      bytesPerDay,
      daysUntilFull: bytesPerDay > 0 ? roomBytes / bytesPerDay : undefined,
    };
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
