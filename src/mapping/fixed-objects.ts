/**
 * Objects of a meter's device that come from no record. The list is made once for all meters of a medium; an object is
 * made when it is asked for, so that a meter keeps none of them.
 */
import {
  type CosemObject,
  type Data,
  DataClass,
  type LogicalName,
  logicalName,
  MbusClient,
  MbusDiagnostic,
  nullData,
  ProfileGeneric,
  types,
} from "../../cosem/index.js";
import type { MeterKind } from "./kind.js";
import { createMeterClient, createMeterDiagnostic } from "./meter-channel.js";
import { createMeterLogObject, meterLogs } from "./meter-events.js";
import { type MeterIdentity, meterIdentityOf } from "./meter-identity.js";
import { createDataObject, joinedQualityOf } from "./meter-objects.js";
import { identificationName, type MeterDeviceParts, type MeterView, ownNames, statusData } from "./meter-view.js";
import { createMeterProfile, meterProfiles } from "./profiles/meter-profile.js";

export interface FixedObject {
  readonly name: LogicalName;
  readonly classId: number;
  make(device: MeterView): CosemObject;
  /** Absent: every meter has it. */
  isOf?(device: MeterView): boolean;
}

/** By name; several may share one, told apart by their class. */
export interface FixedObjects {
  readonly all: readonly FixedObject[];
  find(name: LogicalName, classId: number | undefined): FixedObject | undefined;
}

/** What a meter has before its first good readout. */
export function unnamedObjects(parts: MeterDeviceParts): FixedObjects {
  return listOf([deviceName, ...parts.commonObjects.map(common)]);
}

/** What a meter of a known kind has. @param kind  one of the medium; only its value group A matters */
export function namedObjects(
  parts: MeterDeviceParts,
  { valueGroupA: a }: Pick<MeterKind, "valueGroupA">,
): FixedObjects {
  const isCme3100 = parts.serving.profile === "cme3100";
  return listOf([
    deviceName,
    ...parts.commonObjects.map(common),
    ...mirrors,
    data(ownNames.status, (device, door) => statusData(device.header(door)?.status)),
    ...events,
    ...meterProfiles.map((profile): FixedObject => {
      const name = logicalName(`${isCme3100 ? 1 : a}-0:${profile.code}`);
      return { name, classId: ProfileGeneric.classId, make: (device) => makeProfile(device, name, profile) };
    }),
    ...(isCme3100 ? [] : [...ownIdentity(a), ...bus, wholeQuality]),
  ]);
}

function listOf(objects: readonly FixedObject[]): FixedObjects {
  const byName = new Map<LogicalName, FixedObject[]>();
  for (const object of objects) {
    const sameName = byName.get(object.name);
    if (sameName === undefined) byName.set(object.name, [object]);
    else sameName.push(object);
  }
  return {
    all: objects,
    find(name, classId) {
      const sameName = byName.get(name);
      return classId === undefined ? sameName?.[0] : sameName?.find((object) => object.classId === classId);
    },
  };
}

/** One object that serves all meters and asks the context for whom. */
function common(object: CosemObject): FixedObject {
  return { name: object.logicalName, classId: object.interfaceClass.classId, make: () => object };
}

function data(name: LogicalName, value: (device: MeterView, door: string) => Data): FixedObject {
  return { name, classId: DataClass.classId, make: (device) => createDataObject(name, (door) => value(device, door)) };
}

function identity(name: LogicalName, value: (identity: MeterIdentity) => Data): FixedObject {
  return data(name, ({ row }) =>
    row.logicalDeviceName === undefined ? nullData : value(meterIdentityOf(row.logicalDeviceName)),
  );
}

/** Error object of IEC 62056-6-1: bits of `quality`, those of single values joined in. */
const wholeQuality = data(ownNames.quality, (device, door) => ({
  type: "long-unsigned",
  value: joinedQualityOf(device, door),
}));

const deviceName = data(ownNames.logicalDeviceName, (device) => types.octetText.toData(device.name));

/** Who the meter and its gateway are. Our codes: those of the cme3100 are in no public source. */
const mirrors: readonly FixedObject[] = [
  data(logicalName("0-128:96.1.0*255"), ({ parts }) => types.octetText.toData(parts.serving.gatewayName)),
  identity(logicalName("0-128:96.1.1*255"), ({ manufacturer }) => ({ type: "visible-string", value: manufacturer })),
  identity(logicalName("0-128:96.1.2*255"), ({ medium }) => ({ type: "unsigned", value: medium })),
  data(logicalName("1-0:0.2.0*255"), ({ parts }) => types.octetText.toData(parts.serving.firmwareVersion)),
];

const ownIdentity = (valueGroupA: number): readonly FixedObject[] => [
  identity(identificationName(valueGroupA), ({ id }) => ({ type: "visible-string", value: id })),
  identity(logicalName("0-128:96.1.3*255"), ({ version }) => ({ type: "unsigned", value: version })),
];

const events = meterLogs.flatMap((names): readonly FixedObject[] =>
  [names.id, names.message, names.log].map((name) => ({
    name,
    classId: name === names.log ? ProfileGeneric.classId : DataClass.classId,
    make: (device) => createMeterLogObject(device, names, name),
  })),
);

const clientName = logicalName("0-0:24.1.0*255");
const diagnosticName = logicalName("0-0:24.9.0*255");

/** The meter as one on a bus; its own device has channel 0. */
const bus: readonly FixedObject[] = [
  { name: clientName, classId: MbusClient.classId, make: (device) => createMeterClient(device, clientName) },
  {
    name: diagnosticName,
    classId: MbusDiagnostic.classId,
    make: (device) => createMeterDiagnostic(device, diagnosticName, 0),
    isOf: (device) => device.parts.serving.isWireless(device),
  },
];

function makeProfile(device: MeterView, name: LogicalName, profile: (typeof meterProfiles)[number]): CosemObject {
  const { meterKind } = device;
  if (meterKind === undefined) throw new Error(`${device.name} has no kind, and no ${name}`);
  return createMeterProfile(device, meterKind, name, profile);
}
