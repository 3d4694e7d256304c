/** How readouts went: a table of bounded length and sums for each meter. Writing and reading side by side. */
import type {
  KeptReadoutRecord,
  MeterStatisticsRow,
  ReadoutOrigin,
  ReadoutRecord,
  ReadoutRecordMove,
  ReadoutRecordQuery,
} from "../ports/index.js";
import type { Connection } from "./database.js";

const origins: readonly ReadoutOrigin[] = ["cycle", "manual", "telegram"];

/** @param kept  so many records stay; the sums stay for good @returns the function that adds, inside the caller's transaction */
export function prepareAddReadoutRecords(connection: Connection, kept: number) {
  const insert = connection.prepare(`
    INSERT INTO readout_records (meter_id, origin, created_at_ms, reason, message, telegram_count, duration_ms,
      retries, response_ms, signal_dbm) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const trim = connection.prepare("DELETE FROM readout_records WHERE id <= ?");
  const sum = connection.prepare<[Record<string, unknown>]>(`
    INSERT INTO meter_statistics VALUES
      (:meterId, 1, :good, :retries, :responses, :responseMs, :responseMs, :createdAtMs, :createdAtMs, :goodAtMs)
    ON CONFLICT (meter_id) DO UPDATE SET attempts = attempts + 1, good = good + excluded.good,
      retries = retries + excluded.retries, response_count = response_count + excluded.response_count,
      response_sum_ms = response_sum_ms + excluded.response_sum_ms,
      response_max_ms = max(response_max_ms, excluded.response_max_ms), last_at_ms = excluded.last_at_ms,
      last_good_at_ms = coalesce(excluded.last_good_at_ms, last_good_at_ms)`);
  return (records: readonly ReadoutRecord[]): void => {
    let newest = 0;
    for (const record of records) {
      const { meterId, createdAtMs, ok, responseMs, retries } = record;
      const { lastInsertRowid } = insert.run(
        meterId,
        origins.indexOf(record.origin),
        Math.round(createdAtMs),
        ok ? null : (record.reason ?? "failed"),
        record.message,
        record.telegramCount,
        Math.round(record.durationMs),
        retries,
        responseMs === undefined ? null : Math.round(responseMs),
        record.signalDbm === undefined ? null : Math.round(record.signalDbm),
      );
      newest = Number(lastInsertRowid);
      sum.run({
        meterId,
        good: ok ? 1 : 0,
        retries,
        responses: responseMs === undefined ? 0 : 1,
        responseMs: Math.round(responseMs ?? 0),
        createdAtMs: Math.round(createdAtMs),
        goodAtMs: ok ? Math.round(createdAtMs) : null,
      });
    }
    trim.run(newest - kept);
  };
}

/** @returns the function that moves, inside the caller's transaction */
export function prepareMoveReadoutRecords(connection: Connection) {
  const move = connection.prepare<[ReadoutRecordMove]>(
    "UPDATE readout_records SET created_at_ms = :toMs WHERE meter_id = :meterId AND created_at_ms = :fromMs",
  );
  const moveSums = connection.prepare<[ReadoutRecordMove]>(`
    UPDATE meter_statistics SET first_at_ms = iif(first_at_ms = :fromMs, :toMs, first_at_ms),
      last_at_ms = iif(last_at_ms = :fromMs, :toMs, last_at_ms),
      last_good_at_ms = iif(last_good_at_ms = :fromMs, :toMs, last_good_at_ms)
    WHERE meter_id = :meterId`);
  return (moves: readonly ReadoutRecordMove[]): void => {
    for (const each of moves) {
      move.run(each);
      moveSums.run(each);
    }
  };
}

interface KeptRow {
  readonly id: number;
  readonly meterId: number;
  readonly origin: number;
  readonly createdAtMs: number;
  readonly reason: string | null;
  readonly message: string;
  readonly telegramCount: number;
  readonly durationMs: number;
  readonly retries: number;
  readonly responseMs: number | null;
  readonly signalDbm: number | null;
}

const mostRecords = 1000;
const recordColumns = `id, meter_id AS meterId, origin, created_at_ms AS createdAtMs, reason, message,
  telegram_count AS telegramCount, duration_ms AS durationMs, retries, response_ms AS responseMs, signal_dbm AS signalDbm`;

export function prepareReadoutRecords(connection: Connection) {
  const select = (where: string) =>
    connection.prepare<[Record<string, number>], KeptRow>(
      `SELECT ${recordColumns} FROM readout_records WHERE id < :beforeId ${where} ORDER BY id DESC LIMIT :limit`,
    );
  const ofMeter = "AND meter_id = :meterId";
  const failed = "AND reason IS NOT NULL";
  const statements = {
    all: select(""),
    failed: select(failed),
    meter: select(ofMeter),
    meterFailed: select(`${ofMeter} ${failed}`),
  };
  const newest = connection.prepare<[], KeptRow>(
    `SELECT ${recordColumns} FROM readout_records WHERE id IN (SELECT max(id) FROM readout_records GROUP BY meter_id)`,
  );
  const statistics = connection.prepare<
    [{ meterId: number | null }],
    Omit<MeterStatisticsRow, "lastGoodAtMs"> & { readonly lastGoodAtMs: number | null }
  >(`
    SELECT meter_id AS meterId, attempts, good, retries, response_count AS responseCount,
      response_sum_ms AS responseSumMs, response_max_ms AS responseMaxMs, first_at_ms AS firstAtMs,
      last_at_ms AS lastAtMs, last_good_at_ms AS lastGoodAtMs
    FROM meter_statistics WHERE :meterId IS NULL OR meter_id = :meterId ORDER BY meter_id`);

  return {
    records({ meterId, onlyFailed = false, beforeId, limit }: ReadoutRecordQuery): readonly KeptReadoutRecord[] {
      const page = { beforeId: beforeId ?? Number.MAX_SAFE_INTEGER, limit: Math.min(Math.max(limit, 0), mostRecords) };
      const rows =
        meterId === undefined
          ? statements[onlyFailed ? "failed" : "all"].all(page)
          : statements[onlyFailed ? "meterFailed" : "meter"].all({ ...page, meterId });
      return rows.map(recordOf);
    },
    newest: (): readonly KeptReadoutRecord[] => newest.all().map(recordOf),
    statistics: (meterId: number | undefined): readonly MeterStatisticsRow[] =>
      statistics
        .all({ meterId: meterId ?? null })
        .map((row) => ({ ...row, lastGoodAtMs: row.lastGoodAtMs ?? undefined })),
  };
}

function recordOf({ origin, reason, responseMs, signalDbm, ...row }: KeptRow): KeptReadoutRecord {
  return {
    ...row,
    origin: origins[origin] ?? "cycle",
    ok: reason === null,
    reason: reason ?? undefined,
    responseMs: responseMs ?? undefined,
    signalDbm: signalDbm ?? undefined,
  };
}
