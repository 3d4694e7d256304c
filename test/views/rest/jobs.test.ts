import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Cleanup, until } from "../../support/gateway-process.js";
import { LeapingClock } from "../../support/leaping-clock.js";
import { ownerOf, type RestCall } from "../../support/owner.js";
import { startInProcess } from "../../support/running-gateway.js";

interface Run {
  readonly id: number;
  readonly job: string;
  readonly reason: string;
  readonly startedBy: string | null;
  readonly scheduledFor: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly outcome: string | null;
  readonly words: string;
  readonly detail: Record<string, unknown>;
}
interface Job {
  readonly name: string;
  readonly schedule: string | null;
  readonly isScheduleChanged: boolean;
  readonly isActive: boolean;
  readonly run: Run | null;
  readonly progress: { readonly done: number; readonly total: number | null; readonly words: string | null } | null;
  readonly last: Run | null;
  readonly nextRun: string | null;
}

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** 2026-11-23T09:59:00Z, a Monday. */
const startMs = Date.UTC(2026, 10, 23, 9, 59);
/** The rate of the simulated lines, which a search cannot switch. */
const interfaces = ["building-a", "building-b", "building-c"].map((name) => {
  return { name, kind: "tcp", host: "127.0.0.1", port: 1, baudRate: 38_400 };
});
const readout = { enabled: true, schedule: "*/15 * * * *", multiTelegram: "auto" };

async function gateway(folder = cleanup.folder(), more: Readonly<Record<string, unknown>> = {}) {
  const clock = new LeapingClock(startMs);
  const options = { isWebOpen: false, hasFile: true, clock };
  const started = cleanup.add(
    await startInProcess({ readout, interfaces, clock: { timeZone: "UTC" }, ...more }, {}, folder, options),
  );
  const call = ownerOf(folder);
  return { ...started, clock, folder, call, job: (name: string) => jobOf(call, name) };
}

async function jobOf(call: RestCall, name: string): Promise<Job> {
  const { status, body } = await call("GET", `/jobs/${encodeURIComponent(name)}`);
  expect(status).toBe(200);
  return body as unknown as Job;
}

const ended = (job: () => Promise<Job>) =>
  until("the end of the run", async () => ((await job()).isActive ? undefined : ((await job()).last ?? undefined)));

