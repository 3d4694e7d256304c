/**
 * A small gateway for the REST view and the web: a registry, meters and a clock by hand, on the contracts alone.
 * Its numbers come from formulas written here, so that a test can say what an answer must hold.
 */
import {
  type ArrayStream,
  type Association,
  accessRead,
  attribute,
  type CosemObject,
  cosemDateTimeFromBytes,
  cosemDateTimeFromInstant,
  cosemDateTimeToBytes,
  type Data,
  defineInterfaceClass,
  fromHex,
  type InterfaceClass,
  type LogicalDevice,
  logicalName,
  logicalNameToBytes,
  type Principal,
  type ReadResult,
  type Registry,
  type RegistryNotice,
  type SelectiveAccess,
  types,
} from "../../cosem/index.js";
import { explainApplication } from "../../src/mbus/index.js";
import type { Clock, Logger } from "../../src/ports/index.js";
import type { MeterService, MeterSummary, ObjectDescription } from "../../src/services/meters/contract.js";
import type { RestOptions } from "../../src/views/rest/index.js";
import { fixtureHistory } from "./rest-fixture-history.js";

const get = { access: "get" } as const;
const dataClass = defineInterfaceClass({
  name: "Data",
  classId: 1,
  version: 0,
  attributes: { logicalName: attribute(1, types.logicalNameType, get), value: attribute(2, types.anyData, get) },
  methods: {},
});
const registerClass = defineInterfaceClass({
  name: "Register",
  classId: 3,
  version: 0,
  attributes: { ...dataClass.attributes, scalerUnit: attribute(3, types.scalUnitType, get) },
  methods: {},
});
const extendedRegisterClass = defineInterfaceClass({
  name: "ExtendedRegister",
  classId: 4,
  version: 0,
  attributes: {
    ...registerClass.attributes,
    status: attribute(4, types.anyData, get),
    captureTime: attribute(5, types.dateTimeType, get),
  },
  methods: {},
});
const clockClass = defineInterfaceClass({
  name: "Clock",
  classId: 8,
  version: 0,
  attributes: {
    logicalName: attribute(1, types.logicalNameType, get),
    time: attribute(2, types.dateTimeType, { access: "getSet" }),
  },
  methods: {},
});
const profileClass = defineInterfaceClass({
  name: "ProfileGeneric",
  classId: 7,
  version: 1,
  attributes: {
    logicalName: attribute(1, types.logicalNameType, get),
    buffer: attribute(2, types.anyData, { access: "get", selectors: [1, 2] }),
    captureObjects: attribute(3, types.anyData, get),
  },
  methods: {},
});

/** One value of a fixture meter: `at(n)` is the raw integer of reading n. */
export interface FixtureValue {
  readonly obis: string;
  readonly quantity: string;
  readonly unit: string;
  readonly unitCode: number;
  readonly scaler: number;
  readonly extended?: boolean;
  readonly function?: ObjectDescription["function"];
  readonly tariff?: number;
  readonly storage?: number;
  /** Undefined: not in this reading. */
  at(reading: number): Data | undefined;
  status?(reading: number): Data;
}

export interface FixtureMeter {
  readonly device: string;
  readonly sap: number;
  readonly manufacturer: string;
  readonly identification: string;
  readonly medium: number;
  readonly mediumName: string;
  readonly position: string;
  readonly group: number;
  readonly values: readonly FixtureValue[];
  /** Number of the newest reading; reading n was at `firstReadingMs + n × periodMs`. */
  newest: number;
  /** Text of a failed last readout. */
  readonly failure?: string;
  readonly statusByte?: number;
}

export interface Fixture {
  readonly options: Omit<RestOptions, "host" | "port" | "webRoot">;
  readonly meters: readonly FixtureMeter[];
  readonly firstReadingMs: number;
  readonly periodMs: number;
  readonly log: string[];
  /** One more reading of a meter, committed and told. */
  commit(meter: FixtureMeter): void;
  notify(notice: RegistryNotice): void;
}

