/**
 * The gateway's doors over a registry of at least `objects` objects. Argument: GatewayArgument; sends GatewayReady,
 * requests for its doors included.
 */

import { readFileSync } from "node:fs";
import {
  type CosemObject,
  createClientAssociation,
  createInternalReader,
  createMemoryCounters,
  createPublicClient,
  encodeGetRequest,
  encodeWrapperFrame,
  formatAddress,
  type LogicalDevice,
  type Principal,
  toHex,
} from "../../../cosem/index.js";
import { openInvocationCounters } from "../../../src/accounts/index.js";
import { createMeterService } from "../../../src/services/meters/index.js";
import { systemClock } from "../../../src/transport/index.js";
import { createDlmsView } from "../../../src/views/dlms/index.js";
import { createModbusView, readRegisterMap } from "../../../src/views/modbus/index.js";
import { createRestView } from "../../../src/views/rest/index.js";
import { repositoryRoot } from "../../support/repository.js";
import { ForgetfulStore } from "./forgetful-store.js";
import { addMeters, createBenchGateway, quietLogger } from "./meters.js";
import { argumentOf, serve } from "./process.js";
import { benchKeys, serverSecurity } from "./secured-lane.js";
import type { Lane } from "./tcp-load.js";

export interface GatewayArgument {
  readonly objects: number;
  /** DLMS clients with suite 0, authenticated encryption both ways. */
  readonly isCiphered?: boolean;
}

export interface GatewayReady {
  /** DLMS. */
  readonly port: number;
  readonly modbusPort: number;
  readonly restPort: number;
  readonly meterCount: number;
  readonly objectCount: number;
  readonly dlmsLanes: readonly Lane[];
  readonly modbusLanes: readonly Lane[];
  readonly restLanes: readonly Lane[];
}

const host = "127.0.0.1";
const firstClient = 16;
/** Associations of one connection, one a client SAP, each at a device of its own. */
const associationsPerLane = 32;
const laneCount = 16;

const { objects: wantedObjects, isCiphered = false } = argumentOf<GatewayArgument>();
const store = new ForgetfulStore();
const gateway = createBenchGateway(store);
const { registry } = gateway;
let objectCount = 0;
let countedDevices = 0;
const devices = await addMeters(gateway, (soFar) => {
  const [newest] = soFar.slice(countedDevices);
  if (newest !== undefined) objectCount += [...newest.objects()].length;
  countedDevices = soFar.length;
  return objectCount >= wantedObjects;
});

const principal = (door: string): Principal => ({
  association: createInternalReader(door),
  user: door,
  door,
  peer: door,
});
const meters = createMeterService({ registry });
const common = { registry, meters, clock: systemClock, logger: quietLogger, host, port: 0 };
const security = isCiphered ? await openedSecurity() : undefined;
const dlms = createDlmsView({
  ...common,
  ...(security === undefined ? {} : { systemTitle: security.ownTitle }),
  clients: Array.from({ length: associationsPerLane }, (_, index) => ({
    clientSap: firstClient + index,
    association: createPublicClient({ readsMeters: true, associationInstance: firstClient + index }),
    mechanism: 0 as const,
    ...(security === undefined ? {} : { applicationContext: 3 as const, security: () => security }),
  })),
});
const mapPath = `${repositoryRoot}/obis-maps/modbus/default.yaml`;
const modbus = createModbusView({
  ...common,
  principal: principal("modbus"),
  map: readRegisterMap(readFileSync(mapPath, "utf8"), mapPath),
  maxConnections: 64,
});
const rest = createRestView({
  ...common,
  principal: principal("rest:viewer"),
  gateway: {
    productName: "bench",
    version: "0",
    startedAtMs: systemClock.now(),
    doors: () => [],
    notices: () => [],
  },
  webRoot: undefined,
});
await dlms.start();
await modbus.start();
const { port: restPort } = await rest.start();

/** With the gateway's own counters. */
async function openedSecurity() {
  const { ownTitle } = serverSecurity(createMemoryCounters());
  const counters = await openInvocationCounters({ store, clock: systemClock, logger: quietLogger }, ownTitle);
  const key = benchKeys.encryptionKey("unicast");
  if (key !== undefined) await counters.register(key, ownTitle);
  return serverSecurity(counters);
}

/** Values of 32 bits: their answers are of one length. */
function fourByteValues(device: LogicalDevice): CosemObject[] {
  return [...device.objects()].filter((object) => {
    const { classId } = object.interfaceClass;
    if (classId !== 3 && classId !== 4) return false;
    const target = { device, logicalName: object.logicalName, classId, attributeIndex: 2 };
    const answer = registry.read(target, principal("bench"));
    return !(answer instanceof Promise) && answer.ok && answer.value.type === "double-long";
  });
}

/** Devices of one lane, spread over all there are. */
function devicesOfLane(lane: number, count: number): LogicalDevice[] {
  const step = Math.max(1, Math.floor(devices.length / (count * laneCount)));
  return Array.from({ length: Math.min(count, devices.length) }, (_, index) => {
    return devices[((lane * count + index) * step) % devices.length] as LogicalDevice;
  });
}

function dlmsLane(lane: number): Lane {
  const setup: string[] = [];
  const requests: string[] = [];
  for (const [index, device] of devicesOfLane(lane, associationsPerLane).entries()) {
    const ports = { sourceWPort: firstClient + index, destinationWPort: device.sap };
    const [opening] = createClientAssociation({}).open();
    if (opening?.kind === "send") setup.push(toHex(encodeWrapperFrame({ ...ports, apdu: opening.apdu })));
    for (const { interfaceClass, logicalName } of fourByteValues(device).slice(0, 4)) {
      const attribute = {
        classId: interfaceClass.classId,
        logicalName,
        attributeIndex: 2,
        selectiveAccess: undefined,
      };
      const apdu = encodeGetRequest({ kind: "normal", invokeIdAndPriority: 0xc1, attribute });
      requests.push(toHex(encodeWrapperFrame({ ...ports, apdu })));
    }
  }
  if (!isCiphered) return { setup, requests };
  return { setup, requests, securedTitle: `45584300000000${(lane + 1).toString(16).padStart(2, "0")}` };
}

/** The first value of a meter as float: two registers at place 4 of its block of 100. */
function modbusLane(lane: number): Lane {
  const meterCount = Math.min(devices.length, 600);
  const requests = Array.from({ length: 32 }, (_, index) => {
    const request = Buffer.from("0001000000060104000000" + "02", "hex");
    request.writeUInt16BE(((lane * 32 + index) % meterCount) * 100 + 4, 8);
    return request.toString("hex");
  });
  return { setup: [], requests };
}

function restLane(lane: number): Lane {
  const requests = devicesOfLane(lane, 8).flatMap((device) =>
    fourByteValues(device)
      .slice(0, 2)
      .map((object) => {
        const address = formatAddress({ device: device.name, logicalName: object.logicalName, attributeIndex: 2 });
        return Buffer.from(`GET /api/v1/objects/${address} HTTP/1.1\r\nHost: localhost\r\n\r\n`).toString("hex");
      }),
  );
  return { setup: [], requests };
}

const lanes = <L>(make: (lane: number) => L) => Array.from({ length: laneCount }, (_, lane) => make(lane));
const ready: GatewayReady = {
  port: dlms.port,
  modbusPort: modbus.port,
  restPort,
  meterCount: devices.length,
  objectCount,
  dlmsLanes: lanes(dlmsLane),
  modbusLanes: lanes(modbusLane),
  restLanes: lanes(restLane),
};
serve(ready);
