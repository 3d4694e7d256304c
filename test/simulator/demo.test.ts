import { describe, expect, it } from "vitest";
import { toHex } from "../../cosem/codec/bytes.js";
import {
  type DataRecord,
  type DecodedTelegram,
  decodeApplication,
  formatSecondaryAddress,
} from "../../src/mbus/index.js";
import { createSimulatedMeter, demoBuses, type SimulatedMeter } from "../../src/simulator/index.js";
import { manualClock } from "../support/manual-clock.js";

/** 2026-03-14T15:09:00Z */
const start = 1_773_500_940_000;

function demoMeters(clock = manualClock(start)): SimulatedMeter[] {
  return demoBuses().flatMap((bus) => bus.meters.map((spec) => createSimulatedMeter(spec, clock)));
}
function decoded(meter: SimulatedMeter): DecodedTelegram[] {
  return meter.telegramsNow().map((telegram) => decodeApplication(telegram));
}
/** Momentary values of the current period: value scaled to the base unit. */
function momentary(meter: SimulatedMeter, quantity: RegExp): number[] {
  return decoded(meter)
    .flatMap((telegram) => telegram.records)
    .filter(
      (record) => record.function === "inst" && record.storage === 0 && quantity.test(record.information.quantity),
    )
    .map(scaled);
}
function scaled(record: DataRecord): number {
  const { value } = record;
  if (value.kind !== "integer" && value.kind !== "float") throw new Error(`${value.kind} is no number`);
  return Number(value.value) * 10 ** record.information.exponent;
}

describe("demo", () => {
  it("has three buses and 40 meters from at least 6 manufacturers, of every medium", () => {
    const meters = demoMeters();
    expect([demoBuses().length, meters.length]).toEqual([3, 40]);
    const headers = meters.flatMap(decoded).map((telegram) => telegram.meter);
    expect(new Set(headers.map((header) => header.manufacturer)).size).toBeGreaterThanOrEqual(6);
    // Electricity, gas, heat, warm water, water, heat cost allocator, cold water, room sensor.
    const media = new Set(headers.map((header) => header.medium));
    for (const medium of [0x02, 0x03, 0x04, 0x06, 0x07, 0x08, 0x16, 0x1b])
      expect([medium, media.has(medium)]).toEqual([medium, true]);
  });

  it("gives each meter an address of its own, on its bus and everywhere", () => {
    const meters = demoMeters();
    expect(new Set(meters.map((meter) => formatSecondaryAddress(meter.secondaryAddress))).size).toBe(40);
    for (const bus of demoBuses()) {
      expect(new Set(bus.meters.map((meter) => meter.primaryAddress)).size).toBe(bus.meters.length);
    }
  });

  for (const meter of demoMeters()) {
    it(`answers as ${meter.name} with telegrams that decode, its own identification in them`, () => {
      for (const telegram of decoded(meter)) {
        expect(telegram.meter.id).toBe(meter.spec.identification);
        expect(telegram.more).toBe(false);
        expect(telegram.records.length).toBeGreaterThan(0);
        const fabrication = telegram.records.find((record) => /fabrication/i.test(record.information.quantity));
        if (fabrication?.value.kind === "integer") {
          expect(Number(fabrication.value.value)).toBe(Number(meter.spec.identification));
        }
      }
    });
  }

  it("counts forward and never back", async () => {
    const clock = manualClock(start);
    const meters = demoMeters(clock);
    const counters = () => meters.map((meter) => momentary(meter, /^(energy|volume|mass|heat cost allocation)$/i));
    const first = counters();
    let previous = first;
    for (let minute = 0; minute < 60; minute++) {
      await clock.advance(60_000);
      const current = counters();
      expect(current.flat().every((value, index) => value >= (previous.flat()[index] ?? 0))).toBe(true);
      previous = current;
    }
    const risen = previous.filter((values, meter) =>
      values.some((value, index) => value > (first[meter]?.[index] ?? 0)),
    );
    // 4 room sensors count nothing; slow ones (whole m3, 100 l) may not have moved within an hour.
    expect(risen.length).toBeGreaterThan(25);
  });

  it("is the same again for the same clock", () => {
    const telegrams = () => demoMeters().flatMap((meter) => meter.telegramsNow().map(toHex));
    expect(telegrams()).toEqual(telegrams());
  });

  it("keeps clocks with the clock", () => {
    const [meter] = demoMeters().filter((candidate) => candidate.name.startsWith("multical601"));
    const clock =
      meter === undefined ? undefined : decoded(meter)[0]?.records.find((record) => toHex(record.header) === "046d");
    expect(clock?.value).toEqual({
      kind: "datetime",
      value: "2026-03-14T15:09:00",
      summerTime: false,
      timeInvalid: false,
    });
  });
});
