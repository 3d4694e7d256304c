/**
 * The runs of one job: one at a time. Due again while it runs, it starts once more right after; failed, it is tried
 * again after a while, unless its next run comes first; what the gateway's end cut short stays open on record, for the
 * next start to say so.
 */
import type { JobRunOutcome, JobRunRow } from "../../ports/index.js";
import type { JobDefinition, JobProgress, JobResult, JobRunReason } from "./contract.js";
import type { JobsParts } from "./parts.js";

export interface RunRequest {
  readonly reason: JobRunReason;
  readonly scheduledForMs: number;
  readonly attempt: number;
  readonly parameters: unknown;
  readonly startedBy: string | undefined;
}

/** A run with the word that it is on record. */
interface Running {
  readonly row: Omit<JobRunRow, "id">;
  readonly recorded: Promise<number | undefined>;
  readonly abort: AbortController;
  readonly startedAt: number;
  done: number;
  total: number | undefined;
  words: string | undefined;
  secondsLeft: number | null | undefined;
  /** Somebody stopped it. */
  stoppedWords: string | undefined;
  /** Its work has ended, and is being put on record: too late to stop it. */
  isOver: boolean;
  readonly ended: Promise<void>;
}

export interface JobRunner {
  /** @returns the run on record; undefined while another one is under way */
  begin(request: RunRequest): Promise<JobRunRow> | undefined;
  /** Begins, or once more after the run under way. */
  beginOrFollow(request: RunRequest): void;
  /** Asks the run to end and drops a retry; false where there is neither. */
  stop(words: string): boolean;
  /** The gateway ends: no further run; resolves when the one under way has ended. */
  close(): Promise<void>;
  readonly run: JobRunRow | undefined;
  readonly progress: JobProgress | undefined;
  readonly retryAtMs: number | undefined;
  readonly last: JobRunRow | undefined;
}

type Ended = Omit<JobResult, "outcome"> & { readonly outcome: JobRunOutcome };

/** Longer detail is left out. */
const mostDetail = 65_536;

