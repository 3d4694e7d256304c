/** The registry's devices: the gateway's own, and those of the meters of the list. */
import { createClock } from "../../../cosem/index.js";
import { createMapping } from "../../mapping/index.js";
import { RememberedFormats } from "../../mbus/index.js";
import { createMeterService } from "../../services/meters/index.js";
import { createSettingWriter } from "../../services/settings/index.js";
import { connectTcp, openUdp } from "../../transport/index.js";
import { createClients } from "../clients.js";
import { reportJob } from "../jobs/index.js";
import { holdToLimit, openLicences, watchLimit } from "../licences.js";
import {
  createChannelSelection,
  createFirmwareSignature,
  createGatewayEvents,
  createKeptWrites,
  createManagementDevice,
  createMeterServing,
  createPushSending,
  createSettingObjects,
  createTimeSetter,
  otherJobs,
  readOnly,
  scheduledJob,
} from "../management/index.js";
import { openMeterList } from "../meter-list.js";
import { openObjectLists } from "../object-lists.js";
import { qualityLimitsOf } from "../readouts.js";
import { createSecurityObjects } from "../security-objects.js";
import { createSeriesObjects, openSeries } from "../series.js";
import { createMeterLog } from "../system-log.js";
import { gatewayNameOf } from "../system-title.js";
import { packageVersion } from "../version.js";
import { type Base, internal } from "./base.js";

export type GatewayObjects = Awaited<ReturnType<typeof openObjects>>;

export async function openObjects(base: Base) {
  const { settings, data, later, clock, localTimeAt, deviationAt, logger, store, serial, registry, security } = base;
  const { jobs, recorder, parts, shutdown } = base;
  const { dlms } = settings.doors;
  const givenClients = createClients({ dlms, publicClientReadsMeters: parts.publicClientReadsMeters, security });
  const clients = await openObjectLists(givenClients, store);
  const isCme3100 = settings.profile === "cme3100";
  const now = () => clock.now();
  const clockObject = createClock({
    now,
    localTimeAt,
    setTime: createTimeSetter(clock, settings.timeSync.setByDlms, logger),
    status: () => later.care?.trust.clockStatus ?? 0,
  });
  const channelSelection = createChannelSelection();
  const securityObjects = createSecurityObjects({
    dlms,
    clients,
    security,
    now,
    ...(isCme3100 ? { securitySetupVersion: 0 } : {}),
  });
  const events = createGatewayEvents(base.systemLog);
  const keptWrites = createKeptWrites({ store, logger });
  const gatewayName = gatewayNameOf(settings, serial);
  const { timeZone } = settings.clock;
  const series = openSeries({ registry, mapsPath: data.mapsPath, timeZone, clock, recorder });
  const pushSending = createPushSending({
    registry,
    principal: internal("push", "push"),
    localTimeAt,
    open: ({ service, ...destination }) => (service === "tcp" ? connectTcp(destination) : openUdp(destination)),
    clock,
    logger,
  });
  shutdown.add("pushes", () => pushSending.stop());
  const managementDevice = createManagementDevice({
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
    settingObjects: settingObjectsOf(base),
    busHolders: () => later.readouts?.buses() ?? [],
    pushSending,
    timers: clock,
    logger,
  });
  const { device: management, pushSetups } = managementDevice;
  shutdown.add("push setups", async () => managementDevice.stop());
  registry.addDevice(management);

  const groups = new Set(parts.receivers.map(({ group }) => group));
  const mapping = createMapping({
    maps: base.maps,
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
    deviationAt,
    quality: qualityLimitsOf(settings, serial, clock.now()),
    serving: createMeterServing({
      settings,
      groups,
      gatewayName,
      firmwareVersion: packageVersion(),
      surroundings: () => later.surroundings,
      localTimeAt,
      registry,
      meterLog: createMeterLog(base.systemLog, () => base.live().log.meterStatus),
      clock,
      logger,
    }),
  });
  later.mapping = mapping;
  mapping.load(await store.load());
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
  const usedIn = (device: string) => series.usedIn(device);
  const opened = { settings, groups, mapping, store, vault: security.vault, activeLimit, usedIn, clock, logger };
  const [{ list, keys, planned }] = await Promise.all([openMeterList(opened), base.isSerialKept]);
  await holdToLimit(list, licences, logger);
  const endWatch = watchLimit(list, licences, clock, logger);
  base.shutdown.add("licences", async () => endWatch());
  await keptWrites.restore(management);
  list.onChange(({ kind }) => {
    if (kind !== "changed") managementDevice.meterListChanged();
  });
  /** Of compact frames, wired and wireless. */
  const formats = new RememberedFormats();
  const meters = createMeterService({
    registry,
    wirelessOptionsOf: (meterId) => ({ keyFor: () => list.keyOf(meterId), formats }),
  });
  return { clients, events, series, mapping, licences, list, keys, planned, meters, formats };
}

function settingObjectsOf({ parts, recorder }: Base) {
  const { settingsFile: keeper } = parts;
  if (keeper === undefined) return [];
  return createSettingObjects({ current: keeper.current, write: createSettingWriter({ keeper, recorder }) });
}
