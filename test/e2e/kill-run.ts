/** Kills a gateway again and again while it reads simulated meters, and compares what it kept with what they said. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import type { ReadingRow } from "../../src/ports/index.js";
import { openBlock } from "../../src/store/block/index.js";
import { listenToReadings, type SeenReading } from "../support/event-stream.js";
import { type Cleanup, GatewayProcess, startRun, when } from "../support/gateway-process.js";
import { openSqlite } from "../support/sqlite.js";

export interface Simulator {
  readonly config: string;
  readonly ledger: string;
}

/**
 * The demo's 40 meters behind TCP in a process of their own, which outlives every kill. The gateway reads them when it
 * is told to and never by itself, so that no test depends on the minute.
 */
export async function startSimulator(
  cleanup: Cleanup,
  baud: string,
  settings = "",
  more: readonly string[] = [],
): Promise<Simulator> {
  const folder = cleanup.folder();
  const [config, ledger] = [join(folder, "config.yaml"), join(folder, "ledger.ndjson")];
  const words = ["simulate", "--ports", "0,0,0", "--baud", baud, "--write-config", config, "--ledger", ledger, ...more];
  const simulator = cleanup.add(new GatewayProcess(words));
  await simulator.until("the simulator", () => when(simulator.stdout.includes("building-c")));
  const written = parse(readFileSync(config, "utf8")) as { readout: object };
  const readout = { ...written.readout, schedule: "0 0 1 1 *" };
  writeFileSync(config, `${stringify({ ...written, readout })}${settings}`);
  return { config, ledger };
}

/** Doors on free ports of loopback, so that tests run beside others. */
export const loopbackDoors = (more = "") => `
doors:
  web: { port: 0 }
  dlms: { host: 127.0.0.1, port: 0${more} }
  modbus: { enabled: true, host: 127.0.0.1, port: 0 }
`;

/** A number from 0 to 1, the same row for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a run has to bear. */
export interface Troubled {
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** Called when it runs; it is not killed before this is over. */
  during?(): Promise<void>;
}

/** Starts the gateway on the data directory, kills it after this time, and tells what it had shown. */
export async function killedAfter(
  cleanup: Cleanup,
  { config }: Simulator,
  data: string,
  delayMs: number,
  { environment, during }: Troubled = {},
): Promise<readonly SeenReading[]> {
  const words = ["--config", config, "--data", data, "--read-now"];
  const gateway = await cleanup.gateway(startRun(words, environment));
  const started = performance.now();
  const listener = await listenToReadings(gateway.origin);
  const troubles = during?.();
  await sleep(Math.max(0, delayMs - (performance.now() - started)));
  await troubles;
  gateway.process.signal("SIGKILL");
  await gateway.process.exited;
  await listener.ended;
  return listener.seen;
}

export interface StoredReading {
  readonly number: number;
  readonly readAtMs: number;
  /** Application data of its telegrams, hex. */
  readonly telegrams: readonly string[];
}

export interface Stored {
  readonly integrity: unknown;
  readonly foreignKeyFaults: unknown;
  /** By SAP, in the order of their numbers. */
  readonly meters: ReadonlyMap<number, { readonly name: string; readonly readings: readonly StoredReading[] }>;
}

/** The database, without the store: rows by the driver alone, blocks by their decoder. `name` is bus and identification, as the ledger knows the meter. */
export function readDatabase(data: string): Stored {
  const database = openSqlite(join(data, "gateway.sqlite"), { readonly: true });
  try {
    const rows = database.prepare("SELECT id, sap, interface_name, secondary_address FROM meters").all() as {
      id: number;
      sap: number;
      interface_name: string;
      secondary_address: string;
    }[];
    const readings = database.prepare(
      "SELECT number, read_at_ms AS readAtMs, payload FROM readings WHERE meter_id = ? ORDER BY number",
    );
    const blocks = database
      .prepare("SELECT bytes FROM reading_blocks WHERE meter_id = ? ORDER BY first_number")
      .pluck();
    const inBlocks = (meterId: number) =>
      (blocks.all(meterId) as Buffer[]).flatMap((bytes) => {
        const block = openBlock(bytes, meterId);
        return block.rows(0, block.count);
      });
    const meters = new Map(
      rows.map((row) => [
        row.sap,
        {
          name: `${row.interface_name} ${row.secondary_address.slice(0, 8)}`,
          readings: [...inBlocks(row.id), ...(readings.all(row.id) as ReadingRow[])].map(
            ({ number, readAtMs, payload }) => ({ number, readAtMs, telegrams: telegramsOf(Buffer.from(payload)) }),
          ),
        },
      ]),
    );
    return {
      integrity: database.pragma("integrity_check", { simple: true }),
      foreignKeyFaults: database.pragma("foreign_key_check"),
      meters,
    };
  } finally {
    database.close();
  }
}

