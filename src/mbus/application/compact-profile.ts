/**
 * Compact profiles (VIFE 1F, 1E, 13): a row of values with equal distance in time, in one record of variable length:
 * spacing control byte, spacing value byte, elements. The base time is the date of the same storage number, the base
 * value the record of the same storage, tariff, subunit, VIF and VIFEs; the first element belongs to the base time plus
 * one step (an inverse profile goes back in time).
 * @see OMS Specification Volume 2, Annex I.B "The M-Bus compact profile" (after EN 13757-3, Annex F)
 */
import type { DataRecord, RecordValue } from "../record.js";
import { stepMoment, type TimeStep } from "./calendar.js";
import { Coding, codingOf, dataLength } from "./coding.js";
import { readValue } from "./data-values.js";
import { headerAt } from "./record-header.js";
import { isCompactProfile } from "./records.js";

export interface ProfileEntry {
  /** Register number of the value; undefined for profiles without register numbers. */
  readonly storage: number | undefined;
  /** In the meter's own clock, as date or date-time; undefined without base time or for lists that are no time series. */
  readonly time: string | undefined;
  readonly value: RecordValue;
}

export type IncrementMode = "absolute" | "increments" | "decrements" | "differences";

export interface ExpandedProfile {
  readonly direction: "forward" | "inverse";
  readonly incrementMode: IncrementMode;
  /** Undefined: elements of an array, or a reserved code. */
  readonly spacing: TimeStep | undefined;
  /** Power of ten from the entries' integers to the record's base unit. */
  readonly exponent: number;
  /** Bytes of each element. */
  readonly elementBytes: number;
  readonly entries: readonly ProfileEntry[];
}

const modes: readonly IncrementMode[] = ["absolute", "increments", "decrements", "differences"];
const controlBytes = 2;
const inverseWords = "inverse compact profile";
const registerWords = "compact profile with register numbers";
const profileWords: readonly string[] = [inverseWords, registerWords, "compact profile"];

const noValue: RecordValue = Object.freeze({ kind: "invalid", reason: "no value in the profile" });
const noBase: RecordValue = Object.freeze({ kind: "invalid", reason: "no base value for an increment" });
const brokenChain: RecordValue = Object.freeze({ kind: "invalid", reason: "an increment before it has no value" });

/**
 * @param records  all records of the telegram, `record` among them
 * @returns undefined where the record is no compact profile, or its element size is none that a profile may have
 */
export function expandProfile(records: readonly DataRecord[], record: DataRecord): ExpandedProfile | undefined {
  const data = profileData(record);
  if (data === undefined || data.length < controlBytes) return undefined;
  const control = data[0] as number;
  const dataField = control & 0x0f;
  const elementBytes = dataLength(dataField);
  if (dataField === 0x0 || dataField === 0x8 || dataField >= 0xf || elementBytes <= 0) return undefined;
  const incrementMode = modes[control >> 6] ?? "absolute";
  const isInverse = record.information.modifiers.includes(inverseWords);
  const spacing = spacingOf((control >> 4) & 3, data[1] as number);
  const base = incrementMode === "absolute" ? undefined : baseValue(records, record);
  const exponent = Math.min(record.information.exponent, base?.information.exponent ?? record.information.exponent);
  const elements = readElements(record, data, dataField, elementBytes, incrementMode);
  const values =
    incrementMode === "absolute" ? elements : addUp(elements, record, base, exponent, sign(incrementMode, isInverse));
  const baseTime = baseTimeOf(records, record);
  const hasRegisters = record.information.modifiers.includes(registerWords);
  return {
    direction: isInverse ? "inverse" : "forward",
    incrementMode,
    spacing,
    exponent,
    elementBytes,
    entries: values.map((value, index) => ({
      storage: hasRegisters ? record.storage + 1 + index : undefined,
      time:
        baseTime === undefined || spacing === undefined
          ? undefined
          : stepMoment(baseTime, spacing, isInverse ? -1 - index : 1 + index),
      value,
    })),
  };
}

function profileData(record: DataRecord): Uint8Array | undefined {
  return isCompactProfile(record) && record.value.kind === "bytes" ? record.value.value : undefined;
}

