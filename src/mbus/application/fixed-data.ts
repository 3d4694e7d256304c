/**
 * The fixed data structure (CI 73): 16 bytes with two counters, obsolete and still in the field. It becomes two
 * records; the second counter with unit 3E is the historic value of the first: storage 1, unit of the first.
 */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import type { DataRecord, DecodedTelegram, RecordValue, ValueInformation } from "../record.js";
import { Coding } from "./coding.js";
import { readValue } from "./data-values.js";
import { layer, type RecordHeader } from "./record-header.js";
import { identificationText } from "./telegram-header.js";

export const fixedPlaces = { accessNumber: 5, status: 6, units: 7, counter1: 9, counter2: 13, length: 17 } as const;

const binaryBit = 0x01;
const storedBit = 0x02;
const historicUnit = 0x3e;

interface FixedUnit {
  readonly quantity: string;
  readonly unit: string;
  readonly exponent: number;
}

/** Runs of unit codes; each following code is ten times the one before. */
const unitRuns: readonly { readonly from: number; readonly to: number; readonly meaning: FixedUnit }[] = [
  { from: 0x02, to: 0x0a, meaning: { quantity: "Energy", unit: "Wh", exponent: 0 } },
  { from: 0x0b, to: 0x13, meaning: { quantity: "Energy", unit: "J", exponent: 3 } },
  { from: 0x14, to: 0x1c, meaning: { quantity: "Power", unit: "W", exponent: 0 } },
  { from: 0x1d, to: 0x25, meaning: { quantity: "Power", unit: "J/h", exponent: 3 } },
  { from: 0x26, to: 0x2e, meaning: { quantity: "Volume", unit: "m3", exponent: -6 } },
  { from: 0x2f, to: 0x37, meaning: { quantity: "Volume flow", unit: "m3/h", exponent: -6 } },
  { from: 0x38, to: 0x38, meaning: { quantity: "Temperature", unit: "°C", exponent: -3 } },
  { from: 0x39, to: 0x39, meaning: { quantity: "Heat cost allocation", unit: "HCA", exponent: 0 } },
  { from: 0x3f, to: 0x3f, meaning: { quantity: "Dimensionless", unit: "", exponent: 0 } },
];

function unitOf(code: number): FixedUnit {
  // Codes 00 and 01 are h:m:s and D.M.Y in the counter's four bytes: shown as the number that they are.
  if (code === 0x00) return { quantity: "Time", unit: "hms", exponent: 0 };
  if (code === 0x01) return { quantity: "Date", unit: "DMY", exponent: 0 };
  const run = unitRuns.find((candidate) => code >= candidate.from && code <= candidate.to);
  if (run === undefined) return { quantity: "Reserved", unit: "", exponent: 0 };
  return { ...run.meaning, exponent: run.meaning.exponent + code - run.from };
}

/** A counter as a record header of no bytes, so that it is read and laid out like all others. */
function counterHeader(unit: FixedUnit, storage: number, isBinary: boolean): RecordHeader {
  const information: ValueInformation = Object.freeze({
    ...unit,
    addend: 0,
    addendExponent: 0,
    modifiers: [],
    recordError: undefined,
    manufacturerSpecific: false,
  });
  return {
    bytes: new Uint8Array(0),
    function: "inst",
    storage,
    tariff: 0,
    subunit: 0,
    dataField: isBinary ? 0x4 : 0xc,
    information,
    coding: isBinary ? Coding.signed : Coding.bcd,
    dataLength: 4,
    profile: false,
    fault: undefined,
    identity: `inst/${storage}/0/0/fixed:${unit.quantity}:${unit.unit}`,
  };
}

/** The headers of both counters, told by the status byte and the two unit bytes. */
export function fixedHeaders(status: number, unit1: number, unit2: number): readonly [RecordHeader, RecordHeader] {
  const isBinary = (status & binaryBit) !== 0;
  const storage = (status & storedBit) === 0 ? 0 : 1;
  const first = unitOf(unit1 & 0x3f);
  const isHistoric = (unit2 & 0x3f) === historicUnit;
  const second = isHistoric ? first : unitOf(unit2 & 0x3f);
  return [counterHeader(first, storage, isBinary), counterHeader(second, isHistoric ? 1 : storage, isBinary)];
}

/**
 * @param bytes  from the CI field on
 * @throws DecodeError `truncated`, `trailingBytes`
 */
export function decodeFixed(bytes: Uint8Array): DecodedTelegram {
  if (bytes.length < fixedPlaces.length) throw new DecodeError("truncated", bytes.length, layer, "fixed data");
  if (bytes.length > fixedPlaces.length) throw new DecodeError("trailingBytes", fixedPlaces.length, layer);
  const status = bytes[fixedPlaces.status] as number;
  const unit1 = bytes[fixedPlaces.units] as number;
  const unit2 = bytes[fixedPlaces.units + 1] as number;
  const [first, second] = fixedHeaders(status, unit1, unit2);
  return {
    meter: {
      manufacturer: null,
      id: identificationText(bytes, 1),
      version: null,
      medium: (unit1 >> 6) | ((unit2 >> 6) << 2),
      accessNumber: bytes[fixedPlaces.accessNumber] as number,
      status,
    },
    controlInformation: bytes[0] as number,
    configurationWord: null,
    records: [counterRecord(first, bytes, fixedPlaces.counter1), counterRecord(second, bytes, fixedPlaces.counter2)],
    manufacturerData: undefined,
    more: false,
  };
}

function counterRecord(header: RecordHeader, bytes: Uint8Array, offset: number): DataRecord {
  const value: RecordValue = readValue(header, bytes, offset, 4, 0);
  return {
    function: header.function,
    storage: header.storage,
    tariff: header.tariff,
    subunit: header.subunit,
    information: header.information,
    value,
    fault: undefined,
    dataField: header.dataField,
    headerOffset: offset,
    dataOffset: offset,
    endOffset: offset + 4,
    header: header.bytes,
  };
}
