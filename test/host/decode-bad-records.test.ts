import { describe, expect, it } from "vitest";
import { startDecodeRun } from "../../src/host/decode-line.js";
import { explainedText } from "../../src/host/explain-text.js";
import { wirelessVectors } from "../mbus/wireless/support/vectors.js";

interface Answer {
  readonly ok: boolean;
  readonly records: readonly Readonly<Record<string, unknown>>[];
  readonly manufacturerData: string | null;
  readonly manufacturerFields?: readonly Readonly<Record<string, unknown>>[];
  readonly error: unknown;
}

/** RSP_UD from address 5 with CI 78; checksum by EN 13757-2: the sum of the bytes from the C field on. */
function wired(records: string): string {
  const data = [0x08, 0x05, 0x78, ...Buffer.from(records.replaceAll(" ", ""), "hex")];
  const sum = data.reduce((total, byte) => total + byte, 0) & 0xff;
  return Buffer.from([0x68, data.length, data.length, 0x68, ...data, sum, 0x16]).toString("hex");
}

const answer = (question: object) => startDecodeRun()(JSON.stringify({ id: 1, key: null, ...question })) as Answer;

describe("decode --json of a telegram with a bad record", () => {
  it("lists it with its error beside the good ones", () => {
    const { ok, records, error } = answer({ hex: wired("04 06 D2040000 0D 06 F7 0102") });
    expect([ok, error]).toEqual([true, null]);
    expect(records[0]).toMatchObject({ value: 1234000, recordError: null });
    expect(records[0]).not.toHaveProperty("error");
    expect(records[1]).toMatchObject({
      ...{ quantity: "Energy", unit: "Wh", value: null, kind: "none", obis: null, modifiers: [] },
      ...{ recordError: "badLength", drh: "0d06", data: "f70102" },
      error: { reason: "badLength", offset: 9, detail: "reserved LVAR F7" },
    });
  });

  it("has the codes of the good records stand beside their own", () => {
    const { records } = answer({ hex: wired("7F 0C 78 78563412 04 6D 212F1635") });
    expect(records.map(({ recordError, obis }) => [recordError, obis])).toEqual([
      ["reservedDataField", null],
      [null, "0-0:96.1.0*255"],
      [null, "0-0:1.0.0*255"],
    ]);
  });

  it("refuses it where it ends inside a record", () => {
    const refused = answer({ hex: wired("04 06 D2040000 04 13 01") });
    expect(refused).toMatchObject({ ok: false, records: [], error: { reason: "truncated", offset: 10 } });
  });
});

describe("manufacturer's data that a map describes", () => {
  const { hex = "" } = wirelessVectors.find(({ id }) => id === "wmbusmeters/hydrodigit-db20f8") ?? {};

  it("is listed field by field beside its bytes", () => {
    const { manufacturerData, manufacturerFields } = answer({ hex, wireless: true });
    expect(manufacturerData).toMatch(/^152a0f000000440f00/);
    // wmbusmeters' expected JSON of this telegram: 3.05 V, 0.015 m3 backwards, 39.08 m3 last month.
    expect(manufacturerFields?.slice(0, 3)).toMatchObject([
      { quantity: "Battery voltage", unit: "V", value: 3.05, offset: 1, data: "2a", obis: "0-0:96.6.3*255" },
      { quantity: "Backflow volume", unit: "m3", value: 0.015, offset: 2, data: "0f000000" },
      { quantity: "Volume at the end of the month", storage: 1, value: 39.08, offset: 6, data: "440f00" },
    ]);
  });

  it("is broken down by --explain", () => {
    const text = explainedText({ hex, isWireless: true, key: undefined, asJson: false });
    expect(text).toContain(" 29 2A                            manufacturer's field: Battery voltage = 3.05 V\n");
    expect(text).toContain(" 30 0F 00 00 00                   manufacturer's field: Backflow volume = 0.015 m3\n");
    expect(text).toContain(" 70 00                            not described\n");
  });

  it("of no known meter stays one block of bytes", () => {
    const unknown = answer({ hex: wired("04 06 D2040000 0F 0102") });
    expect(unknown).toMatchObject({ manufacturerData: "0102" });
    expect(unknown).not.toHaveProperty("manufacturerFields");
  });
});
