import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { manualClock } from "../support/manual-clock.js";
import { openSqlite } from "../support/sqlite.js";
import { databasePath, filled, layout, newMeter, object, open, reading } from "./fixture.js";

describe("refusing a write", () => {
  it("keeps the other writes of its group", async () => {
    const { store, meterId } = await filled(databasePath(), 3);
    const results = await Promise.allSettled([
      store.commit(reading(meterId, 4)),
      store.commit(reading(meterId, 2)),
      store.commit(reading(meterId, 5)),
      store.commit(reading(meterId + 1, 1)),
      store.setState("a", "b"),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(results[1]).toMatchObject({ reason: { name: "StoreError", reason: "constraint" } });
    expect(await store.count({ meterId })).toBe(5);
    expect(await store.getState("a")).toBe("b");
  });

  it("leaves nothing of a reading whose definitions were refused", async () => {
    const { store, meterId } = await filled(databasePath(), 1);
    const other = { ...reading(meterId, 2), newLayout: { ...layout, id: 2, shape: Uint8Array.of(1) } };
    await expect(store.commit({ ...other, newObjects: [{ ...object, scaler: 0 }] })).rejects.toMatchObject({
      reason: "constraint",
      message: expect.stringContaining("never changed or reused"),
    });
    expect(await store.count({ meterId })).toBe(1);
    expect((await store.load()).layouts).toHaveLength(1);
    await expect(
      store.commit({ ...reading(meterId, 2), meter: { ...newMeter, id: 99, sap: 99 } }),
    ).rejects.toMatchObject({
      reason: "constraint",
    });
  });

  it("takes a definition given again as it was", async () => {
    const { store, meterId } = await filled(databasePath(), 1);
    await store.commit({ ...reading(meterId, 2), newLayout: layout, newObjects: [object] });
    expect((await store.load()).kindObjects).toEqual([object]);
  });

  it("refuses a SAP twice and SAP 127", async () => {
    const { store } = await filled(databasePath(), 1);
    await expect(store.addMeter(newMeter)).rejects.toMatchObject({ reason: "constraint" });
    await expect(store.addMeter({ ...newMeter, sap: 127 })).rejects.toMatchObject({ reason: "constraint" });
  });

  it("bounds how many writes wait", async () => {
    const clock = manualClock();
    const store = await open(databasePath(), { clock, maxWaiting: 3 });
    const adding = store.addMeter(newMeter);
    await clock.advance(100);
    const { id } = await adding;
    const waiting = [1, 2, 3].map((number) => store.commit(reading(id, number)));
    await expect(store.commit(reading(id, 4))).rejects.toMatchObject({
      reason: "busy",
      message: expect.stringContaining("3 writes wait already"),
    });
    await clock.advance(100);
    await Promise.all(waiting);
    const late = store.commit(reading(id, 4));
    await clock.advance(100);
    await late;
    expect(await store.count({ meterId: id })).toBe(4);
  });

  it("rejects while there is no room, loses nothing kept before, and goes on when there is room again", async () => {
    const path = databasePath();
    const store = await open(path, { maxBytes: 200 * 1024 });
    const { id } = await store.addMeter(newMeter);
    const big = (number: number) => {
      const { reading: row, ...definitions } = reading(id, number);
      return { ...definitions, reading: { ...row, payload: new Uint8Array(3000) } };
    };
    let kept = 0;
    let refusal: unknown;
    while (refusal === undefined && kept < 1000) {
      await store.commit(big(kept + 1)).then(
        () => kept++,
        (error: unknown) => {
          refusal = error;
        },
      );
    }
    expect(refusal).toMatchObject({
      name: "StoreError",
      reason: "full",
      message: expect.stringContaining("make room"),
    });
    expect(kept).toBeGreaterThan(10);
    expect(await store.count({ meterId: id })).toBe(kept);
    await expect(store.commit(big(kept + 1))).rejects.toMatchObject({ reason: "full" });

    const other = openSqlite(path);
    other.prepare("DELETE FROM readings WHERE number <= ?").run(kept / 2);
    other.close();
    await store.commit(big(kept + 1));
    expect(await store.readings({ meterId: id, fromNumber: kept + 1 })).toHaveLength(1);
  });
});

describe("refusing a file", () => {
  it("that is no database", async () => {
    const path = databasePath();
    writeFileSync(path, "This is a letter to the landlord. ".repeat(200));
    await expect(open(path)).rejects.toMatchObject({ reason: "noDatabase", message: expect.stringContaining(path) });
    expect(readFileSync(path, "utf8")).toMatch(/^This is a letter/);
  });

  it("of another program, and leaves it alone", async () => {
    const path = databasePath();
    const other = openSqlite(path);
    other.exec("CREATE TABLE songs (title TEXT)");
    other.close();
    const before = readFileSync(path);
    await expect(open(path)).rejects.toMatchObject({
      reason: "foreign",
      message: expect.stringContaining("another program"),
    });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("of a newer version", async () => {
    const path = databasePath();
    await (await open(path)).close();
    const newer = openSqlite(path);
    newer.pragma("user_version = 999");
    newer.close();
    await expect(open(path)).rejects.toMatchObject({
      reason: "newer",
      message: expect.stringMatching(/schema 999, known up to \d+/),
    });
  });

  it("that was cut in half", async () => {
    const path = databasePath();
    const { store } = await filled(path, 500);
    await store.close();
    truncateSync(path, Math.floor(readFileSync(path).length / 2));
    await expect(open(path)).rejects.toMatchObject({ reason: "corrupt" });
  });

  it("in a folder that does not exist", async () => {
    await expect(open(`${databasePath()}/nowhere/gateway.db`)).rejects.toMatchObject({
      name: "StoreError",
      reason: "io",
    });
  });

  it("but takes an empty one, as a kill just after creation leaves it", async () => {
    const path = databasePath();
    writeFileSync(path, "");
    const store = await open(path);
    expect((await store.load()).meters).toEqual([]);
  });
});
