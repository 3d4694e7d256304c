import { readFileSync } from "node:fs";
import type { Principal } from "../../cosem/index.js";
import type { Clock, Logger } from "../ports/index.js";
import { createDeliveryService } from "../services/delivery/index.js";
import type { MeterService } from "../services/meters/contract.js";
import type { Settings } from "../settings/index.js";
import { createPushView, type ReportOutcome, type ReportState, readReportLayout } from "../views/push/index.js";
import { packageFile, packageVersion } from "./version.js";

export interface ReportsParts {
  readonly settings: Settings;
  readonly serial: string;
  readonly meters: MeterService;
  readonly principal: Principal;
  readonly state: ReportState;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where report files are made before they are sent. */
  readonly folder: string;
}

export interface Reports {
  run(reportName: string): Promise<ReportOutcome>;
  /** Ends tries under way; what was not delivered goes into the next report. */
  stop(): Promise<void>;
}

/** Push view and delivery, with the report layouts of the package. */
export function createReports(parts: ReportsParts): Reports {
  const { settings, serial, clock, logger } = parts;
  const userAgent = `Model/CosemGateway Serial/${serial} Application/${packageVersion()}`;
  const delivery = createDeliveryService({ clock, logger, userAgent });
  const push = createPushView({
    meters: parts.meters,
    principal: parts.principal,
    delivery,
    state: parts.state,
    clock,
    logger,
    reports: settings.reports,
    layouts: new Map(["x115", "x115-quality"].map((name) => [name, readLayout(name)])),
    conventions: { timeZone: settings.clock.timeZone },
    serial,
    folder: parts.folder,
  });
  return { run: (reportName) => push.run(reportName), stop: () => delivery.stop() };
}

function readLayout(name: string) {
  const path = packageFile(`obis-maps/reports/${name}.yaml`);
  return readReportLayout(readFileSync(path, "utf8"), path);
}
