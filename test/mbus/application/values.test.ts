import { describe, expect, it } from "vitest";
import { DecodeError, fromHex } from "../../../cosem/codec/bytes.js";
import {
  type DataRecord,
  decodeApplication,
  isCompactProfile,
  manufacturerCode,
  manufacturerLetters,
  mediumName,
  type RecordValue,
} from "../../../src/mbus/index.js";

function recordsOf(hex: string): readonly DataRecord[] {
  return decodeApplication(fromHex(`78 ${hex}`)).records;
}

function recordOf(hex: string): DataRecord {
  const record = recordsOf(hex)[0];
  if (record === undefined) throw new Error("no record");
  return record;
}

function valueIn(hex: string): RecordValue {
  return recordOf(hex).value;
}

function reasonOf(hex: string): string {
  try {
    decodeApplication(fromHex(hex));
  } catch (error) {
    if (error instanceof DecodeError) return error.reason;
    throw error;
  }
  return "none";
}

const tenDifes = "80".repeat(9);

describe("values of records", () => {
  it.each([
    ["0113 ff", { kind: "integer", value: -1 }],
    ["0313 ffff7f", { kind: "integer", value: 8388607 }],
    ["0613 ffffffffff7f", { kind: "integer", value: 2 ** 47 - 1 }],
    ["0713 ffffffffffffff7f", { kind: "integer", value: 2n ** 63n - 1n }],
    ["0779 ffffffffffffffff", { kind: "integer", value: 2n ** 64n - 1n }],
    ["01fd17 ff", { kind: "integer", value: 255 }],
    // FC 11 and FC 12: types C and D, unsigned whatever the VIF says.
    ["0493fc11 ffffffff", { kind: "integer", value: 2 ** 32 - 1 }],
    ["0193fc12 81", { kind: "integer", value: 129 }],
    ["0793fc11 ffffffffffffffff", { kind: "integer", value: 2n ** 64n - 1n }],
    ["0493fc0c ffffffff", { kind: "integer", value: -1 }],
    ["0513 00000080", { kind: "float", value: -0 }],
    ["0513 01000000", { kind: "float", value: 2 ** -149 }],
    ["0a13 23f1", { kind: "integer", value: -123 }],
    ["0e13 563412907856", { kind: "integer", value: 567890123456 }],
    ["0013", { kind: "none" }],
    ["0813", { kind: "none" }],
    ["036d 3b3b17", { kind: "time", value: "23:59:59" }],
    ["026c 5d22", { kind: "invalid", reason: "not a date", of: "date" }],
    ["046d 3b37fe2c", { kind: "datetime", value: "2023-12-30T23:59:00", summerTime: false, timeInvalid: false }],
    ["046d 80a0c113", { kind: "datetime", value: "2014-03-01T00:00:00", summerTime: true, timeInvalid: true }],
  ])("reads %s", (hex, value) => {
    expect(valueIn(hex)).toEqual(value);
  });

  it.each([
    "0513 0000807f",
    "0513 000080ff",
    "0513 0000c07f",
    "0913 ab",
    "0c13 ffffffff",
    "0c13 0000000a",
    "026c 0000",
  ])("flags %s as not valid", (hex) => {
    expect(valueIn(hex).kind).toBe("invalid");
  });

  it.each(["026c ffff", "026c dd12", "026c 4120", "026c 01fd", "046d 3c000113", "046d 00181113"])(
    "takes no date out of %s",
    (hex) => {
      expect(valueIn(hex)).toEqual({
        kind: "invalid",
        reason: "not a date",
        of: hex.startsWith("02") ? "date" : "datetime",
      });
    },
  );

  it("keeps the number beside the flag for the most negative integer of each width (type B: 1000…0b is invalid)", () => {
    expect(valueIn("0113 80")).toMatchObject({ kind: "invalid", reason: "no value (80)", coded: -128 });
    expect(valueIn("0213 0080")).toMatchObject({ kind: "invalid", reason: "no value (8000)", coded: -32768 });
    expect(valueIn("0313 000080")).toMatchObject({ kind: "invalid", coded: -8388608 });
    expect(valueIn("0413 00000080")).toMatchObject({ kind: "invalid", coded: -2147483648 });
    expect(valueIn("0613 000000000080")).toMatchObject({ kind: "invalid", coded: -140737488355328 });
    expect(valueIn("0713 0000000000000080")).toMatchObject({ kind: "invalid", coded: -9223372036854775808n });
    expect(valueIn("04fd17 00000080")).toEqual({ kind: "integer", value: 2147483648 });
  });
});

