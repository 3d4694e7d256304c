import { describe, expect, it } from "vitest";
import type { ReadingRow } from "../../src/ports/index.js";
import { migrations } from "../../src/store/migrations.js";
import { manualClock } from "../support/manual-clock.js";
import { openSqlite } from "../support/sqlite.js";
import { databasePath, filled, layout, newMeter, object, open, reading } from "./fixture.js";

const numbers = (rows: readonly ReadingRow[]) => rows.map((row) => row.number);
const bytes = (payload: Uint8Array) => [...payload];

describe("the reading store", () => {
  it("keeps everything over a restart", async () => {
    const path = databasePath();
    const store = await open(path);
    const meter = await store.addMeter(newMeter);
    const named = { ...meter, kind: "KAM/8/4", logicalDeviceName: "KAM123456780804" };
    await store.commit({ ...reading(meter.id, 1), meter: named });
    await store.commit(reading(meter.id, 2));
    await store.setState("report.daily", "1");
    await store.setState("report.daily", "2");
    await store.close();

    const again = await open(path);
    const state = await again.load();
    expect(state.meters).toEqual([named]);
    expect(state.kindObjects).toEqual([object]);
    expect(state.layouts.map((row) => ({ ...row, shape: bytes(row.shape) }))).toEqual([{ ...layout, shape: [4, 6] }]);
    expect(state.newest.map((row) => ({ ...row, payload: bytes(row.payload) }))).toEqual([
      { meterId: meter.id, number: 2, readAtMs: 2000, layoutId: 1, clockStatus: 0, payload: [0, 3, 0x72, 2, 0] },
    ]);
    expect(await again.getState("report.daily")).toBe("2");
    expect(await again.getState("report.weekly")).toBeUndefined();
    expect(await again.statesWithPrefix("report.")).toEqual(new Map([["report.daily", "2"]]));
    expect(await again.statesWithPrefix("Report%")).toEqual(new Map());
  });

  it("takes a database of the first schema over, and keeps fabrication numbers in it", async () => {
    const path = databasePath();
    const first = openSqlite(path);
    first.exec(migrations[0] ?? "");
    first.pragma(`application_id = ${0x434f534d}`);
    first.exec("INSERT INTO meters VALUES (1, 16, NULL, NULL, 'bus', '12345678', NULL, 'cellar')");
    first.pragma("user_version = 1");
    first.close();
    const store = await open(path);
    const twin = await store.addMeter({ ...newMeter, sap: 17, fabricationNumber: "00000011" });
    await store.close();
    const { meters } = await (await open(path)).load();
    expect(meters).toEqual([{ ...newMeter, id: 1, isDeclared: true }, twin]);
    expect(meters.map(({ fabricationNumber }) => fabricationNumber)).toEqual([undefined, "00000011"]);
  });

  it("works out from the readings of an older database which layouts a meter has sent", async () => {
    const path = databasePath();
    const old = await open(path);
    const meter = await old.addMeter(newMeter);
    await old.commit(reading(meter.id, 1));
    await old.commit({
      reading: { ...reading(meter.id, 2).reading, layoutId: 2 },
      newLayout: { ...layout, id: 2, shape: Uint8Array.of(4, 7) },
    });
    await old.commit(reading(meter.id, 3));
    await old.close();
    // The same data in a database of the second schema.
    const olderPath = databasePath();
    const second = openSqlite(olderPath);
    second.exec(`${migrations[0]}; ${migrations[1]}`);
    second.pragma(`application_id = ${0x434f534d}`);
    second.exec(`
      ATTACH '${path}' AS newer;
      INSERT INTO meters (id, sap, kind, interface_name, position)
        SELECT id, sap, 'KAM/8/4', interface_name, position FROM newer.meters;
      INSERT INTO kind_objects SELECT * FROM newer.kind_objects;
      INSERT INTO layouts SELECT * FROM newer.layouts;
      INSERT INTO readings
        SELECT meter_id, number, read_at_ms, layout_id, clock_status, payload FROM newer.readings;
      DETACH newer;
    `);
    second.pragma("user_version = 2");
    second.close();
    const store = await open(olderPath);
    const noted = [1, 2].map((layoutId) => ({ meterId: meter.id, layoutId, ordinal: 0, objectCount: 1 }));
    expect((await store.load()).meterLayouts).toEqual(noted);
    const third = { id: 3, kind: layout.kind, shape: Uint8Array.of(4, 8) };
    const meterLayout = { meterId: meter.id, layoutId: 3, ordinal: 3, objectCount: 2 };
    await store.commit({ reading: { ...reading(meter.id, 4).reading, layoutId: 3 }, newLayout: third, meterLayout });
    await store.close();
    expect((await (await open(olderPath)).load()).meterLayouts).toEqual([...noted, meterLayout]);
  });

  it("gives nothing for an empty store", async () => {
    const store = await open(databasePath());
    expect(await store.load()).toEqual({ meters: [], kindObjects: [], layouts: [], meterLayouts: [], newest: [] });
    expect(await store.readings({ meterId: 7 })).toEqual([]);
    expect(await store.count({ meterId: 7 })).toBe(0);
  });

  it("pages forwards and backwards, 1,000 rows at most", async () => {
    const { store, meterId } = await filled(databasePath(), 2500);
    const first = await store.readings({ meterId, limit: 5000 });
    expect([first.length, first[0]?.number, first.at(-1)?.number]).toEqual([1000, 1, 1000]);
    const last = await store.readings({ meterId, fromNumber: 2001 });
    expect([last.length, last[0]?.number, last.at(-1)?.number]).toEqual([500, 2001, 2500]);
    expect(numbers(await store.readings({ meterId, descending: true, limit: 3 }))).toEqual([2500, 2499, 2498]);
    expect(numbers(await store.readings({ meterId, descending: true, limit: 2, toNumber: 2497 }))).toEqual([
      2497, 2496,
    ]);
    expect(numbers(await store.readings({ meterId, limit: 2, offset: 10 }))).toEqual([11, 12]);
    expect(numbers(await store.readings({ meterId, descending: true, limit: 2, offset: 10 }))).toEqual([2490, 2489]);
    expect(await store.count({ meterId })).toBe(2500);
  });

  it("takes both ends of a range with it", async () => {
    const { store, meterId } = await filled(databasePath(), 20);
    expect(numbers(await store.readings({ meterId, fromMs: 5000, toMs: 7000 }))).toEqual([5, 6, 7]);
    expect(numbers(await store.readings({ meterId, fromMs: 5001, toMs: 6999 }))).toEqual([6]);
    expect(numbers(await store.readings({ meterId, fromNumber: 19, toNumber: 20 }))).toEqual([19, 20]);
    expect(numbers(await store.readings({ meterId, fromMs: 5000, toNumber: 6 }))).toEqual([5, 6]);
    expect(numbers(await store.readings({ meterId, toMs: 2000, descending: true }))).toEqual([2, 1]);
    expect(numbers(await store.readings({ meterId, fromMs: 90_000 }))).toEqual([]);
    expect(await store.count({ meterId, fromMs: 5000, toMs: 7000 })).toBe(3);
    expect(await store.count({ meterId, fromMs: 5000, toMs: 7000, toNumber: 5 })).toBe(1);
    expect(await store.count({ meterId, fromNumber: 4, toNumber: 6 })).toBe(3);
  });

  it("sees a reading in a range asked for before", async () => {
    const { store, meterId } = await filled(databasePath(), 3);
    expect(numbers(await store.readings({ meterId, fromMs: 2000 }))).toEqual([2, 3]);
    await store.commit(reading(meterId, 4));
    expect(numbers(await store.readings({ meterId, fromMs: 2000 }))).toEqual([2, 3, 4]);
  });

  it("keeps the order of numbers where the clock was set back", async () => {
    const { store, meterId } = await filled(databasePath(), 2);
    await store.commit(reading(meterId, 3, 500));
    await store.commit(reading(meterId, 4, 1500));
    expect(numbers(await store.readings({ meterId }))).toEqual([1, 2, 3, 4]);
    expect(numbers(await store.readings({ meterId, fromMs: 1000, toMs: 1600 }))).toEqual([1, 4]);
    expect(await store.count({ meterId, fromMs: 1000, toMs: 1600 })).toBe(2);
  });

  it("keeps the readings of other meters apart", async () => {
    const { store, meterId } = await filled(databasePath(), 3);
    const other = await store.addMeter({ ...newMeter, sap: 17 });
    await store.commit({ ...reading(other.id, 1) });
    expect(await store.count({ meterId: other.id })).toBe(1);
    expect(await store.count({ meterId })).toBe(3);
    expect((await store.load()).newest.map((row) => [row.meterId, row.number])).toEqual([
      [meterId, 3],
      [other.id, 1],
    ]);
  });

  it("copies what it is given, also out of a larger buffer", async () => {
    const { store, meterId } = await filled(databasePath(), 1);
    const pool = Uint8Array.of(9, 9, 1, 2, 3, 9, 9);
    const payload = pool.subarray(2, 5);
    const second = reading(meterId, 2).reading;
    await store.commit({ reading: { ...second, payload } });
    expect(pool.length).toBe(7);
    expect(bytes((await store.readings({ meterId, fromNumber: 2 }))[0]?.payload ?? new Uint8Array())).toEqual([
      1, 2, 3,
    ]);
  });
});

