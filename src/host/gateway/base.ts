/** What stands under everything else: clock, system log, store, registry, keys, accounts, jobs. */
import { join } from "node:path";
import { createAssociation, createRegistry, internalReaderRules, type Principal } from "../../../cosem/index.js";
import { type LoadedMap, loadMaps, type Mapping, shippedMapFolder } from "../../mapping/index.js";
import type { ReadingStore } from "../../ports/index.js";
import { recorderOf } from "../../services/recorder.js";
import { settingsHidden } from "../../services/rights.js";
import type { Settings } from "../../settings/index.js";
import { openStore, StoreError } from "../../store/index.js";
import { openAccounts } from "../accounts.js";
import { CommandFailed } from "../command.js";
import type { OpenDoor } from "../doors.js";
import { createGatewayClock } from "../gateway-clock.js";
import { createJobs } from "../jobs/index.js";
import { localTimeOf } from "../local-time.js";
import { gatewayEvent, type MeterSurroundings } from "../management/index.js";
import type { ReadoutCare, ReadoutServices } from "../readouts.js";
import { registerMapOf } from "../register-maps.js";
import { openSecurity } from "../security.js";
import type { Shutdown } from "../shutdown.js";
import { createSystemLog, forwardingLogger } from "../system-log.js";
import type { GatewayParts } from "./parts.js";

/** What is made after those who ask for it. */
export interface Later {
  mapping?: Mapping;
  surroundings?: MeterSurroundings;
  readouts?: ReadoutServices;
  care?: ReadoutCare;
  doors?: readonly OpenDoor[];
}

export type Base = Awaited<ReturnType<typeof openBase>>;

/** @throws CommandFailed when the maps or the store cannot be used */
export async function openBase(parts: GatewayParts, shutdown: Shutdown) {
  const { settings, data } = parts;
  /** With the changes that wait for no restart. */
  const live = () => parts.settingsFile?.current() ?? settings;
  const laterLog = { logger: parts.logger };
  const clock = createGatewayClock(
    parts.clock,
    forwardingLogger(() => laterLog.logger),
    !settings.timeSync.enabled,
  );
  const localTimeAt = localTimeOf(settings.clock.timeZone);
  const deviationAt = (instant: number) => localTimeAt(instant).deviation;
  const later: Later = {};
  const meterIdOfDevice = (name: string) => later.mapping && meterIdOf(later.mapping, registry.device(name)?.sap);
  const clockStatus = () => (clock.isKnownGood ? 0 : invalidClock);
  const systemLog = createSystemLog({
    settings,
    clock,
    console: parts.logger,
    clockStatus,
    deviationAt,
    meterIdOfDevice,
  });
  const { logger } = systemLog;
  laterLog.logger = logger;
  parts.settingsFile?.subscribe(({ log }) => systemLog.changeLimits(log));

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
  const accounting = await openAccounts({
    store: store.accounts,
    dataPath: data.path,
    clock,
    logger,
    shutdown,
    ownWords: [serial, settings.identity.manufacturerId, ...settings.identity.productName.split(/\s+/)],
    clockStatus,
  });
  const recorder = recorderOf(accounting.audit);
  const jobs = await createJobs({ settings, serial, store, recorder, clock, logger });
  return {
    parts,
    settings,
    live,
    data,
    shutdown,
    later,
    clock,
    localTimeAt,
    deviationAt,
    systemLog,
    logger,
    maps,
    registerMap,
    store,
    serial,
    /** A serial number drawn at this start is not to be told to anyone before this. */
    isSerialKept: isKept,
    registry,
    meterIdOfDevice,
    security,
    accounting,
    recorder,
    jobs,
  };
}

/** Who reads the registry on behalf of the gateway itself. */
export function internal(door: string, association: string): Principal {
  const rules = [settingsHidden, ...internalReaderRules()];
  const own = createAssociation({ name: association, clientSap: undefined, rules });
  return { association: own, user: association, door, peer: door };
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

/** What the store refuses is told as the other reasons not to start are. @throws CommandFailed, or the fault itself */
function inOneLine(error: unknown): never {
  throw error instanceof StoreError ? new CommandFailed(error.message) : error;
}

/** 8 digits, of the settings or drawn once. */
async function serialOf(settings: Settings, store: ReadingStore): Promise<{ serial: string; isKept: Promise<void> }> {
  const key = "identity.serial";
  const known = settings.identity.serial ?? (await store.getState(key));
  if (known !== undefined) return { serial: known, isKept: Promise.resolve() };
  const drawn = String(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0)
    .padStart(8, "0")
    .slice(-8);
  return { serial: drawn, isKept: store.setState(key, drawn) };
}

/** COSEM clock status: the time is not known to be right. */
const invalidClock = 1;
