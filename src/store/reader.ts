/**
 * Reading: one read-only connection, statements prepared once. Each call is one short transaction of its own.
 * Readings are kept and paged in the order of their numbers, whatever the clock did.
 */
import type {
  KeptReadoutRecord,
  KeyRow,
  KindObjectRow,
  LayoutRow,
  MeterLayoutRow,
  MeterMbusSettings,
  MeterRow,
  MeterStatisticsRow,
  RawTelegram,
  ReadingQuery,
  ReadingRow,
  ReadoutRecordQuery,
  StoredState,
} from "../ports/index.js";
import { type AccountReader, prepareAccountReads } from "./account-table.js";
import type { Bounds } from "./block-table.js";
import { openReader } from "./database.js";
import { type HistoryReader, prepareHistoryReader } from "./history-reader.js";
import { prepareJobRuns } from "./job-runs.js";
import { type LogLook, type LogSight, prepareLogLook } from "./log-reader.js";
import { prepareReadoutRecords } from "./readout-records.js";
import { type CheckedRow, checkedRow, readingColumns } from "./row-checksum.js";
import { StoreError } from "./store-error.js";

/** At most so many rows a page: the port's promise to its callers, and what keeps the loop free. */
export const maxPage = 1000;

export interface Reader {
  load(): StoredState;
  count(query: ReadingQuery): number;
  readings(query: ReadingQuery): readonly ReadingRow[];
  telegrams(meterId: number, limit: number): readonly RawTelegram[];
  keys(): readonly KeyRow[];
  readoutRecords(query: ReadoutRecordQuery): readonly KeptReadoutRecord[];
  newestReadoutRecords(): readonly KeptReadoutRecord[];
  meterStatistics(meterId: number | undefined): readonly MeterStatisticsRow[];
  readonly jobRuns: ReturnType<typeof prepareJobRuns>;
  getState(key: string): string | undefined;
  statesWithPrefix(prefix: string): ReadonlyMap<string, string>;
  lookThroughLog(look: LogLook): LogSight;
  readonly accounts: AccountReader;
  close(): void;
}

/** @throws StoreError when the file cannot be read */
export function startReader(path: string): Reader {
  const connection = openReader(path);
  const history = prepareHistoryReader(connection);
  const stateOf = connection.prepare<[string], string>("SELECT value FROM state WHERE key = ?").pluck();
  // Not LIKE: it knows wildcards, and letters of either case are the same to it.
  const statesOf = connection.prepare<[string, string], { readonly key: string; readonly value: string }>(
    "SELECT key, value FROM state WHERE substr(key, 1, length(?)) = ? ORDER BY key",
  );
  const readouts = prepareReadoutRecords(connection);
  const load = prepareLoad(connection, history);
  const telegramsOf = connection.prepare<[number, number], RawTelegram>(`
    SELECT received_at_ms AS receivedAtMs, bytes FROM telegrams WHERE meter_id = ? ORDER BY number DESC LIMIT ?`);
  const keys = connection.prepare<[], Nullable<KeyRow>>(`
    SELECT id, address, manufacturer, device_type AS deviceType, version, meter_id AS meterId,
      added_at_ms AS addedAtMs, seal_name AS sealName, sealed
    FROM meter_keys ORDER BY id`);

  const boundsOf = ({ meterId, fromMs, toMs, fromNumber, toNumber }: ReadingQuery): Bounds => ({
    meterId,
    fromNumber: Math.max(fromNumber ?? 1, 1),
    toNumber: Math.min(toNumber ?? maxInteger, maxInteger),
    fromMs: Math.max(fromMs ?? -maxInteger, -maxInteger),
    toMs: Math.min(toMs ?? maxInteger, maxInteger),
  });

  return {
    load,
    count: connection.transaction((query: ReadingQuery) => history.count(boundsOf(query))),
    readings: connection.transaction((query: ReadingQuery) => {
      const { descending = false, limit = maxPage, offset = 0 } = query;
      const page = { descending, limit: Math.min(Math.max(limit, 0), maxPage), offset: Math.max(offset, 0) };
      return history.page(boundsOf(query), page);
    }),
    telegrams: (meterId, limit) => telegramsOf.all(meterId, Math.min(Math.max(limit, 0), maxPage)),
    keys: () =>
      keys.all().map((row) => ({
        ...row,
        address: row.address ?? undefined,
        manufacturer: row.manufacturer ?? undefined,
        deviceType: row.deviceType ?? undefined,
        version: row.version ?? undefined,
        meterId: row.meterId ?? undefined,
      })),
    readoutRecords: (query) => readouts.records(query),
    newestReadoutRecords: () => readouts.newest(),
    meterStatistics: (meterId) => readouts.statistics(meterId),
    jobRuns: prepareJobRuns(connection),
    getState: (key) => stateOf.get(key),
    statesWithPrefix: (prefix) => new Map(statesOf.all(prefix, prefix).map(({ key, value }) => [key, value])),
    lookThroughLog: prepareLogLook(connection),
    accounts: prepareAccountReads(connection),
    close: () => void connection.close(),
  };
}

