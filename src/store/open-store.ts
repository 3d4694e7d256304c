import type {
  AccountStore,
  Clock,
  HistoryStore,
  JobRunStore,
  Logger,
  LogStore,
  MeterListStore,
  MeterRow,
  ReadingStore,
  ReadoutRecordStore,
} from "../ports/index.js";
import { accountStoreOf } from "./account-table.js";
import type { CompactionLimits } from "./compaction-limits.js";
import { logRows } from "./log-reader.js";
import { type Reader, startReader } from "./reader.js";
import { isEmptied, isMarkedDamaged, markDamaged, type SetAside, setAside, unmarkDamaged } from "./set-aside.js";
import { StoreError, storeErrorFrom } from "./store-error.js";
import { startWriter, type Writer } from "./writer.js";

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
  /** Records of readouts that stay, of all meters together; default 200,000. */
  readonly readoutRecords?: number;
  /** A damaged file: refuse to open it (default), or rename it, begin a new one and take over what can be read. */
  readonly onDamage?: "refuse" | "setAside";
}

/** Readings and what is done with them. */
export interface Store extends ReadingStore, HistoryStore, MeterListStore, ReadoutRecordStore, JobRunStore, LogStore {
  /** The damaged file that was met on opening and set aside. */
  readonly damaged: SetAside | undefined;
  readonly accounts: AccountStore;
}

/**
 * Opens the store, makes the file where there is none and brings an older one up to date.
 * Every refusal, here and of the store's calls, is a `StoreError` with cause and next step.
 * @throws StoreError `foreign`, `noDatabase`, `newer`, `corrupt`, `locked`, `full` or `io`
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { path } = options;
  const { writer, damaged } = await openWriterOf(options);
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
    async updateMeter(meter) {
      await writer.write({ kind: "updateMeter", meter });
    },
    async forgetHistory(meterId) {
      await writer.write({ kind: "forgetHistory", meterId });
    },
    keys: () => read((from) => from.keys()),
    async addKeys(keys) {
      if (keys.length === 0) return [];
      const first = await writer.write({ kind: "addKeys", keys });
      if (first === undefined) throw new StoreError("stopped", `${path}: the writer gave no ids for the new keys`);
      return keys.map((_, index) => first + index);
    },
    async removeKeys(ids) {
      await writer.write({ kind: "removeKeys", ids });
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
    async addJobRun(run) {
      const id = await writer.write({ kind: "addJobRun", run });
      if (id === undefined) throw new StoreError("stopped", `${path}: the writer gave no id for the job's run`);
      return id;
    },
    async endJobRun(end) {
      await writer.write({ kind: "endJobRun", end });
    },
    async pruneJobRuns(kept) {
      await writer.write({ kind: "pruneJobRuns", kept });
    },
    jobRuns: (query) => read((from) => from.jobRuns.jobRuns(query)),
    openJobRuns: () => read((from) => from.jobRuns.openJobRuns()),
    lastJobRuns: () => read((from) => from.jobRuns.lastJobRuns()),
    lastScheduled: () => read((from) => from.jobRuns.lastScheduled()),
    damaged,
    accounts: accountStoreOf({
      write: (change) => writer.write({ kind: "accounts", change }),
      read: (query) => read((from) => query(from.accounts)),
    }),
    compact: () => writer.run({ kind: "compact" }),
    retain: (rules) => writer.run({ kind: "retain", rules }),
    figures: () => writer.run({ kind: "figures" }),
    async findDamage() {
      try {
        return await writer.run({ kind: "findDamage" });
      } catch (error) {
        if (error instanceof StoreError && error.reason === "corrupt") markDamaged(path);
        throw error;
      }
    },
    async appendLog(rows, maxBytes) {
      const first = await writer.write({ kind: "appendLog", rows, maxBytes });
      if (first === undefined) throw new StoreError("stopped", `${path}: the writer gave no ids for log entries`);
      return first;
    },
    logRows: (query) => logRows(query, (look) => read((from) => from.lookThroughLog(look))),
    pruneLog: (rules) => writer.run({ kind: "pruneLog", rules }),
    logFigures: () => writer.run({ kind: "logFigures" }),
    async retime(retiming) {
      await writer.write({ kind: "retime", retiming });
    },
    async keepTelegrams(meterId, telegrams) {
      if ((options.rawTelegrams ?? 0) === 0 || telegrams.length === 0) return;
      await writer.write({ kind: "keepTelegrams", meterId, telegrams });
    },
    async addReadoutRecords(records) {
      if (records.length > 0) await writer.write({ kind: "addReadoutRecords", records });
    },
    async moveReadoutRecords(moves) {
      if (moves.length > 0) await writer.write({ kind: "moveReadoutRecords", moves });
    },
    readoutRecords: (query) => read((from) => from.readoutRecords(query)),
    newestReadoutRecords: () => read((from) => from.newestReadoutRecords()),
    meterStatistics: (meterId) => read((from) => from.meterStatistics(meterId)),
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

async function openWriterOf(options: StoreOptions): Promise<{ writer: Writer; damaged: SetAside | undefined }> {
  const { path, clock, logger, groupMs = 100, maxWaiting = 10_000, onDamage = "refuse" } = options;
  const { maxBytes, compaction, rawTelegrams = 0, readoutRecords } = options;
  const parts = { path, clock, logger, groupMs, maxWaiting, maxBytes, compaction, rawTelegrams, readoutRecords };
  if (onDamage === "refuse") return { writer: await startWriter(parts), damaged: undefined };
  try {
    if (isEmptied(path)) throw new StoreError("corrupt", `${path}: a database was here, and nothing of it is left`);
    const writer = await startWriter({ ...parts, check: isMarkedDamaged(path) ? "thorough" : "light" });
    unmarkDamaged(path);
    return { writer, damaged: undefined };
  } catch (error) {
    if (!(error instanceof StoreError) || (error.reason !== "corrupt" && error.reason !== "noDatabase")) throw error;
    const reason = error.message;
    // SQLite would throw the log of an emptied file away.
    const salvaging = !isEmptied(path);
    const aside = setAside(path, clock.now());
    logger.error("the database is damaged; it is set aside and what can be read is taken over", { aside, reason });
    const writer = await startWriter({ ...parts, ...(salvaging ? { salvageFrom: aside } : {}) });
    const salvaged = writer.salvaged ?? { meters: 0, readings: 0, otherRows: 0, lost: 0 };
    logger.warn("a new database was begun", { ...salvaged });
    return { writer, damaged: { path: aside, reason, salvaged } };
  }
}
