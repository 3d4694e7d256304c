import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError, fromHex, toHex } from "../../../cosem/codec/bytes.js";
import {
  compileLayout,
  decodeApplication,
  encodeRecordValue,
  explainApplication,
  locateSlot,
  matchesLayout,
  packPayload,
  readSlot,
  readSlots,
} from "../../../src/mbus/index.js";
import { readouts } from "./support/vectors.js";

/** 04 13: 32-bit integer, volume in 10^-3 m3 (EN 13757-3, VIF 13). */
const good = "04 13 39300000";
const telegram = (records: string) => fromHex(`78 ${records}`);
const fromOffset = (bytes: Uint8Array, from: number, to: number) => toHex(bytes.subarray(from, to));

/** DIFs with data field F that EN 13757-3 leaves reserved: all but 0F, 1F, 2F and 7F. */
const reservedDifs = Array.from({ length: 16 }, (_, high) => (high << 4) | 0x0f).filter(
  (dif) => ![0x0f, 0x1f, 0x2f, 0x7f].includes(dif),
);
/** LVARs that no kind of data has: CA-CF, DA-DF, F7-FF. */
const reservedLvars = [
  ...Array.from({ length: 6 }, (_, index) => 0xca + index),
  ...Array.from({ length: 6 }, (_, index) => 0xda + index),
  ...Array.from({ length: 9 }, (_, index) => 0xf7 + index),
];
const hex = (byte: number) => byte.toString(16).padStart(2, "0");

describe("a bad record among good ones", () => {
  it.each(reservedLvars)("with reserved LVAR %i is given with its error and all bytes behind it", (lvar) => {
    const bytes = telegram(`${good} 0d 06 ${hex(lvar)} 0102 ${good}`);
    const { records, manufacturerData } = decodeApplication(bytes);
    expect(manufacturerData).toBeUndefined();
    expect(records.map(({ value }) => value.kind)).toEqual(["integer", "invalid"]);
    // Behind CI and 6 bytes of the good record: DIF at 7, VIF at 8, LVAR at 9.
    expect(records[1]).toMatchObject({ fault: { reason: "badLength", offset: 9 }, headerOffset: 7, dataOffset: 9 });
    expect(toHex(records[1]?.header ?? bytes)).toBe("0d06");
    expect(fromOffset(bytes, records[1]?.dataOffset ?? 0, records[1]?.endOffset ?? 0)).toBe(
      `${hex(lvar)}0102041339300000`,
    );
  });

  it.each(reservedDifs)("with reserved DIF %i is given with its error and all bytes behind it", (dif) => {
    const bytes = telegram(`${good} 2f ${hex(dif)} ${good}`);
    const { records } = decodeApplication(bytes);
    expect(records.map(({ value }) => value.kind)).toEqual(["integer", "invalid"]);
    expect(records[1]).toMatchObject({ fault: { reason: "reservedDataField", offset: 8 }, endOffset: bytes.length });
    expect(toHex(records[1]?.header ?? bytes)).toBe(hex(dif));
  });

  it("is one byte where a meter sends the master's 7F, and the records behind it are read", () => {
    const { records, manufacturerData } = decodeApplication(telegram(`7f ${good} 7f ${good} 0f 0102`));
    expect(records.map(({ fault }) => [fault?.reason, fault?.offset])).toEqual([
      ["reservedDataField", 1],
      [undefined, undefined],
      ["reservedDataField", 8],
      [undefined, undefined],
    ]);
    expect(manufacturerData).toEqual(fromHex("0102"));
  });

  it("with too many extensions names the first one too many, and the records behind it are read", () => {
    const difes = decodeApplication(telegram(`81 ${"80".repeat(10)}00 13 05 ${good}`)).records;
    expect(difes.map(({ fault }) => fault)).toMatchObject([{ reason: "tooManyExtensions", offset: 12 }, undefined]);
    const vifes = decodeApplication(telegram(`01 93 ${"bc".repeat(10)}3c 05 ${good}`)).records;
    expect(vifes.map(({ fault }) => fault)).toMatchObject([{ reason: "tooManyExtensions", offset: 13 }, undefined]);
    expect(vifes[1]?.value).toEqual({ kind: "integer", value: 12345 });
  });

  it("may be a compact profile or a date: no value is made of it", () => {
    for (const header of ["0d931e", "0d6d", "0dfd17"]) {
      const { records } = decodeApplication(telegram(`${good} ${header} f7 0000`));
      expect(records[1]).toMatchObject({ value: { kind: "invalid" }, fault: { reason: "badLength" } });
    }
  });
});

describe("a telegram is refused", () => {
  const reasonOf = (records: string) => {
    try {
      decodeApplication(telegram(records));
      return "none";
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return [error.reason, error.offset];
    }
  };

  it("where reserved codes are all there is, or stand beside records without data", () => {
    expect(reasonOf("0d06f7 0102")).toEqual(["badLength", 3]);
    expect(reasonOf("3f 0413")).toEqual(["reservedDataField", 1]);
    expect(reasonOf("7f")).toEqual(["reservedDataField", 1]);
    expect(reasonOf("30 10 ff 2a")).toEqual(["reservedDataField", 3]);
    expect(reasonOf("7f 0f 01")).toBe("none");
  });

  it("where it ends inside a record, whatever stands before", () => {
    expect(reasonOf(`${good} 04 13 0102`)).toEqual(["truncated", 11]);
    expect(reasonOf(`${good} 0d 06`)).toEqual(["truncated", 9]);
    expect(reasonOf(`${good} 0d 06 05 0102`)).toEqual(["truncated", 12]);
    expect(reasonOf(`7f ${good} 04`)).toEqual(["truncated", 9]);
  });
});

