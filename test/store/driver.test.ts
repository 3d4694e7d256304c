import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** Collects from a task of its own, where no script is on the stack: there release 12 ends a process of Node 24.19. */
const program = `
  const { Database } = await import(process.argv[1]);
  for (let round = 0; round < 20; round++) {
    const database = new Database(":memory:");
    for (let at = 0; at < 200; at++) for (const _ of database.prepare("SELECT " + at + " UNION SELECT -1").iterate());
    database.transaction(() => database.pragma("user_version = 1"))();
    await database.backup(process.argv[2]);
    database.close();
    await gc({ execution: "async" });
  }
  console.log("collected");
`;

test("the objects of the database driver can be collected", async () => {
  const folder = mkdtempSync(join(tmpdir(), "driver-"));
  try {
    const driver = new URL("../../src/store/driver.js", import.meta.url).href;
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...["--expose-gc", "--input-type=module", "--eval", program, driver, join(folder, "copy.db")],
    ]);
    expect(stdout).toBe("collected\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 30_000);
