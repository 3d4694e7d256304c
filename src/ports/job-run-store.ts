/** The table of job runs, as the store keeps it. Beside ReadingStore. */

/** `interrupted`: the gateway ended while it ran. */
export type JobRunOutcome = "good" | "partly" | "failed" | "stopped" | "interrupted";

/** Why a job ran. `caughtUp`: it was due while the gateway was not running; `resumed`: the one before was interrupted. */
export type JobRunReason = "schedule" | "retry" | "manual" | "dlms" | "caughtUp" | "resumed" | "event";

export interface JobRunRow {
  readonly id: number;
  readonly job: string;
  readonly reason: JobRunReason;
  /** Who asked for it, `admin, rest, 10.0.0.7`; undefined: the gateway itself. */
  readonly startedBy: string | undefined;
  /** 1, and one more at each retry. */
  readonly attempt: number;
  /** Milliseconds since 1970 UTC, here and below. */
  readonly scheduledForMs: number;
  readonly startedAtMs: number;
  /** undefined: runs still. */
  readonly endedAtMs: number | undefined;
  readonly outcome: JobRunOutcome | undefined;
  /** One sentence for people. */
  readonly words: string | undefined;
  /** JSON. */
  readonly parameters: string | undefined;
  readonly detail: string | undefined;
}

export type NewJobRun = Omit<JobRunRow, "id" | "endedAtMs" | "outcome" | "words" | "detail">;
export type JobRunEnd = Pick<JobRunRow, "id" | "detail"> & {
  readonly endedAtMs: number;
  readonly outcome: JobRunOutcome;
  readonly words: string;
};

export interface JobRunStore {
  /** Resolves with its id when on disk. */
  addJobRun(run: NewJobRun): Promise<number>;
  endJobRun(end: JobRunEnd): Promise<void>;
  /** Removes runs that ended, all but the newest `kept` of each job. */
  pruneJobRuns(kept: number): Promise<void>;
  /** Newest first. */
  jobRuns(query: {
    readonly job?: string | undefined;
    readonly beforeId?: number | undefined;
    readonly limit: number;
  }): Promise<readonly JobRunRow[]>;
  /** Runs without an end: of now, or of a gateway that was ended while they ran. */
  openJobRuns(): Promise<readonly JobRunRow[]>;
  /** The newest ended run of each job. */
  lastJobRuns(): Promise<readonly JobRunRow[]>;
  /** The latest instant that each job ran for by its schedule. */
  lastScheduled(): Promise<ReadonlyMap<string, number>>;
}
