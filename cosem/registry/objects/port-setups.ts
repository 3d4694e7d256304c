/** Objects of serial ports: classes 19, 23, 25, 73, 74 and 76. Values and changes are the settings'. */
import {
  IecHdlcSetup,
  IecLocalPortSetup,
  MbusMasterPortSetup,
  MbusPortSetup,
  MbusSlavePortSetup,
  WirelessModeQChannel,
} from "../../classes/index.js";
import type { CosemObject } from "../contract.js";
import { createSetup, type SetupParts } from "./setup.js";

const isWindow = (frames: number) => frames >= 1 && frames <= 7;
const isInfoField = (octets: number) => octets >= 32 && octets <= 2030;
const isPrimaryAddress = (address: number) => address <= 250;
const mostWindows = 16;

/** 0-0:20.0.0*255. Passwords are written, never read (their declaration says so). */
export function createIecLocalPortSetup(parts: SetupParts<typeof IecLocalPortSetup>): CosemObject {
  return createSetup(IecLocalPortSetup, parts, {
    hidden: ["passwordP1", "passwordP2", "passwordW5"],
    limits: { deviceAddress: ({ length }) => length <= 32 },
  });
}

/** 0-0:22.0.0*255. */
export function createIecHdlcSetup(parts: SetupParts<typeof IecHdlcSetup>): CosemObject {
  return createSetup(IecHdlcSetup, parts, {
    limits: {
      windowSizeTransmit: isWindow,
      windowSizeReceive: isWindow,
      maxInfoFieldLengthTransmit: isInfoField,
      maxInfoFieldLengthReceive: isInfoField,
      interOctetTimeOut: (milliseconds) => milliseconds >= 20 && milliseconds <= 6000,
      // One byte of the lower address, or two.
      deviceAddress: (address) => address >= 0x10 && address <= 0x3ffd,
    },
  });
}

/** 0-b:24.0.0*255. */
export function createMbusSlavePortSetup(parts: SetupParts<typeof MbusSlavePortSetup>): CosemObject {
  return createSetup(MbusSlavePortSetup, parts, { limits: { busAddress: isPrimaryAddress } });
}

/** 0-b:24.6.0*255. */
export function createMbusMasterPortSetup(parts: SetupParts<typeof MbusMasterPortSetup>): CosemObject {
  return createSetup(MbusMasterPortSetup, parts);
}

/** 0-b:24.8.0*255. */
export function createMbusPortSetup(parts: SetupParts<typeof MbusPortSetup>): CosemObject {
  return createSetup(MbusPortSetup, parts, {
    limits: {
      primaryAddress: isPrimaryAddress,
      listeningWindow: (list) =>
        list.length <= mostWindows &&
        list.every(({ startTime, endTime }) => startTime.length === 12 && endTime.length === 12),
    },
  });
}

/** 0-b:31.0.0*255. */
export function createWirelessModeQChannel(parts: SetupParts<typeof WirelessModeQChannel>): CosemObject {
  return createSetup(WirelessModeQChannel, parts);
}
