/**
 * Fields of manufacturer-specific data (behind DIF 0F or 1F), as the maps in obis-maps/mbus/manufacturer/ describe them:
 * each becomes a slot like a record's, and is served as an object like any other. The raw data stays in the reading.
 */
import type { KnownField, RecordValue } from "../mbus/index.js";
import { decodeApplication } from "../mbus/index.js";
import type { ManufacturerField } from "./map-schema.js";
import type { RecordFacts } from "./match-record.js";
import type { TypedRecord } from "./served-value.js";

const none: RecordValue = Object.freeze({ kind: "none" });
const noValue: RecordValue = Object.freeze({ kind: "invalid", reason: "the manufacturer's code for no value" });
const noDigits: RecordValue = Object.freeze({ kind: "invalid", reason: "BCD with digits A-F" });

/** Data fields (DIF bits 0-3) of integers by their bytes. */
const integerFields: readonly number[] = [0, 1, 2, 3, 4, 6, 6];
const doubleLong = 0x4;
const longInteger = 0x7;

/** A field as a slot of a shape. */
export type FieldSlot = RecordFacts &
  TypedRecord & { readonly identity: string; readonly occurrence: number; readonly isBad: false };

/** The slot of a field. Its identity is kept in the database: its form must not change. */
export function fieldSlot(field: ManufacturerField): FieldSlot {
  const { quantity, unit = "", storage = 0, tariff = 0, type, length, exponent = 0 } = field;
  const isChanged = field.factor !== undefined || field.values !== undefined;
  const changedField = field.factor === undefined ? doubleLong : longInteger;
  return {
    function: "inst",
    storage,
    tariff,
    subunit: 0,
    information: {
      quantity,
      unit,
      exponent,
      addend: 0,
      addendExponent: 0,
      modifiers: [],
      recordError: undefined,
      manufacturerSpecific: true,
    },
    dataField: isChanged ? changedField : (integerFields[length] ?? longInteger),
    valueKind: type === "date" ? "date" : "integer",
    isUnsigned: type === "unsigned" && !isChanged,
    occurrence: 0,
    isBad: false,
    identity: `inst/${storage}/${tariff}/0/0f:${quantity}:${unit}/0`,
  };
}

/**
 * The value of a field; `none` where none of its places holds in this data.
 * @param data  behind DIF 0F or 1F
 */
export function readField(field: ManufacturerField, data: Uint8Array): RecordValue {
  const place = placeOf(field, data);
  if (place === undefined) return none;
  const bytes = data.subarray(place.offset, place.offset + field.length);
  if (field.type === "date") return readDate(bytes);
  const coded = field.type === "bcd" ? readBcd(bytes) : readBinary(bytes, field);
  if (coded === undefined) return noDigits;
  if (field.missing?.includes(coded) === true) return noValue;
  const value = field.values === undefined ? coded : field.values[String(coded)];
  if (value === undefined) return noValue;
  const changed = value * (field.factor ?? 1);
  const isExact = Number.isSafeInteger(changed);
  return { kind: "integer", value: isExact ? changed : BigInt(value) * BigInt(field.factor ?? 1) };
}

function placeOf(field: ManufacturerField, data: Uint8Array): ManufacturerField["places"][number] | undefined {
  return field.places.find(({ offset, when = [] }) => {
    const isThere = offset + field.length <= data.length;
    return isThere && when.every(({ offset: at, mask = 0xff, equals }) => ((data[at] ?? -1) & mask) === equals);
  });
}

/** A field that is in the data, and its place in the list of fields. */
export interface ReadField extends KnownField {
  readonly index: number;
}

/** The fields that are in this data, with values and places. @param data  behind DIF 0F or 1F */
export function readFields(fields: readonly ManufacturerField[], data: Uint8Array): readonly ReadField[] {
  return fields.flatMap((field, index) => {
    const place = placeOf(field, data);
    if (place === undefined) return [];
    const { storage, tariff, information } = fieldSlot(field);
    const { length } = field;
    return { index, storage, tariff, information, offset: place.offset, length, value: readField(field, data) };
  });
}

function readBinary(bytes: Uint8Array, { type, bits, length }: ManufacturerField): number {
  let value = 0;
  for (let index = bytes.length - 1; index >= 0; index--) value = value * 256 + (bytes[index] as number);
  if (bits !== undefined) return Math.floor(value / 2 ** bits.from) % 2 ** bits.count;
  return type === "signed" && value >= 2 ** (8 * length - 1) ? value - 2 ** (8 * length) : value;
}

function readBcd(bytes: Uint8Array): number | undefined {
  let value = 0;
  for (let index = bytes.length - 1; index >= 0; index--) {
    const byte = bytes[index] as number;
    if (byte >> 4 > 9 || (byte & 15) > 9) return undefined;
    value = value * 100 + (byte >> 4) * 10 + (byte & 15);
  }
  return value;
}

/** Type G, by the decoder that all records go through. */
function readDate(bytes: Uint8Array): RecordValue {
  return decodeApplication(Uint8Array.of(0x78, 0x02, 0x6c, ...bytes)).records[0]?.value ?? none;
}
