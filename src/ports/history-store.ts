/** What is done with readings once they are kept: blocks, retention, forecast, raw telegrams. Beside ReadingStore. */

/** How long readings are kept; without a limit, as long as there is room. */
export interface RetentionRules {
  readonly nowMs: number;
  /** Readings older than this many milliseconds go, a block at a time: none younger ever does. */
  readonly maxAgeMs?: number | undefined;
  /** The oldest readings go while there is less room than this, in bytes: on the disk and inside the file. */
  readonly minFreeBytes?: number | undefined;
}

export interface RetentionOutcome {
  readonly removedReadings: number;
  /** Set where room was asked for and all that may go is gone: the newest reading of each meter always stays. */
  readonly isStillFull: boolean;
}

/** What the history takes, and how long the room lasts. */
export interface HistoryFigures {
  readonly readings: number;
  readonly oldestMs: number | undefined;
  readonly newestMs: number | undefined;
  /** Readings that are rows still. */
  readonly openReadings: number;
  readonly blocks: number;
  /** Of the blocks, the rows they came from left out; undefined while there are none. */
  readonly bytesPerReading: number | undefined;
  /** The database and its log. */
  readonly fileBytes: number;
  /** Free on the disk (or up to the size allowed) and inside the file. */
  readonly roomBytes: number;
  /** As the meters were read lately. */
  readonly readingsPerDay: number;
  readonly bytesPerDay: number;
  /** undefined: nothing comes in. */
  readonly daysUntilFull: number | undefined;
}

/** A telegram as it was received, the newest first. */
export interface RawTelegram {
  readonly receivedAtMs: number;
  readonly bytes: Uint8Array;
}

/** Readings that can no longer be read. */
export interface DamagedRange {
  readonly meterId: number;
  readonly fromNumber: number;
  readonly toNumber: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Readings of one meter that were taken before the clock was known good; numbers inclusive. */
export interface Retiming {
  readonly meterId: number;
  readonly fromNumber: number;
  readonly toNumber: number;
  /** Added to their times. */
  readonly shiftMs: number;
  /** Their COSEM clock status from now on. */
  readonly clockStatus: number;
}

export interface HistoryStore {
  /** Moves readings in time, open or compacted; resolves when it is on disk. */
  retime(retiming: Retiming): Promise<void>;
  /** Makes blocks of all open readings that are due, as the store does by itself; for tools and tests. */
  compact(): Promise<void>;
  retain(rules: RetentionRules): Promise<RetentionOutcome>;
  figures(): Promise<HistoryFigures>;
  /** Reads every block in small steps and says which are damaged. */
  findDamage(): Promise<readonly DamagedRange[]>;
  /** Keeps telegrams of a meter as received, the last few of each (see the store's options). */
  keepTelegrams(meterId: number, telegrams: readonly RawTelegram[]): Promise<void>;
  /** Newest first, at most `limit`. */
  telegrams(meterId: number, limit: number): Promise<readonly RawTelegram[]>;
}
