/**
 * Reading: one read-only connection, statements prepared once. Each call is one short transaction of its own.
 * Rows are kept and paged in the order of their numbers, whatever the clock did; a time range is first turned into
 * the numbers it spans (an index holds both), so that each page starts where its rows lie.
 */
import type {
  KindObjectRow,
  LayoutRow,
  MeterLayoutRow,
  MeterRow,
  ReadingQuery,
  ReadingRow,
  StoredState,
} from "../ports/index.js";
import { openReader } from "./database.js";

/** At most so many rows a page: the port's promise to its callers, and what keeps the loop free. */
export const maxPage = 1000;

const readingColumns = `
  meter_id AS meterId, number, read_at_ms AS readAtMs, layout_id AS layoutId, clock_status AS clockStatus, payload`;

/** The + keeps the planner on the primary key. */
const ofRange = `
  WHERE meter_id = ? AND number BETWEEN ? AND ? AND +read_at_ms BETWEEN ? AND ?`;

type Range = [meterId: number, fromNumber: number, toNumber: number, fromMs: number, toMs: number];

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly first: number;
  readonly last: number;
}

export interface Reader {
  load(): StoredState;
  count(query: ReadingQuery): number;
  readings(query: ReadingQuery): readonly ReadingRow[];
  getState(key: string): string | undefined;
  statesWithPrefix(prefix: string): ReadonlyMap<string, string>;
  /** A reading of this meter was committed: forgets what its time ranges span. */
  forget(meterId: number): void;
  close(): void;
}

/** @throws StoreError when the file cannot be read */
export function startReader(path: string): Reader {
  const connection = openReader(path);
  const pages = {
    ascending: connection.prepare<[...Range, number, number], ReadingRow>(
      `SELECT ${readingColumns} FROM readings ${ofRange} ORDER BY number LIMIT ? OFFSET ?`,
    ),
    descending: connection.prepare<[...Range, number, number], ReadingRow>(
      `SELECT ${readingColumns} FROM readings ${ofRange} ORDER BY number DESC LIMIT ? OFFSET ?`,
    ),
  };
  const countAll = connection
    .prepare<[number, number, number], number>(
      "SELECT count(*) FROM readings WHERE meter_id = ? AND number BETWEEN ? AND ?",
    )
    .pluck();
  const countTimes = connection
    .prepare<[number, number, number, number, number], number>(`
      SELECT count(*) FROM readings INDEXED BY readings_by_time
      WHERE meter_id = ? AND read_at_ms BETWEEN ? AND ? AND number BETWEEN ? AND ?`)
    .pluck();
  const spanOf = connection.prepare<[number, number, number], { first: number | null; last: number | null }>(`
    SELECT min(number) AS first, max(number) AS last FROM readings INDEXED BY readings_by_time
    WHERE meter_id = ? AND read_at_ms BETWEEN ? AND ?`);
  const stateOf = connection.prepare<[string], string>("SELECT value FROM state WHERE key = ?").pluck();
  // Not LIKE: it knows wildcards, and letters of either case are the same to it.
  const statesOf = connection.prepare<[string, string], { readonly key: string; readonly value: string }>(
    "SELECT key, value FROM state WHERE substr(key, 1, length(?)) = ? ORDER BY key",
  );
  const load = prepareLoad(connection);

  const spans = new Map<number, Span>();

  const spanOfTimes = (meterId: number, fromMs: number, toMs: number): Span => {
    const known = spans.get(meterId);
    if (known !== undefined && known.fromMs === fromMs && known.toMs === toMs) return known;
    const found = spanOf.get(meterId, fromMs, toMs);
    const span = { fromMs, toMs, first: found?.first ?? 1, last: found?.last ?? 0 };
    if (spans.size >= 1000) spans.clear();
    spans.set(meterId, span);
    return span;
  };

  const rangeOf = ({ meterId, fromMs, toMs, fromNumber, toNumber }: ReadingQuery): Range => {
    const from = Math.max(fromMs ?? -maxInteger, -maxInteger);
    const to = Math.min(toMs ?? maxInteger, maxInteger);
    const first = Math.max(fromNumber ?? 1, 1);
    const last = Math.min(toNumber ?? maxInteger, maxInteger);
    if (fromMs === undefined && toMs === undefined) return [meterId, first, last, from, to];
    const span = spanOfTimes(meterId, from, to);
    return [meterId, Math.max(first, span.first), Math.min(last, span.last), from, to];
  };

  return {
    load,
    count(query) {
      const { meterId, fromMs, toMs, fromNumber = 1, toNumber = maxInteger } = query;
      if (fromMs === undefined && toMs === undefined) return countAll.get(meterId, fromNumber, toNumber) ?? 0;
      return countTimes.get(meterId, fromMs ?? -maxInteger, toMs ?? maxInteger, fromNumber, toNumber) ?? 0;
    },
    readings(query) {
      const { descending = false, limit = maxPage, offset = 0 } = query;
      const page = descending ? pages.descending : pages.ascending;
      return page.all(...rangeOf(query), Math.min(Math.max(limit, 0), maxPage), Math.max(offset, 0));
    },
    getState: (key) => stateOf.get(key),
    statesWithPrefix: (prefix) => new Map(statesOf.all(prefix, prefix).map(({ key, value }) => [key, value])),
    forget: (meterId) => void spans.delete(meterId),
    close: () => void connection.close(),
  };
}

const maxInteger = Number.MAX_SAFE_INTEGER;

type Nullable<T> = { [Key in keyof T]: undefined extends T[Key] ? Exclude<T[Key], undefined> | null : T[Key] };

function prepareLoad(connection: ReturnType<typeof openReader>): () => StoredState {
  const meters = connection.prepare<[], Nullable<MeterRow>>(`
    SELECT id, sap, logical_device_name AS logicalDeviceName, kind, interface_name AS interfaceName,
      secondary_address AS secondaryAddress, primary_address AS primaryAddress,
      fabrication_number AS fabricationNumber, position
    FROM meters ORDER BY sap`);
  const objects = connection.prepare<[], Omit<KindObjectRow, "unmapped"> & { unmapped: number }>(`
    SELECT kind, identity, class_id AS classId, logical_name AS logicalName, scaler, unit, data_type AS dataType,
      position, unmapped
    FROM kind_objects ORDER BY kind, position`);
  const layouts = connection.prepare<[], LayoutRow>("SELECT id, kind, shape FROM layouts ORDER BY id");
  const meterLayouts = connection.prepare<[], MeterLayoutRow>(`
    SELECT meter_id AS meterId, layout_id AS layoutId, ordinal, object_count AS objectCount
    FROM meter_layouts ORDER BY meter_id, ordinal, layout_id`);
  const newest = connection.prepare<[], ReadingRow>(`
    SELECT ${readingColumns} FROM meters JOIN readings ON meter_id = meters.id
    WHERE number = (SELECT max(number) FROM readings WHERE meter_id = meters.id) ORDER BY meter_id`);

  return connection.transaction(() => ({
    meters: meters.all().map((row) => ({
      ...row,
      logicalDeviceName: row.logicalDeviceName ?? undefined,
      kind: row.kind ?? undefined,
      secondaryAddress: row.secondaryAddress ?? undefined,
      primaryAddress: row.primaryAddress ?? undefined,
      fabricationNumber: row.fabricationNumber ?? undefined,
    })),
    kindObjects: objects.all().map((row) => ({ ...row, unmapped: row.unmapped === 1 })),
    layouts: layouts.all(),
    meterLayouts: meterLayouts.all(),
    newest: newest.all(),
  }));
}
