/**
 * Runs jobs when their patterns are due. A job never runs beside itself: when it is due while it still runs, it starts
 * once more right after. The wall clock is looked at again at least once a minute, so that setting it is noticed:
 * set forward, or asleep, a job that was due meanwhile runs once; set back a little, nothing runs twice.
 */
import type { Clock, Logger } from "../ports/index.js";
import { nextRun } from "./next-run.js";
import type { Pattern } from "./pattern.js";

export interface Job {
  readonly name: string;
  readonly pattern: Pattern;
  /**
   * @param scheduledFor  the instant it was due, or asked for by run(); milliseconds since 1970 UTC
   * @param signal  aborted when the scheduler stops
   */
  run(scheduledFor: number, signal: AbortSignal): Promise<void>;
}

export interface JobStatus {
  readonly name: string;
  readonly patternText: string;
  readonly isRunning: boolean;
  readonly nextRunMs: number | undefined;
}

export interface Scheduler {
  start(): void;
  /** Starts a job now, or once more right after where it runs already; false: no such job, or stopped. */
  run(name: string): boolean;
  status(): readonly JobStatus[];
  /** Starts nothing more, and waits for running jobs up to `limitMs`; gives the names of those still running. */
  stop(limitMs: number): Promise<readonly string[]>;
}

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** IANA name. */
  readonly timeZone: string;
  readonly jobs: readonly Job[];
}

const longestWaitMs = 60_000;
/** A clock set back by no more than this does not repeat runs; set back further, the schedule begins anew. */
const forgivenSetBackMs = 3_600_000;

interface JobState {
  readonly job: Job;
  next: number | undefined;
  running: Promise<void> | undefined;
  /** Due again while it runs: the instant it was due first. */
  late: number | undefined;
}

export function createScheduler({ clock, logger, timeZone, jobs }: SchedulerOptions): Scheduler {
  const states: JobState[] = jobs.map((job) => ({ job, next: undefined, running: undefined, late: undefined }));
  const abort = new AbortController();
  let cancelWait: (() => void) | undefined;
  let isStarted = false;
  let latestNow = 0;

  const execute = async ({ job }: JobState, scheduledFor: number): Promise<void> => {
    try {
      await job.run(scheduledFor, abort.signal);
    } catch (error) {
      logger.error("job failed", { job: job.name, error: error instanceof Error ? error.message : String(error) });
    }
  };

  const begin = (state: JobState, scheduledFor: number): void => {
    if (state.running !== undefined) {
      if (state.late === undefined) logger.warn("job is due while it still runs", { job: state.job.name });
      state.late ??= scheduledFor;
      return;
    }
    state.running = execute(state, scheduledFor).then(() => {
      state.running = undefined;
      const { late } = state;
      state.late = undefined;
      if (late !== undefined && !abort.signal.aborted) begin(state, late);
    });
  };

  const plan = (state: JobState, after: number): void => {
    state.next = nextRun(state.job.pattern, after, timeZone);
  };

  const tick = (): void => {
    const now = clock.now();
    const wasSetBack = now < latestNow - forgivenSetBackMs;
    if (wasSetBack) logger.warn("the clock was set back; schedules begin anew", { seconds: (latestNow - now) / 1000 });
    latestNow = wasSetBack ? now : Math.max(now, latestNow);
    for (const state of states) {
      const due = state.next;
      if (wasSetBack) plan(state, now);
      else if (due !== undefined && due <= now) {
        plan(state, now);
        begin(state, due);
      }
    }
    const next = Math.min(...states.map((state) => state.next ?? Number.POSITIVE_INFINITY));
    cancelWait = clock.after(Math.min(Math.max(next - now, 0), longestWaitMs), tick);
  };

  return {
    start() {
      if (isStarted || abort.signal.aborted) return;
      isStarted = true;
      latestNow = clock.now();
      for (const state of states) plan(state, latestNow);
      tick();
    },
    run(name) {
      const state = states.find(({ job }) => job.name === name);
      if (state === undefined || abort.signal.aborted) return false;
      begin(state, clock.now());
      return true;
    },
    status: () =>
      states.map(({ job, running, next }) => ({
        name: job.name,
        patternText: job.pattern.text,
        isRunning: running !== undefined,
        nextRunMs: next,
      })),
    async stop(limitMs) {
      abort.abort();
      cancelWait?.();
      const running = states.flatMap((state) => state.running ?? []);
      if (running.length > 0) {
        let cancelLimit: (() => void) | undefined;
        const limit = new Promise<void>((resolve) => {
          cancelLimit = clock.after(limitMs, resolve);
        });
        await Promise.race([Promise.all(running), limit]);
        cancelLimit?.();
      }
      return states.filter((state) => state.running !== undefined).map(({ job }) => job.name);
    },
  };
}
