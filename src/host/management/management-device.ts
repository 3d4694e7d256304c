/**
 * SAP 1, the management logical device: who the gateway is, what time it has, which meters it holds, what happened, who
 * may do what, and how it is set up. Under the profile cme3100 it has the 22 objects of that gateway and no other.
 */
import {
  type CosemObject,
  createLogicalDevice,
  createSapAssignment,
  type LocalTimeAt,
  type LogicalDevice,
  type LogicalName,
  type Registry,
} from "../../../cosem/index.js";
import { createChannelView, createEventLogObjects, fraudLog, MeterDevice, standardLog } from "../../mapping/index.js";
import type { Clock, Logger } from "../../ports/index.js";
import type { Settings } from "../../settings/index.js";
import type { SecurityObjects } from "../security-objects.js";
import { createAlarmMonitor } from "./alarm-monitor.js";
import { createBusHolders, type HeldBus } from "./bus-holders.js";
import { createBusObjects } from "./bus-objects.js";
import { createFirmwareImage } from "./firmware.js";
import { type GatewayEvents, mostGatewayEvents } from "./gateway-events.js";
import { createIdentityObjects, createMeterList, type GatewayIdentity } from "./identity-objects.js";
import { createJobObjects } from "./job-objects.js";
import type { KeptWrites } from "./kept-writes.js";
import { networkAddresses } from "./network-addresses.js";
import { createIpAddress, createNetworkObjects } from "./network-objects.js";
import { createPushObjects, type PushScript } from "./push-objects.js";
import type { PushSending } from "./push-sending.js";
import type { ScheduledJob } from "./scheduled-jobs.js";
import { createTestObject } from "./test-object.js";

export interface ManagementDeviceParts {
  readonly settings: Settings;
  readonly registry: Registry;
  readonly identity: GatewayIdentity;
  readonly clock: CosemObject;
  readonly channelSelection: CosemObject;
  readonly securityObjects: SecurityObjects;
  readonly events: GatewayEvents;
  readonly keptWrites: KeptWrites;
  readonly localTimeAt: LocalTimeAt;
  /** The port that the DLMS wrapper listens on. */
  dlmsPort(): number;
  readonly readout: ScheduledJob;
  readonly reports: readonly ScheduledJob[];
  /** Objects that come and go: the registers of computed series. */
  readonly series: ObjectView;
  /** In the order of `otherJobs`. */
  readonly others: readonly ScheduledJob[];
  /** None where no file keeps them (the demo). */
  readonly settingObjects: readonly CosemObject[];
  /** Who holds each bus now. */
  busHolders(): readonly HeldBus[];
  readonly pushSending: Pick<PushSending, "portOf">;
  readonly timers: Clock;
  readonly logger: Logger;
}

/** Part of a device whose objects come and go. */
export type ObjectView = Pick<LogicalDevice, "find" | "objects">;

export interface ManagementDevice {
  readonly device: LogicalDevice;
  /** For the devices of meters, which have them too in a cme3100. */
  readonly pushSetups: readonly CosemObject[];
  /** A meter was put on the list, or taken off it. */
  meterListChanged(): void;
  stop(): void;
}

const managementSap = 1;

export function createManagementDevice(parts: ManagementDeviceParts): ManagementDevice {
  const { settings, registry } = parts;
  const { profile } = settings;
  const { keptWrites, reports, pushSending: sending, timers: clock } = parts;
  const pushes = createPushObjects({ profile, keptWrites, reports, sending, clock });
  const pushSetups = pushes.objects;
  const objects = [...commonObjects(parts), ...pushSetups];
  const { name } = parts.identity;
  const fixed = { name, sap: managementSap, kind: "management" } as const;
  const made = (device: LogicalDevice): ManagementDevice => {
    parts.events.onEvent((kind) => pushes.onEvent(kind, device));
    return {
      device,
      pushSetups,
      meterListChanged: () => pushes.onInstallation(device),
      stop: () => pushes.stop(),
    };
  };
  if (profile === "cme3100") return made(createLogicalDevice({ ...fixed, objects }));

  const own = createLogicalDevice({ ...fixed, objects: [...objects, ...furtherObjects(parts, pushes.scripts)] });
  const channels = createChannelView((sap) => {
    const meter = registry.deviceBySap(sap);
    return meter instanceof MeterDevice ? meter : undefined;
  });
  return made(withViews(own, [channels, parts.series]));
}

function withViews(own: LogicalDevice, views: readonly ObjectView[]): LogicalDevice {
  return {
    name: own.name,
    sap: own.sap,
    kind: own.kind,
    find(name: LogicalName, classId: number | undefined) {
      for (const view of [own, ...views]) {
        const object = view.find(name, classId);
        if (object !== undefined) return object;
      }
      return undefined;
    },
    *objects() {
      for (const view of [own, ...views]) yield* view.objects();
    },
  };
}

/** What each gateway has, a cme3100 too. */
function commonObjects(parts: ManagementDeviceParts): readonly CosemObject[] {
  const { settings, registry, securityObjects, events, localTimeAt } = parts;
  const isCme3100 = settings.profile === "cme3100";
  const logOf = (names: typeof standardLog, kind: Parameters<GatewayEvents["events"]>[0]) =>
    createEventLogObjects({
      names,
      profile: settings.profile,
      mostEvents: mostGatewayEvents,
      events: () => events.events(kind),
      deviationAt: (instantMs) => localTimeAt(instantMs).deviation,
    });
  return [
    ...createIdentityObjects(parts.identity),
    createSapAssignment(registry),
    securityObjects.currentAssociation,
    ...(isCme3100 ? [] : securityObjects.associations),
    ...securityObjects.setups,
    ...securityObjects.frameCounters,
    parts.clock,
    parts.channelSelection,
    createMeterList(registry, parts.identity.name),
    createIpAddress(networkOf(parts)),
    ...logOf(standardLog, "standard"),
    ...logOf(fraudLog, "fraud"),
    createTestObject(!isCme3100),
  ];
}

/** What we add (DESIGN, logical devices). */
function furtherObjects(parts: ManagementDeviceParts, pushes: readonly PushScript[]): readonly CosemObject[] {
  const { settings, registry, events, keptWrites, readout, reports, logger } = parts;
  const monitor = createAlarmMonitor(registry, logger);
  events.onEvent((kind, event) => {
    if (kind === "standard") monitor.onEvent(event);
  });
  registry.subscribe((notice) => {
    if (notice.kind === "readingCommitted") monitor.onReading();
  });
  return [
    ...createNetworkObjects(networkOf(parts)),
    ...createBusObjects(settings.interfaces),
    ...createJobObjects({ readout, reports, others: parts.others, pushes }),
    createBusHolders(parts.busHolders, (instantMs) => parts.localTimeAt(instantMs).deviation),
    createFirmwareImage(logger),
    keptWrites.keep(monitor.object),
    ...parts.settingObjects,
  ];
}

function networkOf({ settings, dlmsPort }: ManagementDeviceParts) {
  const { host, maxConnections, idleTimeoutSeconds } = settings.doors.dlms;
  return { addresses: () => networkAddresses(host), port: dlmsPort, maxConnections, idleTimeoutSeconds };
}
