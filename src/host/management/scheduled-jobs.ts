import { refused } from "../../../cosem/index.js";
import type { Settings } from "../../settings/index.js";
import { checkedPattern, type Jobs } from "../jobs.js";
import type { ScheduledJob } from "./job-objects.js";

/** @param jobs  undefined until they are made */
export function scheduledJobs(
  settings: Pick<Settings, "readout" | "reports">,
  serial: string,
  jobs: () => Pick<Jobs, "readNow" | "reportNow"> | undefined,
): { readonly readout: ScheduledJob; readonly reports: readonly ScheduledJob[] } {
  const patternOf = ({ schedule, enabled }: { readonly schedule: string; readonly enabled: boolean }) =>
    enabled ? checkedPattern(schedule, serial) : undefined;
  const start = (run: (running: Pick<Jobs, "readNow" | "reportNow">) => void) => () => {
    const running = jobs();
    if (running === undefined) return refused.temporaryFailure;
    run(running);
    return undefined;
  };
  return {
    readout: { pattern: patternOf(settings.readout), run: start((running) => running.readNow()) },
    reports: settings.reports.map((report) => ({
      pattern: patternOf(report),
      run: start((running) => running.reportNow(report.name)),
    })),
  };
}
