import type { Clock, Logger } from "../ports/index.js";
import type { Readout } from "../readout/index.js";
import { createScheduler, type Job, type Pattern, parsePattern } from "../scheduler/index.js";
import type { ReportSettings, Settings } from "../settings/index.js";

export interface JobsParts {
  readonly settings: Settings;
  /** Spreads drawn values (`?`) of schedules over gateways. */
  readonly serial: string;
  readonly readout: Pick<Readout, "readAll">;
  readonly reports: { run(reportName: string): Promise<unknown> };
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Jobs {
  start(): void;
  readNow(): void;
  /** Makes and sends a report now, out of turn. */
  reportNow(reportName: string): void;
  stop(): Promise<unknown>;
}

const readoutJob = "readout";
/** Running jobs get so long when the gateway stops; their parts are stopped right after. */
const stopLimitMs = 100;

/**
 * The readout and the reports as jobs. A report with the readout's own schedule waits for the end of the cycle and
 * has its values (PRODUCT.md row 46); another schedule drops that link.
 */
export function createJobs(parts: JobsParts): Jobs {
  const { settings, readout, reports, clock, logger } = parts;
  const enabled = settings.reports.filter((report) => report.enabled);
  const linked = enabled.filter((report) => report.schedule === settings.readout.schedule);
  const jobs: Job[] = [];
  const patternOf = (text: string) => checkedPattern(text, parts.serial);
  const runReports = (due: readonly ReportSettings[]) => Promise.all(due.map((report) => reports.run(report.name)));

  jobs.push({
    name: readoutJob,
    pattern: settings.readout.enabled ? patternOf(settings.readout.schedule) : { text: "off", alternatives: [] },
    async run(_scheduledFor, signal) {
      const { read, failed, skipped, durationMs } = await readout.readAll(signal);
      logger.info("readout cycle ended", { read, failed, skipped, seconds: Math.round(durationMs / 100) / 10 });
      if (signal.aborted) return;
      // A slow receiver must not hold up the next cycle: what it misses goes into its next report.
      runReports(linked).catch((error: unknown) => logger.error("report failed", { error: String(error) }));
    },
  });
  for (const report of enabled.filter((candidate) => !linked.includes(candidate))) {
    jobs.push({
      name: `report ${report.name}`,
      pattern: patternOf(report.schedule),
      run: async () => {
        await reports.run(report.name);
      },
    });
  }
  const scheduler = createScheduler({ clock, logger, timeZone: settings.clock.timeZone, jobs });
  return {
    start: () => scheduler.start(),
    readNow: () => {
      scheduler.run(readoutJob);
    },
    reportNow(reportName) {
      parts.reports.run(reportName).catch((error: unknown) => logger.error("report failed", { error: String(error) }));
    },
    stop: () => scheduler.stop(stopLimitMs),
  };
}

/** Settings were checked when they were loaded: a bad pattern here is a bug. */
export function checkedPattern(text: string, seed: string): Pattern {
  const parsed = parsePattern(text, seed);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.pattern;
}
