import { expect } from "vitest";
import { toHex } from "../../../../cosem/codec/bytes.js";
import { formatScaled } from "../../../../cosem/model/scaler-unit.js";
import { type DataRecord, isCompactProfile } from "../../../../src/mbus/index.js";
import type { ExpectedRecord } from "./vectors.js";

/** The value as the vectors write it; numbers as exact decimal text. */
export function shown(record: DataRecord): string | null {
  const { value, information } = record;
  switch (value.kind) {
    case "integer":
    case "float":
      return formatScaled(value.value, information.exponent);
    case "invalid":
      return value.coded === undefined ? null : formatScaled(value.coded, information.exponent);
    case "bytes":
      return toHex(value.value);
    case "none":
      return null;
    default:
      return value.value;
  }
}

/** Exact for integers and decimal fractions; floats of the meter are compared as floats. */
export function sameValue(actual: string | null, wanted: number | string | null): boolean {
  if (actual === null || wanted === null) return actual === wanted;
  if (typeof wanted === "string") return actual === wanted;
  return actual === decimalText(wanted) || Number(actual) === wanted || Math.abs(Number(actual) / wanted - 1) < 1e-12;
}

/** `8e-06` as `0.000008`, so that exact texts can be compared. */
function decimalText(value: number): string {
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  return formatScaled(BigInt(whole + fraction), Number(exponent) - fraction.length);
}

/** @param data  what the record's offsets point into */
export function expectRecord(record: DataRecord, wanted: ExpectedRecord, data: Uint8Array): void {
  const { information } = record;
  expect({
    function: record.function,
    storage: record.storage,
    tariff: record.tariff,
    subunit: record.subunit,
    quantity: information.quantity,
    // The vectors leave the unit of compact profiles open; ours is that of the values inside.
    unit: isCompactProfile(record) ? "" : information.unit,
    modifiers: information.modifiers,
    manufacturerSpecific: information.manufacturerSpecific,
    recordError: information.recordError,
    data: toHex(data.subarray(record.dataOffset, record.endOffset)),
  }).toEqual({
    function: wanted.function,
    storage: wanted.storage,
    tariff: wanted.tariff,
    subunit: wanted.subunit,
    quantity: wanted.quantity,
    unit: wanted.unit,
    // The wireless vectors say a record error among the modifiers too.
    modifiers: (wanted.modifiers ?? []).filter((words) => !words.startsWith("error: ")),
    manufacturerSpecific: wanted.manufacturerSpecific ?? false,
    recordError: wanted.recordError,
    data: wanted.data,
  });
  if (wanted.drh !== undefined) expect(toHex(record.header)).toBe(wanted.drh);
  const actual = shown(record);
  const isRight = sameValue(actual, wanted.value) || sameValue(actual, wanted.altValue ?? null);
  expect(isRight, `${wanted.drh} ${wanted.data}: ${actual} instead of ${wanted.value}`).toBe(true);
}
