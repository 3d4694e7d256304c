/**
 * The first 64 meters once more as channels of the management device, for head-ends that think in channels: M-Bus client
 * 0-b:24.1.0, the first registers as Extended register 0-b:24.2.e, every reading in the profile 0-b:24.3.0 and, heard
 * by radio, M-Bus diagnostic 0-b:24.9.0. Channel b is the meter's SAP less 15, for life.
 */
import {
  type CaptureObject,
  type CosemObject,
  ExtendedRegister,
  type LogicalName,
  logicalName,
  MbusClient,
} from "../../cosem/index.js";
import { createMeterClient, createMeterDiagnostic } from "./meter-channel.js";
import { createRegisterObject } from "./meter-objects.js";
import type { MeterView } from "./meter-view.js";
import { createMeterProfile, meterProfiles } from "./profiles/meter-profile.js";
import { clockColumn } from "./profiles/profile-rows.js";

export interface ChannelView {
  find(name: LogicalName, classId: number | undefined): CosemObject | undefined;
  objects(): Iterable<CosemObject>;
}

const channels = 64;
/** SAP of the meter on channel 0, if there were one. */
const sapOfChannelZero = 15;
/** Value objects of one channel: what a meter has beyond them is in its own device. */
const mostRegisters = 16;

const shape = /^0-(\d+):24\.(\d)\.(\d+)\*255$/;

/** @param meterAt  the meter with a SAP, where there is one */
export function createChannelView(meterAt: (sap: number) => MeterView | undefined): ChannelView {
  const meterOn = (channel: number) =>
    channel >= 1 && channel <= channels ? meterAt(sapOfChannelZero + channel) : undefined;
  return {
    find(name, classId) {
      const match = shape.exec(name);
      if (match === null) return undefined;
      const channel = Number(match[1]);
      const meter = meterOn(channel);
      const object = meter && objectOf(meter, channel, name, Number(match[2]), Number(match[3]));
      return classId === undefined || object?.interfaceClass.classId === classId ? object : undefined;
    },
    *objects() {
      for (let channel = 1; channel <= channels; channel++) {
        const meter = meterOn(channel);
        if (meter === undefined) continue;
        for (const [d, e] of codesOf(meter)) {
          const object = objectOf(meter, channel, logicalName(`0-${channel}:24.${d}.${e}*255`), d, e);
          if (object !== undefined) yield object;
        }
      }
    },
  };
}

function* codesOf({ own }: MeterView): Iterable<readonly [number, number]> {
  yield [1, 0];
  const registers = Math.min(mostRegisters, own?.registers.length ?? 0);
  for (let e = 1; e <= registers; e++) yield [2, e];
  yield [3, 0];
  yield [9, 0];
}

/** @param d, e  value groups of the name */
function objectOf(meter: MeterView, channel: number, name: LogicalName, d: number, e: number): CosemObject | undefined {
  const { own } = meter;
  if (d === 2) {
    const register = e <= mostRegisters ? own?.registers[e - 1] : undefined;
    return register && createRegisterObject(ExtendedRegister, meter, register, name);
  }
  if (e !== 0) return undefined;
  const [everyReading] = meterProfiles;
  switch (d) {
    case 1:
      return createMeterClient(meter, name);
    case 3: {
      const { meterKind } = meter;
      if (meterKind === undefined || everyReading === undefined) return undefined;
      return createMeterProfile(meter, meterKind, name, everyReading, columnsOf(meter, channel));
    }
    case 9:
      return meter.parts.serving.isWireless(meter) ? createMeterDiagnostic(meter, name, channel) : undefined;
    default:
      return undefined;
  }
}

const mbusClientStatus = 11;

/** As in the meter's own load profile, by the names that they have here. */
function columnsOf({ own }: MeterView, channel: number): readonly CaptureObject[] {
  const column = (classId: number, code: string, attributeIndex: number): CaptureObject => ({
    classId,
    logicalName: logicalName(`0-${channel}:24.${code}*255`),
    attributeIndex,
    dataIndex: 0,
  });
  const registers = (own?.registers ?? []).slice(0, mostRegisters);
  return [
    clockColumn,
    column(MbusClient.classId, "1.0", mbusClientStatus),
    ...registers.map((_, index) => column(ExtendedRegister.classId, `2.${index + 1}`, 2)),
  ];
}
