/** The Push setups of E7: event log, fraud log, on installation. What they send over DLMS is still
 * to be built: push() is refused. Beside them one for each report, whose push() starts it. */
import {
  type CosemObject,
  createPushSetup,
  logicalName,
  type PushPort,
  type PushSetupParts,
  refused,
} from "../../../cosem/index.js";
import type { Logger } from "../../ports/index.js";
import type { ObjectProfile } from "../../settings/index.js";
import type { KeptWrites } from "./kept-writes.js";
import type { ScheduledJob } from "./scheduled-jobs.js";

export interface PushObjectsParts {
  readonly profile: ObjectProfile;
  readonly keptWrites: KeptWrites;
  /** In the order of the settings. */
  readonly reports: readonly Pick<ScheduledJob, "run">[];
  readonly logger: Logger;
}

/** Value group B of the first report's Push setup. */
const firstReport = 17;
const mostReports = 32;
const names = ["0-4:25.9.0*255", "0-8:25.9.0*255", "0-7:25.9.0*255"];

export function createPushObjects({ profile, keptWrites, reports, logger }: PushObjectsParts): readonly CosemObject[] {
  const port: PushPort = {
    push() {
      logger.warn("push refused: reports over DLMS are not there yet");
      return refused.temporaryFailure;
    },
    reset: () => undefined,
    lastConfirmation: () => undefined,
  };
  // A cme3100 is of version 0, and lets nobody write them.
  const form: Pick<PushSetupParts, "version" | "changed"> =
    profile === "cme3100" ? { version: 0 } : { version: 1, changed: () => undefined };
  const slots = profile === "cme3100" ? [] : reports.slice(0, mostReports);
  return [...names.map(setupOf), ...slots.map(reportSetup)];

  function setupOf(name: string): CosemObject {
    const setup = createPushSetup({ logicalName: logicalName(name), port, ...form });
    return profile === "cme3100" ? setup : keptWrites.keep(setup);
  }

  /** Where and how it is sent is the report's own: of its Push setup only push() does something. */
  function reportSetup(report: Pick<ScheduledJob, "run">, index: number): CosemObject {
    const name = logicalName(`0-${firstReport + index}:25.9.0*255`);
    const started: PushPort = { ...port, push: () => report.run() };
    return createPushSetup({ logicalName: name, port: started, version: 1 });
  }
}
