import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Cleanup, fetchAsOwner, type RunningGateway, startRun, when } from "../support/gateway-process.js";
import { openSqlite } from "../support/sqlite.js";
import { loopbackDoors, startSimulator } from "./kill-run.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function json<T>({ origin }: RunningGateway, path: string): Promise<T> {
  return (await (await fetchAsOwner(`${origin}/api/v1/${path}`)).json()) as T;
}

/** Damages a sound database file. */
const damages: Readonly<Record<string, (path: string) => void>> = {
  "cut short": (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
  "overwritten in the middle": (path) => {
    const database = openSqlite(path, { readonly: true });
    const page = Number(database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'readings'").pluck().get());
    database.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, (page - 1) * 4096, page * 4096);
    writeFileSync(path, bytes);
  },
  "overwritten from its beginning": (path) => writeFileSync(path, "nothing of a database".repeat(500)),
};

describe("a database that was", { timeout: 60_000 }, () => {
  it.each(Object.keys(damages))("%s is set aside, and the gateway starts, says so and reads on", async (what) => {
    const simulator = await startSimulator(cleanup, "none", loopbackDoors());
    const data = join(cleanup.folder(), "data");
    const words = ["--config", simulator.config, "--data", data, "--read-now"];
    const first = await cleanup.gateway(startRun(words));
    await first.process.until("a readout", () => when(first.process.logged("readout cycle ended") !== undefined));
    const storage = await json<{ readings: number; capacity: unknown[] }>(first, "storage");
    expect(storage).toMatchObject({ readings: 40, forecast: expect.any(String) });
    expect(storage.capacity).toHaveLength(10);
    expect(await json(first, "meters/sap16/received")).toMatchObject({
      telegrams: [{ hex: expect.stringMatching(/^72/) }],
    });
    expect((await first.process.stop()).code).toBe(0);

    damages[what]?.(join(data, "gateway.sqlite"));
    const second = await cleanup.gateway(startRun(words));
    const { notices } = await json<{ notices: string[] }>(second, "gateway");
    expect(notices).toContainEqual(expect.stringContaining("was damaged and was set aside as gateway.sqlite.damaged-"));
    expect(
      second.process.logged("the database is damaged; it is set aside and what can be read is taken over"),
    ).toBeDefined();
    expect(readdirSync(data).some((name) => name.startsWith("gateway.sqlite.damaged-"))).toBe(true);
    await second.process.until("a readout", () => when(second.process.logged("readout cycle ended") !== undefined));
    expect(second.process.logged("readout cycle ended")).toMatchObject({ read: 40, failed: 0 });
  });
});
