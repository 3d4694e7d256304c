import { existsSync } from "node:fs";
import type { Principal, Registry, ShortNames } from "../../cosem/index.js";
import type { Clock, Logger } from "../ports/index.js";
import type { AccountService } from "../services/accounts/index.js";
import type { HistoryService } from "../services/history/index.js";
import type { JobService } from "../services/jobs/index.js";
import type { Feature, Licences } from "../services/licences/index.js";
import type { LogService } from "../services/log/contract.js";
import type { MeterService } from "../services/meters/contract.js";
import type { ReadoutService } from "../services/readouts/index.js";
import type { ReceptionService } from "../services/reception/contract.js";
import type { SeriesService } from "../services/series/contract.js";
import type { Settings } from "../settings/index.js";
import { createDlmsView, type DlmsClient, type FailedAssociations, type RefusalCounters } from "../views/dlms/index.js";
import { createModbusView, type RegisterMap } from "../views/modbus/index.js";
import { createRestView, type InstallationServices, type UpkeepServices } from "../views/rest/index.js";
import { CommandFailed } from "./command.js";
import { openHdlcPort, serveHdlcLine } from "./hdlc-door.js";
import type { Shutdown } from "./shutdown.js";
import { packageFile, packageVersion } from "./version.js";

export type DoorName = "web" | "dlms" | "hdlc" | "modbus";

export interface OpenDoor {
  readonly name: DoorName;
  readonly host: string;
  readonly port: number;
}

export interface DoorParts {
  readonly settings: Settings;
  readonly registry: Registry;
  readonly meters: MeterService;
  readonly receptions: ReceptionService;
  readonly series?: SeriesService | undefined;
  readonly log?: LogService | undefined;
  readonly licences?: Licences | undefined;
  readonly clients: readonly DlmsClient[];
  readonly systemTitle: Uint8Array;
  /** Shared by all DLMS doors. */
  readonly failures: FailedAssociations;
  readonly counters: RefusalCounters;
  readonly shortNames: ShortNames;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Undefined: the Modbus door stays shut. */
  readonly registerMap: RegisterMap | undefined;
  readonly startedAtMs: number;
  /** What people should know, one sentence each; asked anew each time. */
  notices(): readonly string[];
  readonly jobs?: JobService | undefined;
  readonly history?: HistoryService | undefined;
  readonly readouts?: ReadoutService | undefined;
  readonly installation?: InstallationServices | undefined;
  /** Settings and files. */
  readonly upkeep?: UpkeepServices | undefined;
  deviationAt(instantMs: number): number;
  readonly accounts: AccountService;
  /** Readers need no login. */
  readonly isWebOpen: boolean;
  readonly webPrincipal: Principal;
  readonly modbusPrincipal: Principal;
}

/**
 * Opens the doors that the settings switch on, and hands each one's end to `shutdown`.
 * @throws CommandFailed when a port cannot be opened
 */
export async function openDoors(parts: DoorParts, shutdown: Shutdown): Promise<readonly OpenDoor[]> {
  const { dlms, web } = parts.settings.doors;
  const open: OpenDoor[] = [];
  const opened = (name: DoorName, host: string, port: number, stop: () => Promise<unknown>) => {
    shutdown.add(name, stop);
    open.push({ name, host, port });
    parts.logger.info("door opened", { door: name, host, port });
  };
  const isAllowed = (door: Feature) => {
    if (parts.licences?.allows(door) !== false) return true;
    parts.logger.warn("a door stays shut: no licence for it", { door });
    return false;
  };
  if (dlms.enabled && isAllowed("dlms")) await openDlms(parts, opened);
  if (dlms.hdlc.enabled && isAllowed("dlms")) await openHdlc(parts, opened);
  const { path } = dlms.hdlc.serial;
  if (path !== undefined) shutdown.add("hdlc line", serveHdlcLine(parts, path));
  if (parts.registerMap !== undefined && isAllowed("modbus")) await openModbus(parts, parts.registerMap, opened);
  if (web.enabled) await openWeb(parts, open, opened);
  return open;
}

type Opened = (name: DoorName, host: string, port: number, stop: () => Promise<unknown>) => void;

async function openDlms(parts: DoorParts, opened: Opened): Promise<void> {
  const { registry, clients, clock, logger } = parts;
  const { host, port, maxConnections, idleTimeoutSeconds } = parts.settings.doors.dlms;
  const view = createDlmsView({
    registry,
    clients,
    systemTitle: parts.systemTitle,
    failures: parts.failures,
    counters: parts.counters,
    shortNames: parts.shortNames,
    clock,
    logger,
    host,
    port,
    limits: { maxConnections, inactivityTimeoutMs: idleTimeoutSeconds * 1000 },
  });
  await listening("dlms", host, port, () => view.start());
  opened("dlms", host, view.port, () => view.stop());
}

async function openHdlc(parts: DoorParts, opened: Opened): Promise<void> {
  const { host, port } = parts.settings.doors.dlms.hdlc;
  const door = await listening("hdlc", host, port, () => openHdlcPort(parts));
  opened("hdlc", host, door.port, () => door.stop());
}

async function openModbus(parts: DoorParts, map: RegisterMap, opened: Opened): Promise<void> {
  const { registry, meters, clock, logger, modbusPrincipal: principal } = parts;
  const { host, port, maxConnections } = parts.settings.doors.modbus;
  const view = createModbusView({
    registry,
    meters,
    principal,
    map,
    clock,
    logger,
    host,
    port,
    maxConnections,
  });
  await listening("modbus", host, port, () => view.start());
  opened("modbus", host, view.port, () => view.stop());
}

async function openWeb(parts: DoorParts, open: readonly OpenDoor[], opened: Opened): Promise<void> {
  const { host, port, trustedProxies } = parts.settings.doors.web;
  const webRoot = packageFile("dist/web");
  const view = createRestView({
    registry: parts.registry,
    meters: parts.meters,
    receptions: parts.receptions,
    series: parts.series,
    log: parts.log,
    licences: parts.licences,
    history: parts.history,
    jobs: parts.jobs,
    readouts: parts.readouts,
    installation: parts.installation,
    upkeep: parts.upkeep,
    accounts: parts.accounts,
    isOpen: parts.isWebOpen,
    principal: parts.webPrincipal,
    gateway: {
      productName: parts.settings.identity.productName,
      version: packageVersion(),
      startedAtMs: parts.startedAtMs,
      doors: () => open.map(({ name, port: doorPort }) => ({ name, port: doorPort })),
      notices: () => parts.notices(),
      refusals: () => parts.counters.all(),
      deviationMinutes: (instant) => parts.deviationAt(instant),
    },
    clock: parts.clock,
    logger: parts.logger,
    host,
    port,
    trustedProxies,
    webRoot: existsSync(webRoot) ? webRoot : undefined,
  });
  const { port: taken } = await listening("web", host, port, () => view.start());
  opened("web", host, taken, () => view.stop());
}

async function listening<T>(door: DoorName, host: string, port: number, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw new CommandFailed(`cannot open the ${door} door on ${host}:${port}: ${whyNot(error, door)}`);
  }
}

function whyNot(error: unknown, door: DoorName): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return `another program has that port; end it, or set doors.${door}.port`;
  if (code === "EACCES") return `this user may not open it; use a port above 1023 (doors.${door}.port)`;
  if (code === "EADDRNOTAVAIL") return `this machine has no such address; set doors.${door}.host`;
  return error instanceof Error ? error.message : String(error);
}
