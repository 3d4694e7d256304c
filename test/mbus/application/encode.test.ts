import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../../cosem/codec/bytes.js";
import { decodeApplication, encodeLongHeader, encodeRecord, encodeRecordValue } from "../../../src/mbus/index.js";
import { readouts } from "./support/vectors.js";

/** Data bytes after writing `value` over `data`. */
function written(dataField: number, data: string, value: Parameters<typeof encodeRecordValue>[2]): string {
  const bytes = fromHex(data);
  encodeRecordValue(bytes, { dataField, dataOffset: 0, endOffset: bytes.length }, value);
  return toHex(bytes);
}

function integer(value: number | bigint): { kind: "integer"; value: number | bigint } {
  return { kind: "integer", value };
}

function clock(value: string): { kind: "datetime"; value: string; summerTime: boolean; timeInvalid: boolean } {
  return { kind: "datetime", value, summerTime: false, timeInvalid: false };
}

describe("writing a value in place", () => {
  it("writes integers least significant byte first", () => {
    expect(written(0x4, "00000000", integer(1234))).toBe("d2040000");
    expect(written(0x2, "0000", integer(-2))).toBe("feff");
    expect(written(0x2, "0000", integer(65535))).toBe("ffff");
    expect(written(0x7, "0000000000000000", integer(-(2n ** 63n)))).toBe("0000000000000080");
  });

  it("writes BCD with F as the minus", () => {
    expect(written(0xc, "00000000", integer(285_0427))).toBe("27048502");
    expect(written(0xa, "0000", integer(-123))).toBe("23f1");
  });

  it("writes floats", () => {
    expect(written(0x5, "00000000", { kind: "float", value: 1 })).toBe("0000803f");
  });

  it("writes the dates of the corpus", () => {
    expect(written(0x2, "0000", { kind: "date", value: "2014-03-01" })).toBe("c113");
    expect(written(0x4, "00000000", clock("2014-03-13T14:26:00"))).toBe("1a0ecd13");
    expect(written(0x6, "000000000000", clock("2023-11-01T10:19:45"))).toBe("2d130ae12b00");
  });

  it("keeps what the value does not say", () => {
    // Hundred-year bits in use (2000 = 1900 + 100), week 25 and deviation of type I.
    expect(written(0x4, "80200101", clock("2014-03-13T14:26:00"))).toBe("1a2ecd13");
    expect(written(0x6, "c07609193580", clock("2024-05-26T10:00:01"))).toBe("81400a1a3580");
  });

  it("refuses what does not fit", () => {
    expect(() => written(0x1, "00", integer(256))).toThrow(RangeError);
    expect(() => written(0x9, "00", integer(100))).toThrow(RangeError);
    expect(() => written(0x9, "00", integer(-10))).toThrow(RangeError);
    expect(() => written(0xd, "4142", { kind: "text", value: "ABC" })).toThrow(RangeError);
    expect(() => written(0x2, "0000", { kind: "date", value: "2081-01-01" })).toThrow(RangeError);
    expect(() => written(0xd, "4142", { kind: "invalid", reason: "no value" })).toThrow(RangeError);
  });

  it("writes invalid values so that they are read as such", () => {
    const invalid = { kind: "invalid", reason: "no value" } as const;
    expect(written(0x2, "1234", invalid)).toBe("0080");
    expect(written(0x4, "00000000", { ...invalid, coded: -(2 ** 31) })).toBe("00000080");
    expect(written(0xc, "00000000", invalid)).toBe("ffffffff");
    expect(written(0x5, "00000000", invalid)).toBe("0000c07f");
    const of = {
      "0206": "",
      "0c06": "",
      "0506": "",
      "026c": "date",
      "046d": "datetime",
      "066d": "datetime",
      "036d": "time",
    };
    for (const [head, kind] of Object.entries(of)) {
      const value = kind === "" ? invalid : { ...invalid, of: kind as "date" | "datetime" | "time" };
      const dataField = Number.parseInt(head.slice(0, 2), 16);
      const bytes = encodeRecord({ dataField, valueInformation: fromHex(head.slice(2)), value });
      const [record] = decodeApplication(Uint8Array.of(0x78, ...bytes)).records;
      expect(record?.value.kind, head).toBe("invalid");
    }
  });

  it("gives back every value of the corpus", () => {
    for (const { data } of readouts()) {
      const copy = data.slice();
      const { records } = decodeApplication(data);
      for (const record of records) {
        if (record.value.kind !== "invalid") encodeRecordValue(copy, record, record.value);
      }
      expect(decodeApplication(copy).records).toEqual(records);
    }
  });
});

