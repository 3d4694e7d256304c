/** Search, keys, import and report over REST, on simulated buses behind real TCP connections. */
import { read, utils } from "@e965/xlsx";
import { afterEach, describe, expect, it } from "vitest";
import { createPlan } from "../../../src/host/buses.js";
import { createInstallation } from "../../../src/host/installation.js";
import { settingsChecks } from "../../../src/host/settings-checks.js";
import { createSimulation, generatedBuses, loopbackBuses } from "../../../src/host/simulated-buses.js";
import { formatSecondaryAddress } from "../../../src/mbus/index.js";
import { createReadout } from "../../../src/readout/index.js";
import type { JobDefinition, JobRegistry, JobResult } from "../../../src/services/jobs/contract.js";
import { createMeterService } from "../../../src/services/meters/index.js";
import { loadSettings } from "../../../src/settings/index.js";
import { createRestApp } from "../../../src/views/rest/rest-app.js";
import { databasePath, silent } from "../../store/fixture.js";
import { until, when } from "../../support/gateway-process.js";
import { systemClock } from "../../support/system-clock.js";
import { admin, listFixture } from "../meter-list/list-fixture.js";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const bus = (name: string) => ({ name, kind: "wired", baudRate: 38_400, canSwitchRate: false }) as const;

const quick = "retries: 0, selectionRetries: 0, requestIdleMs: 0, collisionIdleMs: 0, responseTimeoutMs: 60";

/** @param more  of the group search */
function settingsWith(more: string, { initialisationIdleMs } = { initialisationIdleMs: 0 }) {
  const text = `{ identity: { serial: '00000001' }, search: { initialisationIdleMs: ${initialisationIdleMs}, ${quick}${more} } }`;
  const loaded = loadSettings(text, "gateway.yaml", settingsChecks);
  if (!loaded.ok) throw new Error("the settings are not good");
  return loaded.settings;
}

async function gateway(metersPerBus = 3) {
  const simulation = createSimulation({
    clock: systemClock,
    baudRate: undefined,
    plan: generatedBuses(2, metersPerBus, 11),
  });
  ends.push(() => Promise.all(simulation.map((one) => one.stop())));
  const fixture = await listFixture(databasePath(), [bus("bus-1"), bus("bus-2")]);
  const { list, keys, mapping, registry } = fixture;
  const buses = loopbackBuses(simulation, undefined).map((one) => ({
    ...one,
    settings: { ...one.settings, responseTimeoutMs: 60, readoutRetries: 3 },
  }));
  const planned = {
    on: (name: string) => list.activeOn(name).map(({ row }) => row),
    find: (meterId: number) => list.device(meterId)?.row,
    keyOf: (meterId: number) => list.keyOf(meterId),
    keyFor: () => undefined,
  };
  const sink = {
    completed: (readout: Parameters<typeof mapping.completed>[0]) => mapping.completed(readout),
    failed: mapping.failed,
  };
  const readout = createReadout({ buses, plan: createPlan(planned), sink, clock: systemClock, logger: silent });
  ends.push(() => readout.stop());
  const state = { settings: settingsWith("") };
  const meters = createMeterService({ registry });
  const progress: string[] = [];
  const results: JobResult[] = [];
  const defined: JobDefinition[] = [];
  const jobs: Pick<JobRegistry, "register" | "trigger"> = {
    register(definition) {
      defined.push(definition);
      return { reschedule: () => undefined, remove: async () => undefined };
    },
    trigger(name, reason, parameters) {
      const job = defined.find((known) => known.name === name);
      const told = (_done: number, _total?: number, words = "") => void progress.push(words);
      const { signal } = new AbortController();
      const context = { reason, parameters, signal, attempt: 1, scheduledForMs: 0, progress: told };
      setImmediate(() => void job?.run(context).then((result) => results.push(result)));
      return job !== undefined;
    },
  };
  const installation = createInstallation({
    jobs,
    settings: () => state.settings,
    list,
    keys,
    meters,
    registry,
    registerMap: undefined,
    modbusPrincipal: admin,
    buses: readout,
    readOne: async (meterId) => {
      const outcome = await readout.readOne(meterId);
      return outcome === undefined || outcome.ok ? outcome && { ok: true } : { ok: false, words: outcome.words };
    },
    reception: () => undefined,
    receptions: () => [],
    facts: () => [["Serial", "00000001"]],
    timeOf: (instant) => new Date(instant).toISOString(),
    recorder: { record: (record) => void fixture.records.push(record) },
    clock: systemClock,
    logger: silent,
  });
  ends.push(() => installation.search.stop());
  const app = await createRestApp({
    registry,
    meters,
    installation: installation.services,
    principal: admin,
    gateway: { productName: "test", version: "0", startedAtMs: 0, doors: () => [], notices: () => [] },
    clock: systemClock,
    logger: silent,
    host: "127.0.0.1",
    port: 0,
    webRoot: undefined,
  });
  ends.push(() => app.close());
  const call = async (method: "GET" | "POST" | "PATCH" | "DELETE", url: string, payload?: object) => {
    const body = payload === undefined ? {} : { payload };
    const answer = await app.inject({ method, url: `/api/v1${url}`, headers: { host: "localhost" }, ...body });
    return { status: answer.statusCode, json: () => answer.json(), bytes: answer.rawPayload };
  };
  const searched = async () => {
    await until("the search", async () => when((await call("GET", "/search")).json().isRunning === false), 60_000);
    return (await call("GET", "/search")).json();
  };
  const addresses = simulation.map((one) =>
    one.meters.map((meter) => formatSecondaryAddress(meter.secondaryAddress)).sort(),
  );
  return { ...fixture, state, progress, results, call, searched, addresses, simulation, installation };
}

