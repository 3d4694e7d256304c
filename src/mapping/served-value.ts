/**
 * The data type of a served value, fixed when its object first appears, and the exact way of a coded value to it.
 */
import { CosemDateTime, cosemDateTimeToBytes, type Data, type DataType, nullData } from "../../cosem/index.js";
import type { RecordValue, ValueInformation } from "../mbus/index.js";
import { servedUnit } from "./cosem-unit.js";

/** What of an object never changes. */
export interface ServedType {
  readonly dataType: DataType;
  readonly scaler: number;
  readonly unit: number;
}

const signed: readonly (readonly [DataType, number])[] = [
  ["integer", 8],
  ["long", 16],
  ["double-long", 32],
  ["long64", 64],
];
const unsigned: readonly (readonly [DataType, number])[] = [
  ["unsigned", 8],
  ["long-unsigned", 16],
  ["double-long-unsigned", 32],
  ["long64-unsigned", 64],
];

/** Bits a value of this data field (DIF bits 0-3) needs as a signed number; BCD may have a minus in its top digit. */
const bitsOfDataField: Readonly<Record<number, number>> = {
  1: 8,
  2: 16,
  3: 24,
  4: 32,
  6: 48,
  7: 64,
  9: 8,
  10: 16,
  11: 24,
  12: 32,
  14: 48,
};

/** What the type of a record's value depends on. */
export interface TypedRecord {
  readonly dataField: number;
  readonly information: ValueInformation;
  /** Kind of the value where it is valid. */
  readonly valueKind: RecordValue["kind"];
  readonly isUnsigned: boolean;
}

/** Type, scaler and unit under which a record's value is served for good. */
export function servedTypeOf(record: TypedRecord): ServedType {
  const { information } = record;
  switch (record.valueKind) {
    case "integer": {
      const unit = servedUnit(information);
      const scaler = Math.min(information.exponent, information.addend === 0 ? 127 : information.addendExponent);
      const growth = 10 ** (information.exponent - scaler) * unit.factor;
      const bits = (bitsOfDataField[record.dataField] ?? 64) + Math.ceil(Math.log2(growth));
      const types = record.isUnsigned ? unsigned : signed;
      const fitting = types.find(([, width]) => width >= bits) ?? types[3];
      return { dataType: fitting?.[0] ?? "long64", scaler: scaler + unit.exponent, unit: unit.unit };
    }
    case "float": {
      const unit = servedUnit(information);
      return { dataType: "float32", scaler: information.exponent + unit.exponent, unit: unit.unit };
    }
    case "text":
      return { dataType: "visible-string", scaler: 0, unit: 255 };
    case "bytes":
      return { dataType: "octet-string", scaler: 0, unit: 255 };
    case "date":
    case "datetime":
    case "time":
      return { dataType: "date-time", scaler: 0, unit: 255 };
    default:
      return { dataType: "null-data", scaler: 0, unit: 255 };
  }
}

const numericTypes: ReadonlySet<string> = new Set([...signed, ...unsigned].map(([name]) => name).concat("float32"));

/** True for what a Register can hold with a scaler and unit. */
export function isNumericType(dataType: string): boolean {
  return numericTypes.has(dataType);
}

/** How one layout's values of a record reach one object's type; made once a layout. */
export interface Conversion {
  readonly dataType: DataType;
  readonly multiplier: bigint;
  readonly addend: bigint;
  /** True where the coded integer is already the served one. */
  readonly isPlain: boolean;
  /** True where no value of the record can be too large for the object. */
  readonly alwaysFits: boolean;
}

/**
 * The exact way from a record's coding to an object's type; undefined where there is none (other unit, finer
 * exponent, other kind of value): then the record needs an object of its own.
 */
export function conversionTo(target: ServedType, record: TypedRecord): Conversion | undefined {
  const own = servedTypeOf(record);
  const plain = { dataType: target.dataType, multiplier: 1n, addend: 0n, isPlain: true, alwaysFits: true };
  if (!isNumericType(own.dataType)) return own.dataType === target.dataType ? plain : undefined;
  if (!isNumericType(target.dataType) || own.unit !== target.unit) return undefined;
  if ((own.dataType === "float32") !== (target.dataType === "float32")) return undefined;
  if (own.dataType === "float32") return own.scaler === target.scaler ? plain : undefined;
  const { information } = record;
  const unit = servedUnit(information);
  const shift = information.exponent + unit.exponent - target.scaler;
  const addendShift = information.addendExponent + unit.exponent - target.scaler;
  if (shift < 0 || (information.addend !== 0 && addendShift < 0)) return undefined;
  const factor = BigInt(unit.factor);
  const multiplier = factor * 10n ** BigInt(shift);
  const addend = information.addend === 0 ? 0n : factor * BigInt(information.addend) * 10n ** BigInt(addendShift);
  const isPlain = multiplier === 1n && addend === 0n;
  const alwaysFits = fitsAlways(target.dataType, record, multiplier, addend);
  return { dataType: target.dataType, multiplier, addend, isPlain, alwaysFits };
}