describe("data of variable length", () => {
  it.each([
    ["0d13 00", { kind: "text", value: "" }],
    ["0dfd11 03 e40041", { kind: "text", value: "A\u0000ä" }],
    ["0d13 c4 78563412", { kind: "integer", value: 12345678 }],
    ["0d13 d2 3412", { kind: "integer", value: -1234 }],
    ["0d13 c0", { kind: "integer", value: 0 }],
    ["0d13 c9 998877665544332211", { kind: "integer", value: 112233445566778899n }],
    ["0d13 c1 f1", { kind: "invalid", reason: "BCD with digits A-F" }],
    ["0d13 e2 feff", { kind: "integer", value: -2 }],
    ["0d13 e8 ffffffffffffffff", { kind: "integer", value: -1n }],
    ["0d13 e9 010203040506070809", { kind: "bytes", value: fromHex("090807060504030201") }],
    ["0dff5f 02 0102", { kind: "bytes", value: fromHex("0201") }],
    ["0d931e 03 010203", { kind: "bytes", value: fromHex("010203") }],
  ])("reads %s", (hex, value) => {
    expect(valueIn(hex)).toEqual(value);
  });

  it("tells compact profiles from other bytes", () => {
    expect(isCompactProfile(recordOf("0d931e 03 010203"))).toBe(true);
    expect(isCompactProfile(recordOf("0dff5f 02 0102"))).toBe(false);
    expect(isCompactProfile(recordOf("01931e 05"))).toBe(false);
  });

  it.each([
    ["bf", 191],
    ["f0", 16],
    ["f4", 32],
    ["f5", 48],
    ["f6", 64],
  ])("takes LVAR %s for its length", (lvar, length) => {
    const records = recordsOf(`0d13 ${lvar} ${"41".repeat(length)} 0113 05`);
    expect(records[0]?.endOffset).toBe(4 + length);
    expect(records[1]?.value).toEqual({ kind: "integer", value: 5 });
  });

  it.each(["ca", "da", "f7", "ff"])("refuses the reserved LVAR %s", (lvar) => {
    expect(reasonOf(`78 0d13 ${lvar} ${"00".repeat(40)}`)).toBe("badLength");
  });
});

describe("value information", () => {
  it("adds multipliers to the exponent", () => {
    expect(recordOf("0113 05").information.exponent).toBe(-3);
    expect(recordOf("0193f07d 05").information).toMatchObject({
      exponent: -6,
      modifiers: ["times 10^-6", "times 10^3"],
    });
  });

  it("tells additive corrections apart from the scale", () => {
    expect(recordOf("02d97b 0500").information).toMatchObject({ exponent: -2, addend: 1, addendExponent: 0 });
    expect(recordOf("02d9f878 0500").information).toMatchObject({ exponent: -2, addend: 2, addendExponent: -3 });
    expect(recordOf("02d9f87a 0500").information).toMatchObject({ addend: 101, addendExponent: -3 });
  });

  it("tells durations, dates and counts of limit exceeds", () => {
    expect(recordOf("02be52 0500").information).toMatchObject({ quantity: "Volume flow (duration)", unit: "h" });
    expect(recordOf("02be52 0500").information.exponent).toBe(0);
    expect(valueIn("02ad42 c113")).toEqual({ kind: "date", value: "2014-03-01" });
    expect(recordOf("01ad49 03").information).toMatchObject({ quantity: "Power", unit: "", exponent: 0 });
  });

  it("reads plain text before or behind the VIFEs", () => {
    const usual = recordOf("02fc0348522574 2215").information;
    expect(usual).toMatchObject({ unit: "%RH", exponent: -2 });
    expect(recordOf("02fc7403485225 2215").information).toEqual(usual);
    expect(recordOf("027c00 0500").information.unit).toBe("");
  });

  it.each([
    ["01fb01 05", "Energy", "Wh", 6],
    ["01fb0d 05", "Energy", "cal", 6],
    ["01fb09 05", "Energy", "J", 9],
    ["01fb1b 05", "Relative humidity", "%", 0],
    ["01fb2d 05", "Frequency", "Hz", -2],
    ["01fdfd02 05", "Remaining battery life time", "month", 0],
    ["01fdfd3e 05", "Moisture level", "%", 0],
    ["01fd48 05", "Voltage", "V", -1],
    ["0148 05", "Volume flow", "m3/s", -9],
    ["01ef13 05", "Reserved", "", 0],
  ])("knows %s", (hex, quantity, unit, exponent) => {
    expect(recordOf(hex).information).toMatchObject({ quantity, unit, exponent, modifiers: [] });
  });

  it("gives value and error where a VIFE tells an error", () => {
    const record = recordOf("01db15 05");
    expect(record.information.recordError).toBe("no data available");
    expect(record.value).toEqual({ kind: "integer", value: 5 });
  });
});

