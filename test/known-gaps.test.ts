/** Each known gap of docs/known-gaps.md, held as it is: a test that fails says that its gap is closed, and the entry goes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fromHex } from "../cosem/codec/bytes.js";
import { createPlan } from "../src/host/buses.js";
import {
  AesKey,
  createReceiverDriver,
  decodeApplication,
  decodeWireless,
  modesOf,
  parseSecondaryAddress,
  type ReceiverTypeName,
} from "../src/mbus/index.js";
import { plannedMeters } from "./support/planned-meters.js";
import { repositoryRoot } from "./support/repository.js";

const listed = readFileSync(join(repositoryRoot, "docs/known-gaps.md"), "utf8");
const gap = (words: string, holds: () => void) =>
  it(`${words}: still a gap`, () => {
    expect(listed).toContain(`| ${words}`);
    holds();
  });
const eventsOf = (type: ReceiverTypeName, line: string) =>
  createReceiverDriver(type, { mode: "T", appendsRssi: false }).push(new TextEncoder().encode(`${line}\n`));
const rejected = [{ kind: "rejected", reason: "cutShort" }];

gap("`esecondary`: the address of an Elvaco receiver on the wired bus", () => {
  const row = {
    id: 1,
    sap: 16,
    logicalDeviceName: undefined,
    kind: undefined,
    interfaceName: "bus",
    secondaryAddress: "33225544AE4C6807",
    primaryAddress: undefined,
    position: "",
    addressingMode: "esecondary",
    receiver: "62000997",
  } as const;
  const target = createPlan(plannedMeters([row])).find(1)?.target;
  expect(target).toEqual({ kind: "secondary", mask: parseSecondaryAddress("33225544AE4C6807") });
});

gap("Elvaco text hexdump: telegrams without their link layer", () => {
  expect(eventsOf("elvacoHexdump", "33225544; SEN;68;07;00;-71;T1;7A55000000041389E20100;")).toEqual(rejected);
});

gap("rtl_433 before 2020: data from the CI field on", () => {
  const line =
    '{"model":"Wireless M-Bus","M":"BMT","id":16702184,"version":16,"type":27,"C":68,"data":"7ab00800000265130942652809820165e508"}';
  expect(eventsOf("rtl433", line)).toEqual(rejected);
});

gap("RC1180: the radio mode", () => {
  expect(createReceiverDriver("rc1180", { mode: "S", appendsRssi: false }).startCommands()).toEqual([]);
});

gap("Mode N (169 MHz) with CUL sticks and the iU891A", () => {
  for (const type of ["culfw", "iu891a"] as const) {
    expect(modesOf(type)).toEqual(["S", "T", "C", "CT"]);
    expect(() => createReceiverDriver(type, { mode: "N1a", appendsRssi: false }).startCommands()).toThrow(RangeError);
  }
});

/** A frame of ELS 12345678 with these layers; not one of the keys it could need is missing. */
const wireless = (layers: string) => () => {
  const rest = fromHex(`4493157856341201 04${layers}`.replaceAll(" ", ""));
  return decodeWireless(Uint8Array.of(rest.length, ...rest), { keyFor: () => new AesKey(new Uint8Array(16)) });
};
const firstValueOf = (record: string) =>
  decodeApplication(fromHex(`7278563412931501040100 0000${record}`.replaceAll(" ", ""))).records[0]?.value;

gap("Security modes 8 and 9", () => {
  for (const mode of ["08", "09"]) {
    const message = wireless(`7a 2a00 10${mode} ${"00".repeat(16)}`);
    expect(message).toThrow(expect.objectContaining({ reason: "unsupportedSecurityMode" }));
  }
});

gap("Security modes 1-4, 6, 11-15", () => {
  for (const mode of ["01", "02", "03", "04", "06", "0b", "0c", "0d", "0e", "0f"]) {
    const message = wireless(`7a 2a00 10${mode} ${"00".repeat(16)}`);
    expect(message, mode).toThrow(expect.objectContaining({ reason: "unsupportedSecurityMode" }));
  }
});

gap("Extended link layer V (CI 86)", () => {
  const refusal = expect.objectContaining({ reason: "unknownControlInformation" });
  expect(wireless("86 20 75 78 0413 01000000")).toThrow(refusal);
});

gap("CI 77: the fixed data structure, most significant byte first", () => {
  const bytes = fromHex("77 12345678 0a 00 e97e 00000001 00000135");
  expect(() => decodeApplication(bytes)).toThrow(expect.objectContaining({ reason: "unknownControlInformation" }));
});

gap("Types K, L and M", () => {
  expect(firstValueOf("04fd72 78563412")).toEqual({ kind: "integer", value: 0x12345678 });
  expect(firstValueOf("0dfd73 eb 0102030405060708090a0b")?.kind).toBe("bytes");
  expect(firstValueOf("0dfd73 e4 01020304")?.kind).toBe("bytes");
  expect(firstValueOf("0d6d e3 010203")?.kind).toBe("bytes");
});

gap("VIF FD 3B: telegrams in data containers", () => {
  expect(firstValueOf("0dfd3b e3 010203")?.kind).toBe("bytes");
  expect(firstValueOf("0dfd76 03 414243")?.kind).toBe("bytes");
  expect(firstValueOf(`0dfd3b ee ${"44".repeat(14)}`)?.kind).toBe("bytes");
});
