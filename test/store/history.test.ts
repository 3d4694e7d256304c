import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReadingQuery, ReadingRow } from "../../src/ports/index.js";
import { openSqlite } from "../support/sqlite.js";
import { databasePath, filled, layout, newMeter, open, reading } from "./fixture.js";

/** Blocks after few readings, so that a short test has many states. */
const small = { openRows: 2, batchRows: 3, blockRows: 8 };
const day = 86_400_000;

const plain = (rows: readonly ReadingRow[]) => rows.map((row) => ({ ...row, payload: [...row.payload] }));

/** What the port promises, said of a plain list. */
function answered(rows: readonly ReadingRow[], query: ReadingQuery): readonly ReadingRow[] {
  const { fromMs = -Infinity, toMs = Infinity, fromNumber = 1, toNumber = Infinity } = query;
  const matching = rows.filter(
    ({ number, readAtMs }) => number >= fromNumber && number <= toNumber && readAtMs >= fromMs && readAtMs <= toMs,
  );
  const ordered = query.descending === true ? matching.toReversed() : matching;
  const offset = query.offset ?? 0;
  return ordered.slice(offset, offset + (query.limit ?? 1000));
}

function blocksIn(path: string): { count: number; rows: number } {
  const database = openSqlite(path, { readonly: true });
  const count = Number(database.prepare("SELECT count(*) FROM reading_blocks").pluck().get());
  const rows = Number(database.prepare("SELECT count(*) FROM readings").pluck().get());
  database.close();
  return { count, rows };
}

const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("append" as const),
      gap: fc.constantFrom(1, 1, 1, 1, 5),
      // The clock now and then goes back.
      passedMs: fc.integer({ min: -3000, max: 5000 }),
      payload: fc.uint8Array({ maxLength: 12 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "compact" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
);
const query = fc.record({
  fromMs: optional(fc.integer({ min: 0, max: 120_000 })),
  toMs: optional(fc.integer({ min: 0, max: 120_000 })),
  fromNumber: optional(fc.integer({ min: 1, max: 60 })),
  toNumber: optional(fc.integer({ min: 1, max: 60 })),
  descending: optional(fc.boolean()),
  limit: optional(fc.integer({ min: 0, max: 20 })),
  offset: optional(fc.integer({ min: 0, max: 30 })),
});
const defined = (value: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined));

