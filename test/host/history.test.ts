import { describe, expect, it } from "vitest";
import { createHistoryCare, type HistoryCareParts } from "../../src/host/history.js";
import { StoreError } from "../../src/store/index.js";
import { manualClock } from "../support/manual-clock.js";
import { recordingLogger } from "../support/recording-logger.js";

const dayMs = 86_400_000;
const start = Date.UTC(2026, 10, 23);

type CareStore = HistoryCareParts["store"];

function careOf(
  changes: Partial<CareStore> = {},
  settings = { keepDays: 0, minFreeMegabytes: 256, rawTelegrams: 10, readoutRecords: 100 },
) {
  const clock = manualClock(start);
  const logger = recordingLogger();
  const rules: Parameters<CareStore["retain"]>[0][] = [];
  const figures = {
    readings: 1,
    oldestMs: 0,
    newestMs: 0,
    openReadings: 0,
    blocks: 1,
    bytesPerReading: 4,
    fileBytes: 1,
    roomBytes: 1,
    readingsPerDay: 1,
    bytesPerDay: 1,
    daysUntilFull: 1000,
  };
  const store: CareStore = {
    damaged: undefined,
    compact: async () => {},
    retain: async (given) => {
      rules.push(given);
      return { removedReadings: 0, isStillFull: false };
    },
    figures: async () => figures,
    findDamage: async () => [],
    retime: async () => {},
    keepTelegrams: async () => {},
    telegrams: async () => [],
    ...changes,
  };
  const care = createHistoryCare({ settings, store, clock, logger });
  care.start();
  return { care, clock, logger, rules, figures };
}

describe("looking after the history", () => {
  it("keeps to the rules of the settings, at the start and whenever the maintenance job asks", async () => {
    const { care, clock, rules } = careOf(
      {},
      { keepDays: 30, minFreeMegabytes: 0, rawTelegrams: 0, readoutRecords: 100 },
    );
    await clock.advance(10_000);
    await care.tidyUp();
    await care.tidyUp();
    expect(rules.map(({ maxAgeMs, minFreeBytes }) => ({ maxAgeMs, minFreeBytes }))).toEqual(
      new Array(3).fill({ maxAgeMs: 30 * dayMs, minFreeBytes: undefined }),
    );
    await care.stop();
    await clock.advance(dayMs);
    expect(rules).toHaveLength(3);
    expect(care.notices()).toEqual([]);
  });

  it("tells of a disk that will soon be full, and of one that is", async () => {
    const soon = careOf({});
    Object.assign(soon.figures, { daysUntilFull: 12.3 });
    await soon.clock.advance(10_000);
    expect(soon.care.notices()).toEqual(["The disk for readings will be full in 12 days."]);

    const full = careOf({ retain: async () => ({ removedReadings: 5, isStillFull: true }) });
    await full.clock.advance(10_000);
    expect(full.care.notices()).toEqual([expect.stringContaining("Less than 256 MB are free")]);
    expect(full.logger.lines.map(({ message }) => message)).toContain("old readings were removed");
  });

  it("tells of a database that was set aside, and of blocks that are damaged", async () => {
    const salvaged = { meters: 2, readings: 300, otherRows: 1, lost: 0 };
    const { care, clock } = careOf({
      damaged: { path: "/data/gateway.sqlite.damaged-2026-11-23T00-00-00", reason: "malformed", salvaged },
      findDamage: async () => [{ meterId: 1, fromNumber: 11, toNumber: 20, fromMs: 0, toMs: 1 }],
    });
    await clock.advance(10_000);
    expect(care.notices()).toEqual([
      expect.stringMatching(/set aside as gateway\.sqlite\.damaged-.*2 meters and 300 readings/),
      "10 old readings of the database are damaged and cannot be read: restore a backup.",
    ]);
  });

  it("goes on after an error, and says to restart where the database is damaged", async () => {
    let calls = 0;
    const { care, clock } = careOf({
      findDamage: async () => Promise.reject(new StoreError("corrupt", "malformed")),
      retain: async () => {
        calls += 1;
        throw new StoreError("io", "the disk reports an error");
      },
    });
    await clock.advance(10_000);
    await expect(care.tidyUp()).rejects.toThrow("the disk reports an error");
    expect(calls).toBe(2);
    expect(care.notices()).toEqual([expect.stringContaining("restart the gateway")]);
  });
});
