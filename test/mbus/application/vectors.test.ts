import { describe, expect, it } from "vitest";
import { DecodeError, toHex } from "../../../cosem/codec/bytes.js";
import { decodeApplication, MeterApplicationError, mediumName } from "../../../src/mbus/index.js";
import { expectRecord } from "./support/expect-record.js";
import { applicationData, type Vector, wiredVectors } from "./support/vectors.js";

const vectors = wiredVectors();

function ofKind(...kinds: Vector["expect"]["kind"][]): Vector[] {
  return vectors.filter((vector) => kinds.includes(vector.expect.kind));
}

function dataOf(vector: Vector): Uint8Array {
  const data = applicationData(vector.hex);
  if (data === undefined) throw new Error(`${vector.id}: broken frame`);
  return data;
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
    expect(refusalOf(dataOf(vector))).toMatchObject({ reason: "sentToMeter" });
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
