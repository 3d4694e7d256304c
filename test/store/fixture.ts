import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { Clock, KindObjectRow, LayoutRow, Logger, MeterRow, ReadingCommit } from "../../src/ports/index.js";
import { openStore, type Store, type StoreOptions } from "../../src/store/index.js";
import { manualClock } from "../support/manual-clock.js";

const folders: string[] = [];
const stores: Store[] = [];

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A path in a folder of its own, gone after the test. */
export function databasePath(): string {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  folders.push(folder);
  return join(folder, "gateway.db");
}

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A clock whose timers fire at the next turn of the loop: each write goes as soon as the writer is free. */
export const hasty: Clock = {
  ...manualClock(),
  after(_milliseconds, task) {
    const immediate = setImmediate(task);
    return () => clearImmediate(immediate);
  },
};

export async function open(path: string, options: Partial<StoreOptions> = {}): Promise<Store> {
  const store = await openStore({ path, clock: hasty, logger: silent, ...options });
  stores.push(store);
  return store;
}

export const newMeter: Omit<MeterRow, "id"> = {
  sap: 16,
  logicalDeviceName: undefined,
  kind: undefined,
  interfaceName: "bus",
  secondaryAddress: "12345678",
  primaryAddress: undefined,
  position: "cellar",
};

export const layout: LayoutRow = { id: 1, kind: "KAM/8/4", shape: Uint8Array.of(4, 6) };

export const object: KindObjectRow = {
  kind: "KAM/8/4",
  identity: "inst/0/0/0/06",
  classId: 3,
  logicalName: "6-0:1.0.0*255",
  scaler: 3,
  unit: 30,
  dataType: "double-long-unsigned",
  position: 0,
  unmapped: false,
};

/** Reading `number` of a meter, read at `number` x 1000 ms; the first brings the layout. */
export function reading(meterId: number, number: number, readAtMs = number * 1000): ReadingCommit {
  const payload = Uint8Array.of(0, 3, 0x72, number & 255, number >> 8);
  const row = { meterId, number, readAtMs, layoutId: layout.id, clockStatus: 0, payload };
  return number === 1 ? { reading: row, newLayout: layout, newObjects: [object] } : { reading: row };
}

/** A store with one meter and readings 1 to `count`. */
export async function filled(path: string, count: number): Promise<{ store: Store; meterId: number }> {
  const store = await open(path);
  const { id } = await store.addMeter(newMeter);
  await Promise.all(Array.from({ length: count }, (_, index) => store.commit(reading(id, index + 1))));
  return { store, meterId: id };
}
