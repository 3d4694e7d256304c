/** The table of the system log: order, filters, size and age. */
import { statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { LogRow } from "../../src/ports/index.js";
import { databasePath, open } from "./fixture.js";

const start = Date.UTC(2026, 10, 22);
const minute = 60_000;
const roomy = 100_000_000;

function row(number: number, more: Partial<LogRow> = {}): Omit<LogRow, "id"> {
  return {
    atMs: start + number * minute,
    deviationMinutes: -60,
    clockStatus: 0,
    severity: 0,
    textId: 1000 + (number % 3),
    origin: "system",
    meterId: undefined,
    cosemLog: 0,
    parameters: JSON.stringify({ number }),
    ...more,
  };
}
const rows = (count: number, more: Partial<LogRow> = {}) =>
  Array.from({ length: count }, (_, index) => row(index, more));

describe("the table of the system log", () => {
  it("gives entries back as they were kept, newest first, and oldest first behind an id", async () => {
    const store = await open(databasePath());
    const first = await store.appendLog([row(1, { meterId: 7 }), row(2), row(3)], roomy);
    expect(first).toBe(1);
    const all = await store.logRows({ limit: 10 });
    expect(all.map(({ id }) => id)).toEqual([3, 2, 1]);
    expect(all[2]).toEqual({ id: 1, ...row(1, { meterId: 7 }) });
    expect((await store.logRows({ afterId: 1, limit: 1 })).map(({ id }) => id)).toEqual([2]);
    expect((await store.logRows({ beforeId: 3, limit: 1 })).map(({ id }) => id)).toEqual([2]);
    expect(await store.logRows({ afterId: 3, limit: 1 })).toEqual([]);
  });

  it("filters by severity, time, origin, text, meter and COSEM log", async () => {
    const store = await open(databasePath());
    await store.appendLog(
      [
        row(0, { severity: 2, origin: "meter/GWF1", meterId: 1, cosemLog: 1, textId: 4004 }),
        row(1, { severity: 1, origin: "meter/GWF12", meterId: 2 }),
        row(2, { severity: -1, origin: "meters" }),
        row(3, { cosemLog: 1 }),
        row(4, { cosemLog: 2 }),
      ],
      roomy,
    );
    const ids = async (query: object) => (await store.logRows({ limit: 100, ...query })).map(({ id }) => id);
    expect(await ids({ severities: [1, 2] })).toEqual([2, 1]);
    expect(await ids({ fromMs: start + minute, toMs: start + 2 * minute })).toEqual([3, 2]);
    expect(await ids({ origin: "meter" })).toEqual([2, 1]);
    expect(await ids({ origin: "meter/GWF1" })).toEqual([1]);
    expect(await ids({ textId: 4004 })).toEqual([1]);
    expect(await ids({ meterId: 2 })).toEqual([2]);
    expect(await ids({ meterId: null })).toEqual([5, 4, 3]);
    expect(await ids({ meterId: null, cosemLog: 1 })).toEqual([4]);
    expect(await ids({ meterId: 1, cosemLog: 1 })).toEqual([1]);
  });

  it("finds what is rare in a log of many windows", async () => {
    const store = await open(databasePath());
    await store.appendLog([row(0, { severity: 2 })], roomy);
    for (let piece = 0; piece < 4; piece++) await store.appendLog(rows(4000), roomy);
    await store.appendLog([row(1, { severity: 2 })], roomy);
    expect((await store.logRows({ severities: [2], limit: 100 })).map(({ id }) => id)).toEqual([16_002, 1]);
    expect((await store.logRows({ severities: [2], afterId: 0, limit: 1 })).map(({ id }) => id)).toEqual([1]);
    expect((await store.logRows({ severities: [2], afterId: 1, limit: 9 })).map(({ id }) => id)).toEqual([16_002]);
  });

  it("removes the oldest when it would pass its size, and counts nearly what the file takes", async () => {
    const path = databasePath();
    const store = await open(path);
    const before = statSync(path).size;
    for (let piece = 0; piece < 10; piece++) await store.appendLog(rows(2000), roomy);
    const whole = await store.logFigures();
    expect(whole.entries).toBe(20_000);
    await store.close();
    const taken = statSync(path).size - before;
    expect(taken).toBeLessThan(whole.bytes * 1.05);
    const again = await open(path);
    await again.appendLog(rows(1), whole.bytes / 2);
    // One append takes away at most a piece of 2000; pruning the rest.
    expect((await again.logFigures()).entries).toBe(18_001);
    const removed = await again.pruneLog({ beforeMs: undefined, maxBytes: whole.bytes / 2 });
    const left = await again.logFigures();
    expect(left.bytes).toBeLessThanOrEqual(whole.bytes / 2);
    expect(left.entries + removed).toBe(18_001);
    const [oldest] = await again.logRows({ afterId: 0, limit: 1 });
    expect(oldest?.id).toBe(20_001 - left.entries + 1);
  });

  it("removes by age", async () => {
    const store = await open(databasePath());
    await store.appendLog(rows(5000), roomy);
    expect(await store.pruneLog({ beforeMs: start + 4500 * minute, maxBytes: roomy })).toBe(4500);
    expect((await store.logFigures()).entries).toBe(500);
    expect(await store.pruneLog({ beforeMs: start + 4500 * minute, maxBytes: roomy })).toBe(0);
  });

  it("never gives an id again, also when all went", async () => {
    const store = await open(databasePath());
    await store.appendLog(rows(3), roomy);
    expect(await store.pruneLog({ beforeMs: start + 9 * minute, maxBytes: roomy })).toBe(3);
    expect(await store.appendLog(rows(1), roomy)).toBe(4);
  });
});