const maxInteger = Number.MAX_SAFE_INTEGER;

type Nullable<T> = { [Key in keyof T]-?: undefined extends T[Key] ? Exclude<T[Key], undefined> | null : T[Key] };

type KeptMeter = Nullable<Omit<MeterRow, "isPassive" | "isDeclared" | "mbus">> & {
  readonly isPassive: number;
  readonly isDeclared: number;
  readonly mbus: string | null;
};

function meterOf(row: KeptMeter): MeterRow {
  return {
    id: row.id,
    sap: row.sap,
    logicalDeviceName: row.logicalDeviceName ?? undefined,
    kind: row.kind ?? undefined,
    interfaceName: row.interfaceName,
    secondaryAddress: row.secondaryAddress ?? undefined,
    primaryAddress: row.primaryAddress ?? undefined,
    fabricationNumber: row.fabricationNumber ?? undefined,
    position: row.position,
    baudRate: row.baudRate ?? undefined,
    addressingMode: row.addressingMode ?? undefined,
    receiver: row.receiver ?? undefined,
    isPassive: row.isPassive === 1 ? true : undefined,
    mbus: row.mbus === null ? undefined : (JSON.parse(row.mbus) as MeterMbusSettings),
    isDeclared: row.isDeclared === 1 ? true : undefined,
    lastNumber: row.lastNumber ?? undefined,
    removedAtMs: row.removedAtMs ?? undefined,
  };
}

function prepareLoad(connection: ReturnType<typeof openReader>, history: HistoryReader): () => StoredState {
  const meters = connection.prepare<[], KeptMeter>(`
    SELECT id, sap, logical_device_name AS logicalDeviceName, kind, interface_name AS interfaceName,
      secondary_address AS secondaryAddress, primary_address AS primaryAddress,
      fabrication_number AS fabricationNumber, position, baud_rate AS baudRate, addressing_mode AS addressingMode,
      receiver, is_passive AS isPassive, mbus_settings AS mbus, is_declared AS isDeclared, removed_at_ms AS removedAtMs,
      last_number AS lastNumber
    FROM meters ORDER BY sap`);
  const objects = connection.prepare<[], Omit<KindObjectRow, "unmapped"> & { unmapped: number }>(`
    SELECT kind, identity, class_id AS classId, logical_name AS logicalName, scaler, unit, data_type AS dataType,
      position, unmapped
    FROM kind_objects ORDER BY kind, position`);
  const layouts = connection.prepare<[], LayoutRow>("SELECT id, kind, shape FROM layouts ORDER BY id");
  const meterLayouts = connection.prepare<[], MeterLayoutRow>(`
    SELECT meter_id AS meterId, layout_id AS layoutId, ordinal, object_count AS objectCount
    FROM meter_layouts ORDER BY meter_id, ordinal, layout_id`);
  const newest = connection.prepare<[], CheckedRow>(`
    SELECT ${readingColumns} FROM meters JOIN readings ON meter_id = meters.id
    WHERE number = (SELECT max(number) FROM readings WHERE meter_id = meters.id) ORDER BY meter_id`);

  const onlyInBlocks = connection
    .prepare<[], number>(`
      SELECT id FROM meters WHERE NOT EXISTS (SELECT 1 FROM readings WHERE meter_id = meters.id)
        AND EXISTS (SELECT 1 FROM reading_blocks WHERE meter_id = meters.id)`)
    .pluck();

  return connection.transaction(() => ({
    meters: meters.all().map(meterOf),
    kindObjects: objects.all().map((row) => ({ ...row, unmapped: row.unmapped === 1 })),
    layouts: layouts.all(),
    meterLayouts: meterLayouts.all(),
    newest: [
      ...newest.all().map(checkedRow),
      ...onlyInBlocks.all().flatMap((meterId) => newestInBlocks(history, meterId)),
    ],
  }));
}

/** A file put right after damage may have lost a meter's rows and kept its blocks. */
function newestInBlocks(history: HistoryReader, meterId: number): readonly ReadingRow[] {
  const everything = { meterId, fromNumber: 1, toNumber: maxInteger, fromMs: -maxInteger, toMs: maxInteger };
  try {
    return history.page(everything, { limit: 1, offset: 0, descending: true });
  } catch (error) {
    if (error instanceof StoreError) return [];
    throw error;
  }
}