/** Each telegram stands behind its length, two bytes. */
function telegramsOf(payload: Buffer): string[] {
  const telegrams: string[] = [];
  for (let offset = 0; offset < payload.length; ) {
    const end = offset + 2 + payload.readUInt16BE(offset);
    telegrams.push(payload.toString("hex", offset + 2, end));
    offset = end;
  }
  return telegrams;
}

/** The telegrams that each meter sent, in order; the key is bus and identification. */
export function readLedger(path: string): ReadonlyMap<string, readonly string[]> {
  const byMeter = new Map<string, string[]>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (line === "") continue;
    const { bus, meter, telegram } = JSON.parse(line) as { bus: string; meter: string; telegram: string };
    const key = `${bus} ${meter.slice(meter.lastIndexOf("-") + 1)}`;
    byMeter.set(key, [...(byMeter.get(key) ?? []), telegram]);
  }
  return byMeter;
}

/** Whether these may be one telegram before and after noise that the checksum does not show. */
function isNoiseUnseen(sent: string, kept: string): boolean {
  const sum = (hex: string) => Buffer.from(hex, "hex").reduce((total, byte) => (total + byte) & 0xff, 0);
  return sent.length === kept.length && sum(sent) === sum(kept);
}

/**
 * What is wrong with what was kept, in words; empty: nothing is. On a noisy bus a telegram may differ from the one sent
 * if the checksum of EN 13757-2, the sum of the bytes in one byte, cannot tell them apart.
 */
export function faultsOf(
  stored: Stored,
  ledger: ReadonlyMap<string, readonly string[]>,
  seen: readonly SeenReading[],
  noisyBus?: string,
) {
  const faults: string[] = [];
  if (stored.integrity !== "ok") faults.push(`integrity_check: ${String(stored.integrity)}`);
  for (const [sap, { name, readings }] of stored.meters) {
    const sent = ledger.get(name) ?? [];
    const isNoisy = noisyBus !== undefined && name.startsWith(`${noisyBus} `);
    // Readings are kept in the order in which their telegrams were sent, so the search goes on behind the last find:
    // a telegram that is kept twice, or was never sent, is not found there.
    let from = 0;
    for (const [index, { number, telegrams }] of readings.entries()) {
      if (number !== index + 1) faults.push(`sap ${sap}: number ${number} stands at place ${index + 1}`);
      if (telegrams.length === 0) faults.push(`sap ${sap}, reading ${number}: no telegram`);
      for (const telegram of telegrams) {
        let found = sent.indexOf(telegram, from);
        if (found < 0 && isNoisy) found = sent.findIndex((one, at) => at >= from && isNoiseUnseen(one, telegram));
        if (found < 0) {
          const places = sent.flatMap((one, place) => (one === telegram ? [place] : []));
          const where = `of ${sent.length} at ${places.join(", ") || "none"}, looked from ${from}`;
          const next = sent.slice(from, from + 2).join(", then ");
          faults.push(
            `sap ${sap}, reading ${number}: not in the ledger, or kept twice: ${telegram} (${name} ${where}: ${next})`,
          );
        }
        if (found >= 0) from = found + 1;
      }
    }
  }
  for (const { sap, number, readAtMs } of seen) {
    const kept = stored.meters.get(sap)?.readings[number - 1];
    if (kept === undefined) faults.push(`sap ${sap}: reading ${number} was shown and is lost`);
    else if (Math.abs(kept.readAtMs - readAtMs) >= 10) {
      faults.push(`sap ${sap}, reading ${number}: shown with ${readAtMs}, kept with ${kept.readAtMs}`);
    }
  }
  return faults;
}