describe("encoding records", () => {
  it("writes DIF, DIFEs, value information and data", () => {
    const energy = { dataField: 4, valueInformation: fromHex("06"), value: integer(1234) };
    expect(toHex(encodeRecord(energy))).toBe("0406d2040000");
    expect(toHex(encodeRecord({ ...energy, function: "max", storage: 1, tariff: 2 }))).toBe("d42006d2040000");
    expect(toHex(encodeRecord({ ...energy, storage: 510 }))).toBe("848f0f06d2040000");
    expect(toHex(encodeRecord({ ...energy, subunit: 2 }))).toBe("84804006d2040000");
  });

  it("writes texts last character first", () => {
    const text = {
      dataField: 0xd,
      valueInformation: fromHex("fd0b"),
      value: { kind: "text", value: "WFH21" },
    } as const;
    expect(toHex(encodeRecord(text))).toBe("0dfd0b053132484657");
  });

  it("gives back every record of the corpus byte for byte", () => {
    let count = 0;
    for (const { data } of readouts()) {
      // Fixed data (CI 73) has no records on the wire.
      if (data[0] === 0x73) continue;
      for (const record of decodeApplication(data).records) {
        // Hundred-year bits, weeks, and which no-value it was, are not in the value.
        const isPartly = record.value.kind === "datetime" || record.value.kind === "invalid";
        const headEnd = record.headerOffset + record.header.length;
        const difEnd = record.header.findIndex((byte) => byte < 0x80) + 1;
        const encoded = encodeRecord({
          ...record,
          valueInformation: record.header.subarray(difEnd),
          difes: difEnd - 1,
          ...(record.dataField === 0xd ? { lvar: data[headEnd] as number } : {}),
          ...(isPartly ? { data: data.slice(record.dataOffset, record.endOffset) } : {}),
        });
        expect(toHex(encoded)).toBe(toHex(data.subarray(record.headerOffset, record.endOffset)));
        count += 1;
      }
    }
    expect(count).toBeGreaterThanOrEqual(879);
  });

  it("writes numbers and bytes of variable length", () => {
    const head = { dataField: 0xd, valueInformation: fromHex("06") };
    expect(toHex(encodeRecord({ ...head, value: integer(5) }))).toBe("0d06e105");
    expect(toHex(encodeRecord({ ...head, value: integer(-129) }))).toBe("0d06e27fff");
    expect(toHex(encodeRecord({ ...head, value: integer(2n ** 62n) }))).toBe("0d06e80000000000000040");
    expect(toHex(encodeRecord({ ...head, lvar: 0xc3, value: integer(1234) }))).toBe("0d06c3341200");
    expect(toHex(encodeRecord({ ...head, lvar: 0xd2, value: integer(-1234) }))).toBe("0d06d23412");
    expect(() => encodeRecord({ ...head, lvar: 0xc2, value: integer(-1) })).toThrow(RangeError);
    expect(() => encodeRecord({ ...head, lvar: 0xc1, value: integer(100) })).toThrow(RangeError);
    for (const [length, lvar] of [
      [15, 0xef],
      [16, 0xf0],
      [20, 0xf1],
      [32, 0xf4],
      [48, 0xf5],
      [64, 0xf6],
    ] as const) {
      const value = { kind: "bytes", value: Uint8Array.from({ length }, (_, index) => index) } as const;
      const bytes = encodeRecord({ ...head, value });
      expect(bytes[2]).toBe(lvar);
      expect(decodeApplication(Uint8Array.of(0x78, ...bytes)).records[0]?.value).toEqual(value);
    }
    expect(() => encodeRecord({ ...head, value: { kind: "bytes", value: new Uint8Array(17) } })).toThrow(RangeError);
  });

  it("writes a storage number of 41 bits", () => {
    const storage = 2 ** 41 - 1;
    const record = encodeRecord({ dataField: 1, storage, valueInformation: fromHex("13"), value: integer(5) });
    expect(toHex(record)).toBe("c1 8f8f8f8f8f8f8f8f8f0f 13 05".replaceAll(" ", ""));
    expect(decodeApplication(Uint8Array.of(0x78, ...record)).records[0]?.storage).toBe(storage);
  });

  it("writes a long header", () => {
    const header = { manufacturer: "ACW", id: "10020387", version: 20, medium: 3, accessNumber: 154, status: 0 };
    expect(toHex(encodeLongHeader(header))).toBe("728703021077041403 9a000000".replace(" ", ""));
  });
});
