import { parseArgs } from "node:util";
import type { Job, JobRun, JobRuns, JobsList } from "../../views/rest/contract.js";
import { type Command, WrongUse } from "../command.js";
import { createRestClient, type RestClient, restClientOptions, restClientUsage } from "../rest-client.js";

const usage = `usage: cosem-gateway jobs list                           name, schedule, active now, last result, next run
       cosem-gateway jobs show JOB [--runs N]          one job with its last runs
       cosem-gateway jobs start JOB [--parameters JSON] [--wait]
       cosem-gateway jobs stop JOB                     ends the run under way, and drops a retry
       cosem-gateway jobs next JOB [--count N]         the next runs
       cosem-gateway jobs schedule JOB PATTERN|PRESET|none
       cosem-gateway jobs enable|disable JOB

Jobs of a running gateway. A schedule that is changed stays changed over restarts.

${restClientUsage}`;

const pollMs = 500;

export const command: Command = {
  usage,
  async run(words) {
    const { values, positionals } = parseArgs({
      args: [...words],
      options: {
        ...restClientOptions,
        runs: { type: "string", default: "10" },
        count: { type: "string", default: "5" },
        parameters: { type: "string" },
        wait: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const [action, name, pattern] = positionals;
    const path = () => {
      if (name === undefined) throw new WrongUse("the name of a job is missing; jobs list tells them");
      return `/jobs/${encodeURIComponent(name)}`;
    };
    const client = () => createRestClient(values);
    const patch = (body: unknown) => client().call<Job>({ path: path(), method: "PATCH", body });
    switch (action) {
      case "list":
        return print(table((await client().get<JobsList>("/jobs")).jobs));
      case "show":
        return show(client(), path(), values.runs);
      case "start": {
        const job = path();
        const body = values.parameters === undefined ? {} : { parameters: jsonOf(values.parameters) };
        const gateway = client();
        const run = await gateway.post<JobRun>(`${job}/start`, body);
        return values.wait ? waitFor(gateway, job, run) : print([`${run.job}: run ${run.id} has begun`]);
      }
      case "stop":
        return print([stateOf(await client().post<Job>(`${path()}/stop`))]);
      case "next":
        return next(client(), path(), values.count);
      case "schedule":
        if (pattern === undefined) throw new WrongUse("a pattern, a preset or none is missing");
        return print([stateOf(await patch({ schedule: pattern === "none" ? null : pattern }))]);
      case "enable":
      case "disable":
        return print([stateOf(await patch({ enabled: action === "enable" }))]);
      default:
        throw new WrongUse(
          action === undefined ? "list, show, start, stop or next is missing" : `unknown action "${action}"`,
        );
    }
  },
};

function print(lines: readonly string[]): number {
  process.stdout.write(`${lines.join("\n")}\n`);
  return 0;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WrongUse(`--parameters: ${(error as Error).message}`);
  }
}

function table(jobs: readonly Job[]): readonly string[] {
  const rows = [
    ["JOB", "SCHEDULE", "ACTIVE", "LAST", "NEXT"],
    ...jobs.map((job) => [
      job.name,
      job.schedule === null ? "by hand" : `${job.schedule}${job.enabled ? "" : " (off)"}`,
      activity(job),
      job.last === null ? "never" : `${job.last.outcome ?? ""} ${job.last.endedAt ?? ""}`.trim(),
      job.retryAt === null ? (job.nextRun ?? "") : `retry ${job.retryAt}`,
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function activity({ isActive, progress }: Job): string {
  if (!isActive) return "no";
  if (progress === null || progress.total === null) return progress?.words ?? "yes";
  const left = progress.secondsLeft === null ? "" : `, ${progress.secondsLeft} s left`;
  return `${progress.done} of ${progress.total}${progress.words === null ? "" : ` ${progress.words}`}${left}`;
}

function stateOf(job: Job): string {
  const when = job.nextRun === null ? "no next run" : `next run ${job.nextRun}`;
  return `${job.name}: ${job.isActive ? `runs (${activity(job)})` : "does not run"}, ${job.schedule ?? "by hand"}${job.enabled ? "" : ", off"}, ${when}`;
}

function runLine({ id, reason, attempt, startedAt, endedAt, outcome, words, startedBy }: JobRun): string {
  const tries = attempt > 1 ? `, try ${attempt}` : "";
  const who = startedBy === null ? "" : ` by ${startedBy}`;
  return `${id}  ${startedAt} to ${endedAt ?? "now"}  ${reason}${who}${tries}  ${outcome ?? "runs"}${words === null ? "" : `: ${words}`}`;
}

async function show(client: RestClient, path: string, runs: string): Promise<number> {
  const job = await client.get<Job>(path);
  const query = `job=${encodeURIComponent(job.name)}&limit=${encodeURIComponent(runs)}`;
  const last = await client.get<JobRuns>(`/job-runs?${query}`);
  return print([job.help, stateOf(job), ...last.runs.map(runLine)]);
}

async function next(client: RestClient, path: string, count: string): Promise<number> {
  const { schedule, enabled, name } = await client.get<Job>(path);
  if (schedule === null || !enabled) return print([`${name}: by hand only`]);
  const query = `pattern=${encodeURIComponent(schedule)}&count=${encodeURIComponent(count)}`;
  const { nextRuns } = await client.get<{ nextRuns: readonly string[] }>(`/cron?${query}`);
  return print(nextRuns);
}

/** @returns 1 where the run was not good */
async function waitFor(client: RestClient, path: string, { id, job }: JobRun): Promise<number> {
  for (;;) {
    const query = `job=${encodeURIComponent(job)}&limit=1000`;
    const { runs } = await client.get<JobRuns>(`/job-runs?${query}`);
    const run = runs.find((candidate) => candidate.id === id);
    if (run?.outcome !== null && run !== undefined) {
      print([runLine(run)]);
      return run.outcome === "good" ? 0 : 1;
    }
    process.stderr.write(`${activity(await client.get<Job>(path))}\n`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
