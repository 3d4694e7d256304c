/** Looks through the system log in windows of ids, so that a rare thing in a long log does not hold up the event loop. */
import type { LogRow, LogRowQuery } from "../ports/index.js";
import type { Connection } from "./database.js";

/** Ids looked at in one go. */
const windowIds = 5000;
const mostRows = 1000;

/** One window: of the ids behind or before `edge`. */
export interface LogLook {
  readonly query: LogRowQuery;
  /** Exclusive; undefined: from the newest on back. */
  readonly edge: number | undefined;
  readonly limit: number;
}

export interface LogSight {
  readonly rows: readonly LogRow[];
  /** Where the next window begins; undefined: there is no more. */
  readonly nextEdge: number | undefined;
}

/** Asks window by window until the page is full. @param look  does one window in a transaction of its own */
export async function logRows(
  query: LogRowQuery,
  look: (look: LogLook) => Promise<LogSight>,
): Promise<readonly LogRow[]> {
  const limit = Math.min(Math.max(query.limit, 0), mostRows);
  const rows: LogRow[] = [];
  let edge = query.afterId ?? query.beforeId;
  while (rows.length < limit) {
    const sight = await look({ query, edge, limit: limit - rows.length });
    rows.push(...sight.rows);
    if (sight.nextEdge === undefined) break;
    edge = sight.nextEdge;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return rows;
}

export function prepareLogLook(connection: Connection): (look: LogLook) => LogSight {
  const ends = connection.prepare<[], { first: number | null; last: number | null }>(
    "SELECT (SELECT min(id) FROM log) AS first, (SELECT max(id) FROM log) AS last",
  );
  const prepared = (source: string) => ({
    up: prepareRows(connection, source, "ASC"),
    down: prepareRows(connection, source, "DESC"),
  });
  const everything = prepared("NOT INDEXED WHERE");
  const ofMeter = prepared("INDEXED BY log_of_meter WHERE meter_id = :meterId AND");
  const ofGateway = prepared(
    "INDEXED BY log_of_cosem WHERE cosem_log > 0 AND meter_id IS NULL AND cosem_log = :cosemLog AND",
  );
  const sourceOf = ({ meterId, cosemLog }: LogRowQuery) => {
    if (typeof meterId === "number") return ofMeter;
    return meterId === null && cosemLog !== undefined && cosemLog > 0 ? ofGateway : everything;
  };

  return connection.transaction(({ query, edge, limit }: LogLook): LogSight => {
    const { first, last } = ends.get() ?? { first: null, last: null };
    if (first === null || last === null) return { rows: [], nextEdge: undefined };
    const isUp = query.afterId !== undefined;
    const floor = Math.max(first, (query.afterId ?? 0) + 1);
    const ceiling = Math.min(last, (query.beforeId ?? Number.MAX_SAFE_INTEGER) - 1);
    const source = sourceOf(query);
    // What an index holds is found there, however far apart it lies.
    const span = source === everything ? windowIds : Number.MAX_SAFE_INTEGER;
    const upper = Math.min(ceiling, (edge ?? last + 1) - 1);
    const from = isUp ? Math.max(floor, (edge ?? 0) + 1) : Math.max(floor, upper - span + 1);
    const to = isUp ? Math.min(ceiling, from + span - 1) : upper;
    if (from > to) return { rows: [], nextEdge: undefined };
    const parameters = {
      fromMs: query.fromMs ?? Number.MIN_SAFE_INTEGER,
      toMs: query.toMs ?? Number.MAX_SAFE_INTEGER,
      severities: JSON.stringify(query.severities ?? [-1, 0, 1, 2, 3]),
      origin: query.origin ?? null,
      textId: query.textId ?? null,
      meterId: query.meterId === null ? -1 : (query.meterId ?? null),
      cosemLog: query.cosemLog ?? null,
      from,
      to,
      limit,
    };
    const rows = source[isUp ? "up" : "down"].all(parameters);
    const isEnd = isUp ? to >= ceiling : from <= floor;
    return {
      rows: rows.map((row) => ({ ...row, meterId: row.meterId ?? undefined })),
      nextEdge: isEnd ? undefined : isUp ? to : from,
    };
  });
}

function prepareRows(connection: Connection, source: string, direction: "ASC" | "DESC") {
  return connection.prepare<[Record<string, unknown>], Omit<LogRow, "meterId"> & { meterId: number | null }>(`
    SELECT id, at_ms AS atMs, deviation_minutes AS deviationMinutes, clock_status AS clockStatus, severity,
      text_id AS textId, origin, meter_id AS meterId, cosem_log AS cosemLog, parameters
    FROM log ${source} id BETWEEN :from AND :to AND at_ms BETWEEN :fromMs AND :toMs
      AND severity IN (SELECT value FROM json_each(:severities))
      AND (:origin IS NULL OR origin = :origin OR substr(origin, 1, length(:origin) + 1) = :origin || '/')
      AND (:textId IS NULL OR text_id = :textId)
      AND (:meterId IS NULL OR :meterId = -1 AND meter_id IS NULL OR meter_id = :meterId)
      AND (:cosemLog IS NULL OR cosem_log = :cosemLog)
    ORDER BY id ${direction} LIMIT :limit`);
}
