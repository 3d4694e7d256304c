/**
 * The gateway: puts the parts together and starts them in order. Doors open last, when there is something to serve;
 * on stopping they close first, then the readout, the reports, the store.
 */
import { createShortNames } from "../../../cosem/index.js";
import type { MeterOutcome } from "../../readout/index.js";
import { createHistoryService } from "../../services/history/index.js";
import { createLogService, newestLines } from "../../services/log/index.js";
import { placeholderManufacturerId, type Settings } from "../../settings/index.js";
import { createRefusalCounters } from "../../views/dlms/index.js";
import { auditedRegistry } from "../audited-registry.js";
import { type OpenDoor, openDoors } from "../doors.js";
import { createInstallation } from "../installation.js";
import { localText } from "../local-time.js";
import { gatewayEvent, recordedFailures } from "../management/index.js";
import { Shutdown } from "../shutdown.js";
import { createUpkeep } from "../upkeep.js";
import { packageVersion } from "../version.js";
import { type Acquisition, openAcquisition } from "./acquisition.js";
import { type Base, internal, openBase } from "./base.js";
import { type GatewayObjects, openObjects } from "./objects.js";
import type { GatewayParts } from "./parts.js";

export interface Gateway {
  readonly doors: readonly OpenDoor[];
  /** Reads all meters now; reports whose schedule is the readout's follow. */
  readNow(): void;
  /** Closes the doors, then the readout, the reports and the store; within 2 s. */
  stop(): Promise<void>;
}

/** Rejects, with everything closed again, when a part cannot start. */
export async function startGateway(parts: GatewayParts): Promise<Gateway> {
  const shutdown = new Shutdown(parts.logger);
  try {
    return await start(parts, shutdown);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function start(parts: GatewayParts, shutdown: Shutdown): Promise<Gateway> {
  const base = await openBase(parts, shutdown);
  // What there was in log and audit before may be gone with it: who looks finds it in those that are there now.
  for (const words of parts.putInPlace ?? []) {
    base.logger.warn("put in place before this start", { what: words });
    const principal = internal("gateway", "gateway");
    base.accounting.audit.record({
      principal,
      action: "files.putInPlace",
      target: "gateway",
      detail: words,
      result: "done",
    });
  }
  const objects = await openObjects(base);
  const acquisition = await openAcquisition(base, objects);
  const doors = await openAllDoors(base, objects, acquisition);
  const { wireless, trust, readout, readNow, historyCare } = acquisition;
  wireless.start();
  trust.start();
  shutdown.add("jobs", () => base.jobs.stop());
  base.jobs.start();
  acquisition.firstTimeSync();
  if (base.settings.readout.continuous) await readout.setContinuous(true);
  historyCare.start();
  objects.events.record(gatewayEvent.started, 0, { version: packageVersion() });
  return { doors, readNow, stop: () => shutdown.run() };
}

async function openAllDoors(
  base: Base,
  objects: GatewayObjects,
  acquisition: Acquisition,
): Promise<readonly OpenDoor[]> {
  const { parts, settings, later, clock, logger, store, registry, registerMap, deviationAt, accounting, jobs } = base;
  const { historyCare, wireless } = acquisition;
  const { meters, series, clients, events, licences } = objects;
  const modbusPrincipal = internal("modbus", "modbus");
  const { services } = openInstallation(base, objects, acquisition);
  const doors = await openDoors(
    {
      upkeep: upkeepOf(base, objects, acquisition),
      settings,
      registry: auditedRegistry(registry, accounting.audit),
      meters,
      receptions: wireless.receptions,
      series,
      clients,
      systemTitle: base.security.systemTitle,
      shortNames: createShortNames(),
      counters: createRefusalCounters(),
      failures: recordedFailures(settings.doors.dlms.failuresPerMinute, events, accounting.audit),
      clock,
      logger,
      registerMap,
      startedAtMs: clock.now(),
      notices: () => [...parts.notices, ...identityNotices(settings), ...historyCare.notices()],
      history: createHistoryService({ store, meterIdOf: base.meterIdOfDevice }),
      log: createLogService(store),
      licences,
      deviationAt,
      accounts: accounting.accounts,
      isWebOpen: parts.isWebOpen === true,
      webPrincipal: internal("rest", "rest:viewer"),
      modbusPrincipal,
      installation: services,
      jobs: jobs.service,
      readouts: acquisition.readouts.service,
    },
    base.shutdown,
  );
  later.doors = doors;
  accounting.opened(doors.find(({ name }) => name === "web"));
  return doors;
}

function openInstallation(base: Base, objects: GatewayObjects, acquisition: Acquisition) {
  const { serial, clock, localTimeAt, registry, registerMap, recorder, jobs, logger } = base;
  const { readout, cycle, wireless } = acquisition;
  const { list, keys, meters } = objects;
  const installation = createInstallation({
    settings: base.live,
    list,
    keys,
    meters,
    registry,
    registerMap,
    modbusPrincipal: internal("modbus", "modbus"),
    buses: readout,
    readOne: async (meterId) => toldOutcome(await cycle.readOne(meterId)),
    reception: (meter) => wireless.reception(meter),
    receptions: () => wireless.heard(),
    facts: () => [
      ["Serial", serial],
      ["Version", packageVersion()],
    ],
    timeOf: (instant) => localText(instant, localTimeAt(instant).deviation),
    jobs: jobs.list,
    recorder,
    clock,
    logger,
  });
  base.shutdown.add("search", () => installation.search.stop());
  return installation;
}

/** Settings, files, restore; none without a settings file (the demo). */
function upkeepOf(base: Base, { list }: GatewayObjects, { historyCare, readouts, wireless }: Acquisition) {
  const { parts, data, settings, serial, store, clock, recorder, jobs, later } = base;
  if (parts.settingsFile === undefined) return undefined;
  return createUpkeep({
    settingsFile: parts.settingsFile,
    jobs: jobs.list,
    dataPath: data.path,
    serial,
    clock,
    recorder,
    restart: parts.restart,
    facts: async () => ({
      storage: await store.figures(),
      notices: historyCare.notices(),
      log: await store.logFigures(),
      meters: { inSettings: settings.meters.length, ...list.counts() },
      clock: { now: new Date(clock.now()).toISOString(), isKnownGood: clock.isKnownGood },
      doors: (later.doors ?? []).map(({ name, host, port }) => ({ name, host, port })),
      interfaces: settings.interfaces.map(({ name, kind }) => ({ name, kind })),
      buses: readouts.buses(),
      receivers: { configured: parts.receivers.map(({ group }) => group), heard: wireless.heard().length },
    }),
    logLines: async (count) => {
      await base.systemLog.flush();
      return newestLines(store, count);
    },
  });
}

function toldOutcome(outcome: MeterOutcome | undefined): { readonly ok: boolean; readonly words?: string } | undefined {
  if (outcome === undefined) return undefined;
  return outcome.ok ? { ok: true } : { ok: false, words: outcome.words };
}

function identityNotices(settings: Settings): readonly string[] {
  if (settings.identity.manufacturerId !== placeholderManufacturerId) return [];
  return [
    `identity.manufacturerId is the placeholder ${placeholderManufacturerId}: set your own three-letter FLAG id.`,
  ];
}
