/**
 * The readout and the reports as jobs. A report with the readout's own schedule waits for the end of the cycle and has
 * its values (PRODUCT.md row 46); another schedule drops that link.
 */
import type { Logger } from "../../ports/index.js";
import type { Readout } from "../../readout/index.js";
import type { FollowingDefinition, JobList, JobResult } from "../../services/jobs/index.js";
import type { Settings } from "../../settings/index.js";

export interface ReadoutJobsParts {
  readonly settings: Pick<Settings, "readout" | "reports">;
  readonly list: Pick<JobList, "register" | "trigger">;
  readonly readout: Pick<Readout, "readAll">;
  readonly logger: Logger;
  readonly reports: { run(reportName: string): Promise<ReportRun> };
}

/** What came of one run of a report, for each receiver. */
interface ReportRun {
  readonly ok: boolean;
  readonly receivers: readonly {
    readonly receiver: string;
    readonly status: string;
    readonly message?: string | undefined;
  }[];
}

export const readoutJob = "readout";
export const reportJob = (reportName: string) => `report ${reportName}`.slice(0, 64);

export interface ReadoutJobs {
  /** Reads all now; reports whose schedule is the readout's follow. */
  readNow(): void;
}

export function createReadoutJobs({ settings, list, readout, reports, logger }: ReadoutJobsParts): ReadoutJobs {
  list.register({
    name: readoutJob,
    kind: "readout",
    help: "Reads all active meters and stores what they say.",
    schedule: settings.readout.schedule,
    enabled: settings.readout.enabled,
    async run({ signal, progress }): Promise<JobResult> {
      progress(0, undefined, "reading");
      const { read, failed, skipped, durationMs } = await readout.readAll(signal);
      const seconds = Math.round(durationMs / 100) / 10;
      logger.info("readout cycle ended", { read, failed, skipped, seconds });
      const words = `${read} read, ${failed} failed${skipped > 0 ? `, ${skipped} not asked` : ""} in ${seconds} s`;
      const outcome = failed === 0 && skipped === 0 ? "good" : read === 0 ? "failed" : "partly";
      return { outcome, words, detail: { read, failed, skipped, durationMs } };
    },
  });
  for (const { name, schedule, enabled } of settings.reports) {
    const definition: FollowingDefinition = {
      name: reportJob(name),
      kind: "report",
      help: `Makes the report "${name}" and sends it to its receivers.`,
      schedule,
      enabled,
      // Each receiver is tried again by the report's own settings.
      retries: 0,
      follows: readoutJob,
      async run(): Promise<JobResult> {
        const { ok, receivers } = await reports.run(name);
        const words = receivers.map(({ receiver, status, message }) =>
          [`${receiver}: ${status}`, ...(message === undefined ? [] : [message])].join(", "),
        );
        const isPartly = !ok && receivers.some(({ status }) => status !== "failed");
        return { outcome: ok ? "good" : isPartly ? "partly" : "failed", words: words.join("; ") || "no receiver" };
      },
    };
    list.register(definition);
  }
  // As a scheduled cycle: its reports follow.
  return { readNow: () => void list.trigger(readoutJob, "schedule") };
}