describe("group commit", () => {
  it("keeps a reading at the latest 100 ms after it came, with all that came meanwhile", async () => {
    const clock = manualClock();
    const store = await open(databasePath(), { clock });
    const adding = store.addMeter(newMeter);
    await clock.advance(100);
    const { id } = await adding;

    const order: number[] = [];
    const first = store.commit(reading(id, 1)).then(() => order.push(1));
    await clock.advance(60);
    const second = store.commit(reading(id, 2)).then(() => order.push(2));
    await clock.advance(39);
    expect(await store.count({ meterId: id })).toBe(0);
    expect(clock.waiting).toBe(1);
    await clock.advance(1);
    await Promise.all([first, second]);
    expect(order).toEqual([1, 2]);
    expect(await store.count({ meterId: id })).toBe(2);
    expect(clock.waiting).toBe(0);
  });

  it("shows a reading to readers as soon as it is acknowledged", async () => {
    const { store, meterId } = await filled(databasePath(), 1);
    for (let number = 2; number < 30; number++) {
      await store.commit(reading(meterId, number));
      expect(numbers(await store.readings({ meterId, descending: true, limit: 1 }))).toEqual([number]);
    }
  });

  it("closes a group early at 1,000 writes", async () => {
    const clock = manualClock();
    const store = await open(databasePath(), { clock });
    const adding = store.addMeter(newMeter);
    await clock.advance(100);
    const { id } = await adding;
    const commits = Array.from({ length: 1000 }, (_, index) => store.commit(reading(id, index + 1)));
    await Promise.all(commits);
    expect(await store.count({ meterId: id })).toBe(1000);
  });

  it("commits what waits when it is closed", async () => {
    const path = databasePath();
    const clock = manualClock();
    const store = await open(path, { clock });
    const adding = store.addMeter(newMeter);
    await clock.advance(100);
    const { id } = await adding;
    const commits = Promise.all([store.commit(reading(id, 1)), store.commit(reading(id, 2))]);
    await store.close();
    await commits;
    const again = await open(path);
    expect(await again.count({ meterId: id })).toBe(2);
    await expect(store.commit(reading(id, 3))).rejects.toMatchObject({ reason: "closed" });
    await expect(store.readings({ meterId: id })).rejects.toMatchObject({ reason: "closed" });
  });
});