/**
 * Spacing units 0-3: seconds, minutes, hours, days; 253 and 254 are parts and multiples of months. 254 with unit 0 is
 * reserved in Table I.8, but the monthly example beside it (I.10) sends just that: it is taken as a month.
 */
function spacingOf(unit: number, count: number): TimeStep | undefined {
  if (count === 253) return unit === 3 ? { unit: "halfMonths", count: 1 } : undefined;
  if (count === 254) return { unit: "months", count: [1, 6, 3, 1][unit] ?? 1 };
  if (count === 0 || count > 250) return undefined;
  if (unit === 3) return { unit: "days", count };
  return { unit: "seconds", count: count * ([1, 60, 3600][unit] ?? 1) };
}

/** Increments are unsigned, absolute values and differences signed; the extreme code of each means "no value". */
function readElements(
  record: DataRecord,
  data: Uint8Array,
  dataField: number,
  elementBytes: number,
  mode: IncrementMode,
): RecordValue[] {
  const isUnsigned = mode === "increments" || mode === "decrements";
  const coding = codingOf(dataField, isUnsigned ? "unsigned" : "signed");
  const header = { ...headerAt(record.header, 0, record.header.length), coding, dataField, profile: false };
  const values: RecordValue[] = [];
  for (let offset = controlBytes; offset + elementBytes <= data.length; offset += elementBytes) {
    const value = readValue(header, data, offset, elementBytes, 0);
    const isMissing = value.kind === "integer" && BigInt(value.value) === missing(coding, elementBytes);
    values.push(isMissing || value.kind === "invalid" ? noValue : value);
  }
  return values;
}

function missing(coding: Coding, elementBytes: number): bigint | undefined {
  const bits = BigInt(8 * elementBytes);
  switch (coding) {
    case Coding.signed:
    case Coding.int64:
      return -(1n << (bits - 1n));
    case Coding.unsigned:
    case Coding.uint64:
      return (1n << bits) - 1n;
    default:
      return undefined;
  }
}

/** Differences are those of the younger value less the older one, whichever way the profile goes. */
function sign(mode: IncrementMode, isInverse: boolean): 1n | -1n {
  return (mode === "decrements") === isInverse ? 1n : -1n;
}

function addUp(
  elements: readonly RecordValue[],
  record: DataRecord,
  base: DataRecord | undefined,
  exponent: number,
  direction: 1n | -1n,
): RecordValue[] {
  if (base?.value.kind !== "integer") return elements.map(() => noBase);
  const scale = (value: number | bigint, from: number) => BigInt(value) * 10n ** BigInt(from - exponent);
  let sum = scale(base.value.value, base.information.exponent);
  let isBroken = false;
  return elements.map((element): RecordValue => {
    if (isBroken) return brokenChain;
    if (element.kind !== "integer") {
      isBroken = true;
      return noValue;
    }
    sum += direction * scale(element.value, record.information.exponent);
    const isExact = sum >= Number.MIN_SAFE_INTEGER && sum <= Number.MAX_SAFE_INTEGER;
    return { kind: "integer", value: isExact ? Number(sum) : sum };
  });
}

function baseValue(records: readonly DataRecord[], record: DataRecord): DataRecord | undefined {
  const wanted = meaningOf(record);
  return records.find(
    (other) => other.fault === undefined && profileData(other) === undefined && meaningOf(other) === wanted,
  );
}

/** All but scale: a base value may be sent with another exponent than its profile. */
function meaningOf({ function: kind, storage, tariff, subunit, information }: DataRecord): string {
  const modifiers = information.modifiers.filter(
    (words) => !profileWords.includes(words) && !words.startsWith("times 10^"),
  );
  return JSON.stringify([kind, storage, tariff, subunit, information.quantity, information.unit, modifiers]);
}

function baseTimeOf(records: readonly DataRecord[], record: DataRecord): string | undefined {
  for (const { storage, value, information } of records) {
    const isPlainTime = information.modifiers.length === 0;
    if (storage === record.storage && isPlainTime && (value.kind === "date" || value.kind === "datetime")) {
      return value.value;
    }
  }
  return undefined;
}
