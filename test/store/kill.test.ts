import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { openSqlite } from "../support/sqlite.js";
import { databasePath, open } from "./fixture.js";

const child = fileURLToPath(new URL("./appending-child.js", import.meta.url));
const kills = 20;

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

it(`loses no acknowledged reading over ${kills} kills, and stays sound`, { timeout: 60_000 }, async () => {
  const path = databasePath();
  const ledger = new Map<number, number>();
  for (let kill = 0; kill < kills; kill++) {
    // From "just opened" to "in the middle of many groups".
    for (const line of await killAfter(path, 1 + kill * 7)) {
      const [meterId = 0, number = 0] = line.split(" ").map(Number);
      ledger.set(meterId, Math.max(ledger.get(meterId) ?? 0, number));
    }
  }

  const store = await open(path);
  expect(ledger.size).toBe(8);
  for (const [meterId, acknowledged] of ledger) {
    const stored = await store.count({ meterId });
    expect(stored).toBeGreaterThanOrEqual(acknowledged);
    const [newest] = await store.readings({ meterId, descending: true, limit: 1 });
    expect(newest?.number).toBe(stored);
    expect([...(newest?.payload ?? [])]).toEqual(new Array(200).fill(stored & 255));
  }
  await store.close();
  const database = openSqlite(path, { readonly: true });
  expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
  expect(database.pragma("foreign_key_check")).toEqual([]);
  database.close();
});
