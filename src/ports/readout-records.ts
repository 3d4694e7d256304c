/** How each readout of each meter went: a bounded table, the oldest rows go first, and sums for each meter. */

/** What made a readout happen. Continuous mode is not recorded: it lives in memory alone. */
export type ReadoutOrigin = "cycle" | "manual" | "telegram";

export interface ReadoutRecord {
  readonly meterId: number;
  readonly origin: ReadoutOrigin;
  /** Milliseconds since 1970 UTC: its end, or of a wireless meter when its telegram was heard. */
  readonly createdAtMs: number;
  readonly ok: boolean;
  /** Of a failed one, from the closed list of failures; `notKept` where it was read and then refused. */
  readonly reason: string | undefined;
  /** For people: `Readout successful`, or what went wrong and what to do. */
  readonly message: string;
  readonly telegramCount: number;
  readonly durationMs: number;
  /** Requests that had to be sent again. */
  readonly retries: number;
  /** Until the meter began to answer; undefined: it did not, or is wireless. */
  readonly responseMs: number | undefined;
  /** dBm; wireless meters alone. */
  readonly signalDbm: number | undefined;
}

/** A record as it is kept; `id` grows with each and is never given twice. */
export interface KeptReadoutRecord extends ReadoutRecord {
  readonly id: number;
}

/** Newest first. */
export interface ReadoutRecordQuery {
  readonly meterId?: number | undefined;
  /** Failed ones alone. */
  readonly onlyFailed?: boolean | undefined;
  /** Exclusive; for the next page. */
  readonly beforeId?: number | undefined;
  /** At most 1000. */
  readonly limit: number;
}

/** Sums over all recorded readouts of a meter, also those whose records are gone. */
export interface MeterStatisticsRow {
  readonly meterId: number;
  readonly attempts: number;
  readonly good: number;
  readonly retries: number;
  readonly responseCount: number;
  readonly responseSumMs: number;
  readonly responseMaxMs: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly lastGoodAtMs: number | undefined;
}

/** Puts right when a readout was: it took place before the clock was known good. */
export interface ReadoutRecordMove {
  readonly meterId: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ReadoutRecordStore {
  /** One transaction, with the sums they change. Resolves when on disk. */
  addReadoutRecords(records: readonly ReadoutRecord[]): Promise<void>;
  /** Records and the times among the sums, in one transaction. Resolves when on disk. */
  moveReadoutRecords(moves: readonly ReadoutRecordMove[]): Promise<void>;
  readoutRecords(query: ReadoutRecordQuery): Promise<readonly KeptReadoutRecord[]>;
  /** The newest of each meter. */
  newestReadoutRecords(): Promise<readonly KeptReadoutRecord[]>;
  /** Of one meter, or of all. */
  meterStatistics(meterId?: number): Promise<readonly MeterStatisticsRow[]>;
}
