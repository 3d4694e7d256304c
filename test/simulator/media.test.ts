/** The media of the M-Bus notes, part d, each by a meter of `simulate --meters`, with the OBIS value group of its map. */
import { expect, it } from "vitest";
import { loadMaps, nameRecords } from "../../src/mapping/index.js";
import { decodeApplication } from "../../src/mbus/index.js";
import { createSimulatedMeter, generatedMeters, sourceTelegrams } from "../../src/simulator/index.js";
import { manualClock } from "../support/manual-clock.js";

const clock = manualClock(Date.UTC(2026, 10, 23));
const { maps } = loadMaps();
const meters = generatedMeters(Object.keys(sourceTelegrams).length, 5).map((spec) => {
  const [telegram = new Uint8Array()] = createSimulatedMeter(spec, clock).telegramsNow();
  const { meter, records } = decodeApplication(telegram);
  const names = nameRecords(maps, meter, telegram).map((name) => name?.logicalName ?? "");
  return { medium: meter.medium, records, names };
});

it.each([
  [0x02, "electricity", /^1-0:1\.8\.0\*255$/],
  [0x03, "gas", /^7-0:3\.[0-2]\.0\*255$/],
  [0x04, "heat", /^6-0:1\.0\.0\*255$/],
  [0x0c, "heat in the supply pipe", /^6-0:1\.0\.0\*255$/],
  [0x0d, "heat and cooling", /^6-0:1\.0\.0\*255$/],
  [0x0a, "cooling in the return pipe", /^5-0:1\.0\.0\*255$/],
  [0x0b, "cooling in the supply pipe", /^5-0:1\.0\.0\*255$/],
  [0x08, "heat cost allocator", /^4-0:1\.0\.0\*255$/],
  [0x07, "water", /^8-0:1\.0\.0\*255$/],
  [0x16, "cold water", /^8-0:1\.0\.0\*255$/],
  [0x06, "warm water", /^9-0:1\.0\.0\*255$/],
  [0x15, "hot water", /^9-0:1\.0\.0\*255$/],
])("medium %i, %s, counts under its code", (medium, _, code) => {
  const ofMedium = meters.filter((meter) => meter.medium === medium);
  expect(ofMedium.some(({ names }) => names.some((name) => code.test(name)))).toBe(true);
});

it("cools with water that comes back warmer", () => {
  const cooling = meters.filter(({ medium }) => medium === 0x0a || medium === 0x0b);
  expect(cooling).toHaveLength(2);
  for (const { records } of cooling) {
    const celsius = (quantity: string) => {
      const record = records.find(({ information }) => information.quantity === quantity);
      if (record?.value.kind !== "integer") throw new Error(quantity);
      return Number(record.value.value) * 10 ** record.information.exponent;
    };
    expect(celsius("Return temperature") - celsius("Flow temperature")).toBeGreaterThan(3);
  }
});