describe("a search over REST", () => {
  it("finds the meters of all buses by secondary address, installs and reads them", async () => {
    const { call, searched, addresses, list, progress, results } = await gateway();
    expect((await call("POST", "/search", {})).json()).toMatchObject({ isRunning: true });
    expect((await call("POST", "/search", {})).status).toBe(409);
    const state = await searched();
    expect(state).toMatchObject({
      isRunning: false,
      foundCount: 6,
      share: 1,
      message: "The search is through: 6 found, 6 of them new",
    });
    expect(state.tried).toBeGreaterThan(6);
    for (const [index, name] of ["bus-1", "bus-2"].entries()) {
      const found = state.found.filter(({ interfaceName }: { interfaceName: string }) => interfaceName === name);
      expect(found.map(({ address }: { address: string }) => address).sort()).toEqual(addresses[index]);
      expect(found).toMatchObject([{ result: "new", message: "Readout successful" }, {}, {}]);
    }
    await until("the readings", () => when([...list.devices()].every(({ newest }) => newest !== undefined)));

    expect(progress.at(-1)).toMatch(/^\d+ addresses tried, 6 meters found$/);
    expect(results).toMatchObject([{ outcome: "good", detail: { found: 6 } }]);

    await call("POST", "/search", { interfaces: ["bus-1"] });
    expect(await searched()).toMatchObject({ foundCount: 3, message: "The search is through: 3 found, 0 of them new" });
    const before = [...list.devices()].map(({ sap, name }) => [sap, name]);
    await call("POST", "/search", { interfaces: ["bus-1"], clearList: true });
    expect(await searched()).toMatchObject({ cleared: 3, foundCount: 3 });
    expect([...list.devices()].map(({ sap, name }) => [sap, name]).sort()).toEqual(before.sort());
  }, 120_000);

  it("knows a meter that is listed by its other address, in either order", async () => {
    const { call, searched, list } = await gateway();
    await call("POST", "/search", { modes: ["secondary"], interfaces: ["bus-1"] });
    expect(await searched()).toMatchObject({ foundCount: 3, message: "The search is through: 3 found, 3 of them new" });
    await call("POST", "/search", { modes: ["primary", "secondary"], interfaces: ["bus-1"], lastPrimary: 20 });
    expect(await searched()).toMatchObject({ foundCount: 3, message: "The search is through: 3 found, 0 of them new" });
    await call("POST", "/search", { modes: ["primary"], interfaces: ["bus-2"], lastPrimary: 20 });
    expect(await searched()).toMatchObject({ message: "The search is through: 3 found, 3 of them new" });
    await call("POST", "/search", { modes: ["secondary"], interfaces: ["bus-2"] });
    expect(await searched()).toMatchObject({ message: "The search is through: 3 found, 0 of them new" });
    expect([...list.devices()]).toHaveLength(6);
  }, 120_000);

  it("by primary address stops at the number wanted, and can be cancelled", async () => {
    const { call, searched, list, simulation } = await gateway();
    const [first] = simulation[0]?.meters ?? [];
    await call("POST", "/search", { modes: ["primary"], interfaces: ["bus-1"], meterCount: 1 });
    const state = await searched();
    expect(state).toMatchObject({
      foundCount: 1,
      message: "As many meters as wanted were found: 1 found, 1 of them new",
    });
    expect([...list.devices()].map(({ row }) => row)).toMatchObject([
      { primaryAddress: first?.primaryAddress, addressingMode: "primary", interfaceName: "bus-1" },
    ]);
    await call("POST", "/search", { modes: ["primary", "secondary"], interfaces: ["bus-2"], firstPrimary: 100 });
    const cancelled = await until("the search to begin", async () => {
      const answer = await call("DELETE", "/search");
      return answer.status === 503 ? undefined : answer.json();
    });
    expect(cancelled).toMatchObject({
      isRunning: false,
      message: expect.stringContaining("ended before it was through"),
    });
    expect((await call("DELETE", "/search")).status).toBe(409);
    expect((await call("POST", "/search", { interfaces: ["roof"] })).json().detail).toContain("known: bus-1, bus-2");
    expect((await call("POST", "/search", { modes: ["wireless"] })).status).toBe(400);
  }, 120_000);
});

