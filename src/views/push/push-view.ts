/**
 * Push reports. For each receiver a file with all readings that it does not have yet; delivered, the receiver's cursor
 * moves on; not delivered, the values go into its next report. So values arrive at least once, and twice only where the
 * gateway was killed between the receiver's answer and the cursor.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { receiverName } from "../../services/delivery/contract.js";
import type { ReceiverSettings, ReportSettings } from "../../settings/types.js";
import {
  defaultConventions,
  type PushOptions,
  type PushView,
  type ReceiverOutcome,
  type ReportOutcome,
} from "./contract.js";
import { createLocalTime } from "./local-time.js";
import { createReportCursor } from "./report-cursor.js";
import { writeReport } from "./report-file.js";
import type { ReportLayout } from "./report-layout.js";

/** @throws RangeError when a report's layout or the time zone is not known */
export function createPushView(options: PushOptions): PushView {
  const { meters, principal, delivery, state, clock, logger, layouts, serial, folder } = options;
  const conventions = { ...defaultConventions, ...options.conventions };
  const localTime = createLocalTime(conventions.timeZone);
  const reports = new Map(options.reports.map((report) => [report.name, { report, layout: layoutOf(report) }]));
  const running = new Map<string, Promise<ReportOutcome>>();
  let lastStampMs = 0;
  let fileCount = 0;

  function layoutOf(report: ReportSettings): ReportLayout {
    const layout = layouts.get(report.template);
    if (layout === undefined) throw new RangeError(`report "${report.name}": no layout "${report.template}"`);
    return layout;
  }

  /** Two files of one second would be one file at the receiver: the later one gets the next second. */
  function fileName(layout: ReportLayout, receiver: ReceiverSettings): string {
    lastStampMs = Math.max(clock.now(), lastStampMs + 1000);
    return `${serial}_${layout.reportType}_${localTime.compact(lastStampMs)}_${layout.templates[receiver.kind]}.csv`;
  }

  async function serve(
    report: ReportSettings,
    layout: ReportLayout,
    receiver: ReceiverSettings,
    key: string,
  ): Promise<ReceiverOutcome> {
    const name = receiverName(receiver);
    const cursor = createReportCursor(state, key);
    const path = join(folder, `report-${process.pid}-${++fileCount}.part`);
    const format = { layout, conventions, localTime, gatewaySerial: serial };
    try {
      const { rows, byteCount } = await writeReport({ meters, principal, cursor, format }, path);
      if (rows === 0) return { receiver: name, status: "nothingNew" };
      const file = {
        name: fileName(layout, receiver),
        path,
        byteCount,
        contentType: contentType(conventions.encoding),
      };
      const plan = (options.retryPlan ?? settingsPlan)(report);
      const result = await delivery.deliver(file, receiver, { ...plan, timeoutSeconds: report.timeoutSeconds });
      const facts = { receiver: name, fileName: file.name, rows };
      if (!result.ok) {
        return { ...facts, status: "failed", reason: result.reason, message: result.message };
      }
      await cursor.commit();
      return { ...facts, status: "delivered" };
    } catch (error) {
      // The store or the disk failed here; the other receivers still get theirs.
      const message = error instanceof Error ? error.message : String(error);
      logger.error("report not made", { report: report.name, receiver: name, message });
      const facts = { receiver: name, fileName: "", rows: 0, reason: "otherFailure", message } as const;
      return { ...facts, status: "failed" };
    } finally {
      await rm(path, { force: true });
    }
  }

  async function runNow(report: ReportSettings, layout: ReportLayout): Promise<ReportOutcome> {
    const seen = new Map<string, number>();
    const receivers = await Promise.all(
      report.receivers.map((receiver) => {
        // Settings may name one place twice, with two logins.
        const name = receiverName(receiver);
        const count = (seen.get(name) ?? 0) + 1;
        seen.set(name, count);
        return serve(report, layout, receiver, `${report.name}/${name}${count === 1 ? "" : `#${count}`}`);
      }),
    );
    const ok = receivers.every(({ status }) => status !== "failed");
    logger[ok ? "info" : "warn"]("report run", { report: report.name, receivers });
    return { report: report.name, ok, receivers };
  }

  return {
    run(reportName) {
      const known = reports.get(reportName);
      if (known === undefined) return Promise.reject(new RangeError(`no report "${reportName}"`));
      const earlier = running.get(reportName);
      if (earlier !== undefined) return earlier;
      const run = runNow(known.report, known.layout).finally(() => running.delete(reportName));
      running.set(reportName, run);
      return run;
    },
  };
}

function settingsPlan({ retries, retryDelaySeconds }: ReportSettings) {
  return { tries: retries + 1, delaySeconds: retryDelaySeconds };
}

function contentType(encoding: string): string {
  return `text/plain; charset=${encoding}`;
}
