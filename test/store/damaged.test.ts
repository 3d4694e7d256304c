import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { setAsideWords } from "../../src/store/index.js";
import { openSqlite } from "../support/sqlite.js";
import { databasePath, filled, newMeter, open, reading } from "./fixture.js";

const pageBytes = 4096;

/** A sound file of one meter with blocks and rows, closed, and a state value. */
async function soundFile(readings = 3000): Promise<{ path: string; meterId: number }> {
  const path = databasePath();
  const { store, meterId } = await filled(path, readings);
  await store.setState("serial", "12345678");
  await store.compact();
  await store.close();
  return { path, meterId };
}

function overwrite(path: string, fromPage: number, pages: number): void {
  const bytes = readFileSync(path);
  bytes.fill(0xa5, fromPage * pageBytes, (fromPage + pages) * pageBytes);
  writeFileSync(path, bytes);
}

const setAside = { onDamage: "setAside" } as const;

/** The pages that a table or index begins with. */
function rootPage(path: string, name: string): number {
  const database = openSqlite(path, { readonly: true });
  const page = database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").pluck().get(name);
  database.close();
  return Number(page) - 1;
}

describe("a damaged database", () => {
  it("that was cut short is set aside, and what is left of it taken over", async () => {
    const { path } = await soundFile();
    truncateSync(path, Math.floor(readFileSync(path).length / 2 / pageBytes) * pageBytes);
    const damagedBytes = readFileSync(path);
    const store = await open(path, setAside);
    expect(store.damaged?.path).toContain(`${basename(path)}.damaged-`);
    expect(readFileSync(store.damaged?.path ?? "").equals(damagedBytes)).toBe(true);
    expect(store.damaged?.salvaged.meters).toBe(1);
    expect(store.damaged?.salvaged.readings).toBeGreaterThan(500);
    // The gateway can go on.
    const { id } = await store.addMeter({ ...newMeter, sap: 999 });
    await store.commit(reading(id, 1));
    expect(await store.count({ meterId: id })).toBe(1);
  });

  it("loses no more than what stood in the part that was cut off", { timeout: 60_000 }, async () => {
    const { path: original, meterId } = await soundFile();
    const bytes = readFileSync(original);
    const pages = bytes.length / pageBytes;
    const kept: number[] = [];
    for (const left of [pages - 1, Math.floor(pages * 0.9), Math.floor(pages * 0.75)]) {
      const path = databasePath();
      writeFileSync(path, bytes.subarray(0, left * pageBytes));
      const store = await open(path, setAside);
      expect(store.damaged?.salvaged.meters).toBe(1);
      kept.push(await store.count({ meterId }));
      for (const row of await store.readings({ meterId, limit: 1000 })) {
        expect([...row.payload]).toEqual([...reading(meterId, row.number).reading.payload]);
      }
      await store.close();
    }
    // A page holds the rows of at most a block of 1,024.
    expect(kept[0]).toBeGreaterThanOrEqual(3000 - 1024);
    expect(kept.every((count) => count > 0)).toBe(true);
  });

  it("that holds not a byte any more is set aside and told, not taken for a new one", async () => {
    const { path } = await soundFile(10);
    truncateSync(path, 0);
    const store = await open(path, setAside);
    expect(store.damaged?.reason).toContain("nothing of it is left");
  });

  it("that is gone or emptied beside its log keeps the log for who can read it", async () => {
    for (const spoil of [(path: string) => truncateSync(path, 0), (path: string) => rmSync(path)]) {
      const path = databasePath();
      const log = Buffer.alloc(32 + 4096 + 24, 1);
      writeFileSync(path, "x");
      writeFileSync(`${path}-wal`, log);
      spoil(path);
      const store = await open(path, setAside);
      expect(store.damaged).toBeDefined();
      expect(readFileSync(`${store.damaged?.path}-wal`).equals(log)).toBe(true);
    }
  });

  it("in which a few bytes of one open reading are others is noticed, and only that one is lost", async () => {
    const path = databasePath();
    const { store: before, meterId } = await filled(path, 300);
    await before.close();
    const bytes = readFileSync(path);
    // The payload of reading 250, as fixture.ts makes it: 0, 3, 72, then the number.
    const at = bytes.indexOf(Buffer.of(0, 3, 0x72, 250, 0));
    expect(at).toBeGreaterThan(0);
    expect(bytes.indexOf(Buffer.of(0, 3, 0x72, 250, 0), at + 1)).toBe(-1);
    bytes[at + 3] = 251;
    writeFileSync(path, bytes);
    const store = await open(path, setAside);
    expect(store.damaged?.reason).toContain(`reading 250 of meter ${meterId} is damaged`);
    expect(store.damaged?.salvaged).toMatchObject({ meters: 1, readings: 299, lost: 1 });
    const around = await store.readings({ meterId, fromNumber: 249, toNumber: 251 });
    expect(around.map(({ number }) => number)).toEqual([249, 251]);
  });

  it("whose open readings were overwritten keeps everything else", async () => {
    const { path, meterId } = await soundFile();
    overwrite(path, rootPage(path, "readings"), 1);
    const store = await open(path, setAside);
    expect(store.damaged?.salvaged.meters).toBe(1);
    const inBlocks = store.damaged?.salvaged.readings ?? 0;
    expect(inBlocks).toBeGreaterThan(2000);
    expect(await store.count({ meterId })).toBe(inBlocks);
    expect(await store.getState("serial")).toBe("12345678");
    // Numbers go on behind what is left.
    const [newest] = (await store.load()).newest;
    expect(newest?.number).toBe(inBlocks);
    await store.commit(reading(meterId, inBlocks + 1));
    expect(
      setAsideWords(
        store.damaged ?? { path: "", reason: "", salvaged: { meters: 0, readings: 0, otherRows: 0, lost: 0 } },
      ),
    ).toMatch(/was damaged and was set aside as gateway\.db\.damaged-.*1 meters and \d+ readings/);
  });

  it("keeps what is sound wherever one page of it was overwritten", { timeout: 120_000 }, async () => {
    const { path: original, meterId } = await soundFile(1500);
    const bytes = readFileSync(original);
    const whole = bytes.length / pageBytes;
    let noticed = 0;
    for (let page = 0; page < whole; page += 3) {
      const path = databasePath();
      writeFileSync(path, bytes);
      overwrite(path, page, 1);
      const store = await open(path, setAside);
      if (store.damaged !== undefined) noticed += 1;
      // Whatever is there is right: never a wrong value.
      const { newest } = await store.load();
      if (newest.length > 0) {
        for (let from = 1; from <= 1500; from += 500) {
          const page = await store.readings({ meterId, fromNumber: from, toNumber: from + 499 }).catch(() => []);
          for (const row of page) expect([...row.payload]).toEqual([...reading(meterId, row.number).reading.payload]);
        }
      }
      await store.close();
    }
    expect(noticed).toBeGreaterThan(0);
  });

  it("that is something else now is set aside too", async () => {
    const { path } = await soundFile(10);
    writeFileSync(path, "This is a letter to the landlord. ".repeat(200));
    const store = await open(path, setAside);
    expect(store.damaged?.salvaged).toEqual({ meters: 0, readings: 0, otherRows: 0, lost: 0 });
    expect(readFileSync(store.damaged?.path ?? "", "utf8")).toMatch(/^This is a letter/);
  });

  it("is never made of a sound one, of another program's or of a newer version's", async () => {
    const { path, meterId } = await soundFile(100);
    const store = await open(path, setAside);
    expect(store.damaged).toBeUndefined();
    expect(await store.count({ meterId })).toBe(100);
    await store.close();

    const newer = openSqlite(path);
    newer.pragma("user_version = 999");
    newer.close();
    await expect(open(path, setAside)).rejects.toMatchObject({ reason: "newer" });

    const foreign = databasePath();
    const other = openSqlite(foreign);
    other.exec("CREATE TABLE songs (title TEXT)");
    other.close();
    await expect(open(foreign, setAside)).rejects.toMatchObject({ reason: "foreign" });
    expect(readdirSync(dirname(path)).filter((name) => name.includes("damaged"))).toEqual([]);
  });

  it("is looked through at the next start when damage is met while it runs", async () => {
    const { path } = await soundFile();
    const store = await open(path);
    // Behind the gateway's back, as a failing disk would.
    overwrite(path, rootPage(path, "reading_blocks"), 1);
    await store.findDamage().catch(() => {});
    await store.close();
    const again = await open(path, setAside);
    expect(again.damaged).toBeDefined();
    expect(existsSync(`${path}.check`)).toBe(false);
  });
});