describe("history", () => {
  it("answers every query the same whatever was compacted when", { timeout: 120_000 }, async () => {
    const cases = fc.asyncProperty(
      fc.array(step, { minLength: 10, maxLength: 60 }),
      fc.array(query, { minLength: 5, maxLength: 25 }),
      async (steps, queries) => {
        const path = databasePath();
        let store = await open(path, { compaction: small });
        const { id: meterId } = await store.addMeter(newMeter);
        const kept: ReadingRow[] = [];
        for (const each of steps) {
          if (each.kind === "compact") await store.compact();
          else if (each.kind === "restart") {
            await store.close();
            store = await open(path, { compaction: small });
          } else {
            const before = kept.at(-1);
            const row: ReadingRow = {
              meterId,
              number: (before?.number ?? 0) + each.gap,
              readAtMs: (before?.readAtMs ?? 60_000) + each.passedMs,
              layoutId: layout.id,
              clockStatus: 0,
              payload: each.payload,
            };
            await store.commit({ reading: row, newLayout: layout });
            kept.push(row);
          }
        }
        for (const each of queries) {
          const asked: ReadingQuery = { meterId, ...defined(each) };
          expect(plain(await store.readings(asked))).toEqual(plain(answered(kept, asked)));
          const { limit: _limit, offset: _offset, ...counted } = asked;
          expect(await store.count(counted)).toBe(answered(kept, counted).length);
        }
        expect((await store.load()).newest.map(({ number }) => number)).toEqual(
          kept.slice(-1).map(({ number }) => number),
        );
        await store.close();
      },
    );
    await fc.assert(cases, { numRuns: Number(process.env["FUZZ_RUNS"] ?? 12) });
  });

  it("becomes blocks by itself, the newest readings staying rows", async () => {
    const path = databasePath();
    const { store, meterId } = await filled(path, 3000);
    await store.compact();
    const { count, rows } = blocksIn(path);
    expect(count).toBeGreaterThanOrEqual(3);
    expect(rows).toBeGreaterThanOrEqual(64);
    expect(rows).toBeLessThan(64 + 512);
    expect(await store.count({ meterId })).toBe(3000);
    const first = await store.readings({ meterId, limit: 1000 });
    expect(plain(first)).toEqual(Array.from(first, (_, index) => plain([reading(meterId, index + 1).reading])[0]));
  });

  it("pages across blocks and rows without a gap while it is compacted", async () => {
    const { store, meterId } = await filled(databasePath(), 2500);
    const compacting = store.compact();
    const seen: number[] = [];
    for (let from = 1; ; ) {
      const page = await store.readings({ meterId, fromNumber: from, limit: 37 });
      const last = page.at(-1);
      if (last === undefined) break;
      seen.push(...page.map(({ number }) => number));
      from = last.number + 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    await compacting;
    expect(seen).toEqual(Array.from({ length: 2500 }, (_, index) => index + 1));
  });

  it("takes no reading again whose number is in a block", async () => {
    const { store, meterId } = await filled(databasePath(), 700);
    await store.compact();
    await expect(store.commit(reading(meterId, 5))).rejects.toMatchObject({ reason: "constraint" });
    await store.commit(reading(meterId, 701));
    expect(await store.count({ meterId })).toBe(701);
  });

  it("answers a damaged block with an error for its readings and no others", async () => {
    const path = databasePath();
    const { store, meterId } = await filled(path, 3000);
    await store.compact();
    await store.close();
    const database = openSqlite(path);
    const second = database
      .prepare("SELECT id, first_number AS first, last_number AS last FROM reading_blocks")
      .all()[1];
    const { id, first, last } = second as { id: number; first: number; last: number };
    const bytes = database.prepare("SELECT bytes FROM reading_blocks WHERE id = ?").pluck().get(id) as Buffer;
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    database.prepare("UPDATE reading_blocks SET bytes = ? WHERE id = ?").run(bytes, id);
    database.close();

    const again = await open(path);
    expect(await again.readings({ meterId, toNumber: first - 1, limit: 1000 })).toHaveLength(
      first - 1 > 1000 ? 1000 : first - 1,
    );
    await expect(again.readings({ meterId, fromNumber: first })).rejects.toMatchObject({
      name: "StoreError",
      reason: "corrupt",
      message: expect.stringContaining(`readings ${first} to ${last} of meter ${meterId}`),
    });
    expect((await again.readings({ meterId, fromNumber: last + 1, limit: 1 }))[0]?.number).toBe(last + 1);
    expect(await again.findDamage()).toMatchObject([{ meterId, fromNumber: first, toNumber: last }]);
    await again.commit(reading(meterId, 3001));
  });
});

describe("a full disk", () => {
  it("loses nothing of what was kept, and goes on once the oldest readings were removed", async () => {
    const path = databasePath();
    const store = await open(path, { compaction: small, maxBytes: 400 * 1024 });
    const { id: meterId } = await store.addMeter(newMeter);
    let state = 1;
    const noise = (length: number) =>
      Uint8Array.from({ length }, () => {
        state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
        return state >> 16;
      });
    const payloads: Uint8Array[] = [];
    const commit = async (number: number) => {
      const payload = noise(800);
      const { reading: row, ...definitions } = reading(meterId, number);
      await store.commit({ ...definitions, reading: { ...row, payload } });
      payloads.push(payload);
    };
    const filling = async () => {
      for (let number = payloads.length + 1; number < 2000; number++) await commit(number);
    };
    await expect(filling()).rejects.toMatchObject({ reason: "full" });
    const kept = payloads.length;
    expect(kept).toBeGreaterThan(100);
    await store.compact().catch(() => {});
    expect(await store.count({ meterId })).toBe(kept);
    for (const row of await store.readings({ meterId }))
      expect([...row.payload]).toEqual([...(payloads[row.number - 1] ?? [])]);

    const { removedReadings } = await store.retain({ nowMs: 0, minFreeBytes: 100 * 1024 });
    expect(removedReadings).toBeGreaterThan(10);
    await commit(kept + 1);
    expect(await store.count({ meterId })).toBe(kept + 1 - removedReadings);
  });
});

describe("moving readings in time", () => {
  it("moves those asked for, in blocks and rows, and leaves all else of them as it was", async () => {
    const path = databasePath();
    const store = await open(path, { compaction: small });
    const { id: meterId } = await store.addMeter(newMeter);
    for (let number = 1; number <= 30; number++) await store.commit(reading(meterId, number));
    await store.compact();
    const before = plain(await store.readings({ meterId }));
    expect(blocksIn(path).rows).toBeLessThan(10);
    await store.retime({ meterId, fromNumber: 6, toNumber: 29, shiftMs: 500_000, clockStatus: 2 });
    const expected = before.map((row) =>
      row.number < 6 || row.number > 29 ? row : { ...row, readAtMs: row.readAtMs + 500_000, clockStatus: 2 },
    );
    expect(plain(await store.readings({ meterId }))).toEqual(expected);
    expect((await store.readings({ meterId, fromMs: 500_000 })).map(({ number }) => number)).toEqual(
      Array.from({ length: 24 }, (_, index) => index + 6),
    );
  });
});

describe("retention", () => {
  const atDay = (number: number) => number * day;

  async function yearOfDays(path: string) {
    const store = await open(path, { compaction: small });
    const { id: meterId } = await store.addMeter(newMeter);
    for (let number = 1; number <= 365; number++) await store.commit(reading(meterId, number, atDay(number)));
    await store.compact();
    return { store, meterId };
  }

  it("removes what is too old and nothing younger", async () => {
    const { store, meterId } = await yearOfDays(databasePath());
    const { removedReadings } = await store.retain({ nowMs: atDay(365), maxAgeMs: 100 * day });
    const [oldest] = await store.readings({ meterId, limit: 1 });
    // A block goes when its last reading is too old: at most a block less one is kept longer.
    expect(oldest?.number).toBeGreaterThan(365 - 100 - small.blockRows);
    expect(oldest?.number).toBeLessThanOrEqual(365 - 100);
    expect(await store.count({ meterId })).toBe(365 - removedReadings);
  });

  it("keeps the newest reading of each meter, however old, and numbers go on from it", async () => {
    const path = databasePath();
    const { store, meterId } = await yearOfDays(path);
    await store.retain({ nowMs: atDay(5000), maxAgeMs: 1 });
    expect((await store.readings({ meterId })).map(({ number }) => number)).toEqual([365]);
    await store.commit(reading(meterId, 366, atDay(366)));
    expect((await store.load()).newest[0]?.number).toBe(366);
  });

  it("removes the oldest blocks until there is room, and says when there is not", async () => {
    const { store, meterId } = await yearOfDays(databasePath());
    expect(await store.retain({ nowMs: 0, minFreeBytes: 1 })).toEqual({ removedReadings: 0, isStillFull: false });
    const outcome = await store.retain({ nowMs: 0, minFreeBytes: Number.MAX_SAFE_INTEGER });
    // All of them would not give so much room: nothing is lost for it.
    expect(outcome).toEqual({ removedReadings: 0, isStillFull: true });
    expect(await store.readings({ meterId })).toHaveLength(365);
  });
});

describe("figures", () => {
  it("say what is kept and when it will be full", async () => {
    const store = await open(databasePath(), { compaction: small, maxBytes: 100 << 20 });
    expect(await store.figures()).toMatchObject({ readings: 0, blocks: 0, readingsPerDay: 0 });
    expect((await store.figures()).daysUntilFull).toBeUndefined();
    const { id } = await store.addMeter(newMeter);
    for (let number = 1; number <= 100; number++) await store.commit(reading(id, number, number * (day / 24)));
    await store.compact();
    const figures = await store.figures();
    expect(figures).toMatchObject({ readings: 100, oldestMs: day / 24, newestMs: 100 * (day / 24) });
    expect(figures.openReadings + figures.blocks).toBeLessThan(100);
    expect(figures.readingsPerDay).toBeCloseTo(24);
    expect(figures.bytesPerDay).toBeCloseTo(24 * (figures.bytesPerReading ?? 0));
    expect(figures.roomBytes).toBeLessThanOrEqual(100 << 20);
    expect(figures.daysUntilFull).toBeCloseTo(figures.roomBytes / figures.bytesPerDay);
  });
});

describe("raw telegrams", () => {
  const telegram = (number: number) => ({ receivedAtMs: number * 1000, bytes: Uint8Array.of(0x68, number) });

  it("are kept as received, the last few of each meter, newest first", async () => {
    const path = databasePath();
    const store = await open(path, { rawTelegrams: 3 });
    const { id } = await store.addMeter(newMeter);
    const other = await store.addMeter({ ...newMeter, sap: 17 });
    await store.keepTelegrams(other.id, [telegram(9)]);
    for (let number = 1; number <= 5; number++) await store.keepTelegrams(id, [telegram(number)]);
    await store.close();
    const again = await open(path, { rawTelegrams: 3 });
    const kept = await again.telegrams(id, 10);
    expect(kept.map(({ receivedAtMs, bytes }) => ({ receivedAtMs, bytes: [...bytes] }))).toEqual(
      [5, 4, 3].map((number) => ({ receivedAtMs: number * 1000, bytes: [0x68, number] })),
    );
    expect(await again.telegrams(id, 1)).toHaveLength(1);
    expect(await again.telegrams(other.id, 10)).toHaveLength(1);
  });

  it("are not kept where the setting says none", async () => {
    const store = await open(databasePath());
    const { id } = await store.addMeter(newMeter);
    await store.keepTelegrams(id, [telegram(1)]);
    expect(await store.telegrams(id, 10)).toEqual([]);
  });
});