describe("layouts of telegrams with bad records", () => {
  const tail = fc.uint8Array({ maxLength: 12 });
  const bad = fc.oneof(
    fc.tuple(fc.constantFrom(...reservedLvars), tail).map(([lvar, bytes]) => Uint8Array.of(0x0d, 0x06, lvar, ...bytes)),
    fc.tuple(fc.constantFrom(...reservedDifs), tail).map(([dif, bytes]) => Uint8Array.of(dif, ...bytes)),
    fc.constant(Uint8Array.of(0x7f)),
    fc.constant(fromHex(`81${"80".repeat(10)}001305`)),
  );
  // Behind a word that is no security mode, a bad record makes the whole doubtful: that has a test of its own.
  const all = readouts().filter(({ data }) => ((decodeApplication(data).configurationWord ?? 0) & 0x1000) === 0);
  const anyReadout = fc.nat({ max: all.length - 1 }).map((index) => (all[index] as (typeof all)[number]).data);
  /** The readout with a bad record before one of its own, or behind the last. */
  const broken = fc.tuple(anyReadout, bad, fc.nat()).map(([data, bytes, place]) => {
    const starts = [...decodeApplication(data).records.map(({ headerOffset }) => headerOffset), data.length];
    const at = starts[place % starts.length] ?? data.length;
    return { at, data, bytes: Uint8Array.of(...data.subarray(0, at), ...bytes, ...data.subarray(at)) };
  });

  it("give what the decoder gives, and do not fit the telegram without them", () => {
    fc.assert(
      fc.property(broken, ({ bytes, data }) => {
        const payload = packPayload([bytes]);
        let records: ReturnType<typeof decodeApplication>["records"];
        try {
          ({ records } = decodeApplication(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
          expect(() => compileLayout(payload)).toThrow(error as DecodeError);
          return;
        }
        const layout = compileLayout(payload);
        expect(matchesLayout(layout, payload)).toBe(true);
        const values = records.map(({ value }) => value);
        expect(readSlots(layout, payload)).toEqual(values);
        expect(layout.slots.map(({ index }) => readSlot(layout, index, payload))).toEqual(values);
        for (const [index, { fault, endOffset }] of records.entries()) {
          const { offset, length } = locateSlot(layout, index, payload);
          expect(offset + length).toBe(2 + endOffset);
          expect(layout.slots[index]?.recordHeader.fault?.reason).toBe(fault?.reason);
        }
        if (records.some(({ fault }) => fault !== undefined)) {
          expect(matchesLayout(compileLayout(packPayload([data])), payload)).toBe(false);
          expect(matchesLayout(layout, packPayload([data]))).toBe(false);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it("keep the records before the bad one as they were", () => {
    fc.assert(
      fc.property(broken, ({ bytes, data, at }) => {
        const before = decodeApplication(data).records.filter(({ endOffset }) => endOffset <= at);
        // A fixed data structure has its counters at fixed places and takes no further byte.
        if (data[0] === 0x73 || before.every(({ dataField }) => dataField === 0)) return;
        expect(decodeApplication(bytes).records.slice(0, before.length)).toEqual(before);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a bad record elsewhere", () => {
  it("is explained to the last byte, under its own name", () => {
    const { fields, error } = explainApplication(telegram(`${good} 0d 06 f7 0102`));
    expect(error).toBeUndefined();
    expect(fields.map(({ name, offset, length }) => [name, offset, length])).toEqual([
      ["CI field", 0, 1],
      ["record", 1, 6],
      ["bad record", 7, 5],
    ]);
    expect(fields[2]?.meaning).toBe("Energy, reserved LVAR F7 (badLength)");
    expect(fields[2]?.children.map(({ name, length }) => [name, length])).toEqual([
      ["DIF", 1],
      ["VIF", 1],
      ["LVAR", 1],
      ["not readable", 2],
    ]);
    const reserved = explainApplication(telegram(`${good} 3f 0102`)).fields[2];
    expect(reserved?.children.map(({ name, length }) => [name, length])).toEqual([
      ["DIF", 1],
      ["not readable", 2],
    ]);
    expect(explainApplication(telegram(`${good} 7f ${good}`)).fields.map(({ name }) => name)).toEqual([
      "CI field",
      "record",
      "bad record",
      "record",
    ]);
  });

  it("is no value to encode: the others are written anew around its bytes", () => {
    const bytes = telegram(`${good} 0d 06 f7 0102`);
    const { records } = decodeApplication(bytes);
    const copy = bytes.slice();
    for (const record of records) {
      if (record.fault !== undefined) {
        expect(() => encodeRecordValue(copy, record, record.value)).toThrow(RangeError);
        continue;
      }
      copy.fill(0, record.dataOffset, record.endOffset);
      encodeRecordValue(copy, record, record.value);
    }
    expect(copy).toEqual(bytes);
  });
});
