/** The table of job runs: writing and reading side by side. */
import type { JobRunEnd, JobRunRow, JobRunStore, NewJobRun } from "../ports/index.js";
import type { Connection } from "./database.js";

const mostRuns = 1000;

const columns = `
  id, job, reason, started_by AS startedBy, attempt, scheduled_for_ms AS scheduledForMs, started_at_ms AS startedAtMs,
  ended_at_ms AS endedAtMs, outcome, words, parameters, detail`;

/** Functions for the writer thread, inside its transaction. */
export function prepareJobRunWrites(connection: Connection) {
  const insert = connection.prepare(`
    INSERT INTO job_runs (job, reason, started_by, attempt, scheduled_for_ms, started_at_ms, parameters)
    VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const end = connection.prepare(
    "UPDATE job_runs SET ended_at_ms = ?, outcome = ?, words = ?, detail = ? WHERE id = ? AND ended_at_ms IS NULL",
  );
  const prune = connection.prepare(`
    DELETE FROM job_runs WHERE ended_at_ms IS NOT NULL AND id NOT IN (
      SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY job ORDER BY id DESC) AS place FROM job_runs)
      WHERE place <= ?)`);
  return {
    add: (run: NewJobRun): number =>
      Number(
        insert.run(
          run.job,
          run.reason,
          run.startedBy ?? null,
          run.attempt,
          Math.round(run.scheduledForMs),
          Math.round(run.startedAtMs),
          run.parameters ?? null,
        ).lastInsertRowid,
      ),
    end({ id, endedAtMs, outcome, words, detail }: JobRunEnd): void {
      end.run(Math.round(endedAtMs), outcome, words, detail ?? null, id);
    },
    prune: (kept: number): void => void prune.run(kept),
  };
}

type KeptRun = {
  readonly [Key in keyof JobRunRow]-?: undefined extends JobRunRow[Key]
    ? Exclude<JobRunRow[Key], undefined> | null
    : JobRunRow[Key];
};
type JobRunReader = {
  readonly [Name in "jobRuns" | "openJobRuns" | "lastJobRuns" | "lastScheduled"]: (
    ...words: Parameters<JobRunStore[Name]>
  ) => Awaited<ReturnType<JobRunStore[Name]>>;
};

export function prepareJobRuns(connection: Connection): JobRunReader {
  const page = connection.prepare<[{ before: number; limit: number }], KeptRun>(
    `SELECT ${columns} FROM job_runs WHERE id < :before ORDER BY id DESC LIMIT :limit`,
  );
  const pageOfJob = connection.prepare<[{ before: number; limit: number; job: string }], KeptRun>(
    `SELECT ${columns} FROM job_runs WHERE job = :job AND id < :before ORDER BY id DESC LIMIT :limit`,
  );
  const open = connection.prepare<[], KeptRun>(`SELECT ${columns} FROM job_runs WHERE ended_at_ms IS NULL ORDER BY id`);
  const last = connection.prepare<[], KeptRun>(`
    SELECT ${columns} FROM job_runs
    WHERE id IN (SELECT max(id) FROM job_runs WHERE ended_at_ms IS NOT NULL GROUP BY job)`);
  const scheduled = connection.prepare<[], { readonly job: string; readonly atMs: number }>(`
    SELECT job, scheduled_for_ms AS atMs FROM job_runs WHERE id IN (
      SELECT max(id) FROM job_runs WHERE reason IN ('schedule', 'caughtUp') GROUP BY job)`);
  return {
    jobRuns({ job, beforeId, limit }) {
      const words = { before: beforeId ?? Number.MAX_SAFE_INTEGER, limit: Math.min(Math.max(limit, 0), mostRuns) };
      return (job === undefined ? page.all(words) : pageOfJob.all({ ...words, job })).map(runOf);
    },
    openJobRuns: () => open.all().map(runOf),
    lastJobRuns: () => last.all().map(runOf),
    lastScheduled: () => new Map(scheduled.all().map(({ job, atMs }) => [job, atMs])),
  };
}

function runOf(row: KeptRun): JobRunRow {
  return {
    ...row,
    startedBy: row.startedBy ?? undefined,
    endedAtMs: row.endedAtMs ?? undefined,
    outcome: row.outcome ?? undefined,
    words: row.words ?? undefined,
    parameters: row.parameters ?? undefined,
    detail: row.detail ?? undefined,
  };
}
