/** Each known gap of docs/known-gaps.md, held as it is: a test that fails says that its gap is closed, and the entry goes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createPlan } from "../src/host/buses.js";
import { createReceiverDriver, parseSecondaryAddress, type ReceiverTypeName } from "../src/mbus/index.js";
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
    receiverAddress: "62000997",
  };
  const target = createPlan([row]).find(1)?.target;
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