describe("telegrams with faults", () => {
  it("keeps the records around one that is not valid", () => {
    const records = recordsOf("0413 01000000 0c13 ffffffff 026c 0000 0413 02000000");
    expect(records.map((record) => record.value.kind)).toEqual(["integer", "invalid", "invalid", "integer"]);
  });

  it("takes 10 DIFEs and VIFEs, and flags 11", () => {
    expect(valueIn(`81${tenDifes}00 13 05`)).toEqual({ kind: "integer", value: 5 });
    const [bad, good] = recordsOf(`81${tenDifes}8000 13 05 0113 06`);
    expect(bad?.value).toEqual({ kind: "invalid", reason: "more than 10 DIFEs" });
    expect(good?.value).toEqual({ kind: "integer", value: 6 });
    expect(valueIn(`01 93${"bc".repeat(9)}3c 05`)).toEqual({ kind: "integer", value: 5 });
    expect(valueIn(`01 93${"bc".repeat(10)}3c 05`)).toEqual({ kind: "invalid", reason: "more than 10 VIFEs" });
  });

  it.each([
    ["", "truncated"],
    ["72 7856341224", "truncated"],
    ["7a 010000", "truncated"],
    ["78 80", "truncated"],
    ["78 01", "truncated"],
    ["78 01fd", "truncated"],
    ["78 01fc", "truncated"],
    ["78 01fcff41", "truncated"],
    ["78 0d13", "truncated"],
    ["78 3f", "reservedDataField"],
    ["78 7f", "reservedDataField"],
    ["78 8f00", "reservedDataField"],
    ["79 1234", "formatUnknown"],
    ["7b 01000000", "formatUnknown"],
    ["51 0413", "sentToMeter"],
    [`73 ${"00".repeat(15)}`, "truncated"],
    [`73 ${"00".repeat(17)}`, "trailingBytes"],
    ["7a 01 00 2005 2f2f", "keyRequired"],
    ["7a 01 00 2007 2f2f", "keyRequired"],
    ["7a 01 00 000d 2f2f", "unsupportedSecurityMode"],
    ["70 08", "applicationError"],
    ["6e 01 00 0000 08", "applicationError"],
    ["71", "alarm"],
  ])("refuses %s: %s", (hex, reason) => {
    expect(reasonOf(hex)).toBe(reason);
  });

  it("reads telegrams without records", () => {
    expect(recordsOf("")).toEqual([]);
    expect(recordsOf("2f2f2f")).toEqual([]);
    expect(reasonOf("7a 01 00 2005")).toBe("none");
  });

  it("takes all behind 0F and 1F as manufacturer data", () => {
    const last = decodeApplication(fromHex("78 0113 05 0f 1f04"));
    expect(last).toMatchObject({ manufacturerData: fromHex("1f04"), more: false });
    expect(decodeApplication(fromHex("78 0113 05 1f"))).toMatchObject({ manufacturerData: fromHex(""), more: true });
  });
});

describe("the fixed data structure", () => {
  it("reads binary and BCD counters and the historic one", () => {
    const bcd = decodeApplication(fromHex("73 78563412 0a 00 e97e 01000000 35010000"));
    expect(bcd.records.map((record) => record.value)).toEqual([
      { kind: "integer", value: 1 },
      { kind: "integer", value: 135 },
    ]);
    expect(bcd.records.map((record) => record.storage)).toEqual([0, 1]);
    const binary = decodeApplication(fromHex("73 78563412 0a 01 c572 10000000 20000000"));
    expect(binary.records.map((record) => record.value)).toEqual([
      { kind: "integer", value: 16 },
      { kind: "integer", value: 32 },
    ]);
    expect(binary.records.map((record) => record.information.unit)).toEqual(["Wh", "m3/h"]);
    expect(binary.records.map((record) => record.information.exponent)).toEqual([3, -3]);
  });
});

describe("names", () => {
  it("turns manufacturer codes into letters and back", () => {
    expect(manufacturerLetters(0x2c2d)).toBe("KAM");
    expect(manufacturerLetters(0xac2d)).toBe("KAM");
    expect(manufacturerCode("KAM")).toBe(0x2c2d);
    expect(() => manufacturerCode("kam")).toThrow(RangeError);
    expect(() => manufacturerCode("KA")).toThrow(RangeError);
  });

  it("names device types", () => {
    expect(mediumName(0x07)).toBe("Water");
    expect(mediumName(0xfe)).toBe("Reserved (0xfe)");
  });
});

describe("a date of variable length (type M)", () => {
  it("is kept as bytes, most significant first: it is no number", () => {
    const telegram = decodeApplication(fromHex("78 0D 6D E5 01 02 03 04 05"));
    expect(telegram.records[0]?.value).toEqual({ kind: "bytes", value: Uint8Array.of(5, 4, 3, 2, 1) });
  });
});
