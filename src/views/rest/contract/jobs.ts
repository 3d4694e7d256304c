/** Jobs over REST. null stands where there is nothing. */
import Type, { type Static, type TSchema } from "typebox";

const closed = { additionalProperties: false } as const;
const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Time = Type.String({ format: "date-time", description: "ISO 8601 with zone" });

export const JobRun = Type.Object(
  {
    id: Type.Integer(),
    job: Type.String(),
    reason: Type.Enum(["schedule", "retry", "manual", "dlms", "caughtUp", "resumed", "event"]),
    startedBy: Nullable(Type.String({ description: "who asked for it; null: the gateway itself" })),
    attempt: Type.Integer({ description: "1, and one more at each retry" }),
    scheduledFor: Time,
    startedAt: Time,
    endedAt: Nullable(Time),
    outcome: Nullable(Type.Enum(["good", "partly", "failed", "stopped", "interrupted"])),
    words: Nullable(Type.String()),
    detail: Type.Unknown(),
  },
  { $id: "JobRun" },
);
export type JobRun = Static<typeof JobRun>;
const RunReference = Type.Unsafe<JobRun>({ $ref: "JobRun#" });

export const Job = Type.Object(
  {
    name: Type.String(),
    kind: Type.String(),
    help: Type.String(),
    schedule: Nullable(Type.String({ description: "pattern of the cron dialect; null: by hand only" })),
    enabled: Type.Boolean(),
    isScheduleChanged: Type.Boolean({ description: "schedule or switch are not those of the settings" }),
    isActive: Type.Boolean(),
    run: Nullable(RunReference),
    progress: Nullable(
      Type.Object({
        done: Type.Integer(),
        total: Nullable(Type.Integer()),
        words: Nullable(Type.String()),
        secondsLeft: Nullable(Type.Integer()),
      }),
    ),
    retryAt: Nullable(Time),
    last: Nullable(RunReference),
    nextRun: Nullable(Time),
  },
  { $id: "Job" },
);
export type Job = Static<typeof Job>;

export const JobsList = Type.Object({ jobs: Type.Array(Type.Unsafe<Job>({ $ref: "Job#" })) }, { $id: "JobsList" });
export type JobsList = Static<typeof JobsList>;

export const JobRuns = Type.Object(
  { runs: Type.Array(RunReference), next: Nullable(Type.String({ description: "give it as `cursor`" })) },
  { $id: "JobRuns" },
);
export type JobRuns = Static<typeof JobRuns>;

export const JobParams = Type.Object({ job: Type.String({ minLength: 1, maxLength: 64 }) });
export const JobRunsQuery = Type.Object(
  {
    job: Type.Optional(Type.String({ maxLength: 64 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    cursor: Type.Optional(Type.String({ pattern: "^[0-9]{1,15}$" })),
  },
  closed,
);
export const JobStart = Type.Object({ parameters: Type.Optional(Type.Unknown()) }, closed);
export const JobChange = Type.Object(
  {
    schedule: Type.Optional(
      Nullable(Type.String({ maxLength: 1000, description: "a pattern or the name of a preset; null: by hand only" })),
    ),
    enabled: Type.Optional(Type.Boolean()),
  },
  closed,
);

export const CronQuery = Type.Object(
  {
    pattern: Type.String({ maxLength: 1000, description: "a pattern or the name of a preset" }),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, description: "next runs; default 5" })),
  },
  closed,
);
export const CronExplanation = Type.Object(
  {
    pattern: Type.String(),
    words: Type.Array(Type.String(), { description: "one line for each alternative between |" }),
    timeZone: Type.String(),
    nextRuns: Type.Array(Time),
  },
  { $id: "CronExplanation" },
);
export type CronExplanation = Static<typeof CronExplanation>;
export const CronPresets = Type.Object(
  { presets: Type.Array(Type.Object({ name: Type.String(), help: Type.String(), pattern: Type.String() })) },
  { $id: "CronPresets" },
);
export type CronPresets = Static<typeof CronPresets>;

export const jobSchemas = [JobRun, Job, JobsList, JobRuns, CronExplanation, CronPresets];
