import type { JobListing, JobRunRow, JobService } from "../../../services/jobs/contract.js";
import {
  CronExplanation,
  CronPresets,
  CronQuery,
  Job,
  JobChange,
  JobParams,
  JobRun,
  JobRuns,
  JobRunsQuery,
  JobStart,
  JobsList,
} from "../contract/jobs.js";
import { NoQuery } from "../contract.js";
import { sendServiceRefusal } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, principalOf } from "./responses.js";

const tags = ["jobs"];
const defaultRuns = 50;
const defaultNextRuns = 5;

/** /jobs, /job-runs and /cron: what runs when, how it went, and what a pattern means. */
export function addJobRoutes(routes: RestRoutes, context: RouteContext, jobs: JobService): void {
  const { times } = context;
  const timeOf = (instantMs: number | undefined) => (instantMs === undefined ? null : times.fromMs(instantMs));

  const shownRun = (row: JobRunRow): JobRun => ({
    id: row.id,
    job: row.job,
    reason: row.reason,
    startedBy: row.startedBy ?? null,
    attempt: row.attempt,
    scheduledFor: times.fromMs(row.scheduledForMs),
    startedAt: times.fromMs(row.startedAtMs),
    endedAt: timeOf(row.endedAtMs),
    outcome: row.outcome ?? null,
    words: row.words ?? null,
    detail: row.detail === undefined ? null : (JSON.parse(row.detail) as unknown),
  });
  const shown = (job: JobListing): Job => ({
    name: job.name,
    kind: job.kind,
    help: job.help,
    schedule: job.schedule ?? null,
    enabled: job.enabled,
    isScheduleChanged: job.isScheduleChanged,
    isActive: job.isActive,
    run: job.run === undefined ? null : shownRun(job.run),
    progress:
      job.progress === undefined
        ? null
        : {
            done: job.progress.done,
            total: job.progress.total ?? null,
            words: job.progress.words ?? null,
            secondsLeft: job.progress.secondsLeft ?? null,
          },
    retryAt: timeOf(job.retryAtMs),
    last: job.last === undefined ? null : shownRun(job.last),
    nextRun: timeOf(job.nextRunMs),
  });

  routes.get(
    "/jobs",
    {
      schema: {
        tags,
        summary: "The jobs: schedule, active now, last result, next run",
        querystring: NoQuery,
        response: answers(JobsList, "All jobs.", 403),
      },
    },
    async (request, reply) => {
      const answer = await jobs.list(principalOf(context, request));
      return answer.ok ? { jobs: answer.value.map(shown) } : sendServiceRefusal(reply, answer.refusal);
    },
  );

  routes.get(
    "/jobs/:job",
    {
      schema: {
        tags,
        summary: "One job, with the progress of its run",
        params: JobParams,
        querystring: NoQuery,
        response: answers(Job, "The job now.", 403, 404),
      },
    },
    async (request, reply) => {
      const answer = await jobs.get(principalOf(context, request), request.params.job);
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );

  routes.post(
    "/jobs/:job/start",
    {
      schema: {
        tags,
        summary: "Starts a job now",
        params: JobParams,
        body: JobStart,
        response: answers(JobRun, "The run that has begun.", 403, 404, 409),
      },
    },
    async (request, reply) => {
      const answer = await jobs.start(principalOf(context, request), request.params.job, request.body.parameters);
      return answer.ok ? shownRun(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );

  routes.post(
    "/jobs/:job/stop",
    {
      schema: {
        tags,
        summary: "Asks the run under way to end, and drops a retry",
        params: JobParams,
        response: answers(Job, "The job now.", 403, 404, 409),
      },
    },
    async (request, reply) => {
      const answer = await jobs.stop(principalOf(context, request), request.params.job);
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );

  routes.patch(
    "/jobs/:job",
    {
      schema: {
        tags,
        summary: "Changes when a job runs; kept over restarts",
        params: JobParams,
        body: JobChange,
        response: answers(Job, "The job now.", 403, 404),
      },
    },
    async (request, reply) => {
      const answer = await jobs.change(principalOf(context, request), request.params.job, request.body);
      return answer.ok ? shown(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );

  routes.get(
    "/job-runs",
    {
      schema: {
        tags,
        summary: "Runs of jobs, newest first",
        querystring: JobRunsQuery,
        response: answers(JobRuns, "One page of runs.", 403, 404),
      },
    },
    async (request, reply) => {
      const { job, limit = defaultRuns, cursor } = request.query;
      const beforeId = cursor === undefined ? undefined : Number(cursor);
      const answer = await jobs.runs(principalOf(context, request), { job, limit, beforeId });
      if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
      const last = answer.value.at(-1);
      const hasMore = answer.value.length === limit && last !== undefined;
      return { runs: answer.value.map(shownRun), next: hasMore ? String(last.id) : null };
    },
  );

  routes.get(
    "/cron",
    {
      schema: {
        tags,
        summary: "What a pattern means, and its next runs",
        querystring: CronQuery,
        response: answers(CronExplanation, "The pattern in words.", 403),
      },
    },
    async (request, reply) => {
      const { pattern, count = defaultNextRuns } = request.query;
      const answer = jobs.explain(principalOf(context, request), pattern, count);
      if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
      const { nextRunsMs, words, ...rest } = answer.value;
      return { ...rest, words: [...words], nextRuns: nextRunsMs.map((instant) => times.fromMs(instant)) };
    },
  );

  routes.get(
    "/cron/presets",
    {
      schema: {
        tags,
        summary: "Schedules with a name",
        querystring: NoQuery,
        response: answers(CronPresets, "The presets.", 403),
      },
    },
    async (request, reply) => {
      const answer = jobs.presets(principalOf(context, request));
      return answer.ok ? { presets: [...answer.value] } : sendServiceRefusal(reply, answer.refusal);
    },
  );
}
