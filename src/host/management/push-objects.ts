/**
 * The Push setups of E7: event log, fraud log, on installation, which go out over DLMS on each event and some minutes
 * after the meter list changed; and by push() or a script. Beside them one for each report, whose push() starts it.
 */
import {
  type Answer,
  type CosemObject,
  createPushSetup,
  type LogicalDevice,
  type LogicalName,
  logicalName,
  type PushObject,
  type PushPort,
  type PushSetupObject,
  type PushSetupParts,
  type Refused,
  unrestrictedPush,
} from "../../../cosem/index.js";
import { fraudLog, standardLog } from "../../mapping/index.js";
import type { Clock } from "../../ports/index.js";
import type { ObjectProfile } from "../../settings/index.js";
import type { EventKind } from "./gateway-events.js";
import type { KeptWrites } from "./kept-writes.js";
import type { PushSending } from "./push-sending.js";
import type { ScheduledJob } from "./scheduled-jobs.js";

export interface PushObjectsParts {
  readonly profile: ObjectProfile;
  readonly keptWrites: KeptWrites;
  /** In the order of the settings. */
  readonly reports: readonly Pick<ScheduledJob, "run">[];
  readonly sending: Pick<PushSending, "portOf">;
  readonly clock: Clock;
}

export interface PushObjects {
  readonly objects: readonly CosemObject[];
  /** Those that go out over DLMS, with the scripts that start them. */
  readonly scripts: readonly PushScript[];
  /** An event is in the log. */
  onEvent(kind: EventKind, device: LogicalDevice): void;
  /** A meter was put on the list, or taken off it. */
  onInstallation(device: LogicalDevice): void;
  stop(): void;
}

export interface PushScript {
  readonly identifier: number;
  readonly setup: LogicalName;
  push(device: LogicalDevice): Answer<undefined | Refused>;
}

/** Value group B of the first report's Push setup. */
const firstReport = 17;
const mostReports = 32;
/** The scripts of reports are counted from 1. */
const firstScript = 101;
const installationDelayMs = 3 * 60_000;

/** Class, name, attribute of what each sends until another list is written, beside its own name. */
const sent = {
  standard: [
    [1, standardLog.id, 2],
    [1, standardLog.message, 2],
  ],
  fraud: [
    [1, fraudLog.id, 2],
    [1, fraudLog.message, 2],
  ],
  installation: [[1, logicalName("1-128:0.0.0*255"), 2]],
} as const satisfies Record<string, readonly (readonly [number, LogicalName, number])[]>;

export function createPushObjects(parts: PushObjectsParts): PushObjects {
  const { profile, keptWrites, reports, sending, clock } = parts;
  const isCme3100 = profile === "cme3100";
  // A cme3100 is of version 0, and lets nobody write them.
  const form: Pick<PushSetupParts, "version" | "changed"> = isCme3100
    ? { version: 0 }
    : { version: 1, changed: () => undefined };
  const slots = isCme3100 ? [] : reports.slice(0, mostReports);
  const standard = setupOf("0-4:25.9.0*255", sent.standard);
  const fraud = setupOf("0-8:25.9.0*255", sent.fraud);
  const installation = setupOf("0-7:25.9.0*255", sent.installation);
  const byEvent = { standard, fraud };
  let cancelInstallation: (() => void) | undefined;

  function setupOf(text: string, further: readonly (readonly [number, LogicalName, number])[]): PushSetupObject {
    const name = logicalName(text);
    const pushObjectList = isCme3100
      ? []
      : [
          pushObject(1, logicalName("0-0:42.0.0*255"), 2),
          pushObject(40, name, 1),
          pushObject(8, logicalName("0-0:1.0.0*255"), 2),
          ...further.map((entry) => pushObject(...entry)),
        ];
    const setup = createPushSetup({ logicalName: name, port: sending.portOf(name), pushObjectList, ...form });
    return isCme3100 ? setup : keptWrites.keep(setup);
  }

  /** Where and how it is sent is the report's own: of its Push setup only push() does something. */
  function reportSetup(report: Pick<ScheduledJob, "run">, index: number): CosemObject {
    const name = logicalName(`0-${firstReport + index}:25.9.0*255`);
    const port: PushPort = {
      push: () => report.run(),
      reset: () => undefined,
      lastConfirmation: () => undefined,
    };
    return createPushSetup({ logicalName: name, port, version: 1 });
  }

  /** By itself, where somebody wrote where to: the port tells what becomes of it. */
  function pushUnasked(setup: PushSetupObject, device: LogicalDevice): void {
    if (setup.settings().sendDestinationAndMethod.destination.length > 0) void setup.push(device);
  }

  return {
    objects: [standard, fraud, installation, ...slots.map(reportSetup)],
    scripts: [standard, fraud, installation].map((setup, index) => ({
      identifier: firstScript + index,
      setup: setup.logicalName,
      push: (device) => setup.push(device),
    })),
    onEvent: (kind, device) => pushUnasked(byEvent[kind], device),
    onInstallation(device) {
      cancelInstallation ??= clock.after(installationDelayMs, () => {
        cancelInstallation = undefined;
        pushUnasked(installation, device);
      });
    },
    stop: () => cancelInstallation?.(),
  };
}

function pushObject(classId: number, name: LogicalName, attributeIndex: number): PushObject {
  return { classId, logicalName: name, attributeIndex, dataIndex: 0, ...unrestrictedPush };
}
