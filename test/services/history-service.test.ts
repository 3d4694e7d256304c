import { describe, expect, it } from "vitest";
import { createAssociation, type Principal } from "../../cosem/index.js";
import { capacityOf, createHistoryService, forecastOf, type HistoryFigures } from "../../src/services/history/index.js";

const figures: HistoryFigures = {
  readings: 0,
  oldestMs: undefined,
  newestMs: undefined,
  openReadings: 0,
  blocks: 0,
  bytesPerReading: undefined,
  fileBytes: 0,
  roomBytes: 0,
  readingsPerDay: 0,
  bytesPerDay: 0,
  daysUntilFull: undefined,
};
const principal = (name: string): Principal => ({
  association: createAssociation({ name, clientSap: undefined, rules: [{ access: "read" }] }),
  user: "test",
  door: "test",
  peer: "test",
});

describe("the capacity of this disk", () => {
  it("is what is free and what is used, by meters and interval", () => {
    // 10 bytes a reading, room for 876,600 readings: 25 years of one meter at 15 minutes (35,064 a year).
    const rows = capacityOf({ ...figures, readings: 76_600, roomBytes: 8_000_000 }, 10);
    const years = (meters: number, intervalSeconds: number) =>
      rows.find((row) => row.meters === meters && row.intervalSeconds === intervalSeconds)?.years;
    expect(years(1, 900)).toBeCloseTo(25);
    expect(years(1, 3600)).toBeCloseTo(100);
    expect(years(512, 900)).toBeCloseTo(25 / 512);
    // Rows 105 and 106 of PRODUCT.md.
    expect(rows.map(({ cme3100Years }) => cme3100Years)).toEqual([15, 4, 1, 0.5, 0.25, 15, 15, 4, 2, 1]);
  });

  it("is told in words", () => {
    const inDays = (daysUntilFull: number | undefined) => forecastOf({ ...figures, daysUntilFull });
    expect(inDays(4.2 * 365.25)).toBe("full in 4.2 years");
    expect(inDays(30.7)).toBe("full in 30 days");
    expect(inDays(0.5)).toBe("full within a day");
    expect(inDays(1e9)).toBe("full in more than 100 years");
    expect(inDays(undefined)).toBe("no readings come in");
  });
});

describe("the history service", () => {
  const service = createHistoryService({
    store: {
      figures: async () => ({ ...figures, bytesPerReading: 4, bytesPerDay: 1, daysUntilFull: 20 }),
      telegrams: async (meterId) => [{ receivedAtMs: meterId, bytes: Uint8Array.of(0x72) }],
    },
    meterIdOf: (device) => (device === "sap16" ? 7 : undefined),
  });

  it("reports with the bytes a reading that were measured", async () => {
    const report = await service.storage(principal("rest:viewer"));
    expect(report).toMatchObject({ assumedBytesPerReading: 4, forecast: "full in 20 days" });
    expect(report?.capacity).toHaveLength(10);
  });

  it("gives a meter's telegrams, and nothing of a meter there is not", async () => {
    expect(await service.telegrams(principal("rest:viewer"), "sap16", 5)).toEqual([
      { receivedAtMs: 7, bytes: Uint8Array.of(0x72) },
    ]);
    expect(await service.telegrams(principal("rest:viewer"), "sap17", 5)).toBeUndefined();
  });

  it("tells nothing to a caller without the right", async () => {
    for (const name of ["public", "somebody"]) {
      expect(await service.storage(principal(name))).toBeUndefined();
      expect(await service.telegrams(principal(name), "sap16", 5)).toBeUndefined();
    }
  });
});
