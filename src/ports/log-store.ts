/** The system log as the store keeps it. */

/** -1 debug, 0 information, 1 warning, 2 error, 3 critical. */
export type LogSeverity = -1 | 0 | 1 | 2 | 3;

/** Which COSEM log an entry is seen in too; 0: in none. */
export const cosemLog = { none: 0, standard: 1, fraud: 2 } as const;
export type CosemLog = (typeof cosemLog)[keyof typeof cosemLog];

/** One entry. */
export interface LogRow {
  /** Given by the store; later ones are greater, whatever the clock did. */
  readonly id: number;
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number;
  /** Minutes, UTC = local + deviation, of the gateway's zone at that time. */
  readonly deviationMinutes: number;
  /** COSEM clock status of that time. */
  readonly clockStatus: number;
  readonly severity: LogSeverity;
  /** Of the table of texts; of entries in a COSEM log the event code too. 0 to 65,535. */
  readonly textId: number;
  /** A section, and behind a slash whom it is about: `meter/GWF19458309073C`. */
  readonly origin: string;
  /** Of an entry about one meter. */
  readonly meterId: number | undefined;
  readonly cosemLog: CosemLog;
  /** A JSON object: what the text's placeholders stand for. */
  readonly parameters: string;
}

/** All that is named must fit. */
export interface LogRowQuery {
  readonly fromMs?: number | undefined;
  /** Inclusive. */
  readonly toMs?: number | undefined;
  readonly severities?: readonly LogSeverity[] | undefined;
  /** The section, or the whole origin. */
  readonly origin?: string | undefined;
  readonly textId?: number | undefined;
  /** Null: only those of the gateway itself. */
  readonly meterId?: number | null | undefined;
  readonly cosemLog?: CosemLog | undefined;
  /** Exclusive. */
  readonly beforeId?: number | undefined;
  /** Exclusive; the page then begins at the oldest behind it. */
  readonly afterId?: number | undefined;
  /** At most 1000. */
  readonly limit: number;
}

export interface LogPruneRules {
  readonly beforeMs: number | undefined;
  readonly maxBytes: number;
}

export interface LogFigures {
  readonly entries: number;
  /** What they take in the file, nearly. */
  readonly bytes: number;
}

export interface LogStore {
  /**
   * Keeps entries, all or none of them, and removes the oldest where `maxBytes` is passed. Resolves when they are on disk.
   * @returns the id of the first; the others follow
   */
  appendLog(rows: readonly Omit<LogRow, "id">[], maxBytes: number): Promise<number>;
  /** Newest first; with `afterId` oldest first. A long look is cut into short ones. */
  logRows(query: LogRowQuery): Promise<readonly LogRow[]>;
  /** @returns how many were removed */
  pruneLog(rules: LogPruneRules): Promise<number>;
  logFigures(): Promise<LogFigures>;
}
