/**
 * The gateway: puts the parts together and starts them in order. Doors open last, when there is something to serve;
 * on stopping they close first, then the readout, the reports, the store.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  createClock,
  createInternalReader,
  createRegistry,
  createShortNames,
  type Principal,
} from "../../cosem/index.js";
import { createMapping, type LoadedMap, loadMaps, type Mapping, shippedMapFolder } from "../mapping/index.js";
import type { RememberedFormats } from "../mbus/index.js";
import type { Clock, Logger, ReadingStore } from "../ports/index.js";
import { createReadout, joinCycles, type MeterOutcome, type RadioReceiver, type ReadoutBus } from "../readout/index.js";
import { createHistoryService } from "../services/history/index.js";
import { createLogService } from "../services/log/index.js";
import { createMeterService } from "../services/meters/index.js";
import { recorderOf } from "../services/recorder.js";
import { placeholderManufacturerId, type Settings } from "../settings/index.js";
import { openStore, StoreError } from "../store/index.js";
import { askSntp } from "../transport/index.js";
import { createRefusalCounters } from "../views/dlms/index.js";
import { openAccounts } from "./accounts.js";
import { createPlan } from "./buses.js";
import { createClients } from "./clients.js";
import { CommandFailed } from "./command.js";
import type { DataDirectory } from "./data-directory.js";
import { type OpenDoor, openDoors } from "./doors.js";
import { createGatewayClock } from "./gateway-clock.js";
import { createHistoryCare } from "./history.js";
import { createInstallation } from "./installation.js";
import {
  createJobs,
  createReadoutJobs,
  registerAutoConfiguration,
  registerHousekeeping,
  registerTimeSync,
  reportJob,
} from "./jobs/index.js";
import { holdToLimit, openLicences } from "./licences.js";
import { localText, localTimeOf } from "./local-time.js";
import {
  createChannelSelection,
  createFirmwareSignature,
  createGatewayEvents,
  createKeptWrites,
  createManagementDevice,
  createMeterServing,
  createTimeSetter,
  gatewayEvent,
  type MeterSurroundings,
  otherJobs,
  readOnly,
  recordedFailures,
  scheduledJob,
} from "./management/index.js";
import { createMeterActions } from "./meter-actions.js";
import { openMeterList } from "./meter-list.js";
import { openObjectLists } from "./object-lists.js";
import {
  createReadoutCare,
  createReadoutServices,
  qualityLimitsOf,
  type ReadoutCare,
  type ReadoutServices,
  watchCycle,
} from "./readouts.js";
import { registerMapOf } from "./register-maps.js";
import { createReports } from "./reports.js";
import { openSecurity } from "./security.js";
import { createSecurityObjects } from "./security-objects.js";
import { createSeriesObjects, openSeries } from "./series.js";
import type { OpenSettings } from "./settings-keeper.js";
import { Shutdown } from "./shutdown.js";
import { createMeterLog, createSystemLog, forwardingLogger } from "./system-log.js";
import { gatewayNameOf } from "./system-title.js";
import { createUpkeep } from "./upkeep.js";
import { packageVersion } from "./version.js";
import { createWireless } from "./wireless.js";

export interface GatewayParts {
  readonly settings: Settings;
  /** The file they came from; without it they cannot be changed, nor files be made (the demo). */
  readonly settingsFile?: OpenSettings | undefined;
  readonly data: DataDirectory;
  readonly buses: readonly ReadoutBus[];
  readonly receivers: readonly RadioReceiver[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** The demo alone: the public DLMS client reads meters too. */
  readonly publicClientReadsMeters: boolean;
  /** The demo alone: who is not logged in may see what a viewer sees. Default: false. */
  readonly isWebOpen?: boolean;
  /** What people should know, shown by REST and the page. */
  readonly notices: readonly string[];
}

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
  const { settings, data } = parts;
  const laterLog: { logger?: Logger } = {};
  const clock = createGatewayClock(
    parts.clock,
    forwardingLogger(() => laterLog.logger ?? parts.logger),
    !settings.timeSync.enabled,
  );
  const localTimeAt = localTimeOf(settings.clock.timeZone);
  /** Made after the devices that start them. */
  const later: {
    mapping?: Mapping;
    surroundings?: MeterSurroundings;
    readouts?: ReadoutServices;
    care?: ReadoutCare;
    doors?: readonly OpenDoor[];
    formats?: RememberedFormats;
  } = {};
  const systemLog = createSystemLog({
    settings,
    clock,
    console: parts.logger,
    clockStatus: () => (clock.isKnownGood ? 0 : invalidClock),
    deviationAt: (instant) => localTimeAt(instant).deviation,
    meterIdOfDevice: (name) => later.mapping && meterIdOf(later.mapping, registry.device(name)?.sap),
  });
  const { logger } = systemLog;
  laterLog.logger = logger;

  // The database opens in its worker while the maps are read here.
  const opening = openStore({
    path: data.databasePath,
    clock,
    logger,
    rawTelegrams: settings.history.rawTelegrams,
    readoutRecords: settings.history.readoutRecords,
    onDamage: "setAside",
  });
  shutdown.add("store", () =>
    opening.then(
      (opened) => opened.close(),
      () => undefined,
    ),
  );
  const maps = readMaps(join(data.mapsPath, "mbus"));
  const registerMap = registerMapOf(settings, data.mapsPath);
  const store = await opening.catch(inOneLine);
  await systemLog.attach(store);
  shutdown.add("log", () => {
    systemLog.record({ textId: gatewayEvent.stopped, severity: 0, parameters: {} });
    return systemLog.stop();
  });
  const { serial, isKept } = await serialOf(settings, store);

  const registry = createRegistry({
    onListenerError: (error, notice) =>
      logger.error("a listener to registry notices failed", { notice: notice.kind, error: String(error) }),
  });
  const security = await openSecurity({ settings, serial, dataPath: data.path, store, clock, logger });
  shutdown.add("security", () => security.stop());
  const givenClients = createClients({
    dlms: settings.doors.dlms,
    publicClientReadsMeters: parts.publicClientReadsMeters,
    security,
  });
  const clients = await openObjectLists(givenClients, store);
  const { dlms } = settings.doors;
  const isCme3100 = settings.profile === "cme3100";
  const clockObject = createClock({
    now: () => clock.now(),
    localTimeAt,
    setTime: createTimeSetter(clock, settings.timeSync.setByDlms, logger),
    status: () => later.care?.trust.clockStatus ?? 0,
  });
  const channelSelection = createChannelSelection();
  const securityObjects = createSecurityObjects({
    dlms,
    clients,
    security,
    now: () => clock.now(),
    ...(isCme3100 ? { securitySetupVersion: 0 } : {}),
  });
  const events = createGatewayEvents(systemLog);
  const { accounts, ...accounting } = await openAccounts({
    store: store.accounts,
    dataPath: data.path,
    clock,
    logger,
    shutdown,
  });
  const recorder = recorderOf(accounting.audit);
  const jobs = await createJobs({ settings, serial, store, recorder, clock, logger });
  const keptWrites = createKeptWrites({ store, logger });
  const gatewayName = gatewayNameOf(settings, serial);
  const { timeZone } = settings.clock;
  const series = openSeries({ registry, mapsPath: data.mapsPath, timeZone, clock, recorder });
  const { device: management, pushSetups } = createManagementDevice({
    settings,
    registry,
    identity: {
      name: gatewayName,
      systemTitle: security.systemTitle,
      firmwareVersion: packageVersion(),
      firmwareSignature: createFirmwareSignature(),
    },
    clock: clockObject,
    channelSelection,
    securityObjects,
    events,
    keptWrites,
    localTimeAt,
    dlmsPort: () => later.doors?.find(({ name }) => name === "dlms")?.port ?? dlms.port,
    series: createSeriesObjects(series),
    readout: scheduledJob("readout", jobs.list, serial),
    reports: settings.reports.map(({ name }) => scheduledJob(reportJob(name), jobs.list, serial)),
    others: otherJobs.map((name) => scheduledJob(name, jobs.list, serial)),
    busHolders: () => later.readouts?.buses() ?? [],
    logger,
  });
  registry.addDevice(management);

  const mapping = createMapping({
    maps,
    store,
    registry,
    clock,
    logger,
    commonObjects: [
      clockObject,
      securityObjects.currentAssociation,
      channelSelection,
      ...securityObjects.frameCounters,
      ...securityObjects.setups.map(readOnly),
      ...(isCme3100 ? pushSetups.map(readOnly) : []),
    ],
    deviationAt: (instant) => localTimeAt(instant).deviation,
    quality: qualityLimitsOf(settings, serial, clock.now()),
    serving: createMeterServing({
      settings,
      groups: new Set(parts.receivers.map(({ group }) => group)),
      gatewayName,
      firmwareVersion: packageVersion(),
      surroundings: () => later.surroundings,
      localTimeAt,
      registry,
      meterLog: createMeterLog(systemLog, settings.log),
      clock,
      logger,
    }),
  });
  later.mapping = mapping;
  mapping.load(await store.load());
  const groups = new Set(parts.receivers.map(({ group }) => group));
  const licences = openLicences({
    settings: settings.licence,
    serial,
    dataPath: data.path,
    clock,
    logger,
    recorder,
    changed: () => void holdToLimit(list, licences, logger),
  });
  const activeLimit = () => licences.activeLimit();
  const opened = { settings, groups, mapping, store, vault: security.vault, activeLimit, clock, logger };
  const [{ list, keys, planned }] = await Promise.all([openMeterList(opened), isKept]);
  await holdToLimit(list, licences, logger);
  await keptWrites.restore(management);
  const meters = createMeterService({
    registry,
    wirelessOptionsOf: (meterId) => ({
      keyFor: () => list.keyOf(meterId),
      formats: later.formats,
    }),
  });
  const care = createHistoryCare({ settings: settings.history, store, clock, logger });
  shutdown.add("history", () => care.stop());

  const internal = (door: string, association: string): Principal => ({
    association: createInternalReader(association),
    user: association,
    door,
    peer: door,
  });

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

  const readoutCare = createReadoutCare({ settings, serial, mapping, store, clock, logger });
  later.care = readoutCare;
  const { sink, trust } = readoutCare;
  shutdown.add("readout records", () => readoutCare.recorder.flush());
  shutdown.add("clock", async () => trust.stop());
  clock.onChange(({ source }) => trust.confirm(/dlms/i.test(source) ? "dlms" : "timeSync"));
  trust.onGood(() => {
    if (!clock.isKnownGood) clock.set(0, "admin");
  });
  const plan = createPlan(planned);
  const readout = createReadout({
    buses: parts.buses,
    plan,
    sink,
    clock,
    logger,
    onContinuous: (reading) => readoutCare.onContinuous(reading),
  });
  shutdown.add("readout", () => readout.stop());
  const { receivers } = parts;
  const wireless = await createWireless({ settings, receivers, list, sink, store, clock, logger });
  later.formats = wireless.formats;
  shutdown.add("receivers", () => wireless.stop());

  const cycle = watchCycle(joinCycles(readout, wireless.readout), { settings, serial, clock, logger });
  // What was read before the clock is known good has wrong times as yet.
  const heldReports = { run: (name: string) => trust.goodOrLate().then(() => reports.run(name)) };
  const { readNow } = createReadoutJobs({ settings, list: jobs.list, readout: cycle, reports: heldReports, logger });
  registerHousekeeping({ settings: settings.jobs, list: jobs.list, store, retain: () => care.tidyUp() });
  const firstTimeSync = registerTimeSync({
    settings: settings.timeSync,
    list: jobs.list,
    clock,
    ask: (server, timeoutMs, signal) => askSntp(server, { clock, timeoutMs, signal }),
  });
  registerAutoConfiguration({
    settings: settings.autoConfiguration,
    list: jobs.list,
    userAgent: `Model/CosemGateway Serial/${serial} Application/${packageVersion()}`,
  });
  later.surroundings = {
    readOne: (meterId) => cycle.readOne(meterId),
    hasKey: (meterId) => list.keyOf(meterId) !== undefined,
    reception: (meter) => wireless.reception(meter),
    actions: createMeterActions({ list, keys, plan, readout }),
  };
  const readouts = createReadoutServices({
    care: readoutCare,
    readout,
    plan,
    cycle,
    startCycle: readNow,
    mapping,
    registry,
    store,
    audit: recorder,
    clock,
    localTimeOf: localTimeAt,
  });
  later.readouts = readouts;

  const modbusPrincipal = internal("modbus", "modbus");
  const installation = createInstallation({
    settings,
    list,
    keys,
    meters,
    registry,
    registerMap,
    modbusPrincipal,
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
  shutdown.add("search", () => installation.search.stop());

  const upkeep =
    parts.settingsFile === undefined
      ? undefined
      : createUpkeep({
          settingsFile: parts.settingsFile,
          jobs: jobs.list,
          dataPath: data.path,
          serial,
          clock,
          recorder,
          facts: async () => ({
            storage: await store.figures(),
            notices: care.notices(),
            meters: settings.meters.length,
          }),
        });
  const doors = await openDoors(
    {
      upkeep,
      settings,
      registry,
      meters,
      receptions: wireless.receptions,
      series,
      clients,
      systemTitle: security.systemTitle,
      shortNames: createShortNames(),
      counters: createRefusalCounters(),
      failures: recordedFailures(dlms.failuresPerMinute, events),
      clock,
      logger,
      registerMap,
      startedAtMs: clock.now(),
      notices: () => [...parts.notices, ...identityNotices(settings), ...care.notices()],
      history: createHistoryService({ store, meterIdOf: (name) => meterIdOf(mapping, registry.device(name)?.sap) }),
      log: createLogService(store),
      licences,
      deviationAt: (instant) => localTimeAt(instant).deviation,
      accounts,
      isWebOpen: parts.isWebOpen === true,
      webPrincipal: internal("rest", "rest:viewer"),
      modbusPrincipal,
      installation: installation.services,
      jobs: jobs.service,
      readouts: readouts.service,
    },
    shutdown,
  );
  later.doors = doors;
  accounting.opened(doors.find(({ name }) => name === "web"));
  wireless.start();
  trust.start();
  shutdown.add("jobs", () => jobs.stop());
  jobs.start();
  firstTimeSync();
  if (settings.readout.continuous) await readout.setContinuous(true);
  care.start();
  events.record(gatewayEvent.started, 0, { version: packageVersion() });
  return { doors, readNow, stop: () => shutdown.run() };
}

function toldOutcome(outcome: MeterOutcome | undefined): { readonly ok: boolean; readonly words?: string } | undefined {
  if (outcome === undefined) return undefined;
  return outcome.ok ? { ok: true } : { ok: false, words: outcome.words };
}

function meterIdOf(mapping: Mapping, sap: number | undefined): number | undefined {
  for (const device of mapping.devices()) if (device.sap === sap) return device.row.id;
  return undefined;
}

/** An OBIS code once given is kept for good: with a map missing, meters would get wrong ones. @throws CommandFailed */
function readMaps(userFolder: string): readonly LoadedMap[] {
  const { maps, problems } = loadMaps([shippedMapFolder, userFolder]);
  if (problems.length === 0) return maps;
  const lines = problems.map(({ file, line, message }) => `${file}:${line}: ${message}`);
  throw new CommandFailed(`an OBIS map is not good; mend it or take it away\n${lines.join("\n")}`);
}

function identityNotices(settings: Settings): readonly string[] {
  if (settings.identity.manufacturerId !== placeholderManufacturerId) return [];
  return [
    `identity.manufacturerId is the placeholder ${placeholderManufacturerId}: set your own three-letter FLAG id.`,
  ];
}

/** What the store refuses is told as the other reasons not to start are. @throws CommandFailed, or the fault itself */
function inOneLine(error: unknown): never {
  throw error instanceof StoreError ? new CommandFailed(error.message) : error;
}

/** 8 digits, of the settings or drawn once; not to be told to anyone before it is kept. */
async function serialOf(settings: Settings, store: ReadingStore): Promise<{ serial: string; isKept: Promise<void> }> {
  const key = "identity.serial";
  const known = settings.identity.serial ?? (await store.getState(key));
  if (known !== undefined) return { serial: known, isKept: Promise.resolve() };
  const drawn = String(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0)
    .padStart(8, "0")
    .slice(-8);
  return { serial: drawn, isKept: store.setState(key, drawn) };
}

function makeFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new CommandFailed(`cannot make the folder ${path}: ${(error as Error).message}`);
  }
  return path;
}

/** COSEM clock status: the time is not known to be right. */
const invalidClock = 1;