export function createJobRunner(
  definition: JobDefinition,
  parts: Pick<JobsParts, "store" | "clock" | "logger" | "settings">,
  options: {
    readonly last: JobRunRow | undefined;
    nextRunMs(): number | undefined;
    /** A run ended and is not tried again. */
    finished(request: RunRequest, outcome: JobRunOutcome): void;
  },
): JobRunner {
  const { store, clock, logger, settings } = parts;
  let running: Running | undefined;
  let late: RunRequest | undefined;
  let retry: { readonly atMs: number; readonly cancel: () => void } | undefined;
  let last = options.last;
  let isClosed = false;

  function begin(request: RunRequest): Promise<JobRunRow> | undefined {
    if (running !== undefined || isClosed) return undefined;
    dropRetry();
    const { parameters, ...rest } = request;
    const started = {
      ...rest,
      job: definition.name,
      startedAtMs: clock.now(),
      parameters: parameters === undefined ? undefined : JSON.stringify(parameters),
    };
    const recorded = store.addJobRun(started).catch((error: unknown) => {
      logger.error("a job's run could not be put on record", { job: definition.name, error: String(error) });
      return undefined;
    });
    const row = { ...started, endedAtMs: undefined, outcome: undefined, words: undefined, detail: undefined };
    const { promise: ended, resolve } = withResolver();
    const mine: Running = {
      row,
      recorded,
      abort: new AbortController(),
      startedAt: clock.monotonic(),
      done: 0,
      total: undefined,
      words: undefined,
      secondsLeft: undefined,
      stoppedWords: undefined,
      isOver: false,
      ended,
    };
    running = mine;
    void carryOut(mine, request).finally(resolve);
    return recorded.then((id) => ({ ...row, id: id ?? 0 }));
  }

  async function carryOut(mine: Running, request: RunRequest): Promise<void> {
    const { limitSeconds } = definition;
    const cancelLimit =
      limitSeconds === undefined
        ? undefined
        : clock.after(limitSeconds * 1000, () => mine.abort.abort(new Error(`longer than ${limitSeconds} s`)));
    const result = await outcomeOf(mine, request);
    mine.isOver = true;
    cancelLimit?.();
    const kept = isClosed ? undefined : await record(mine, result);
    last = kept ?? last;
    running = undefined;
    if (isClosed) return;
    const next = late;
    late = undefined;
    if (next !== undefined) begin(next);
    else if (result.outcome === "failed" && planRetry(request)) return;
    options.finished(request, result.outcome);
  }

  async function outcomeOf(mine: Running, request: RunRequest): Promise<Ended> {
    const { reason, scheduledForMs, attempt, parameters } = request;
    const { signal } = mine.abort;
    let result: JobResult;
    try {
      result = await definition.run({
        reason,
        scheduledForMs,
        attempt,
        parameters,
        signal,
        progress(done, total, words, secondsLeft) {
          mine.done = done;
          mine.total = total;
          if (words !== undefined) mine.words = words;
          mine.secondsLeft = secondsLeft;
        },
      });
    } catch (error) {
      result = { outcome: "failed", words: error instanceof Error ? error.message : String(error) };
      if (!signal.aborted) logger.error("job failed", { job: definition.name, error: result.words });
    }
    if (mine.stoppedWords !== undefined) return { ...result, outcome: "stopped", words: mine.stoppedWords };
    if (signal.aborted && !isClosed) {
      return { ...result, outcome: "failed", words: `stopped: it took ${String((signal.reason as Error).message)}` };
    }
    return result;
  }

  async function record(mine: Running, { outcome, words, detail }: Ended): Promise<JobRunRow> {
    const id = await mine.recorded;
    const text = detail === undefined ? undefined : JSON.stringify(detail);
    const end = {
      id: id ?? 0,
      endedAtMs: clock.now(),
      outcome,
      words: words.slice(0, 1000),
      detail: text !== undefined && text.length > mostDetail ? undefined : text,
    };
    const ended = { ...mine.row, ...end };
    logger[outcome === "failed" ? "warn" : "debug"]("job ended", { job: definition.name, outcome, words });
    if (id === undefined) return ended;
    try {
      await store.endJobRun(end);
    } catch (error) {
      logger.error("a job's end could not be put on record", { job: definition.name, error: String(error) });
    }
    return ended;
  }

  /** @returns whether there is one to come */
  function planRetry(request: RunRequest): boolean {
    const isManual = request.startedBy !== undefined || request.reason === "dlms";
    const tries = isManual ? settings.manualRetries : (definition.retries ?? settings.retries);
    const offset = isManual
      ? settings.manualRetryOffsetSeconds
      : (definition.retryOffsetSeconds ?? settings.retryOffsetSeconds);
    if (request.attempt > tries) return false;
    const atMs = clock.now() + offset * 1000;
    const next = options.nextRunMs();
    if (next !== undefined && next <= atMs) return false;
    const cancel = clock.after(offset * 1000, () => {
      retry = undefined;
      const { attempt } = request;
      begin({ ...request, reason: isManual ? request.reason : "retry", attempt: attempt + 1 });
    });
    retry = { atMs, cancel };
    return true;
  }

  function dropRetry(): void {
    retry?.cancel();
    retry = undefined;
  }

  return {
    begin,
    beginOrFollow(request) {
      if (isClosed || begin(request) !== undefined) return;
      if (late === undefined) logger.warn("job is due while it still runs", { job: definition.name });
      late ??= request;
    },
    stop(words) {
      late = undefined;
      const hadRetry = retry !== undefined;
      dropRetry();
      if (running === undefined || running.isOver) return hadRetry;
      running.stoppedWords ??= words;
      running.abort.abort();
      return true;
    },
    async close() {
      isClosed = true;
      late = undefined;
      dropRetry();
      running?.abort.abort();
      await running?.ended;
    },
    get run() {
      return running === undefined ? undefined : { ...running.row, id: 0 };
    },
    get progress() {
      if (running === undefined) return undefined;
      const { done, total, words, startedAt, secondsLeft } = running;
      if (secondsLeft !== undefined) return { done, total, words, secondsLeft: secondsLeft ?? undefined };
      const seconds = (clock.monotonic() - startedAt) / 1000;
      const isKnown = total !== undefined && done > 0 && total >= done;
      return { done, total, words, secondsLeft: isKnown ? Math.round((seconds * (total - done)) / done) : undefined };
    },
    get retryAtMs() {
      return retry?.atMs;
    },
    get last() {
      return last;
    },
  };
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
