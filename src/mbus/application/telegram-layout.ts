/**
 * Where the records of one telegram stand: its headers in order, each with the bytes its data takes. A telegram of
 * equal headers has its data at equal places, counted from the telegram's start or from the end of the LVAR before.
 */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import { variableLength } from "./coding.js";
import { controlInformation } from "./control-information.js";
import { decodeApplication } from "./decode.js";
import { fixedHeaders, fixedPlaces } from "./fixed-data.js";
import { layer, type RecordHeader, restOfTelegram } from "./record-header.js";
import { recordHeaderAt, refusedFault, Special } from "./records.js";
import { areSound, requirePlain, requireSound, securityOf } from "./security.js";
import { type HeaderPlaces, longHeader, readConfigurationWord, readMeterHeader } from "./telegram-header.js";

/** Where the fields of a fixed data structure stand, in the terms of the other headers. */
const fixedHeader: HeaderPlaces = {
  ...longHeader,
  accessNumber: fixedPlaces.accessNumber,
  status: fixedPlaces.status,
  configurationWord: -1,
};

/** Status bits that decide how a fixed structure is read: binary or BCD, actual or stored. */
const fixedStatusMask = 0x03;

export interface LayoutStep {
  readonly header: RecordHeader;
  /** Fillers before the header and the header, with an LVAR that is reserved: what must stand here. */
  readonly expected: Uint8Array;
}

export interface TelegramLayout {
  readonly controlInformation: number;
  readonly places: HeaderPlaces;
  /** Status bits 0-1 and the unit bytes of a fixed data structure, which has no headers; undefined otherwise. */
  readonly fixedUnits: Uint8Array | undefined;
  /** Offset of the first step from the CI field. */
  readonly start: number;
  readonly steps: readonly LayoutStep[];
  /** Fillers and DIF 0F or 1F behind the last record. */
  readonly tail: Uint8Array;
  /** Manufacturer's data of any length may follow the tail. */
  readonly isOpen: boolean;
  /** The records would also be taken behind a configuration word that is no security mode. */
  readonly isSound: boolean;
}

/**
 * @param bytes  one telegram from the CI field on
 * @throws DecodeError as decodeApplication() does
 */
export function telegramLayout(bytes: Uint8Array): TelegramLayout {
  const code = bytes[0] ?? 0;
  const { treatment, header } = controlInformation(code);
  if (treatment === "variable" && header !== undefined) return variableLayout(bytes, code, header);
  // Throws for all that is no readout; what comes back is a sound fixed data structure.
  decodeApplication(bytes);
  return fixedLayout(bytes, code);
}

function fixedLayout(bytes: Uint8Array, controlInformation: number): TelegramLayout {
  const headers = fixedHeaders(
    bytes[fixedPlaces.status] as number,
    bytes[fixedPlaces.units] as number,
    bytes[fixedPlaces.units + 1] as number,
  );
  return {
    controlInformation,
    places: fixedHeader,
    fixedUnits: fixedUnitsOf(bytes, 0),
    start: fixedPlaces.counter1,
    steps: headers.map((header) => ({ header, expected: header.bytes })),
    tail: new Uint8Array(0),
    isOpen: false,
    isSound: true,
  };
}

function fixedUnitsOf(bytes: Uint8Array, start: number): Uint8Array {
  return Uint8Array.of(
    (bytes[start + fixedPlaces.status] as number) & fixedStatusMask,
    bytes[start + fixedPlaces.units] as number,
    bytes[start + fixedPlaces.units + 1] as number,
  );
}

function variableLayout(bytes: Uint8Array, controlInformation: number, places: HeaderPlaces): TelegramLayout {
  readMeterHeader(bytes, places);
  const start = 1 + places.length;
  const configurationWord = readConfigurationWord(bytes, places);
  requirePlain(configurationWord, start, bytes.length);
  const steps: LayoutStep[] = [];
  let stepStart = start;
  let next = start;
  let isOpen = false;
  while (next < bytes.length && !isOpen) {
    const dif = bytes[next] as number;
    if (dif === Special.filler || dif === Special.manufacturerData || dif === Special.moreFollows) {
      isOpen = dif !== Special.filler;
      next++;
      continue;
    }
    const header = recordHeaderAt(bytes, next, bytes.length);
    const isReservedLength = header.fault?.reason === "badLength";
    const dataStart = next + header.bytes.length + (isReservedLength ? 1 : 0);
    steps.push({ header, expected: new Uint8Array(bytes.subarray(stepStart, dataStart)) });
    next = dataEnd(header, bytes, dataStart, bytes.length);
    if (next < 0) refuse(bytes, dataStart);
    stepStart = next;
  }
  const headers = steps.map(({ header }) => header);
  if (refusedFault(headers, isOpen) !== undefined) refuse(bytes, start);
  requireSound(configurationWord, headers, start);
  const tail = new Uint8Array(bytes.subarray(stepStart, next));
  const isSound = areSound(headers);
  return { controlInformation, places, fixedUnits: undefined, start, steps, tail, isOpen, isSound };
}

/** Throws what the decoder has to say about a telegram that it refuses. */
function refuse(bytes: Uint8Array, offset: number): never {
  decodeApplication(bytes);
  throw new DecodeError("truncated", offset, layer);
}

/**
 * End of the data that begins (with its LVAR) at `offset`; -1 when it is past `end`, or its LVAR is reserved: another
 * layout has that one as a bad record, which ends where the telegram ends.
 */
export function dataEnd(header: RecordHeader, bytes: Uint8Array, offset: number, end: number): number {
  let next = offset + header.dataLength;
  if (header.dataLength < 0) {
    if (header.dataLength === restOfTelegram) return end;
    const length = offset < end ? variableLength(bytes[offset] as number) : -1;
    if (length < 0) return -1;
    next = offset + 1 + length;
  }
  return next > end ? -1 : next;
}

/** True when the telegram `start`..`end` has all headers where the layout has them, and would be decoded. */
export function matchesTelegram(layout: TelegramLayout, bytes: Uint8Array, start: number, end: number): boolean {
  let next = start + layout.start;
  if (next > end || bytes[start] !== layout.controlInformation) return false;
  if (!hasSameUnits(layout, bytes, start)) return false;
  if (next < end && !isPlain(layout, bytes, start)) return false;
  for (const { header, expected } of layout.steps) {
    if (!hasBytes(bytes, next, end, expected)) return false;
    next = dataEnd(header, bytes, next + expected.length, end);
    if (next < 0) return false;
  }
  if (!hasBytes(bytes, next, end, layout.tail)) return false;
  return layout.isOpen || next + layout.tail.length === end;
}

function hasSameUnits(layout: TelegramLayout, bytes: Uint8Array, start: number): boolean {
  if (layout.fixedUnits === undefined) return true;
  const units = fixedUnitsOf(bytes, start);
  return units.every((byte, index) => byte === layout.fixedUnits?.[index]);
}

function isPlain({ places, isSound }: TelegramLayout, bytes: Uint8Array, start: number): boolean {
  const at = start + places.configurationWord;
  if (places.configurationWord < 0) return true;
  const security = securityOf((bytes[at] as number) | ((bytes[at + 1] as number) << 8));
  return security === "plain" || (security === "signature" && isSound);
}

function hasBytes(bytes: Uint8Array, offset: number, end: number, expected: Uint8Array): boolean {
  const length = expected.length;
  if (offset + length > end) return false;
  for (let index = 0; index < length; index++) {
    if (bytes[offset + index] !== expected[index]) return false;
  }
  return true;
}