export interface FixtureParts {
  readonly meters: readonly FixtureMeter[];
  readonly clock: Clock;
  readonly firstReadingMs: number;
  readonly periodMs: number;
  readonly deviationMinutes?: number;
  /** Attributes that the role may not read, as `<OBIS>/<attribute>`. */
  readonly denied?: readonly string[];
}

export function createFixture(parts: FixtureParts): Fixture {
  const { meters, clock, firstReadingMs, periodMs, deviationMinutes = 0 } = parts;
  const timeOf = (reading: number) => firstReadingMs + reading * periodMs;
  const gatewayDevice = fixedDevice("OMG00000001", 1, "management", [
    plainObject(dataClass, "0-0:42.0.0*255", { 2: octets("OMG00000001") }),
    {
      interfaceClass: clockClass,
      logicalName: logicalName("0-0:1.0.0*255"),
      ...readOnly((index) => (index === 2 ? dateTime(clock.now(), deviationMinutes) : undefined)),
    },
  ]);
  const meterDevices = meters.map((meter) => fixedDevice(meter.device, meter.sap, "meter", objectsOf(meter)));
  const devices = [gatewayDevice, ...meterDevices];
  const listeners = new Set<(notice: RegistryNotice) => void>();
  const log: string[] = [];

  function objectsOf(meter: FixtureMeter): CosemObject[] {
    const values = meter.values.map((value): CosemObject => {
      const interfaceClass = value.extended === true ? extendedRegisterClass : registerClass;
      const attributes = (index: number): Data | undefined => {
        if (index === 1) return { type: "octet-string", value: logicalNameToBytes(logicalName(value.obis)) };
        if (index === 2) return value.at(meter.newest) ?? { type: "null-data" };
        if (index === 3) return types.scalUnitType.toData({ scaler: value.scaler, unit: value.unitCode });
        if (index === 4) return value.status?.(meter.newest) ?? { type: "null-data" };
        return index === 5 ? dateTime(timeOf(meter.newest), deviationMinutes) : undefined;
      };
      return { interfaceClass, logicalName: logicalName(value.obis), ...readOnly(attributes) };
    });
    return [
      plainObject(dataClass, "0-0:42.0.0*255", { 2: octets(meter.device) }),
      plainObject(dataClass, "0-0:96.1.0*255", { 2: octets(meter.identification) }),
      ...values,
      profileOf(meter),
    ];
  }

  function profileOf(meter: FixtureMeter): CosemObject {
    const columns: (readonly [number, string])[] = [
      [8, "0-0:1.0.0*255"],
      [1, "0-0:96.10.1*255"],
      ...meter.values.map((value) => [value.extended === true ? 4 : 3, value.obis] as const),
    ];
    const rowAt = (reading: number): Data => ({
      type: "structure",
      value: [
        dateTime(timeOf(reading), deviationMinutes),
        { type: "unsigned", value: 0 },
        ...meter.values.map((value): Data => value.at(reading) ?? { type: "null-data" }),
      ],
    });
    const interfaceClass = profileClass;
    const name = logicalName(`${meter.group}-0:99.1.0*255`);
    return {
      interfaceClass,
      logicalName: name,
      ...readOnly((index, selection) => {
        if (index === 1) return { type: "octet-string", value: logicalNameToBytes(name) };
        if (index === 3) return { type: "array", value: columns.map(([id, obis]) => captureObject(id, obis)) };
        if (index !== 2) return undefined;
        const [from, to] = rangeOf(selection);
        const first = Math.max(0, Math.ceil((from - firstReadingMs) / periodMs));
        const last = Math.min(meter.newest, Math.floor((to - firstReadingMs) / periodMs));
        return stream(first, last, rowAt);
      }),
    };
  }

  const registry: Registry = {
    device: (name) => {
      if (name === "gateway") return gatewayDevice;
      return devices.find((device) => device.name === name || `sap${device.sap}` === name);
    },
    deviceBySap: (sap) => devices.find((device) => device.sap === sap),
    devices: () => devices,
    deviceCount: devices.length,
    addDevice: () => {},
    removeDevice: () => {},
    renamed: () => {},
    read: (target, principal, selectiveAccess) => {
      const { device, classId, attributeIndex } = target;
      const object = device.find(target.logicalName, classId);
      if (object === undefined) return { ok: false, refusal: "objectUndefined" };
      if (principal.association.attributeAccess(device, object, attributeIndex) === 0) {
        return { ok: false, refusal: "readWriteDenied" };
      }
      return object.read(attributeIndex, { principal, device, selectiveAccess });
    },
    write: () => ({ ok: false, refusal: "readWriteDenied" }),
    invoke: () => ({ ok: false, refusal: "readWriteDenied" }),
    visibleObjects: (device) => device.objects(),
    notify: (notice) => {
      for (const listener of listeners) listener(notice);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return { close: () => listeners.delete(listener) };
    },
  };

  const association: Association = {
    name: "rest:viewer",
    clientSap: undefined,
    isVisible: () => true,
    attributeAccess: (_device, object, index) =>
      parts.denied?.includes(`${object.logicalName}/${index}`) === true ? 0 : accessRead,
    methodAccess: () => 0,
  };
  const principal: Principal = { association, user: "viewer", door: "rest", peer: "" };
  const note = (level: string) => (message: string, fields?: object) =>
    void log.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  const logger: Logger = { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") };

  return {
    meters,
    firstReadingMs,
    periodMs,
    log,
    options: {
      registry,
      meters: meterService(meters, timeOf),
      history: fixtureHistory(firstReadingMs, firstReadingMs + 9 * periodMs),
      principal,
      clock,
      logger,
      gateway: {
        productName: "Open metering gateway",
        version: "0.1.0",
        startedAtMs: firstReadingMs,
        doors: () => [{ name: "dlms", port: 4059 }],
        notices: () => ["Demo: anyone on this machine may read."],
        refusals: () => [{ what: "association", reason: "wrongPassword", count: 3 }],
        deviationMinutes: () => deviationMinutes,
      },
    },
    commit(meter) {
      meter.newest++;
      const device = registry.device(meter.device);
      if (device !== undefined) registry.notify({ kind: "readingCommitted", device, readingNumber: meter.newest });
    },
    notify: (notice) => registry.notify(notice),
  };
}

function meterService(meters: readonly FixtureMeter[], timeOf: (reading: number) => number): MeterService {
  const summary = (meter: FixtureMeter): MeterSummary => ({
    device: meter.device,
    sap: meter.sap,
    manufacturer: meter.manufacturer,
    identification: meter.identification,
    version: 1,
    medium: meter.medium,
    mediumName: meter.mediumName,
    position: meter.position,
    interfaceName: "bus-1",
    primaryAddress: undefined,
    secondaryAddress: undefined,
    statusByte: meter.statusByte ?? 0,
    accessNumber: meter.newest & 0xff,
    readingNumber: meter.newest < 0 ? undefined : meter.newest,
    readAtMs: meter.newest < 0 ? undefined : timeOf(meter.newest),
    lastReadout: {
      atMs: timeOf(Math.max(0, meter.newest)),
      ok: meter.failure === undefined,
      message: meter.failure ?? "Readout successful",
      telegramCount: 1,
      durationMs: 812,
    },
  });
  const find = (device: string) => meters.find((meter) => meter.device === device || `sap${meter.sap}` === device);
  return {
    list: (_principal, { afterSap = 0, limit }) => {
      const rest = meters.filter(({ sap }) => sap > afterSap);
      const page = rest.slice(0, limit);
      return {
        meters: page.map(summary),
        total: meters.length,
        nextAfterSap: rest.length > limit ? page.at(-1)?.sap : undefined,
      };
    },
    get: (_principal, device) => {
      const meter = find(device);
      return meter === undefined ? undefined : summary(meter);
    },
    describe: (_principal, device) =>
      find(device)?.values.map((value) => ({
        classId: value.extended === true ? 4 : 3,
        logicalName: value.obis,
        quantity: value.quantity,
        unit: value.unit,
        function: value.function ?? "inst",
        storage: value.storage ?? 0,
        tariff: value.tariff ?? 0,
        subunit: 0,
        modifiers: [],
        manufacturerSpecific: false,
        unmapped: false,
      })),
    telegrams: (_principal, device) => {
      const meter = find(device);
      if (meter === undefined || meter.newest < 0) return undefined;
      // CI 78, an 8-bit volume of 5 m3.
      const bytes = fromHex("78 01 16 05");
      const telegrams = [
        { source: "stored", bytes, explanation: explainApplication(bytes), opened: undefined },
      ] as const;
      return { reading: { number: meter.newest, readAtMs: timeOf(meter.newest), telegrams }, notKept: undefined };
    },
    readings: async () => [],
  };
}

type Reader = (index: number, selection: SelectiveAccess | undefined) => Data | ArrayStream | undefined;

function readOnly(reader: Reader): Pick<CosemObject, "read" | "write" | "invoke"> {
  return {
    read: (index, { selectiveAccess }): ReadResult => {
      const value = reader(index, selectiveAccess);
      return value === undefined ? { ok: false, refusal: "objectUndefined" } : { ok: true, value };
    },
    write: () => ({ ok: false, refusal: "readWriteDenied" }),
    invoke: () => ({ ok: false, refusal: "readWriteDenied" }),
  };
}

function plainObject(interfaceClass: InterfaceClass, obis: string, attributes: Readonly<Record<number, Data>>) {
  const name = logicalName(obis);
  const first: Data = { type: "octet-string", value: logicalNameToBytes(name) };
  return { interfaceClass, logicalName: name, ...readOnly((index) => (index === 1 ? first : attributes[index])) };
}

function fixedDevice(
  name: string,
  sap: number,
  kind: LogicalDevice["kind"],
  objects: readonly CosemObject[],
): LogicalDevice {
  return {
    name,
    sap,
    kind,
    objects: () => objects,
    find: (wanted, classId) =>
      objects.find(
        (object) =>
          object.logicalName === wanted && (classId === undefined || object.interfaceClass.classId === classId),
      ),
  };
}

function octets(text: string): Data {
  return { type: "octet-string", value: new TextEncoder().encode(text) };
}

function dateTime(instantMs: number, deviation: number): Data {
  return { type: "octet-string", value: cosemDateTimeToBytes(cosemDateTimeFromInstant(instantMs, deviation)) };
}

function captureObject(classId: number, obis: string): Data {
  return {
    type: "structure",
    value: [
      { type: "long-unsigned", value: classId },
      { type: "octet-string", value: logicalNameToBytes(logicalName(obis)) },
      { type: "integer", value: 2 },
      { type: "long-unsigned", value: 0 },
    ],
  };
}

function rangeOf(selection: SelectiveAccess | undefined): readonly [number, number] {
  if (selection?.parameters.type !== "structure") return [0, Number.MAX_SAFE_INTEGER];
  const moment = (data: Data | undefined) =>
    data?.type === "octet-string" ? (cosemDateTimeFromBytes(data.value).toInstant() ?? 0) : 0;
  return [moment(selection.parameters.value[1]), moment(selection.parameters.value[2])];
}

function stream(first: number, last: number, rowAt: (reading: number) => Data): ArrayStream {
  let position = first;
  return {
    type: "array-stream",
    count: Math.max(0, last - first + 1),
    next: async () => {
      if (position > last) return undefined;
      const piece: Data[] = [];
      while (position <= last && piece.length < 100) piece.push(rowAt(position++));
      return piece;
    },
    close: () => {
      position = last + 1;
    },
  };
}
