/** Measures the store in a process of its own. Argument: StoreQuestion; sends its answer and ends. */
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../../../src/simulator/random.js";
import { openStore } from "../../../src/store/index.js";
import { systemClock } from "../../../src/transport/index.js";
import { openSqlite } from "../../support/sqlite.js";
import { median } from "../result.js";
import { quietLogger } from "./meters.js";
import { argumentOf } from "./process.js";
import { writeBlocks, writeRows } from "./store-files.js";
import { firstAtMs, quarterHourMs, series, seriesNames, yearReadings } from "./store-series.js";

export type StoreQuestion =
  | { readonly kind: "size"; readonly folder: string; readonly readings: number }
  | { readonly kind: "scan"; readonly folder: string }
  | { readonly kind: "append"; readonly folder: string; readonly readings: number; readonly meters: number }
  | {
      readonly kind: "point";
      readonly folder: string;
      readonly meters: number;
      readonly years: number;
      readonly telegrams: number;
    };

export interface SizeAnswer {
  readonly bytesPerReading: number;
  readonly largest: { readonly name: string; readonly bytes: number };
  readonly rowBytes: number;
  /** undefined: there is no xz on this machine. */
  readonly xzBytes: number | undefined;
}
export interface RateAnswer {
  readonly rate: number;
  readonly reference: number;
}
export interface PointAnswer {
  readonly medianMs: number;
  readonly worst99Ms: number;
  readonly referenceMs: number;
  readonly fileBytes: number;
  readonly readings: number;
  readonly writeSeconds: number;
}

const question = argumentOf<StoreQuestion>();
const open = (path: string) => openStore({ path, clock: systemClock, logger: quietLogger });

/** The bytes of each column one behind the other, xz's best. */
function xzBytes(name: (typeof seriesNames)[number], readings: number): number | undefined {
  const rows = [...series(name, readings, 1)];
  const length = rows[0]?.payload.length ?? 0;
  const columns = Buffer.alloc(readings * (length + 8));
  for (const [row, { payload, readAtMs }] of rows.entries()) {
    for (let at = 0; at < length; at++) columns[at * readings + row] = payload[at] ?? 0;
    columns.writeBigInt64LE(BigInt(readAtMs), readings * length + row * 8);
  }
  const done = spawnSync("xz", ["-9", "-c"], { input: columns, maxBuffer: 1 << 30 });
  return done.status === 0 ? done.stdout.length : undefined;
}

function size(folder: string, readings: number): SizeAnswer {
  const [blocks, rows] = [join(folder, "blocks.db"), join(folder, "rows.db")];
  writeBlocks({ path: blocks, telegrams: seriesNames, meters: seriesNames.length, readings });
  writeRows(rows, seriesNames, readings);
  const count = readings * seriesNames.length;
  const database = openSqlite(blocks, { readonly: true });
  const [largest] = database
    .prepare(
      "SELECT meter_id AS meter, sum(size) * 1.0 / sum(count) AS bytes FROM reading_blocks GROUP BY 1 ORDER BY 2 DESC",
    )
    .all() as { meter: number; bytes: number }[];
  database.close();
  const packed = seriesNames.map((name) => xzBytes(name, readings));
  return {
    bytesPerReading: statSync(blocks).size / count,
    largest: { name: seriesNames[(largest?.meter ?? 1) - 1] ?? "", bytes: largest?.bytes ?? 0 },
    rowBytes: statSync(rows).size / count,
    xzBytes: packed.some((bytes) => bytes === undefined)
      ? undefined
      : packed.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0) / count,
  };
}

async function scan(folder: string): Promise<RateAnswer> {
  const [blocks, rows] = [join(folder, "blocks.db"), join(folder, "rows.db")];
  writeBlocks({ path: blocks, telegrams: ["multical601"], meters: 1, readings: yearReadings });
  writeRows(rows, ["multical601"], yearReadings);
  const rates: number[] = [];
  const references: number[] = [];
  for (let round = 0; round < 5; round++) {
    // Opened anew: nothing is decoded yet.
    const store = await open(blocks);
    let seen = 0;
    const started = performance.now();
    for (let from = 1; ; ) {
      const page = await store.readings({ meterId: 1, fromNumber: from, limit: 1000 });
      const last = page.at(-1);
      if (last === undefined) break;
      seen += page.length;
      from = last.number + 1;
    }
    rates.push((seen * 1000) / (performance.now() - started));
    await store.close();
    if (seen !== yearReadings) throw new Error(`${seen} readings came back`);
    const plain = openSqlite(rows, { readonly: true });
    const begun = performance.now();
    const all = plain.prepare("SELECT * FROM readings WHERE meter_id = 1 ORDER BY number").all();
    references.push((all.length * 1000) / (performance.now() - begun));
    plain.close();
  }
  return { rate: median(rates), reference: median(references) };
}

