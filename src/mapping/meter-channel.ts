/** A meter as a channel of the gateway: M-Bus client (class 72) and, heard by radio, M-Bus diagnostic (class 77). */
import {
  type CaptureDefinitionElement,
  CosemDateTime,
  type CosemObject,
  cosemDateTimeFromInstant,
  createMbusClient,
  createMbusDiagnostic,
  type EncryptionKeyStatus,
  encryptionKeyStatus,
  type LogicalName,
  type MbusChannel,
  type MbusLink,
  mbusLinkStatus,
} from "../../cosem/index.js";
import { manufacturerCode } from "../mbus/index.js";
import { meterIdentityOf } from "./meter-identity.js";
import type { MeterView } from "./meter-view.js";
import { noPort } from "./serving.js";

export function createMeterClient(device: MeterView, name: LogicalName): CosemObject {
  const { serving } = device.parts;
  return createMbusClient({
    logicalName: name,
    version: serving.mbusClientVersion,
    channel: () => channelOf(device),
    actions: serving.actionsOf(device),
  });
}

function channelOf(device: MeterView): MbusChannel {
  const { row, parts } = device;
  const header = device.header();
  const identity = row.logicalDeviceName === undefined ? undefined : meterIdentityOf(row.logicalDeviceName);
  return {
    mbusPortReference: parts.serving.portOf(device) ?? noPort,
    captureDefinition: captureDefinitionOf(device),
    // Read in the gateway's own cycles.
    capturePeriod: 0,
    primaryAddress: row.primaryAddress ?? 0,
    identificationNumber: Number.parseInt(identity?.id ?? "", 16) || 0,
    manufacturerId: identity === undefined ? 0 : manufacturerCode(identity.manufacturer),
    version: identity?.version ?? 0,
    deviceType: identity?.medium ?? 0,
    accessNumber: header?.accessNumber ?? 0,
    status: header?.status ?? 0,
    alarm: 0,
    configuration: header?.signature ?? 0,
    encryptionKeyStatus: keyStatusOf(device, header?.signature ?? 0),
  };
}

/** Bits 8 to 12 of the configuration word: security mode, 0 plain (EN 13757-7). */
const securityMode = 0x1f00;

function keyStatusOf(device: MeterView, configuration: number): EncryptionKeyStatus {
  if (!device.parts.serving.hasKey(device)) return encryptionKeyStatus.noEncryptionKey;
  const isInUse = (configuration & securityMode) !== 0;
  return isInUse ? encryptionKeyStatus.encryptionKeyInUse : encryptionKeyStatus.encryptionKeySet;
}

/** DIB and VIB of each register, in the order of the profile's columns. */
function captureDefinitionOf({ own }: MeterView): readonly CaptureDefinitionElement[] {
  return (own?.registers ?? []).flatMap(({ record }) => {
    const header = record?.header;
    if (header === undefined) return [];
    const dibLength = header.findIndex((octet) => (octet & 0x80) === 0) + 1;
    return [{ dataInformationBlock: header.slice(0, dibLength), valueInformationBlock: header.slice(dibLength) }];
  });
}

/** @param channel  value group B that it stands at */
export function createMeterDiagnostic(device: MeterView, name: LogicalName, channel: number): CosemObject {
  return createMbusDiagnostic({ logicalName: name, link: () => linkOf(device, channel) });
}

const receivedSignalStrength = 2;
const unspecified = new CosemDateTime({});

function linkOf(device: MeterView, channelId: number): MbusLink {
  const { serving, deviationAt } = device.parts;
  const reception = serving.receptionOf(device);
  const lastAtMs = reception?.lastAtMs;
  const timeStamp = lastAtMs === undefined ? unspecified : cosemDateTimeFromInstant(lastAtMs, deviationAt(lastAtMs), 0);
  return {
    receivedSignalStrength: Math.min(255, Math.abs(reception?.rssiDbm ?? 0)),
    channelId,
    linkStatus: reception?.linkStatus ?? mbusLinkStatus.none,
    broadcastFramesCounter: [],
    transmissionsCounter: 0,
    fcsOkFramesCounter: reception?.count ?? 0,
    // Receivers drop frames with a wrong checksum before they say whose they were.
    fcsNokFramesCounter: 0,
    captureTime: { attributeId: reception === undefined ? 0 : receivedSignalStrength, timeStamp },
  };
}
