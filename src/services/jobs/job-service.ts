/** Jobs for people: who may see, start, stop and schedule them. */
import type { Principal } from "../../../cosem/index.js";
import { denied, refusedRight } from "../recorder.js";
import { accepted, type Refusable, refusal } from "../refusal.js";
import { hasRight, type Right } from "../rights.js";
import type { JobListing, JobService } from "./contract.js";
import type { JobList } from "./job-list.js";
import type { JobsParts } from "./parts.js";

export function createJobService(
  list: JobList,
  { store, recorder, patterns, clock }: Pick<JobsParts, "store" | "recorder" | "patterns" | "clock">,
): JobService {
  const reads = <Value>(principal: Principal, answer: () => Value): Value | Refusable<never> =>
    hasRight(principal, "jobs.read") ? answer() : denied(principal, "jobs.read");
  const unknown = (name: string) => {
    const names = list.listings().map((listing) => `"${listing.name}"`);
    return refusal("unknown", `no job "${name.slice(0, 64)}"; there are ${names.join(", ")}`);
  };
  const writes = (principal: Principal, action: string, target: string, right: Right) =>
    refusedRight(principal, right, { recorder, action, target });
  /** A job may do what not everyone may who starts jobs. */
  const startsNot = (principal: Principal, action: string, name: string) => {
    const right = list.runnerOf(name)?.definition.right;
    const refused = writes(principal, action, name, "jobs.start");
    return refused ?? (right === undefined ? undefined : writes(principal, action, name, right));
  };
  const changed = (principal: Principal, action: string, target: string, detail?: string) =>
    recorder.record({ principal, action, target, detail, isRefused: false });

  /** A run under way with its id: it is on record by the time anyone can ask. */
  async function withRun(listing: JobListing): Promise<JobListing> {
    if (listing.run === undefined) return listing;
    const open = (await store.openJobRuns()).filter(({ job }) => job === listing.name).at(-1);
    return open === undefined ? listing : { ...listing, run: open };
  }

  return {
    list: async (principal) => reads(principal, async () => accepted(await Promise.all(list.listings().map(withRun)))),
    get: async (principal, name) =>
      reads(principal, async () => {
        const listing = list.listing(name);
        return listing === undefined ? unknown(name) : accepted(await withRun(listing));
      }),
    runs: async (principal, query) =>
      reads(principal, async () => {
        if (query.job !== undefined && list.listing(query.job) === undefined) return unknown(query.job);
        return accepted(await store.jobRuns(query));
      }),
    async start(principal, name, parameters) {
      const refused = startsNot(principal, "jobs.start", name);
      if (refused !== undefined) return refused;
      const job = list.runnerOf(name);
      if (job === undefined) return unknown(name);
      const { definition, runner } = job;
      const problem =
        definition.checkParameters === undefined
          ? parameters === undefined
            ? undefined
            : `the job "${name}" takes no parameters`
          : definition.checkParameters(parameters);
      if (problem !== undefined) return refusal("invalid", problem, "parameters");
      const startedBy = [principal.user, principal.door, principal.peer].filter((word) => word !== "").join(", ");
      const begun = runner.begin({
        reason: "manual",
        scheduledForMs: clock.now(),
        attempt: 1,
        parameters,
        startedBy,
      });
      if (begun === undefined)
        return refusal("conflict", `the job "${name}" runs already; wait for its end or stop it`);
      changed(principal, "jobs.start", name);
      return accepted(await begun);
    },
    async stop(principal, name) {
      const refused = startsNot(principal, "jobs.stop", name);
      if (refused !== undefined) return refused;
      const job = list.runnerOf(name);
      if (job === undefined) return unknown(name);
      if (!job.runner.stop(`stopped by ${principal.user}`))
        return refusal("conflict", `the job "${name}" does not run`);
      changed(principal, "jobs.stop", name);
      const listing = list.listing(name);
      return listing === undefined ? unknown(name) : accepted(listing);
    },
    async change(principal, name, { schedule, enabled }) {
      const refused = writes(principal, "jobs.change", name, "jobs.write");
      if (refused !== undefined) return refused;
      if (list.listing(name) === undefined) return unknown(name);
      const pattern = typeof schedule === "string" ? patterns.resolve(schedule) : schedule;
      const problem = typeof pattern === "string" ? patterns.problemOf(pattern) : undefined;
      if (problem !== undefined) return refusal("invalid", problem, "schedule");
      const change = {
        ...(pattern === undefined ? {} : { schedule: pattern }),
        ...(enabled === undefined ? {} : { enabled }),
      };
      await list.change(name, change);
      changed(principal, "jobs.change", name, JSON.stringify(change));
      const listing = list.listing(name);
      return listing === undefined ? unknown(name) : accepted(listing);
    },
    explain: (principal, text, count) =>
      reads(principal, () => {
        const pattern = patterns.resolve(text);
        const problem = patterns.problemOf(pattern);
        if (problem !== undefined) return refusal("invalid", problem, "pattern");
        return accepted(patterns.explain(pattern, clock.now(), count));
      }),
    presets: (principal) => reads(principal, () => accepted(patterns.presets)),
  };
}
