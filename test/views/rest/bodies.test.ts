import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loopbackDoors, startSimulator } from "../../e2e/kill-run.js";
import { Cleanup, ownerHeaders, type RunningGateway, runCommand, startRun } from "../../support/gateway-process.js";

/** JSON null takes a value away; it is never 0, false or "". */
describe("bodies of requests", () => {
  const cleanup = new Cleanup();
  let gateway: RunningGateway;
  let data: string;
  beforeAll(async () => {
    const { config } = await startSimulator(cleanup, "38400", loopbackDoors());
    data = join(cleanup.folder(), "data");
    gateway = await cleanup.gateway(startRun(["--config", config, "--data", data]));
  }, 60_000);
  afterAll(() => cleanup.run());

  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${gateway.origin}/api/v1${path}`, {
      method,
      headers: { ...ownerHeaders(gateway.origin), "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const command = (...words: string[]) => runCommand([...words, "--data", data]);

  it("leave a meter its address where null takes away what it does not have", async () => {
    const added = await call("POST", "/meter-list", { interfaceName: "building-a", secondaryAddress: "55555555" });
    const meter = `sap${added.body["sap"]}`;
    const before = (await call("GET", `/meter-list/${meter}`)).body;
    expect(before["addressingMode"]).toBe("secondary");
    const changed = await call("PATCH", `/meter-list/${meter}`, { primaryAddress: null, version: null });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ addressingMode: "secondary", primaryAddress: null });
    expect(changed.body["secondaryAddress"]).toBe(before["secondaryAddress"]);
    expect(await command("meters", "set", meter, "telegramLimit=7")).toMatchObject({ code: 0 });
    const without = await command("meters", "set", meter, "telegramLimit=");
    expect(JSON.parse(without.stdout)).not.toHaveProperty("mbus.telegramLimit");
  });

  it("are refused where a field has another type", async () => {
    for (const body of [{ primaryAddress: true }, { primaryAddress: "1" }, { position: 5 }, { position: null }]) {
      const { status } = await call("PATCH", "/meter-list/sap16", body);
      expect([JSON.stringify(body), status]).toEqual([JSON.stringify(body), body.position === null ? 200 : 400]);
    }
    expect((await call("POST", "/send", { primaryAddress: null, command: "initialise" })).status).toBe(400);
  });

  it("take a job's schedule away with null", async () => {
    expect(await command("jobs", "schedule", "maintenance", "none")).toMatchObject({ code: 0 });
    expect((await call("GET", "/jobs/maintenance")).body).toMatchObject({ schedule: null });
  });

  it("let the command line add and link keys", async () => {
    process.env["METER_KEY"] = "000102030405060708090a0b0c0d0e0f";
    try {
      expect(await command("keys", "link", "sap17")).toMatchObject({ code: 0, stderr: "" });
      expect(await command("keys", "add", "--address", "12121212")).toMatchObject({ code: 0, stderr: "" });
    } finally {
      delete process.env["METER_KEY"];
    }
    const { keys } = (await call("GET", "/keys")).body as { keys: readonly object[] };
    expect(keys).toMatchObject([{ device: expect.any(String) }, { address: "12121212", device: null }]);
  });
});
