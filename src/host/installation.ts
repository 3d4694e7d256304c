/** Services of the meter list, keys, search and the commission report over the parts of this gateway. */
import type { Principal, Registry } from "../../cosem/index.js";
import type { Clock, Logger, Reception } from "../ports/index.js";
import { createCommissionService, type ModbusLine } from "../services/commission/index.js";
import type { JobRegistry } from "../services/jobs/contract.js";
import { createKeyService, type KeyRing } from "../services/keys/index.js";
import { createMeterListService, type MeterList } from "../services/meter-list/index.js";
import type { MeterService } from "../services/meters/contract.js";
import type { ChangeRecorder } from "../services/recorder.js";
import {
  createSearch,
  type MeterSearchParts,
  type MeterSearchRequest,
  type SearchRunner,
  searchJob,
} from "../services/search/index.js";
import { redactSettings, type Settings } from "../settings/index.js";
import { describeRegisterMap, type RegisterMap } from "../views/modbus/index.js";
import type { InstallationServices } from "../views/rest/index.js";

export interface InstallationParts {
  /** As they are now. */
  settings(): Settings;
  readonly list: MeterList;
  readonly keys: KeyRing;
  readonly meters: MeterService;
  readonly registry: Registry;
  /** Undefined: the Modbus door is shut. */
  readonly registerMap: RegisterMap | undefined;
  readonly modbusPrincipal: Principal;
  readonly buses: MeterSearchParts["buses"];
  readOne: MeterSearchParts["readOne"];
  /** By name: manufacturer, identification, medium, version. */
  reception(meter: string): Reception | undefined;
  receptions: MeterSearchParts["receptions"];
  /** Serial, version and the like. */
  facts(): readonly (readonly [name: string, value: string])[];
  timeOf(instantMs: number): string;
  /** Where the search is registered as a job. */
  readonly jobs?: Pick<JobRegistry, "register" | "trigger"> | undefined;
  readonly recorder: ChangeRecorder;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface OpenInstallation {
  readonly services: InstallationServices;
  /** To be registered as a job, and stopped before the readout. */
  readonly search: SearchRunner;
}

/** Slave address that the Modbus door answers, beside 0 and 255. */
const modbusSlave = 1;

export function createInstallation(parts: InstallationParts): OpenInstallation {
  const { list, keys, meters, recorder, reception, clock, logger } = parts;
  const { buses, readOne, receptions } = parts;
  const listService = createMeterListService({ list, keys, reception, recorder });
  const { jobs } = parts;
  const startJob = jobs && ((request: MeterSearchRequest) => jobs.trigger(searchJob, "manual", request));
  const searching = {
    settings: () => searchSettingsOf(parts.settings()),
    list,
    buses,
    readOne,
    receptions,
    recorder,
    clock,
    logger,
  };
  const search = createSearch({ ...searching, startJob });
  jobs?.register(search.job);
  const commission = createCommissionService({
    meters,
    list: listService,
    settings: () => settingLines(parts.settings()),
    facts: () => parts.facts(),
    modbus: () => modbusLines(parts),
    timeOf: (instant) => parts.timeOf(instant),
    now: () => clock.now(),
  });
  const keyService = createKeyService({ list, keys, recorder });
  return { services: { list: listService, keys: keyService, search: search.service, commission }, search };
}

/** PRODUCT.md, row 74. */
function searchSettingsOf({ search }: Settings) {
  const { modes, interfaces, meterLimit, clearList, baudRate, initialisationIdleMs } = search;
  const { retries, selectionRetries, requestIdleMs, collisionIdleMs, responseTimeoutMs } = search;
  return {
    defaults: {
      modes: modes.length === 0 ? undefined : modes,
      interfaces: interfaces.length === 0 ? undefined : interfaces,
      meterCount: meterLimit === 0 ? undefined : meterLimit,
      clearList,
    },
    pace: { initialisationIdleMs, retries, selectionRetries, requestIdleMs, collisionIdleMs, responseTimeoutMs },
    baudRate,
  };
}

/** Meters stand on a sheet of their own. */
function settingLines(settings: Settings): readonly (readonly [string, string])[] {
  const lines = redactSettings({ ...settings, meters: [] }).split("\n");
  return lines.flatMap((line) => {
    const [, name, value] = /^(\s*(?:- )?[\w.]+):\s*(.*)$/.exec(line) ?? [];
    return name === undefined || name === "meters" ? [] : [[name, value ?? ""] as const];
  });
}

function modbusLines({ registry, registerMap: map, modbusPrincipal: principal }: InstallationParts): ModbusLine[] {
  if (map === undefined) return [];
  return [...describeRegisterMap({ registry, map, principal })].map(({ address, type, shows, unit }) => {
    const [fact, ofDevice] = shows.split(" of ");
    const [device = "", object = ""] = ofDevice === undefined ? shows.split("/") : [ofDevice, fact];
    return { device, object, unit, slave: modbusSlave, register: address, type };
  });
}
