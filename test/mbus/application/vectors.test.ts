import { describe, expect, it } from "vitest";
import { DecodeError, toHex } from "../../../cosem/codec/bytes.js";
import { formatScaled } from "../../../cosem/model/scaler-unit.js";
import { type DataRecord, decodeApplication, MeterApplicationError, mediumName } from "../../../src/mbus/index.js";
import { applicationData, type ExpectedRecord, type Vector, wiredVectors } from "./support/vectors.js";

const vectors = wiredVectors();

function ofKind(...kinds: Vector["expect"]["kind"][]): Vector[] {
  return vectors.filter((vector) => kinds.includes(vector.expect.kind));
}

function dataOf(vector: Vector): Uint8Array {
  const data = applicationData(vector.hex);
  if (data === undefined) throw new Error(`${vector.id}: broken frame`);
  return data;
}

/** The value as the vectors write it; numbers as exact decimal text. */
function shown(record: DataRecord): string | null {
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
function sameValue(actual: string | null, wanted: number | string | null): boolean {
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

function expectRecord(record: DataRecord, wanted: ExpectedRecord, data: Uint8Array): void {
  const { information } = record;
  expect({
    function: record.function,
    storage: record.storage,
    tariff: record.tariff,
    subunit: record.subunit,
    quantity: information.quantity,
    unit: information.unit,
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
    modifiers: wanted.modifiers ?? [],
    manufacturerSpecific: wanted.manufacturerSpecific ?? false,
    recordError: wanted.recordError,
    data: wanted.data,
  });
  if (wanted.drh !== undefined) expect(toHex(record.header)).toBe(wanted.drh);
  const actual = shown(record);
  const isRight = sameValue(actual, wanted.value) || sameValue(actual, wanted.altValue ?? null);
  expect(isRight, `${wanted.drh} ${wanted.data}: ${actual} instead of ${wanted.value}`).toBe(true);
}

describe("M-Bus readouts of the corpus", () => {
  it("holds the whole wired corpus", () => {
    expect(ofKind("variable", "fixed").length).toBeGreaterThanOrEqual(63);
    expect(ofKind("application-error").length).toBe(7);
    expect(ofKind("malformed").length).toBe(22);
  });

  it.each(ofKind("variable", "fixed").map((vector): [string, Vector] => [vector.id, vector]))(
    "reads %s",
    (_, vector) => {
      const wanted = vector.expect;
      const data = dataOf(vector);
      const telegram = decodeApplication(data);
      expect(telegram.meter).toEqual({
        manufacturer: wanted.manufacturer,
        id: wanted.id,
        version: wanted.version,
        medium: wanted.mediumCode,
        accessNumber: wanted.accessNumber,
        status: wanted.status,
      });
      if (wanted.medium !== undefined) expect(mediumName(telegram.meter.medium ?? -1)).toBe(wanted.medium);
      if (wanted.kind === "variable") {
        expect(telegram.configurationWord).toBe(wanted.configWord);
        expect(telegram.more).toBe(wanted.more);
        const rest = telegram.manufacturerData;
        expect(rest === undefined ? null : toHex(rest)).toBe(wanted.manufacturerData);
      }
      const records = wanted.records ?? [];
      expect(telegram.records.length).toBe(records.length);
      telegram.records.forEach((record, index) => {
        const expected = records[index];
        if (expected !== undefined) expectRecord(record, expected, data);
      });
    },
  );
});

describe("M-Bus answers without a readout", () => {
  it.each(ofKind("application-error"))("tells the application error of $id", (vector) => {
    const error = refusalOf(dataOf(vector));
    expect(error).toBeInstanceOf(MeterApplicationError);
    expect(error).toMatchObject({
      reason: "applicationError",
      code: vector.expect.code,
      words: vector.expect.reason,
    });
  });

  const inApplicationLayer = ofKind("malformed").filter((vector) => applicationData(vector.hex) !== undefined);
  it("finds the faults that are behind a sound frame", () => {
    expect(inApplicationLayer.length).toBe(5);
  });

  it.each(inApplicationLayer)("refuses $id", (vector) => {
    expect(refusalOf(dataOf(vector))).toMatchObject({ reason: "truncated" });
  });

  it.each(ofKind("command"))("refuses the command $id", (vector) => {
    expect(refusalOf(dataOf(vector))).toMatchObject({ reason: "unknownControlInformation" });
  });
});

function refusalOf(data: Uint8Array): DecodeError {
  try {
    decodeApplication(data);
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error("not refused");
}
