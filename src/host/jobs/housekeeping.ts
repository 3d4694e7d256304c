/** The maintenance job: old readings go, open ones become blocks, lists on record are cut to their length. */
import type { HistoryStore, JobRunStore } from "../../ports/index.js";
import type { JobList, JobResult } from "../../services/jobs/index.js";
import type { Settings } from "../../settings/index.js";

/** One more piece of tidying up that another part brings. */
export interface Chore {
  /** `old readings`, for people. */
  readonly name: string;
  /** @returns what was done in words; undefined: nothing to do */
  run(signal: AbortSignal): Promise<string | undefined>;
}

export interface HousekeepingParts {
  readonly settings: Settings["jobs"];
  readonly list: Pick<JobList, "register">;
  readonly store: Pick<HistoryStore, "compact"> & JobRunStore;
  /** Looks after the history now: retention by age and room. */
  retain(): Promise<string | undefined>;
  readonly chores?: readonly Chore[];
}

export function registerHousekeeping({ settings, list, store, retain, chores = [] }: HousekeepingParts): void {
  const all: readonly Chore[] = [
    { name: "old readings", run: () => retain() },
    { name: "blocks of readings", run: () => store.compact().then(() => undefined) },
    { name: "runs of jobs", run: () => store.pruneJobRuns(settings.keptRuns).then(() => undefined) },
    ...chores,
  ];
  list.register({
    name: "maintenance",
    kind: "maintenance",
    help: "Removes what is older than its settings allow, packs readings and cuts lists.",
    schedule: settings.maintenanceSchedule,
    retries: 0,
    async run({ signal, progress }): Promise<JobResult> {
      const done: string[] = [];
      const failed: string[] = [];
      for (const [index, chore] of all.entries()) {
        if (signal.aborted) break;
        progress(index, all.length, chore.name);
        try {
          const words = await chore.run(signal);
          if (words !== undefined) done.push(words);
        } catch (error) {
          failed.push(`${chore.name}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      progress(all.length, all.length);
      const words = [...failed, ...done].join("; ") || "nothing to do";
      return { outcome: failed.length === 0 ? "good" : failed.length === all.length ? "failed" : "partly", words };
    },
  });
}
