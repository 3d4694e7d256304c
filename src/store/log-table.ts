/** The table of the system log in the writer thread: appends within a size, removes by age and by size in short pieces. */
import type { LogFigures, LogPruneRules, LogRow } from "../ports/index.js";
import type { Connection } from "./database.js";
import { StoreError } from "./store-error.js";

export interface LogTable {
  /** Inside the writer's transaction. @returns id of the first */
  append(rows: readonly Omit<LogRow, "id">[], maxBytes: number): number | undefined;
  prune(rules: LogPruneRules): Generator<void, number>;
  figures(): Generator<void, LogFigures>;
}

/** What SQLite takes for a row beside its texts: header, numbers, places in the indexes, room left in pages. */
const rowOverheadBytes = 96;
const rowsAPiece = 2000;

export function prepareLogTable(connection: Connection): LogTable {
  const insert = connection.prepare(`
    INSERT INTO log (at_ms, deviation_minutes, clock_status, severity, text_id, origin, meter_id, cosem_log, size, parameters)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const sum = connection.prepare<[], LogFigures>("SELECT count(*) AS entries, total(size) AS bytes FROM log");
  const oldest = connection.prepare<[number], { id: number; size: number }>(
    "SELECT id, size FROM log ORDER BY id LIMIT ?",
  );
  const oldestBehind = connection.prepare<[number, number], { id: number; atMs: number }>(
    "SELECT id, at_ms AS atMs FROM log WHERE id > ? ORDER BY id LIMIT ?",
  );
  const removeUpTo = connection.prepare("DELETE FROM log WHERE id <= ?");
  const removeOlder = connection.prepare("DELETE FROM log WHERE id > ? AND id <= ? AND at_ms < ?");
  /** Undefined: not known any more, to be counted anew. */
  let bytes: number | undefined;

  const known = (): number => {
    bytes ??= sum.get()?.bytes ?? 0;
    return bytes;
  };

  /** @returns how many were removed, at most a piece */
  const removeOldest = (maxBytes: number): number => {
    let left = known();
    if (left <= maxBytes) return 0;
    let last = 0;
    for (const { id, size } of oldest.all(rowsAPiece)) {
      if (left <= maxBytes) break;
      left -= size;
      last = id;
    }
    const { changes } = removeUpTo.run(last);
    bytes = left;
    return changes;
  };
  const removePiece = connection.transaction(removeOldest);

  return {
    append(rows, maxBytes) {
      const before = known();
      // Where the transaction is undone the sum is not known.
      bytes = undefined;
      let first: number | undefined;
      let added = 0;
      for (const row of rows) {
        const size = rowOverheadBytes + Buffer.byteLength(row.origin) + Buffer.byteLength(row.parameters);
        const { lastInsertRowid } = insert.run(
          row.atMs,
          row.deviationMinutes,
          row.clockStatus,
          row.severity,
          row.textId,
          row.origin,
          row.meterId ?? null,
          row.cosemLog,
          size,
          row.parameters,
        );
        first ??= Number(lastInsertRowid);
        added += size;
      }
      if (first === undefined) throw new StoreError("constraint", "no log entries were given");
      bytes = before + added;
      removeOldest(maxBytes);
      return first;
    },
    *prune({ beforeMs, maxBytes }) {
      let removed = 0;
      // The sum so far may include what was undone.
      bytes = undefined;
      for (;;) {
        const changes = removePiece.immediate(maxBytes);
        removed += changes;
        yield;
        if (changes === 0) break;
      }
      if (beforeMs === undefined) return removed;
      let after = 0;
      for (;;) {
        const piece = oldestBehind.all(after, rowsAPiece);
        const last = piece.at(-1);
        if (last === undefined) break;
        const { changes } = removeOlder.run(after, last.id, beforeMs);
        removed += changes;
        bytes = undefined;
        yield;
        // Behind a piece without an old one there are none, but where the clock was set: those go when they are reached.
        if (changes === 0) break;
        after = last.id;
      }
      return removed;
    },
    *figures() {
      yield;
      return sum.get() ?? { entries: 0, bytes: 0 };
    },
  };
}