describe("settings of the search", () => {
  it("are those of the moment it begins", async () => {
    const { call, searched, state } = await gateway();
    state.settings = settingsWith(", interfaces: [bus-2], meterLimit: 1");
    await call("POST", "/search", {});
    const { foundCount, interfaces } = await searched();
    expect(foundCount).toBe(1);
    expect(interfaces.map(({ interfaceName }: { interfaceName: string }) => interfaceName)).toEqual(["bus-2"]);
    // Silence first: nothing is asked, and the search can be ended.
    state.settings = settingsWith(", interfaces: [bus-1]", { initialisationIdleMs: 60_000 });
    await call("POST", "/search", {});
    const cancelled = await until("the search to begin", async () => {
      const answer = await call("DELETE", "/search");
      return answer.status === 503 ? undefined : answer.json();
    });
    expect(cancelled).toMatchObject({ isRunning: false, tried: 0, foundCount: 0 });
  }, 60_000);
});

describe("the meter list over REST", () => {
  it("is changed while it runs: the next cycle reads what is on it then", async () => {
    const { call, addresses, mapping } = await gateway();
    const [address = ""] = addresses[0] ?? [];
    const added = (
      await call("POST", "/meter-list", { interfaceName: "bus-1", secondaryAddress: address, position: "A" })
    ).json();
    expect(added).toMatchObject({
      device: "sap16",
      secondaryAddress: address.slice(0, 8),
      state: "active",
      readAt: null,
    });
    expect(
      (await call("PATCH", "/meter-list/sap16", { position: "B", mbus: { telegramLimit: 1 } })).json(),
    ).toMatchObject({
      position: "B",
      mbus: { telegramLimit: 1 },
    });
    expect((await call("PATCH", "/meter-list/sap16", { baudRate: 300 })).json().detail).toContain(
      "cannot change its rate",
    );
    expect((await call("PATCH", "/meter-list/sap16", { colour: "red" })).status).toBe(400);
    expect((await call("GET", "/meter-list?state=active")).json()).toMatchObject({ total: 1, active: 1, passive: 0 });
    const bulk = { all: {}, action: "change", changes: { state: "passive" } };
    expect((await call("POST", "/meter-list/bulk", bulk)).json()).toEqual({ done: 1, refused: [] });
    expect((await call("DELETE", "/meter-list/sap16?keepHistory=true")).json()).toMatchObject({ state: "passive" });
    expect((await call("GET", "/meter-list/sap16")).status).toBe(404);
    expect([...mapping.devices()]).toHaveLength(0);
  });

  it("takes and gives files, keys without ever telling one, and writes the commission report", async () => {
    const { call, addresses, searched, list } = await gateway(1);
    const [address = ""] = addresses[0] ?? [];
    const file = Buffer.from(`SecondaryAddress;Interface\n${address};bus-1\n12;bus-1\n`);
    expect((await call("POST", "/meter-list/import?dryRun=true", file)).json()).toMatchObject({
      added: 1,
      bad: 1,
      isTaken: false,
    });
    expect((await call("POST", "/meter-list/import?take=goodRows", file)).json()).toMatchObject({ isTaken: true });
    expect((await call("POST", "/meter-list/import")).status).toBe(400);
    const exported = await call("GET", "/meter-list/export?format=xlsx");
    expect(utils.sheet_to_json(read(exported.bytes).Sheets["Meters"] ?? {})).toMatchObject([{ Interface: "bus-1" }]);

    const key = "c0ffee00".repeat(4);
    const kept = await call("POST", "/keys", { key, device: "sap16" });
    expect(kept.json()).toMatchObject({ device: "sap16", meterCount: 1 });
    const keysFile = Buffer.from(`Address;Key\n-1;${key}\n`);
    expect((await call("POST", "/keys/import", keysFile)).json()).toMatchObject({ added: 1, isTaken: true });
    for (const url of ["/keys", "/meter-list", "/meter-list/export?format=csv"]) {
      expect((await call("GET", url)).bytes.toString("latin1").toLowerCase()).not.toContain("c0ffee");
    }
    expect((await call("GET", "/meter-list/sap16")).json().key.kind).toBe("linked");
    expect((await call("DELETE", `/keys/${kept.json().id}`)).status).toBe(200);

    await call("POST", "/search", {});
    await searched();
    await until("the readings", () => when([...list.devices()].every(({ newest }) => newest !== undefined)));
    const report = read((await call("GET", "/commission-report")).bytes);
    expect(report.SheetNames).toEqual(["Gateway settings", "Meters", "Last readings", "Modbus"]);
    const rows = (name: string) => utils.sheet_to_json<Record<string, unknown>>(report.Sheets[name] ?? {});
    expect(rows("Gateway settings")).toContainEqual({ Setting: "Serial", Value: "00000001" });
    expect(rows("Meters")).toHaveLength(2);
    expect(rows("Last readings").some(({ Value, Unit }) => typeof Value === "number" && Unit !== "")).toBe(true);
  }, 60_000);
});