async function append(folder: string, readings: number, meters: number): Promise<RateAnswer> {
  const store = await open(join(folder, "appended.db"));
  const layout = { id: 1, kind: "kind", shape: Uint8Array.of(1) };
  const ids: number[] = [];
  for (let index = 0; index < meters; index++) {
    const sap = index < 111 ? 16 + index : 17 + index;
    const given = { logicalDeviceName: undefined, kind: undefined, secondaryAddress: undefined };
    ids.push(
      (await store.addMeter({ ...given, sap, interfaceName: "bus", primaryAddress: undefined, position: "" })).id,
    );
  }
  const perMeter = Math.ceil(readings / meters);
  const rows = [...series("multical601", perMeter, 0)];
  const started = performance.now();
  // As cycles come in: a reading of each meter, a few cycles at once.
  let waiting: Promise<void>[] = [];
  for (const row of rows) {
    for (const meterId of ids) waiting.push(store.commit({ reading: { ...row, meterId }, newLayout: layout }));
    if (waiting.length < 5000) continue;
    await Promise.all(waiting);
    waiting = [];
  }
  await Promise.all(waiting);
  const rate = (rows.length * meters * 1000) / (performance.now() - started);
  await store.close();

  const plain = openSqlite(join(folder, "plain.db"));
  plain.pragma("journal_mode = WAL");
  plain.pragma("synchronous = FULL");
  plain.exec(`CREATE TABLE readings (meter_id INTEGER, number INTEGER, read_at_ms INTEGER, payload BLOB,
    PRIMARY KEY (meter_id, number)) WITHOUT ROWID`);
  const insert = plain.prepare("INSERT INTO readings VALUES (?, ?, ?, ?)");
  const cycle = plain.transaction(({ number, readAtMs, payload }: (typeof rows)[number]) => {
    for (const meterId of ids) insert.run(meterId, number, readAtMs, payload);
  });
  const begun = performance.now();
  for (const row of rows) cycle(row);
  const reference = (rows.length * meters * 1000) / (performance.now() - begun);
  plain.close();
  return { rate, reference };
}

async function point(folder: string, meters: number, years: number, telegrams: number): Promise<PointAnswer> {
  const path = join(folder, "years.db");
  const readings = yearReadings * years;
  const begun = performance.now();
  writeBlocks({ path, telegrams: seriesNames.slice(0, telegrams), meters, readings });
  const writeSeconds = (performance.now() - begun) / 1000;
  const plainPath = join(folder, "plain.db");
  writeRows(plainPath, ["multical601", "hydrometerHeat"], yearReadings);
  const store = await open(path);
  const random = seededRandom(3);
  const times: number[] = [];
  const ask = async () => {
    const meterId = 1 + Math.floor(random() * meters);
    const atMs = firstAtMs + Math.floor(random() * readings) * quarterHourMs + quarterHourMs / 2;
    const started = performance.now();
    const [reading] = await store.readings({ meterId, toMs: atMs, descending: true, limit: 1 });
    times.push(performance.now() - started);
    if (reading === undefined || atMs - reading.readAtMs > quarterHourMs) throw new Error("another reading came back");
  };
  for (let count = 0; count < 300; count++) await ask();
  times.length = 0;
  for (let count = 0; count < 3000; count++) await ask();
  await store.close();

  const plain = openSqlite(plainPath, { readonly: true });
  const query = plain.prepare(
    "SELECT * FROM readings WHERE meter_id = ? AND read_at_ms <= ? ORDER BY read_at_ms DESC LIMIT 1",
  );
  const references = Array.from({ length: 3000 }, () => {
    const atMs = firstAtMs + Math.floor(random() * yearReadings * quarterHourMs);
    const started = performance.now();
    query.get(1 + Math.floor(random() * 2), atMs);
    return performance.now() - started;
  });
  plain.close();
  const sorted = times.toSorted((left, right) => left - right);
  return {
    medianMs: median(times),
    worst99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    referenceMs: median(references),
    fileBytes: statSync(path).size,
    readings: readings * meters,
    writeSeconds,
  };
}

function answer(): Promise<SizeAnswer | RateAnswer | PointAnswer> | SizeAnswer {
  switch (question.kind) {
    case "size":
      return size(question.folder, question.readings);
    case "scan":
      return scan(question.folder);
    case "append":
      return append(question.folder, question.readings, question.meters);
    case "point":
      return point(question.folder, question.meters, question.years, question.telegrams);
  }
}

const given = await answer();
process.send?.(given, () => process.exit(0));
