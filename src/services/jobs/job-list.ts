/** All jobs: registering, schedules with the changes that doors made, what is due, and what a restart cut short. */
import type { JobRunRow } from "../../ports/index.js";
import type { JobDefinition, JobHandle, JobListing, JobRegistry, JobRunReason, ScheduleChange } from "./contract.js";
import { createJobRunner, type JobRunner, type RunRequest } from "./job-runner.js";
import type { JobsParts } from "./parts.js";

interface KnownJob {
  readonly definition: JobDefinition;
  readonly runner: JobRunner;
  /** Of the settings. */
  schedule: string | undefined;
  enabled: boolean;
  change: ScheduleChange | undefined;
}

export interface JobList extends JobRegistry {
  /** Reads what is on record; jobs registered before and after are due from `start` on. */
  open(): Promise<void>;
  start(): void;
  /** Ends the runs under way and resolves when they have, or after `limitMs`. */
  stop(limitMs: number): Promise<void>;
  /** For the timetable: this job is due. */
  due(name: string, scheduledForMs: number): void;
  listings(): readonly JobListing[];
  listing(name: string): JobListing | undefined;
  runnerOf(name: string): { readonly definition: JobDefinition; readonly runner: JobRunner } | undefined;
  /** Keeps a change over restarts. Rejects when it could not be kept. */
  change(name: string, change: ScheduleChange): Promise<void>;
}

/** A change as it is kept: it counts while the settings say what they said when it was made. */
type KeptChange = ScheduleChange & {
  readonly of?: { readonly schedule: string | null; readonly enabled: boolean };
};

const statePrefix = "job.schedule/";
const none = "{}";
const validName = /^[\p{L}\p{N} ._-]{1,64}$/u;

/** Work of one run beyond its own end: a report with its readout's schedule starts when that has ended (row 46). */
export interface Follower {
  readonly follows: string;
}

export type FollowingDefinition = JobDefinition & Partial<Follower>;

