import type { HistoryService } from "../../src/services/history/contract.js";

/** A history of 1,000 readings, and one telegram of `sap16`. */
export function fixtureHistory(firstMs: number, lastMs: number): HistoryService {
  return {
    storage: async () => ({
      readings: 1000,
      oldestMs: firstMs,
      newestMs: lastMs,
      openReadings: 10,
      blocks: 3,
      bytesPerReading: 4.5,
      fileBytes: 40_960,
      roomBytes: 1_000_000,
      readingsPerDay: 96,
      bytesPerDay: 432,
      daysUntilFull: 1534,
      assumedBytesPerReading: 4.5,
      capacity: [{ meters: 1, intervalSeconds: 900, years: 40, cme3100Years: 15 }],
      forecast: "full in 4.2 years",
    }),
    telegrams: async (_principal, device) =>
      device === "sap16" ? [{ receivedAtMs: lastMs, bytes: Uint8Array.of(0x68, 0x05, 0x72) }] : undefined,
  };
}
