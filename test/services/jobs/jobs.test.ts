import { describe, expect, it } from "vitest";
import { createInternalReader, type Principal } from "../../../cosem/index.js";
import { createGatewayClock } from "../../../src/host/gateway-clock.js";
import { createJobs } from "../../../src/host/jobs/index.js";
import type { JobRunRow, JobRunStore } from "../../../src/ports/index.js";
import type { FollowingDefinition, JobContext, JobResult } from "../../../src/services/jobs/index.js";
import { manualClock } from "../../support/manual-clock.js";
import { recordingLogger } from "../../support/recording-logger.js";

const minute = 60_000;
const start = Date.parse("2024-01-15T09:00:30Z");
const settings = {
  clock: { timeZone: "UTC" },
  jobs: {
    retries: 3,
    retryOffsetSeconds: 60,
    manualRetries: 0,
    manualRetryOffsetSeconds: 0,
    maintenanceSchedule: "35 * * * *",
    keptRuns: 10,
  },
};

const caller = (role: string): Principal => ({
  association: createInternalReader(role),
  user: "ann",
  door: "rest",
  peer: "10.0.0.7",
});
const admin = caller("rest:admin");

/** What the store keeps, in memory: it outlives a gateway. */
function memoryRuns() {
  const rows: JobRunRow[] = [];
  const states = new Map<string, string>();
  const store: JobRunStore & { setState(key: string, value: string): Promise<void> } & {
    statesWithPrefix(prefix: string): Promise<ReadonlyMap<string, string>>;
  } = {
    async addJobRun(run) {
      rows.push({
        ...run,
        id: rows.length + 1,
        endedAtMs: undefined,
        outcome: undefined,
        words: undefined,
        detail: undefined,
      });
      return rows.length;
    },
    async endJobRun(end) {
      rows[end.id - 1] = { ...(rows[end.id - 1] as JobRunRow), ...end };
    },
    pruneJobRuns: async () => undefined,
    jobRuns: async ({ job, limit }) =>
      rows
        .filter((row) => job === undefined || row.job === job)
        .toReversed()
        .slice(0, limit),
    openJobRuns: async () => rows.filter((row) => row.endedAtMs === undefined),
    lastJobRuns: async () => [...new Map(rows.filter((row) => row.outcome).map((row) => [row.job, row])).values()],
    lastScheduled: async () =>
      new Map(rows.filter((row) => row.reason === "schedule").map((row) => [row.job, row.scheduledForMs])),
    setState: async (key, value) => void states.set(key, value),
    statesWithPrefix: async (prefix) => new Map([...states].filter(([key]) => key.startsWith(prefix))),
  };
  return { store, rows };
}

/** A job whose runs end when they are told, with what they are told. */
function heldJob(changes: Partial<FollowingDefinition> = {}) {
  const contexts: JobContext[] = [];
  const ends: ((result: JobResult | Error) => void)[] = [];
  const definition: FollowingDefinition = {
    name: "work",
    kind: "other",
    help: "Works.",
    schedule: "*/15 * * * *",
    ...changes,
    run(context) {
      contexts.push(context);
      return new Promise((resolve, reject) => {
        const end = (result: JobResult | Error) => (result instanceof Error ? reject(result) : resolve(result));
        ends.push(end);
        context.signal.addEventListener("abort", () => end({ outcome: "good", words: "half done" }));
      });
    },
  };
  return { definition, contexts, end: (result: JobResult | Error = good) => ends.shift()?.(result) };
}
const good: JobResult = { outcome: "good", words: "done" };
const bad: JobResult = { outcome: "failed", words: "no answer" };

async function gateway(definitions: readonly FollowingDefinition[], runs = memoryRuns(), at = start) {
  const clock = manualClock(at);
  const logger = recordingLogger();
  const changes: unknown[] = [];
  const jobs = await createJobs({
    settings,
    serial: "00000001",
    store: runs.store,
    recorder: { record: ({ action, target, isRefused }) => changes.push([action, target, isRefused]) },
    clock: createGatewayClock(clock, logger, true),
    logger,
  });
  for (const definition of definitions) jobs.list.register(definition);
  jobs.start();
  await clock.advance(0);
  const shown = async (name = "work") => {
    const answer = await jobs.service.get(admin, name);
    if (!answer.ok) throw new Error(answer.refusal.message);
    return answer.value;
  };
  return { ...jobs, clock, logger, changes, runs, shown };
}

