import { describe, expect, it } from "vitest";
import type { ObjectDescription } from "../../../src/services/meters/contract.js";
import { describeValue, mainValues } from "../../../src/views/rest/words.js";

const value = (quantity: string, unit: string, more: Partial<ObjectDescription> = {}): ObjectDescription => ({
  classId: 4,
  logicalName: "0-0:128.0.0*255",
  quantity,
  unit,
  function: "inst",
  storage: 0,
  tariff: 0,
  subunit: 0,
  modifiers: [],
  manufacturerSpecific: false,
  unmapped: false,
  ...more,
});
const names = (descriptions: readonly ObjectDescription[]) => mainValues(descriptions, 4).map(describeValue);

describe("mainValues", () => {
  it("puts what is counted first, history and durations last", () => {
    const records = [
      value("operating time", "h"),
      value("energy", "Wh", { storage: 1 }),
      value("power", "W", { function: "max" }),
      value("flow temperature", "°C"),
      value("energy", "Wh", { tariff: 1 }),
      value("energy", "Wh"),
    ];
    expect(names(records)).toEqual(["energy", "flow temperature", "energy, tariff 1", "energy, storage 1"]);
  });

  it("starts with a counter of one tariff where there is no total", () => {
    const records = [value("voltage", "V", { subunit: 1 }), value("energy", "Wh", { tariff: 1 })];
    expect(names(records)).toEqual(["energy, tariff 1", "voltage, subunit 1"]);
  });

  it("leaves out text, dates and flags, unless there is nothing else", () => {
    const flags = value("error flags", "");
    expect(names([flags, value("volume", "m3"), value("date", "")])).toEqual(["volume"]);
    expect(names([flags])).toEqual(["error flags"]);
  });

  it("leaves out what only its maker understands", () => {
    expect(names([value("manufacturer specific", "", { manufacturerSpecific: true })])).toEqual([]);
  });
});

describe("describeValue", () => {
  it("names function, tariff, storage, subunit and modifiers in this order", () => {
    const all = { function: "max", tariff: 2, storage: 3, subunit: 1, modifiers: ["at phase L1"] } as const;
    expect(describeValue(value("power", "W", all))).toBe("power, maximum, tariff 2, storage 3, subunit 1, at phase L1");
  });
});
