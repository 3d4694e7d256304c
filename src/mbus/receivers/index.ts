/** Drivers of radio receivers: which there are, and how each one's line is set. */
import { amberBaudRate, amberModes, createAmber } from "./amber.js";
import { createCulfw, culfwBaudRate, culfwModes, encodeCulfwLine } from "./culfw.js";
import { createElvacoHexdump, createHexLines } from "./hex-lines.js";
import { createIm871a, encodeIm871aTelegram, im871aBaudRate, im871aModes } from "./im871a.js";
import { createIu891a, iu891aBaudRate, iu891aModes } from "./iu891a.js";
import { createRawBytes, createRc1180, rc1180BaudRate } from "./length-prefixed.js";
import type { ModeCodes, RadioMode, ReceiverDriver, ReceiverOptions } from "./receiver.js";
import { createRtl433 } from "./rtl-433.js";
import { createRtlWmbus, encodeRtlWmbusLine } from "./rtl-wmbus.js";

export * from "./receiver.js";

interface ReceiverType {
  /** For people. */
  readonly what: string;
  /** Rate of its serial line, 8N1. */
  readonly baudRate: number;
  create(options: ReceiverOptions): ReceiverDriver;
}

/** Lines of text come over anything; where that is serial, this is the usual rate. */
const textBaudRate = 115_200;

export const receiverTypes = {
  im871a: { what: "IMST iM871A or iM170A", baudRate: im871aBaudRate, create: createIm871a },
  iu891a: { what: "IMST iU891A-XL", baudRate: iu891aBaudRate, create: createIu891a },
  amb8465: { what: "Amber or Würth AMB8465, AMB3665, Metis", baudRate: amberBaudRate, create: createAmber },
  culfw: { what: "CUL, nanoCUL and others with culfw", baudRate: culfwBaudRate, create: createCulfw },
  rc1180: { what: "Radiocrafts RC1180", baudRate: rc1180BaudRate, create: createRc1180 },
  rtlWmbus: { what: "lines of rtl_wmbus", baudRate: textBaudRate, create: createRtlWmbus },
  rtl433: { what: "lines of rtl_433, JSON or CSV", baudRate: textBaudRate, create: createRtl433 },
  hexLines: { what: "lines of hex", baudRate: textBaudRate, create: createHexLines },
  rawBytes: { what: "telegrams as bytes, without CRCs", baudRate: rc1180BaudRate, create: createRawBytes },
  elvacoHexdump: { what: "text hexdump of Elvaco receivers", baudRate: textBaudRate, create: createElvacoHexdump },
} as const satisfies Readonly<Record<string, ReceiverType>>;

export type ReceiverTypeName = keyof typeof receiverTypes;

const modeCodes: Partial<Record<ReceiverTypeName, ModeCodes<unknown>>> = {
  im871a: im871aModes,
  iu891a: iu891aModes,
  amb8465: amberModes,
  culfw: culfwModes,
};

/** The modes this type can be told to listen to; none where it just sends what it hears. */
export function modesOf(type: ReceiverTypeName): readonly RadioMode[] {
  return Object.keys(modeCodes[type] ?? {}) as readonly RadioMode[];
}

/** @throws RangeError for a mode that it can be told, and does not have */
export function createReceiverDriver(type: ReceiverTypeName, options: ReceiverOptions): ReceiverDriver {
  return receiverTypes[type].create(options);
}

/** What receivers send of a telegram (from its L field on, without CRCs): for simulated ones. */
export const receiverEncoders = {
  im871a: encodeIm871aTelegram,
  culfw: encodeCulfwLine,
  rtlWmbus: encodeRtlWmbusLine,
} as const satisfies Partial<Record<ReceiverTypeName, (telegram: Uint8Array, rssiDbm: number) => Uint8Array>>;