describe("jobs over REST", () => {
  it("run by their schedule and by hand, and are on record with who asked", async () => {
    const { clock, call, job } = await gateway();
    const { jobs } = (await call("GET", "/jobs")).body as unknown as { jobs: readonly Job[] };
    expect(jobs.map(({ name }) => name).sort()).toEqual([
      "autoconfiguration",
      "backup",
      "maintenance",
      "readout",
      "search",
      "timesync",
    ]);
    expect(await job("readout")).toMatchObject({ isActive: false, last: null, nextRun: "2026-11-23T10:00:00Z" });

    await clock.leapTo(Date.UTC(2026, 10, 23, 10, 0, 0));
    const scheduled = await ended(() => job("readout"));
    expect(scheduled).toMatchObject({
      reason: "schedule",
      startedBy: null,
      scheduledFor: "2026-11-23T10:00:00Z",
      outcome: "good",
    });
    // 32 meters of the demo answer.
    expect(scheduled.detail).toMatchObject({ failed: 0, skipped: 0 });
    expect((await job("readout")).nextRun).toBe("2026-11-23T10:15:00Z");

    const begun = await call("POST", "/jobs/readout/start", {});
    expect(begun).toMatchObject({ status: 200, body: { reason: "manual", startedBy: "local, cli, 127.0.0.1" } });
    const byHand = await until("the end of the second run", async () => {
      const { last } = await job("readout");
      return last !== null && last.id !== scheduled.id ? last : undefined;
    });
    expect(byHand).toMatchObject({ id: (begun.body as unknown as Run).id, reason: "manual", outcome: "good" });
    const { runs } = (await call("GET", "/job-runs?job=readout")).body as unknown as { runs: readonly Run[] };
    expect(runs.map(({ id }) => id)).toEqual([byHand.id, scheduled.id]);
  });

  it("tell how far they are, and end when they are stopped", async () => {
    const { call, job } = await gateway(undefined, { search: { initialisationIdleMs: 0 } });
    const parameters = {
      modes: ["primary"],
      firstPrimary: 100,
      lastPrimary: 250,
      retries: 0,
      requestIdleMs: 500,
      baudRates: [38_400],
    };
    const begun = await call("POST", "/jobs/search/start", { parameters });
    expect(begun.status, JSON.stringify(begun.body)).toBe(200);
    const { progress, run } = await until("progress", async () => {
      const seen = await job("search");
      return (seen.progress?.done ?? 0) > 0 ? seen : undefined;
    });
    expect(progress).toMatchObject({ total: 1000 });
    expect(progress?.words).toMatch(/^\d+ addresses tried, 0 meters found$/);
    expect(run).toMatchObject({ id: begun.body["id"], endedAt: null });
    expect((await call("POST", "/jobs/search/start", { parameters })).status).toBe(409);
    expect((await call("POST", "/jobs/search/stop")).status).toBe(200);
    expect(await ended(() => job("search"))).toMatchObject({ outcome: "stopped", words: "stopped by local" });
    expect((await call("POST", "/jobs/search/stop")).status).toBe(409);
  });

  it("take another pattern and keep it over a restart; a bad one changes nothing", async () => {
    const first = await gateway();
    const { call, job } = first;
    const bad = await call("PATCH", "/jobs/readout", { schedule: "61 * * * *" });
    expect(bad.status).toBe(400);
    expect(String(bad.body["detail"])).toContain('"61" in the minute: wants 0 to 59');
    expect(await job("readout")).toMatchObject({ schedule: "*/15 * * * *", isScheduleChanged: false });

    const schedule = "30 9 * * mon-fri|0 12 L * *";
    expect(await call("PATCH", "/jobs/readout", { schedule })).toMatchObject({
      status: 200,
      body: { schedule, isScheduleChanged: true, nextRun: "2026-11-24T09:30:00Z" },
    });
    const cron = await call("GET", `/cron?pattern=${encodeURIComponent(schedule)}`);
    expect(cron.body).toMatchObject({
      words: ["at 09:30, on Monday to Friday", "at 12:00, on the last day of the month"],
      timeZone: "UTC",
      nextRuns: ["24T09:30", "25T09:30", "26T09:30", "27T09:30", "30T09:30"].map((at) => `2026-11-${at}:00Z`),
    });
    const audit = (await call("GET", "/audit?action=jobs.change")).body as { entries: { detail: string }[] };
    expect(audit.entries.map(({ detail }) => detail)).toEqual([JSON.stringify({ schedule })]);
    await first.stop();

    const again = await gateway(first.folder);
    expect(await again.job("readout")).toMatchObject({ schedule, isScheduleChanged: true });
    const preset = await again.call("PATCH", "/jobs/readout", { schedule: "every-hour", enabled: false });
    expect(preset).toMatchObject({ status: 200, body: { schedule: "0 * * * *", enabled: false, nextRun: null } });
    expect((await again.call("PATCH", "/jobs/nothing", { enabled: true })).status).toBe(404);
  });

  it("make a backup and keep as many of their own as the settings say", async () => {
    const { call, job, folder, clock } = await gateway(cleanup.folder(), { files: { keepFiles: 2 } });
    const upload = join(folder, "files");
    const made: string[] = [];
    for (let minute = 1; minute <= 3; minute++) {
      await clock.leapTo(startMs + minute * 60_000);
      expect((await call("POST", "/jobs/backup/start", {})).status).toBe(200);
      const run = await until("the end of the backup", async () => {
        const { last, isActive } = await job("backup");
        return isActive || last?.detail["name"] === made.at(-1) ? undefined : (last ?? undefined);
      });
      expect(run.outcome).toBe("good");
      made.push(String(run.detail["name"]));
    }
    expect(new Set(made).size).toBe(3);
    const { files } = (await call("GET", "/files")).body as unknown as { files: { name: string }[] };
    expect(files.map(({ name }) => name).sort()).toEqual(made.slice(1));
    expect(existsSync(join(upload, made[2] ?? ""))).toBe(true);
    const dryRun = await call("POST", `/files/${made[2]}/restore`, { dryRun: true });
    expect(dryRun.status, JSON.stringify(dryRun.body)).toBe(200);
  });
});
