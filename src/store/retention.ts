/**
 * Removes what is too old or too much, in pieces of one short transaction each: whole blocks by age, then rows. The
 * newest reading of each meter always stays: numbers go on from it.
 */
import type { RetentionOutcome, RetentionRules } from "../ports/index.js";
import type { Connection } from "./database.js";

/** Blocks or rows removed in one transaction. */
const blocksAPiece = 64;
const rowsAPiece = 2000;
/** Some days of the readings of 512 meters at 15 minutes. */
const roomForNew = 16_000_000;

/** @param room  free bytes, on the disk and inside the file */
export function prepareRetention(connection: Connection, room: () => number) {
  const oldestBlocks = connection.prepare<[number, number], { id: number; count: number }>(`
    SELECT id, count FROM reading_blocks INDEXED BY reading_blocks_by_age WHERE to_ms < ? ORDER BY to_ms LIMIT ?`);
  const meters = connection.prepare<[], number>("SELECT id FROM meters ORDER BY id").pluck();
  const blockBytes = connection.prepare<[], number | null>("SELECT sum(size) FROM reading_blocks").pluck();
  const deleteBlock = connection.prepare("DELETE FROM reading_blocks WHERE id = ?");
  // A block of a meter that has no rows (a file put right after damage) may hold its newest reading.
  const isOnly = connection
    .prepare<[number], number>(`
      SELECT NOT EXISTS (SELECT 1 FROM readings WHERE readings.meter_id = block.meter_id)
        AND NOT EXISTS (SELECT 1 FROM reading_blocks other
          WHERE other.meter_id = block.meter_id AND other.first_number > block.first_number)
      FROM reading_blocks block WHERE id = ?`)
    .pluck();
  const oldRows = connection.prepare<[{ meterId: number; beforeMs: number; most: number }]>(`
    DELETE FROM readings WHERE meter_id = :meterId AND number IN (
      SELECT number FROM readings WHERE meter_id = :meterId AND read_at_ms < :beforeMs
        AND number < (SELECT max(number) FROM readings WHERE meter_id = :meterId) ORDER BY number LIMIT :most)`);

  /** @returns readings removed; 0: there is none to remove */
  const removeBlocks = connection.transaction((beforeMs: number): number => {
    let removed = 0;
    // Those that must stay are looked over again each time: at most one a meter.
    for (const { id, count } of oldestBlocks.all(beforeMs, blocksAPiece + keptBlocks.size)) {
      if (keptBlocks.has(id)) continue;
      if (isOnly.get(id) === 1) keptBlocks.add(id);
      else {
        deleteBlock.run(id);
        removed += count;
      }
    }
    return removed;
  });
  const keptBlocks = new Set<number>();

  return function* retain({ nowMs, maxAgeMs, minFreeBytes }: RetentionRules): Generator<void, RetentionOutcome> {
    let removedReadings = 0;
    keptBlocks.clear();
    if (maxAgeMs !== undefined) {
      const beforeMs = nowMs - maxAgeMs;
      for (;;) {
        const removed = removeBlocks.immediate(beforeMs);
        removedReadings += removed;
        yield;
        if (removed === 0) break;
      }
      for (const meterId of meters.all()) {
        for (;;) {
          const { changes } = oldRows.run({ meterId, beforeMs, most: rowsAPiece });
          removedReadings += changes;
          if (changes > 0) yield;
          if (changes < rowsAPiece) break;
        }
      }
    }
    if (minFreeBytes === undefined) return { removedReadings, isStillFull: false };
    // What all of them would not give is short for other reasons: then only room for new readings is made.
    const isReachable = room() + (blockBytes.get() ?? 0) >= minFreeBytes;
    const wantedBytes = isReachable ? minFreeBytes : Math.min(minFreeBytes, roomForNew);
    while (room() < wantedBytes) {
      const removed = removeBlocks.immediate(Number.MAX_SAFE_INTEGER);
      removedReadings += removed;
      yield;
      if (removed === 0) return { removedReadings, isStillFull: true };
    }
    return { removedReadings, isStillFull: !isReachable };
  };
}