describe("jobs", () => {
  it("run by their schedule, tell how far they are, and stay on record", async () => {
    const work = heldJob();
    const { clock, runs, shown } = await gateway([work.definition]);
    expect(await shown()).toMatchObject({
      isActive: false,
      nextRunMs: Date.parse("2024-01-15T09:15Z"),
      last: undefined,
    });
    await clock.advance(15 * minute);
    const [context] = work.contexts;
    expect(context).toMatchObject({ reason: "schedule", attempt: 1, scheduledForMs: Date.parse("2024-01-15T09:15Z") });
    await clock.advance(minute);
    context?.progress(1, 4, "a quarter");
    // A quarter took 90 s: the clock stood at 09:15:30 on the first look after 09:15.
    const { progress, run, isActive } = await shown();
    expect({ isActive, id: run?.id }).toEqual({ isActive: true, id: 1 });
    expect(progress).toMatchObject({ done: 1, total: 4, words: "a quarter" });
    expect(progress?.secondsLeft).toBe(3 * ((clock.now() - (run?.startedAtMs ?? 0)) / 1000));
    work.end();
    await clock.advance(0);
    expect(runs.rows).toEqual([expect.objectContaining({ job: "work", outcome: "good", words: "done", attempt: 1 })]);
    expect(await shown()).toMatchObject({ isActive: false, last: { id: 1, outcome: "good" } });
  });

  it("begin late, and once, where the run before outlasts the period", async () => {
    const work = heldJob();
    const { clock, logger } = await gateway([work.definition]);
    await clock.advance(50 * minute);
    expect(work.contexts).toHaveLength(1);
    work.end();
    await clock.advance(0);
    expect(work.contexts.map(({ scheduledForMs }) => new Date(scheduledForMs).toISOString().slice(11, 16))).toEqual([
      "09:15",
      "09:30",
    ]);
    work.end();
    await clock.advance(0);
    expect(work.contexts).toHaveLength(2);
    expect(logger.lines.filter(({ message }) => message === "job is due while it still runs")).toHaveLength(1);
  });

  it("are tried again 3 times after 60 s each where they failed, unless the next run comes first (row 91)", async () => {
    const work = heldJob();
    const { clock, runs, shown } = await gateway([work.definition]);
    await clock.advance(15 * minute);
    work.end(bad);
    await clock.advance(0);
    expect((await shown()).retryAtMs).toBe(clock.now() + minute);
    for (let retry = 0; retry < 4; retry++) {
      await clock.advance(minute);
      work.end(retry === 1 ? new Error("bus shorted") : bad);
      await clock.advance(0);
    }
    expect(runs.rows.map(({ reason, attempt, outcome }) => [reason, attempt, outcome])).toEqual([
      ["schedule", 1, "failed"],
      ["retry", 2, "failed"],
      ["retry", 3, "failed"],
      ["retry", 4, "failed"],
    ]);
    expect(runs.rows[2]?.words).toBe("bus shorted");
    const each = heldJob({ schedule: "* * * * *" });
    const other = await gateway([each.definition]);
    await other.clock.advance(minute);
    each.end(bad);
    await other.clock.advance(0);
    expect((await other.shown()).retryAtMs).toBeUndefined();
  });

  it("are started and stopped by hand, without retries, by those who may", async () => {
    const work = heldJob({ schedule: undefined });
    const { service, clock, changes, runs, shown } = await gateway([work.definition]);
    expect(await service.start(admin, "work")).toMatchObject({
      ok: true,
      value: { id: 1, reason: "manual", startedBy: "ann, rest, 10.0.0.7" },
    });
    expect(await service.start(admin, "work")).toMatchObject({ ok: false, refusal: { reason: "conflict" } });
    expect(await service.stop(admin, "work")).toMatchObject({ ok: true });
    await clock.advance(0);
    expect(work.contexts[0]?.signal.aborted).toBe(true);
    expect(runs.rows).toEqual([expect.objectContaining({ outcome: "stopped", words: "stopped by ann" })]);
    expect(await service.stop(admin, "work")).toMatchObject({ ok: false, refusal: { reason: "conflict" } });
    await service.start(admin, "work");
    work.end();
    work.end(bad);
    await clock.advance(0);
    expect(await shown()).toMatchObject({ isActive: false, retryAtMs: undefined, last: { outcome: "failed" } });
    expect(await service.start(admin, "nothing")).toMatchObject({ ok: false, refusal: { reason: "unknown" } });
    expect(await service.start(admin, "work", { a: 1 })).toMatchObject({ ok: false, refusal: { reason: "invalid" } });
    expect(await service.start(caller("rest:viewer"), "work")).toMatchObject({
      ok: false,
      refusal: { reason: "denied" },
    });
    expect(changes).toEqual([
      ["jobs.start", "work", false],
      ["jobs.stop", "work", false],
      ["jobs.start", "work", false],
      ["jobs.start", "work", true],
    ]);
  });

  it("say after a restart that they were interrupted, or begin again where they can", async () => {
    const runs = memoryRuns();
    const resuming = { name: "search", schedule: undefined, resumes: true, checkParameters: () => undefined };
    const before = await gateway([heldJob().definition, heldJob(resuming).definition], runs);
    await before.clock.advance(15 * minute);
    await before.service.start(admin, "search", { from: 1, to: 250 });
    await before.stop();
    const [work, search] = [heldJob(), heldJob(resuming)];
    const after = await gateway([work.definition, search.definition], runs, start + 20 * minute);
    expect(runs.rows.map(({ job, reason, outcome, words }) => [job, reason, outcome, words])).toEqual([
      ["work", "schedule", "interrupted", "the gateway ended while it ran"],
      ["search", "manual", "interrupted", "the gateway ended while it ran"],
      ["search", "resumed", undefined, undefined],
    ]);
    expect(work.contexts).toHaveLength(0);
    expect(search.contexts).toMatchObject([{ reason: "resumed", parameters: { from: 1, to: 250 } }]);
    expect((await after.shown()).nextRunMs).toBe(Date.parse("2024-01-15T09:30Z"));
  });

  it("catch up once with what was due while the gateway was not running, where they want to", async () => {
    const runs = memoryRuns();
    const daily = { schedule: "0 11 * * *", catchesUp: true };
    const work = heldJob(daily);
    const before = await gateway([work.definition], runs);
    await before.clock.advance(120 * minute);
    work.end();
    await before.clock.advance(0);
    await before.stop();
    const again = heldJob(daily);
    await gateway([again.definition], runs, Date.parse("2024-01-18T08:00Z"));
    expect(again.contexts).toMatchObject([{ reason: "caughtUp", scheduledForMs: Date.parse("2024-01-16T11:00Z") }]);
  });

  it("wait for the job they follow while both have one schedule (row 46)", async () => {
    const readout = heldJob({ name: "readout" });
    const report = heldJob({ name: "report 1", follows: "readout" });
    const { clock, service } = await gateway([readout.definition, report.definition]);
    await clock.advance(16 * minute);
    expect([readout.contexts.length, report.contexts.length]).toEqual([1, 0]);
    readout.end();
    await clock.advance(0);
    expect(report.contexts).toMatchObject([{ reason: "schedule", scheduledForMs: Date.parse("2024-01-15T09:15Z") }]);
    report.end();
    // Another schedule drops the link.
    expect(await service.change(admin, "report 1", { schedule: "0 * * * *" })).toMatchObject({ ok: true });
    await clock.advance(45 * minute);
    expect([readout.contexts.length, report.contexts.length]).toEqual([2, 2]);
  });

  it("keep a schedule that was changed, also over a restart", async () => {
    const runs = memoryRuns();
    const { service, shown } = await gateway([heldJob().definition], runs);
    expect(await service.change(admin, "work", { schedule: "61 * * * *" })).toMatchObject({
      ok: false,
      refusal: { reason: "invalid", message: expect.stringContaining("wants 0 to 59") },
    });
    await service.change(admin, "work", { schedule: "every-hour" });
    expect(await shown()).toMatchObject({ schedule: "0 * * * *", nextRunMs: Date.parse("2024-01-15T10:00Z") });
    await service.change(admin, "work", { enabled: false });
    const after = await gateway([heldJob().definition], runs);
    expect(await after.shown()).toMatchObject({
      schedule: "0 * * * *",
      enabled: false,
      isScheduleChanged: true,
      nextRunMs: undefined,
    });
    await after.service.change(admin, "work", { enabled: true, schedule: null });
    expect(await after.shown()).toMatchObject({ schedule: undefined, enabled: true, nextRunMs: undefined });
  });

  it("run by the settings again where these were changed later, at once and for good", async () => {
    const runs = memoryRuns();
    const of = (schedule: string) => [{ ...heldJob().definition, schedule }];
    const first = await gateway(of("0 6 * * *"), runs);
    await first.service.change(admin, "work", { schedule: "* * * * *" });
    const same = await gateway(of("0 6 * * *"), runs);
    expect(await same.shown()).toMatchObject({ schedule: "* * * * *" });
    const later = await gateway(of("*/3 * * * *"), runs);
    expect(await later.shown()).toMatchObject({ schedule: "*/3 * * * *", isScheduleChanged: false });
    const back = await gateway(of("0 6 * * *"), runs);
    expect(await back.shown()).toMatchObject({ schedule: "0 6 * * *", isScheduleChanged: false });
  });

  it("are stopped where they take longer than their limit", async () => {
    const work = heldJob({ limitSeconds: 120, retries: 0 });
    const { clock, runs } = await gateway([work.definition]);
    await clock.advance(20 * minute);
    expect(runs.rows).toEqual([
      expect.objectContaining({ outcome: "failed", words: "stopped: it took longer than 120 s" }),
    ]);
  });

  it("explain a pattern, with its next runs", async () => {
    const { service } = await gateway([]);
    expect(service.explain(admin, "*/15 9-17 * * mon-fri", 5)).toEqual({
      ok: true,
      value: {
        pattern: "*/15 9-17 * * mon-fri",
        words: ["every 15 minutes of hour 9 to 17, on Monday to Friday"],
        timeZone: "UTC",
        nextRunsMs: ["09:15", "09:30", "09:45", "10:00", "10:15"].map((time) => Date.parse(`2024-01-15T${time}Z`)),
      },
    });
    expect(service.explain(admin, "59 23 L * *|0 5 16 * mon", 1)).toMatchObject({
      value: {
        words: [
          "at 23:59, on the last day of the month",
          "at 05:00, on day 16 of the month, only where that is a Monday",
        ],
      },
    });
    expect(service.explain(admin, "hourly", 5)).toMatchObject({ ok: false, refusal: { reason: "invalid" } });
  });
});
