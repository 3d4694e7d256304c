import { describe, expect, it } from "vitest";
import { createAssociation, createRegistry } from "../../../cosem/index.js";
import { createSeriesObjects } from "../../../src/host/series.js";
import { createSeriesService, type SeriesDefinition } from "../../../src/services/series/index.js";
import { createRestView } from "../../../src/views/rest/index.js";
import { heatHeader, memoryFixture, start } from "../../mapping/support/mapping-fixture.js";
import { createStandingClock } from "../../support/standing-clock.js";

async function door(role: string) {
  const fixture = memoryFixture();
  const device = await fixture.install();
  await fixture.read(device, [`${heatHeader("12345678")} 04 06 D2040000`]);
  let kept: readonly SeriesDefinition[] = [];
  const series = createSeriesService({
    registry: fixture.registry,
    definitions: {
      load: () => kept,
      save: async (definitions) => {
        kept = definitions;
      },
    },
    zone: { offsetAt: () => 3_600_000 },
    clock: createStandingClock(start + 1000),
    recorder: { record: () => undefined },
  });
  const view = createRestView({
    registry: createRegistry({ onListenerError: (error) => Promise.reject(error) }),
    meters: {
      list: () => ({ meters: [], nextAfterSap: undefined, total: 0 }),
      get: () => undefined,
      describe: () => undefined,
      telegrams: () => undefined,
      readings: async () => undefined,
    },
    series,
    principal: {
      association: createAssociation({ name: role, clientSap: undefined, rules: [{ access: "read" }] }),
      user: "test",
      door: "rest",
      peer: "test",
    },
    gateway: {
      productName: "test",
      version: "0",
      startedAtMs: start,
      doors: () => [],
      notices: () => [],
      deviationMinutes: () => -60,
    },
    clock: createStandingClock(start),
    logger: fixture.logger,
    host: "127.0.0.1",
    port: 0,
    webRoot: undefined,
  });
  const { port } = await view.start();
  const call = async (path: string, method = "GET", body?: unknown) => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  return { call, series, stop: () => view.stop() };
}

describe("REST: measurement series", () => {
  it("lists, defines, evaluates and removes them", async () => {
    const { call, series, stop } = await door("management");
    const id = "KAM123456780408/6-0:1.0.0*255/2";
    expect((await call("/series")).body["series"]).toMatchObject([{ id, kind: "record", unit: "Wh" }]);
    const made = await call("/series/computed", "PUT", {
      name: "kWh twice",
      expression: `[${id}] * 0.002`,
      unit: "kWh",
    });
    expect(made.body["series"]).toMatchObject([{ register: "gateway/0-128:199.0.1*255/2" }]);
    expect((await call("/series/values?id=kWh%20twice")).body).toEqual({
      id: "kWh twice",
      unit: "kWh",
      values: [{ time: "2026-11-22T12:00:00+01:00", end: null, value: "2468", note: null, status: "ok" }],
      next: null,
    });
    const [object] = [...createSeriesObjects(series).objects()];
    expect(object?.logicalName).toBe("0-128:199.0.1*255");
    expect((await call("/series/computed?name=kWh%20twice", "DELETE")).status).toBe(200);
    expect((await call("/series/values?id=kWh%20twice")).status).toBe(404);
    await stop();
  });

  it("says what is wrong with a definition, and refuses who may not", async () => {
    const { call, stop } = await door("rest:viewer");
    const body = { name: "x", expression: "eval(1)" };
    const answer = await call("/series/check", "POST", body);
    expect([answer.status, answer.body["detail"]]).toEqual([400, expect.stringContaining('no function "eval"')]);
    expect(
      (await call("/series/computed", "PUT", { name: "x", expression: "[KAM123456780408/6-0:1.0.0]" })).status,
    ).not.toBe(200);
    expect((await call("/series/values?id=x&from=yesterday")).status).toBe(400);
    await stop();
  });
});
