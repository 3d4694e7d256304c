/** Kills a writer again and again while it appends and compacts, then looks at all that it kept. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { openSqlite } from "../support/sqlite.js";
import { databasePath, open } from "./fixture.js";

const child = fileURLToPath(new URL("./appending-child.js", import.meta.url));

/** Runs the child until it acknowledged `count` commits, kills it, and returns all that it acknowledged. */
function killAfter(path: string, count: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const running = spawn(process.execPath, [child, path], { stdio: ["ignore", "pipe", "pipe"] });
    const acknowledged: string[] = [];
    let complaint = "";
    running.stderr.on("data", (text: Buffer) => {
      complaint += text.toString();
    });
    createInterface({ input: running.stdout }).on("line", (line) => {
      acknowledged.push(line);
      if (acknowledged.length === count) running.kill("SIGKILL");
    });
    running.on("close", (_code, signal) => {
      if (signal === "SIGKILL") resolve(acknowledged);
      else reject(new Error(`the child ended by itself: ${complaint}`));
    });
  });
}

/** @param readingsAt  how many commits are acknowledged before a kill */
export async function killRounds(kills: number, readingsAt: (kill: number) => number): Promise<void> {
  const path = databasePath();
  const ledger = new Map<number, number>();
  for (let kill = 0; kill < kills; kill++) {
    // From "just opened" to "in the middle of many groups".
    for (const line of await killAfter(path, readingsAt(kill))) {
      const [meterId = 0, number = 0] = line.split(" ").map(Number);
      ledger.set(meterId, Math.max(ledger.get(meterId) ?? 0, number));
    }
  }

  const store = await open(path);
  expect(ledger.size).toBe(8);
  for (const [meterId, acknowledged] of ledger) {
    const stored = await store.count({ meterId });
    expect(stored).toBeGreaterThanOrEqual(acknowledged);
    for (let number = 1; number <= stored; number += 1000) {
      const page = await store.readings({ meterId, fromNumber: number, limit: 1000 });
      expect(page.map((row) => row.number)).toEqual(page.map((_, index) => number + index));
      expect(
        page.every((row) => row.payload.length === 200 && row.payload.every((byte) => byte === (row.number & 255))),
      ).toBe(true);
    }
    expect((await store.readings({ meterId, descending: true, limit: 1 }))[0]?.number).toBe(stored);
  }
  await store.close();
  const database = openSqlite(path, { readonly: true });
  expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
  expect(database.pragma("foreign_key_check")).toEqual([]);
  // Many kills fell while blocks were made and filled up.
  expect(Number(database.prepare("SELECT count(*) FROM reading_blocks").pluck().get())).toBeGreaterThan(8);
  database.close();
}
