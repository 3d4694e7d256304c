/** Reading: buses and receivers, cycles, what is done with readings, and the jobs that come of it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createReadout, joinCycles } from "../../readout/index.js";
import { createSettingsService } from "../../services/settings/index.js";
import { askSntp } from "../../transport/index.js";
import { createPlan } from "../buses.js";
import { CommandFailed } from "../command.js";
import { createHistoryCare } from "../history.js";
import {
  createConfigurationFiles,
  createReadoutJobs,
  registerAutoConfiguration,
  registerHousekeeping,
  registerTimeSync,
} from "../jobs/index.js";
import { createMeterActions } from "../meter-actions.js";
import { createReadoutCare, createReadoutServices, watchCycle } from "../readouts.js";
import { createReports } from "../reports.js";
import type { OpenSettings } from "../settings-keeper.js";
import { packageVersion } from "../version.js";
import { createWireless } from "../wireless.js";
import { type Base, internal } from "./base.js";
import type { GatewayObjects } from "./objects.js";

export type Acquisition = Awaited<ReturnType<typeof openAcquisition>>;

export async function openAcquisition(base: Base, objects: GatewayObjects) {
  const { settings, data, shutdown, later, clock, localTimeAt, logger, store, serial, registry, jobs, parts } = base;
  const { mapping, list, keys, meters, formats } = objects;
  const historyCare = createHistoryCare({ settings: settings.history, store, clock, logger });
  shutdown.add("history", () => historyCare.stop());
  const reports = createReports({
    settings,
    serial,
    meters,
    principal: internal("push", "push"),
    state: store,
    clock,
    logger,
    folder: makeFolder(join(data.path, "outbox")),
  });
  shutdown.add("reports", () => reports.stop());

  for (const {
    meterId,
    createdAtMs: atMs,
    ok,
    message,
    telegramCount,
    durationMs,
    reason,
  } of await store.newestReadoutRecords()) {
    mapping.recall(meterId, { atMs, ok, message, telegramCount, durationMs, reason });
  }
  const care = createReadoutCare({ settings, serial, mapping, store, clock, logger });
  later.care = care;
  const { sink, trust } = care;
  shutdown.add("readout records", () => care.recorder.flush());
  shutdown.add("clock", async () => trust.stop());
  clock.onChange(({ source, shiftMs }) => {
    trust.confirm(/dlms/i.test(source) ? "dlms" : "timeSync");
    if (shiftMs > -1000) return;
    logger.warn("the clock was set back; readings are kept in order and marked doubtful until it has caught up", {
      seconds: Math.round(-shiftMs / 1000),
    });
  });
  trust.onGood(() => {
    if (!clock.isKnownGood) clock.set(0, "admin");
  });
  const plan = createPlan(objects.planned);
  const readout = createReadout({
    buses: parts.buses,
    plan,
    sink,
    formats,
    clock,
    logger,
    onContinuous: (reading) => care.onContinuous(reading),
  });
  shutdown.add("readout", () => readout.stop());
  const { receivers } = parts;
  const wireless = await createWireless({ settings, receivers, list, sink, formats, store, clock, logger });
  shutdown.add("receivers", () => wireless.stop());

  const cycle = watchCycle(joinCycles(readout, wireless.readout), { settings, serial, clock, logger });
  // What was read before the clock is known good has wrong times as yet.
  const heldReports = { run: (name: string) => trust.goodOrLate().then(() => reports.run(name)) };
  const { readNow } = createReadoutJobs({ settings, list: jobs.list, readout: cycle, reports: heldReports, logger });
  registerHousekeeping({ settings: settings.jobs, list: jobs.list, store, retain: () => historyCare.tidyUp() });
  const firstTimeSync = registerTimeSync({
    settings: settings.timeSync,
    list: jobs.list,
    clock,
    ask: (server, timeoutMs, signal) => askSntp(server, { clock, timeoutMs, signal }),
  });
  registerAutoConfiguration({
    settings: settings.autoConfiguration,
    list: jobs.list,
    store,
    apply: parts.settingsFile && applyConfiguration(base, parts.settingsFile),
    userAgent: `Model/CosemGateway Serial/${serial} Application/${packageVersion()}`,
  });
  later.surroundings = {
    readOne: (meterId) => cycle.readOne(meterId),
    hasKey: (meterId) => list.keyOf(meterId) !== undefined,
    reception: (meter) => wireless.reception(meter),
    actions: createMeterActions({ list, keys, plan, readout }),
  };
  const readouts = createReadoutServices({
    care,
    readout,
    plan,
    cycle,
    startCycle: readNow,
    mapping,
    registry,
    formats,
    store,
    audit: base.recorder,
    clock,
    localTimeOf: localTimeAt,
  });
  later.readouts = readouts;
  return { historyCare, trust, readout, wireless, cycle, readNow, firstTimeSync, readouts };
}

function applyConfiguration({ recorder }: Base, keeper: OpenSettings) {
  return createConfigurationFiles({
    settings: createSettingsService({ keeper, recorder }),
    principal: (from) => ({ ...internal("autoconfiguration", "gateway"), peer: from }),
  });
}

function makeFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new CommandFailed(`cannot make the folder ${path}: ${(error as Error).message}`);
  }
  return path;
}
