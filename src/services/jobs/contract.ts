/**
 * Jobs: work with a name that runs by a schedule, by hand or when something else asks for it, one run of a job at a
 * time. Parts register what they can do with `JobRegistry`; people look at it, start and stop it with `JobService`.
 */
import type { Principal } from "../../../cosem/index.js";
import type { JobRunReason, JobRunRow } from "../../ports/index.js";
import type { Refusable } from "../refusal.js";
import type { Right } from "../rights.js";

export type { JobRunOutcome, JobRunReason, JobRunRow } from "../../ports/index.js";
export type { Refusable, ServiceRefusal } from "../refusal.js";

export type JobKind =
  | "readout"
  | "report"
  | "timeSync"
  | "autoConfiguration"
  | "maintenance"
  | "search"
  | "backup"
  | "other";

/** What a run of a job is given. */
export interface JobContext {
  readonly reason: JobRunReason;
  /** The instant it was due, or asked for; milliseconds since 1970 UTC. */
  readonly scheduledForMs: number;
  /** 1, and one more at each retry. */
  readonly attempt: number;
  /** As given at the start, checked by the definition; JSON. A scheduled run has none. */
  readonly parameters: unknown;
  /** Fires when somebody stops the job, or the gateway ends. */
  readonly signal: AbortSignal;
  /**
   * Tells how far it is, as often as wanted.
   * @param total  undefined: not known yet
   * @param secondsLeft  undefined: as the part done took; null: not known yet
   */
  progress(done: number, total?: number, words?: string, secondsLeft?: number | null): void;
}

/** `partly`: some of it failed; `failed` is retried where it was scheduled (PRODUCT.md row 91). */
export interface JobResult {
  readonly outcome: "good" | "partly" | "failed";
  /** One sentence for people. */
  readonly words: string;
  /** JSON, for those who know the job; at most 64 KB, else left out. */
  readonly detail?: unknown;
}

export interface JobDefinition {
  /** `readout`, `report 1`, `search`: stays the same over restarts; letters, digits, blanks, `.`, `_`, `-`; at most 64. */
  readonly name: string;
  readonly kind: JobKind;
  /** What it does, one sentence. */
  readonly help: string;
  /** A pattern of PRODUCT.md row 98, checked; undefined: by hand only. A change made later by a door outlives restarts. */
  readonly schedule?: string | undefined;
  /** False: does not run by its schedule. Default true. */
  readonly enabled?: boolean | undefined;
  /** Retries of a scheduled run that failed; default: those of the settings. Reports have their own: 0. */
  readonly retries?: number | undefined;
  readonly retryOffsetSeconds?: number | undefined;
  /** Was due while the gateway was not running: runs once at the start. Default false. */
  readonly catchesUp?: boolean | undefined;
  /** Ended by the gateway's end: begins again at the next start, with its parameters. Default: it says that it did not. */
  readonly resumes?: boolean | undefined;
  /** Longer than this it is stopped and counts as failed; default: no limit. */
  readonly limitSeconds?: number | undefined;
  /** Who starts or stops it by hand needs this right too, beside `jobs.start`. */
  readonly right?: Right | undefined;
  /** What is wrong with parameters, in words; without it a job takes none. */
  checkParameters?(parameters: unknown): string | undefined;
  /** Resolves early when the signal fires. What it throws is a failed run. */
  run(context: JobContext): Promise<JobResult>;
}

/** Other words for the schedule of a registered job: when its settings change. */
export interface JobHandle {
  reschedule(schedule: string | undefined, enabled: boolean): void;
  /** Stops a run under way and forgets the job; its runs stay listed. */
  remove(): Promise<void>;
}

export interface JobRegistry {
  /** @throws Error for a name that is taken or a schedule that is none: bugs of the caller */
  register(definition: JobDefinition): JobHandle;
  /** Starts a job on behalf of the gateway itself or of a COSEM object; a run under way is joined, once, by another. */
  trigger(name: string, reason: JobRunReason, parameters?: unknown): boolean;
}

export interface JobProgress {
  readonly done: number;
  readonly total: number | undefined;
  readonly words: string | undefined;
  /** Reckoned from the pace so far. */
  readonly secondsLeft: number | undefined;
}

export interface JobListing {
  readonly name: string;
  readonly kind: JobKind;
  readonly help: string;
  /** undefined: by hand only. */
  readonly schedule: string | undefined;
  readonly enabled: boolean;
  /** Schedule or switch are not those of the settings: changed by a door. */
  readonly isScheduleChanged: boolean;
  readonly isActive: boolean;
  /** Of the run under way. */
  readonly run: JobRunRow | undefined;
  readonly progress: JobProgress | undefined;
  /** A failed run is tried again at this instant. */
  readonly retryAtMs: number | undefined;
  /** The newest run that ended. */
  readonly last: JobRunRow | undefined;
  readonly nextRunMs: number | undefined;
}

export interface JobRunQuery {
  readonly job?: string | undefined;
  /** Runs older than this one: for the next page. */
  readonly beforeId?: number | undefined;
  readonly limit: number;
}

export interface ScheduleChange {
  /** null: by hand only; left out: stays. */
  readonly schedule?: string | null | undefined;
  readonly enabled?: boolean | undefined;
}

/** What a pattern says, and when it is due next. */
export interface PatternExplanation {
  readonly pattern: string;
  /** `at minute 0, 15, 30 and 45 of each hour`; one for each alternative between `|`. */
  readonly words: readonly string[];
  readonly timeZone: string;
  /** Milliseconds since 1970 UTC; at most as many as asked for. */
  readonly nextRunsMs: readonly number[];
}

export interface SchedulePreset {
  /** `every-15-minutes` */
  readonly name: string;
  readonly help: string;
  readonly pattern: string;
}

/** Each call checks a right (`jobs.read`; `jobs.start` to start and stop; `jobs.write` to change schedules); every change is an audit entry. */
export interface JobService {
  list(principal: Principal): Promise<Refusable<readonly JobListing[]>>;
  get(principal: Principal, name: string): Promise<Refusable<JobListing>>;
  /** Newest first. */
  runs(principal: Principal, query: JobRunQuery): Promise<Refusable<readonly JobRunRow[]>>;
  /** Starts it now; `conflict` while it runs. Resolves with the run once that is on record. */
  start(principal: Principal, name: string, parameters?: unknown): Promise<Refusable<JobRunRow>>;
  /** Asks the run under way to end, and drops a retry; `conflict` where there is neither. */
  stop(principal: Principal, name: string): Promise<Refusable<JobListing>>;
  /** Kept over restarts. */
  change(principal: Principal, name: string, change: ScheduleChange): Promise<Refusable<JobListing>>;
  /** @param pattern  a pattern or the name of a preset */
  explain(principal: Principal, pattern: string, count: number): Refusable<PatternExplanation>;
  presets(principal: Principal): Refusable<readonly SchedulePreset[]>;
}
