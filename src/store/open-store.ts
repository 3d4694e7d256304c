import type { Clock, HistoryStore, Logger, MeterRow, ReadingStore } from "../ports/index.js";
import type { CompactionLimits } from "./compaction-limits.js";
import { type Reader, startReader } from "./reader.js";
import { StoreError, storeErrorFrom } from "./store-error.js";
import { startWriter } from "./writer.js";

export interface StoreOptions {
  /** The database file; its folder exists. */
  readonly path: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long the first write of a group waits for company, at most 2000; default 100. */
  readonly groupMs?: number;
  /** At most so many writes wait, then `busy`; default 10,000. */
  readonly maxWaiting?: number;
  /** Largest size of the database file; default: the disk is the limit. */
  readonly maxBytes?: number;
  /** When readings become blocks; the defaults suit everybody but tests. */
  readonly compaction?: CompactionLimits;
  /** Telegrams kept of each meter as received; default 0. */
  readonly rawTelegrams?: number;
}

/** Readings and what is done with them. */
export type Store = ReadingStore & HistoryStore;

/**
 * Opens the store, makes the file where there is none and brings an older one up to date.
 * Every refusal, here and of the store's calls, is a `StoreError` with cause and next step.
 * @throws StoreError `foreign`, `newer`, `corrupt`, `locked`, `full` or `io`
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { path, clock, logger, groupMs = 100, maxWaiting = 10_000, maxBytes, compaction, rawTelegrams = 0 } = options;
  const writer = await startWriter({ path, clock, logger, groupMs, maxWaiting, maxBytes, compaction, rawTelegrams });
  let reader: Reader;
  try {
    reader = startReader(path);
  } catch (error) {
    await writer.close();
    throw error;
  }

  let isClosed = false;
  const read = async <Result>(query: (reader: Reader) => Result): Promise<Result> => {
    if (isClosed) throw new StoreError("closed", `${path}: the store is closed`);
    try {
      return query(reader);
    } catch (error) {
      throw storeErrorFrom(error, path);
    }
  };

  return {
    load: () => read((from) => from.load()),
    async addMeter(meter): Promise<MeterRow> {
      const id = await writer.write({ kind: "addMeter", meter });
      if (id === undefined) throw new StoreError("stopped", `${path}: the writer gave no key for the new meter`);
      return { ...meter, id };
    },
    async commit(commit) {
      await writer.write({ kind: "commit", commit });
    },
    count: (query) => read((from) => from.count(query)),
    readings: (query) => read((from) => from.readings(query)),
    getState: (key) => read((from) => from.getState(key)),
    statesWithPrefix: (prefix) => read((from) => from.statesWithPrefix(prefix)),
    async setState(key, value) {
      await writer.write({ kind: "setState", key, value });
    },
    compact: () => writer.run({ kind: "compact" }),
    retain: (rules) => writer.run({ kind: "retain", rules }),
    figures: () => writer.run({ kind: "figures" }),
    findDamage: () => writer.run({ kind: "findDamage" }),
    async keepTelegrams(meterId, telegrams) {
      if (rawTelegrams === 0 || telegrams.length === 0) return;
      await writer.write({ kind: "keepTelegrams", meterId, telegrams });
    },
    telegrams: (meterId, limit) => read((from) => from.telegrams(meterId, limit)),
    async close() {
      const wasClosed = isClosed;
      isClosed = true;
      // The writer's connection closes last: it then folds the log into the file.
      if (!wasClosed) reader.close();
      await writer.close();
    },
  };
}