export function createJobList(parts: JobsParts): JobList & { register(definition: FollowingDefinition): JobHandle } {
  const { timetable, patterns, store, clock, logger } = parts;
  const jobs = new Map<string, KnownJob>();
  let changes: ReadonlyMap<string, string> = new Map();
  let lastRuns: ReadonlyMap<string, JobRunRow> = new Map();
  let lastScheduled: ReadonlyMap<string, number> = new Map();
  let interrupted: JobRunRow[] = [];
  let isStarted = false;
  let isStopped = false;

  const scheduleOf = ({ schedule, change }: KnownJob) =>
    change?.schedule === undefined ? schedule : (change.schedule ?? undefined);
  const isEnabled = ({ enabled, change }: KnownJob) => change?.enabled ?? enabled;

  /** The settings were changed after what a door changed: their word is the later one. */
  function drop(name: string): void {
    logger.info("the schedule of the settings counts again: it was changed later", { job: name });
    store.setState(`${statePrefix}${name}`, none).catch((error: unknown) => {
      logger.error("a schedule was not kept", { job: name, error: String(error) });
    });
  }

  /** The job whose end this one waits for: while both have the same schedule. */
  function leaderOf(job: KnownJob): KnownJob | undefined {
    const { follows } = job.definition as FollowingDefinition;
    const leader = follows === undefined ? undefined : jobs.get(follows);
    if (leader === undefined || !isEnabled(leader) || !isEnabled(job)) return undefined;
    return scheduleOf(leader) === scheduleOf(job) ? leader : undefined;
  }

  function enter(job: KnownJob, lastDueMs?: number): void {
    if (!isStarted || isStopped) return;
    timetable.set(job.definition.name, isEnabled(job) ? scheduleOf(job) : undefined, lastDueMs);
  }

  function finished(leader: string, request: RunRequest): void {
    if (isStopped) return;
    for (const job of jobs.values()) {
      if (leaderOf(job)?.definition.name !== leader || !isOfSchedule(request.reason)) continue;
      job.runner.beginOrFollow({ ...request, attempt: 1, reason: "schedule", parameters: undefined });
    }
  }

  /** What was due while the gateway was not running, and what its end cut short. */
  function takeUp(job: KnownJob): void {
    const { definition, runner } = job;
    const cut = interrupted.filter((run) => run.job === definition.name).at(-1);
    interrupted = interrupted.filter((run) => run.job !== definition.name);
    const now = clock.now();
    if (cut !== undefined && definition.resumes === true) {
      const parameters: unknown = cut.parameters === undefined ? undefined : JSON.parse(cut.parameters);
      const { scheduledForMs, startedBy } = cut;
      runner.begin({ reason: "resumed", scheduledForMs, attempt: cut.attempt, parameters, startedBy });
      return;
    }
    const lastDue = lastScheduled.get(definition.name);
    const schedule = isEnabled(job) ? scheduleOf(job) : undefined;
    if (definition.catchesUp !== true || lastDue === undefined || schedule === undefined) return;
    const missed = timetable.nextAfter(schedule, lastDue);
    if (missed === undefined || missed > now) return;
    runner.begin({ ...ofGateway, reason: "caughtUp", scheduledForMs: missed });
  }

  function startJob(job: KnownJob): void {
    enter(job, lastScheduled.get(job.definition.name));
    takeUp(job);
  }

  function listingOf(job: KnownJob): JobListing {
    const { definition, runner, change } = job;
    const { name, kind, help } = definition;
    return {
      name,
      kind,
      help,
      schedule: scheduleOf(job),
      enabled: isEnabled(job),
      isScheduleChanged: change !== undefined,
      isActive: runner.run !== undefined,
      run: runner.run,
      progress: runner.progress,
      retryAtMs: runner.retryAtMs,
      last: runner.last,
      nextRunMs: timetable.nextOf(name),
    };
  }

  return {
    async open() {
      const open = await store.openJobRuns();
      for (const { id, job } of open) {
        const words = "the gateway ended while it ran";
        logger.warn("a job was interrupted by the gateway's end", { job });
        await store.endJobRun({ id, endedAtMs: clock.now(), outcome: "interrupted", words, detail: undefined });
      }
      interrupted = [...open];
      const [last, scheduled, states] = await Promise.all([
        store.lastJobRuns(),
        store.lastScheduled(),
        store.statesWithPrefix(statePrefix),
      ]);
      lastRuns = new Map(last.map((run) => [run.job, run]));
      lastScheduled = scheduled;
      changes = new Map([...states].map(([key, value]) => [key.slice(statePrefix.length), value]));
    },
    register(definition) {
      const { name, schedule, enabled = true } = definition;
      if (!validName.test(name)) throw new Error(`"${name}" is no name of a job`);
      if (jobs.has(name)) throw new Error(`there is a job "${name}" already`);
      const problem = schedule === undefined ? undefined : patterns.problemOf(schedule);
      if (problem !== undefined) throw new Error(problem);
      const kept = changes.get(name);
      const runner = createJobRunner(definition, parts, {
        last: lastRuns.get(name),
        nextRunMs: () => timetable.nextOf(name),
        finished: (request) => finished(name, request),
      });
      const { of, ...change } = kept === undefined ? {} : (JSON.parse(kept) as KeptChange);
      const isLater = of !== undefined && (of.schedule !== (schedule ?? null) || of.enabled !== enabled);
      if (isLater) drop(name);
      const job: KnownJob = {
        definition,
        runner,
        schedule,
        enabled,
        change: isLater || kept === undefined || kept === none ? undefined : change,
      };
      jobs.set(name, job);
      if (isStarted) startJob(job);
      return {
        reschedule(newSchedule, isOn) {
          if (job.change !== undefined && (newSchedule !== job.schedule || isOn !== job.enabled)) {
            drop(name);
            job.change = undefined;
          }
          job.schedule = newSchedule;
          job.enabled = isOn;
          enter(job);
        },
        async remove() {
          jobs.delete(name);
          timetable.remove(name);
          runner.stop("the job was removed");
          await runner.close();
        },
      };
    },
    trigger(name, reason, parameters) {
      const job = jobs.get(name);
      if (job === undefined || isStopped) return false;
      job.runner.beginOrFollow({ ...ofGateway, reason, scheduledForMs: clock.now(), parameters });
      return true;
    },
    start() {
      isStarted = true;
      for (const job of jobs.values()) startJob(job);
    },
    async stop(limitMs) {
      isStopped = true;
      for (const name of jobs.keys()) timetable.remove(name);
      let cancel: (() => void) | undefined;
      const limit = new Promise<void>((resolve) => {
        cancel = clock.after(limitMs, resolve);
      });
      await Promise.race([Promise.all([...jobs.values()].map(({ runner }) => runner.close())), limit]);
      cancel?.();
    },
    due(name, scheduledForMs) {
      const job = jobs.get(name);
      if (job === undefined || isStopped || leaderOf(job) !== undefined) return;
      job.runner.beginOrFollow({ ...ofGateway, reason: "schedule", scheduledForMs });
    },
    listings: () => [...jobs.values()].map(listingOf),
    listing(name) {
      const job = jobs.get(name);
      return job === undefined ? undefined : listingOf(job);
    },
    runnerOf: (name) => jobs.get(name),
    async change(name, change) {
      const job = jobs.get(name);
      if (job === undefined) return;
      const merged = { ...job.change, ...change };
      const of = { schedule: job.schedule ?? null, enabled: job.enabled };
      await store.setState(`${statePrefix}${name}`, JSON.stringify({ ...merged, of } satisfies KeptChange));
      job.change = merged;
      enter(job);
    },
  };
}

const ofGateway = { attempt: 1, parameters: undefined, startedBy: undefined } as const;

function isOfSchedule(reason: JobRunReason): boolean {
  return reason === "schedule" || reason === "retry" || reason === "caughtUp";
}
