/**
 * A meter list of so many meters, each read once. `fill` writes it into a data directory; `start` starts a gateway on it;
 * `bare` reads the same rows with SQLite alone. Sends ListAnswer.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { busesOf } from "../../../src/host/buses.js";
import { openDataDirectory } from "../../../src/host/data-directory.js";
import { startGateway } from "../../../src/host/gateway/index.js";
import { settingsChecks } from "../../../src/host/settings-checks.js";
import { loadSettings, type Settings } from "../../../src/settings/index.js";
import { openStore } from "../../../src/store/index.js";
import { systemClock } from "../../../src/transport/index.js";
import { openSqlite } from "../../support/sqlite.js";
import {
  addMeter,
  createBenchGateway,
  demoTelegrams,
  interfaceNames,
  quietLogger,
  withIdentification,
} from "./meters.js";
import { argumentOf } from "./process.js";

export interface ListQuestion {
  readonly kind: "fill" | "start" | "bare";
  readonly folder: string;
  readonly meters: number;
}

export interface ListAnswer {
  /** From the beginning of the process until all doors are open, or all rows are read. */
  readonly startMs: number;
  readonly residentBytes: number;
  /** Heap and external memory after a garbage collection. */
  readonly usedBytes: number;
}

const question = argumentOf<ListQuestion>();
const databaseName = "gateway.sqlite";
/** Meters on their way to the store at once. */
const batch = 1000;
const held: unknown[] = [];

async function fill({ folder, meters }: ListQuestion): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const store = await openStore({
    path: join(folder, databaseName),
    clock: systemClock,
    logger: quietLogger,
    groupMs: 1,
  });
  const gateway = createBenchGateway(store);
  const telegrams = demoTelegrams();
  const add = (number: number) =>
    addMeter(gateway, withIdentification(telegrams[number % telegrams.length] as Uint8Array, number), number);
  // What each kind teaches, first.
  for (let number = 1; number <= telegrams.length; number++) await add(number);
  for (let from = telegrams.length + 1; from <= meters; from += batch) {
    const numbers = Array.from({ length: Math.min(batch, meters - from + 1) }, (_, index) => from + index);
    await Promise.all(numbers.map(add));
  }
  await store.close();
}

function settingsOf(): Settings {
  const host = "127.0.0.1";
  const interfaces = interfaceNames.map((name) => ({ name, kind: "tcp", host, port: 1 }));
  const doors = { web: { host, port: 0 }, dlms: { host, port: 0 } };
  const text = JSON.stringify({ readout: { enabled: false }, interfaces, doors });
  const loaded = loadSettings(text, "bench", settingsChecks);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.settings;
}

async function startOn({ folder, meters }: ListQuestion): Promise<void> {
  const settings = settingsOf();
  const data = await openDataDirectory(folder);
  const gateway = await startGateway({
    settings,
    data,
    buses: busesOf(settings.interfaces, settings.readout),
    receivers: [],
    clock: systemClock,
    logger: quietLogger,
    publicClientReadsMeters: false,
    isWebOpen: true,
    notices: [],
  });
  held.push(gateway);
  const web = gateway.doors.find(({ name }) => name === "web");
  const answer = await fetch(`http://127.0.0.1:${web?.port}/api/v1/meters?limit=1`);
  const { total } = (await answer.json()) as { total?: number };
  if (answer.ok && total !== meters) throw new Error(`${total} meters are served, not ${meters}`);
}

function readBare({ folder }: ListQuestion): void {
  const database = openSqlite(join(folder, databaseName));
  held.push(database.prepare("SELECT meters.*, read_at_ms, payload FROM meters JOIN readings ON meter_id = id").all());
  database.close();
}

if (question.kind === "fill") await fill(question);
else if (question.kind === "start") await startOn(question);
else readBare(question);
const startMs = performance.now();
globalThis.gc?.();
globalThis.gc?.();
const { rss, heapUsed, external } = process.memoryUsage();
if (held.length > 2) throw new Error("too much is held");
process.send?.({ startMs, residentBytes: rss, usedBytes: heapUsed + external } satisfies ListAnswer);
process.on("disconnect", () => process.exit(0));