/** By the greatest and the least number that the record's coding can hold. */
function fitsAlways(dataType: DataType, record: TypedRecord, multiplier: bigint, addend: bigint): boolean {
  const range = limits[dataType];
  const bits = BigInt(bitsOfDataField[record.dataField] ?? 64);
  const least = record.isUnsigned ? 0n : -(1n << (bits - 1n));
  const greatest = (1n << (record.isUnsigned ? bits : bits - 1n)) - 1n;
  if (range === undefined) return false;
  return least * multiplier + addend >= range[0] && greatest * multiplier + addend <= range[1];
}

const limits: Readonly<Record<string, readonly [number | bigint, number | bigint]>> = {
  integer: [-0x80, 0x7f],
  long: [-0x8000, 0x7fff],
  "double-long": [-0x80000000, 0x7fffffff],
  long64: [-(1n << 63n), (1n << 63n) - 1n],
  unsigned: [0, 0xff],
  "long-unsigned": [0, 0xffff],
  "double-long-unsigned": [0, 0xffffffff],
  "long64-unsigned": [0n, (1n << 64n) - 1n],
};

/**
 * One value as served: null-data where the coded value is not valid; undefined where the number is too large for the
 * object's type, so that another object takes it.
 */
export function convertValue(value: RecordValue, conversion: Conversion): Data | undefined {
  switch (value.kind) {
    case "integer":
      return convertInteger(value.value, conversion);
    case "float":
      return conversion.dataType === "float32" ? { type: "float32", value: value.value } : nullData;
    case "text":
      return textData(value.value, conversion.dataType);
    case "bytes":
      return textData(String.fromCharCode(...value.value), conversion.dataType);
    case "date":
    case "datetime":
    case "time":
      return conversion.dataType === "date-time" ? { type: "date-time", value: dateTimeBytes(value) } : nullData;
    default:
      return nullData;
  }
}

function convertInteger(value: number | bigint, conversion: Conversion): Data | undefined {
  const { dataType } = conversion;
  const range = limits[dataType];
  if (range === undefined) return nullData;
  const served = conversion.isPlain ? value : BigInt(value) * conversion.multiplier + conversion.addend;
  if (served < range[0] || served > range[1]) return undefined;
  if (dataType === "long64" || dataType === "long64-unsigned") return { type: dataType, value: BigInt(served) };
  return { type: dataType as "long", value: Number(served) };
}

/** Variable data is text in one telegram and bytes in the next: either holds the other, octet by octet. */
function textData(text: string, dataType: DataType): Data {
  if (dataType === "visible-string") return { type: "visible-string", value: text };
  if (dataType !== "octet-string") return nullData;
  return { type: "octet-string", value: Uint8Array.from(text, (letter) => letter.charCodeAt(0)) };
}

const dateShape = /^(\d{4}|\*{4})-(\d{2}|\*{2})-(\d{2}|\*{2})/;
const timeShape = /(\d{2}|\*{2}):(\d{2}|\*{2})(?::(\d{2}|\*{2}))?$/;

/** A meter's own clock has no zone: the deviation stays unspecified. */
function dateTimeBytes(value: Extract<RecordValue, { kind: "date" | "datetime" | "time" }>): Uint8Array {
  const field = (text: string | undefined) => (text === undefined || text.startsWith("*") ? undefined : Number(text));
  const date = value.kind === "time" ? null : dateShape.exec(value.value);
  const time = value.kind === "date" ? null : timeShape.exec(value.value);
  const status =
    value.kind === "datetime" ? { clockStatus: (value.timeInvalid ? 1 : 0) | (value.summerTime ? 0x80 : 0) } : {};
  return cosemDateTimeToBytes(
    new CosemDateTime({
      year: field(date?.[1]),
      month: field(date?.[2]),
      day: field(date?.[3]),
      hour: field(time?.[1]),
      minute: field(time?.[2]),
      second: time === null ? undefined : field(time[3]),
      ...status,
    }),
  );
}
