/** The statements behind each write; runs in the writer thread, inside its transaction. */
import type { KeyRow, KindObjectRow, LayoutRow, MeterRow, RawTelegram, ReadingCommit } from "../ports/index.js";
import { prepareAccountWrites } from "./account-table.js";
import type { Connection } from "./database.js";
import { prepareJobRunWrites } from "./job-runs.js";
import type { LogTable } from "./log-table.js";
import { prepareAddReadoutRecords, prepareMoveReadoutRecords } from "./readout-records.js";
import { prepareRetime } from "./retime.js";
import { checksumOf } from "./row-checksum.js";
import { StoreError } from "./store-error.js";
import type { WriteOperation } from "./writer-protocol.js";

/** How much is kept of what is bounded by number. */
export interface KeptCounts {
  /** Telegrams of each meter as received; 0: none. */
  readonly rawTelegrams: number;
  /** Records of readouts, of all meters together. */
  readonly readoutRecords: number;
}

/**
 * @returns the function that carries out one operation and answers the key of a row it made
 */
export function prepareWrites(
  connection: Connection,
  { rawTelegrams, readoutRecords }: KeptCounts,
  log: LogTable,
): (operation: WriteOperation) => number | undefined {
  const insertMeter = connection.prepare(`
    INSERT INTO meters (sap, logical_device_name, kind, ${listColumns.join(", ")})
    VALUES (?, ?, ?, ${listColumns.map(() => "?").join(", ")})`);
  const nameMeter = connection.prepare("UPDATE meters SET logical_device_name = ?, kind = ? WHERE id = ?");
  const updateMeter = connection.prepare(
    `UPDATE meters SET ${listColumns.map((column) => `${column} = ?`).join(", ")} WHERE id = ?`,
  );
  const forgetHistory = [
    "readings",
    "reading_blocks",
    "telegrams",
    "meter_layouts",
    "readout_records",
    "meter_statistics",
  ].map((table) => connection.prepare(`DELETE FROM ${table} WHERE meter_id = ?`));
  const keepLastNumber = connection.prepare(`
    UPDATE meters SET last_number = nullif(max(
      coalesce(last_number, 0),
      coalesce((SELECT max(number) FROM readings WHERE meter_id = :meterId), 0),
      coalesce((SELECT max(last_number) FROM reading_blocks WHERE meter_id = :meterId), 0)), 0)
    WHERE id = :meterId`);
  const insertKey = connection.prepare(`
    INSERT INTO meter_keys (address, manufacturer, device_type, version, meter_id, added_at_ms, seal_name, sealed)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  const removeKey = connection.prepare("DELETE FROM meter_keys WHERE id = ?");
  const insertReading = connection.prepare(`
    INSERT INTO readings (meter_id, number, read_at_ms, layout_id, clock_status, payload, checksum)
    VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const insertMeterLayout = connection.prepare(`
    INSERT INTO meter_layouts (meter_id, layout_id, ordinal, object_count) VALUES (?, ?, ?, ?)
    ON CONFLICT (meter_id, layout_id) DO NOTHING`);
  const setState = connection.prepare(`
    INSERT INTO state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`);

  const lastInBlocks = connection
    .prepare<[number], number>(
      "SELECT last_number FROM reading_blocks WHERE meter_id = ? ORDER BY first_number DESC LIMIT 1",
    )
    .pluck();
  const retime = prepareRetime(connection);
  const jobRuns = prepareJobRunWrites(connection);
  const addReadoutRecords = prepareAddReadoutRecords(connection, readoutRecords);
  const moveReadoutRecords = prepareMoveReadoutRecords(connection);
  const keepTelegrams = prepareKeepTelegrams(connection, rawTelegrams);

  const keepLayout = prepareDefinition(connection, "layouts", ["id", "kind", "shape"], ["id"]);
  const keepObject = prepareDefinition(
    connection,
    "kind_objects",
    ["kind", "position", "identity", "class_id", "logical_name", "scaler", "unit", "data_type", "unmapped"],
    ["kind", "position"],
  );

  const commit = ({ reading, newLayout, newObjects = [], meter, meterLayout }: ReadingCommit): void => {
    if (meter !== undefined) {
      demand(nameMeter.run(meter.logicalDeviceName ?? null, meter.kind ?? null, meter.id), meter.id);
    }
    if (newLayout !== undefined) keepLayout(layoutValues(newLayout));
    for (const object of newObjects) keepObject(objectValues(object));
    const compacted = lastInBlocks.get(reading.meterId);
    if (compacted !== undefined && reading.number <= compacted) {
      const text = `meter ${reading.meterId} has readings up to ${compacted} in blocks already: number ${reading.number}`;
      throw new StoreError("constraint", `${text} comes too late`);
    }
    if (meterLayout !== undefined) {
      const { meterId, layoutId, ordinal, objectCount } = meterLayout;
      insertMeterLayout.run(meterId, layoutId, ordinal, objectCount);
    }
    insertReading.run(
      reading.meterId,
      reading.number,
      reading.readAtMs,
      reading.layoutId,
      reading.clockStatus,
      reading.payload,
      checksumOf(reading),
    );
  };

  const changeAccounts = prepareAccountWrites(connection);

  return (operation) => {
    switch (operation.kind) {
      case "accounts":
        changeAccounts(operation.change);
        return undefined;
      case "commit":
        commit(operation.commit);
        return undefined;
      case "keepTelegrams":
        keepTelegrams(operation.meterId, operation.telegrams);
        return undefined;
      case "addReadoutRecords":
        addReadoutRecords(operation.records);
        return undefined;
      case "moveReadoutRecords":
        moveReadoutRecords(operation.moves);
        return undefined;
      case "retime":
        retime(operation.retiming);
        return undefined;
      case "addMeter":
        return Number(insertMeter.run(...meterValues(operation.meter)).lastInsertRowid);
      case "updateMeter":
        demand(updateMeter.run(...listValues(operation.meter), operation.meter.id), operation.meter.id);
        return undefined;
      case "forgetHistory":
        keepLastNumber.run({ meterId: operation.meterId });
        for (const statement of forgetHistory) statement.run(operation.meterId);
        nameMeter.run(null, null, operation.meterId);
        return undefined;
      case "addKeys": {
        let first: number | undefined;
        for (const key of operation.keys) {
          const id = Number(insertKey.run(...keyValues(key)).lastInsertRowid);
          first ??= id;
        }
        return first;
      }
      case "removeKeys":
        for (const id of operation.ids) removeKey.run(id);
        return undefined;
      case "addJobRun":
        return jobRuns.add(operation.run);
      case "endJobRun":
        jobRuns.end(operation.end);
        return undefined;
      case "pruneJobRuns":
        jobRuns.prune(operation.kept);
        return undefined;
      case "appendLog":
        return log.append(operation.rows, operation.maxBytes);
      case "setState":
        setState.run(operation.key, operation.value);
        return undefined;
    }
  };
}

function prepareKeepTelegrams(connection: Connection, kept: number) {
  const newest = connection
    .prepare<[number], number | null>("SELECT max(number) FROM telegrams WHERE meter_id = ?")
    .pluck();
  const insert = connection.prepare(
    "INSERT INTO telegrams (meter_id, number, received_at_ms, bytes) VALUES (?, ?, ?, ?)",
  );
  const trim = connection.prepare("DELETE FROM telegrams WHERE meter_id = ? AND number <= ?");
  return (meterId: number, telegrams: readonly RawTelegram[]): void => {
    let number = newest.get(meterId) ?? 0;
    for (const { receivedAtMs, bytes } of telegrams) insert.run(meterId, ++number, receivedAtMs, bytes);
    trim.run(meterId, number - kept);
  };
}

/**
 * Inserts a definition that is given once and never changed. Giving the same again is fine (its first commit may have
 * been refused, or two meters of a kind taught the same); giving another under the same key is not.
 */
function prepareDefinition(connection: Connection, table: string, columns: readonly string[], key: readonly string[]) {
  const names = columns.join(", ");
  const holes = columns.map(() => "?").join(", ");
  const insert = connection.prepare(`
    INSERT INTO ${table} (${names}) VALUES (${holes}) ON CONFLICT (${key.join(", ")}) DO NOTHING`);
  const isSame = connection
    .prepare(`SELECT 1 FROM ${table} WHERE ${columns.map((column) => `${column} IS ?`).join(" AND ")}`)
    .pluck();
  return (values: readonly unknown[]): void => {
    if (insert.run(...values).changes > 0 || isSame.get(...values) !== undefined) return;
    const where = key.map((column, index) => `${column} ${values[index]}`).join(", ");
    throw new StoreError("constraint", `${table} holds another definition for ${where}; it is never changed or reused`);
  };
}

function demand({ changes }: { readonly changes: number }, meterId: number): void {
  if (changes === 0) throw new StoreError("constraint", `there is no meter ${meterId}; add it first`);
}

function meterValues(meter: Omit<MeterRow, "id">): unknown[] {
  return [meter.sap, meter.logicalDeviceName ?? null, meter.kind ?? null, ...listValues(meter)];
}

/** Columns of `meters` that a change of the meter list writes, in the order of listValues(). */
const listColumns = [
  "interface_name",
  "secondary_address",
  "primary_address",
  "fabrication_number",
  "position",
  "baud_rate",
  "addressing_mode",
  "receiver",
  "is_passive",
  "mbus_settings",
  "is_declared",
  "removed_at_ms",
];

function listValues(meter: Omit<MeterRow, "id">): unknown[] {
  return [
    meter.interfaceName,
    meter.secondaryAddress ?? null,
    meter.primaryAddress ?? null,
    meter.fabricationNumber ?? null,
    meter.position,
    meter.baudRate ?? null,
    meter.addressingMode ?? null,
    meter.receiver ?? null,
    meter.isPassive === true ? 1 : 0,
    meter.mbus === undefined ? null : JSON.stringify(meter.mbus),
    meter.isDeclared === true ? 1 : 0,
    meter.removedAtMs ?? null,
  ];
}

function keyValues(key: Omit<KeyRow, "id">): unknown[] {
  return [
    key.address ?? null,
    key.manufacturer ?? null,
    key.deviceType ?? null,
    key.version ?? null,
    key.meterId ?? null,
    key.addedAtMs,
    key.sealName,
    key.sealed,
  ];
}

function layoutValues({ id, kind, shape }: LayoutRow): unknown[] {
  return [id, kind, shape];
}

function objectValues(object: KindObjectRow): unknown[] {
  return [
    object.kind,
    object.position,
    object.identity,
    object.classId,
    object.logicalName,
    object.scaler,
    object.unit,
    object.dataType,
    object.unmapped ? 1 : 0,
  ];
}
