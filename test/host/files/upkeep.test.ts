import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openSettingsVault } from "../../../src/host/files/vault-text.js";
import { openSettings } from "../../../src/host/settings-keeper.js";
import { createUpkeep } from "../../../src/host/upkeep.js";
import type { ChangeRecord } from "../../../src/services/recorder.js";
import { associationOf, type Role } from "../../../src/services/rights.js";
import { openStore } from "../../../src/store/index.js";
import { createRestApp } from "../../../src/views/rest/rest-app.js";
import { recordingLogger } from "../../support/recording-logger.js";
import { createFixture } from "../../support/rest-fixture.js";
import { createStandingClock } from "../../support/standing-clock.js";
import { systemClock } from "../../support/system-clock.js";

const yaml = `# of the house
readout: { retries: 2 } # few
mail: { host: mail.example.org, password: opensesame }
`;
const atMs = Date.UTC(2026, 10, 23, 4, 0, 0);

let data: string;
let app: FastifyInstance;
let records: ChangeRecord[];
let warnings: string[];

async function start(role: Role): Promise<void> {
  const clock = createStandingClock(atMs);
  const settingsFile = openSettings(join(data, "settings.yaml"), openSettingsVault(data), (words) => {
    warnings.push(words);
  });
  const recorder = { record: (change: ChangeRecord) => void records.push(change) };
  const facts = async () => ({ meters: 2 });
  const logLines = async () => [
    "2026-11-23T04:00:00Z information network 1201 connection failed (url ftp://u:pw@h, token cgw_0123456789ab_77)",
  ];
  const upkeep = createUpkeep({ settingsFile, dataPath: data, serial: "00000001", clock, recorder, facts, logLines });
  const { options } = createFixture({ meters: [], clock, firstReadingMs: atMs, periodMs: 60_000 });
  const principal = { association: associationOf(role), user: "anna", door: "rest", peer: "127.0.0.1" };
  app = await createRestApp({ ...options, principal, upkeep, host: "127.0.0.1", port: 0, webRoot: undefined });
}

async function call(method: "GET" | "PATCH" | "PUT" | "POST" | "DELETE", path: string, payload?: object) {
  const answer = await app.inject({ method, url: `/api/v1${path}`, ...(payload === undefined ? {} : { payload }) });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>(), text: answer.body };
}

const fileText = () => readFileSync(join(data, "settings.yaml"), "utf8");

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "upkeep-test-"));
  records = [];
  warnings = [];
  writeFileSync(join(data, "settings.yaml"), yaml);
  await (
    await openStore({ path: join(data, "gateway.sqlite"), clock: systemClock, logger: recordingLogger() })
  ).close();
  await start("admin");
});
afterEach(async () => {
  await app.close();
  rmSync(data, { recursive: true, force: true });
});

it("seals plain secrets at the start, keeps comments, and warns of what has no effect yet", () => {
  expect(fileText()).toMatch(/password: enc:[\w+/=]+/);
  expect(fileText()).toContain("# of the house");
  expect(fileText()).not.toContain("opensesame");
  expect(warnings).toContain("mail.host is kept, and takes effect when the door is built");
});

it("shows settings with their defaults and never a secret", async () => {
  const { status, body, text } = await call("GET", "/settings");
  expect(status).toBe(200);
  expect(body["settings"]).toMatchObject({
    readout: { retries: 2, schedule: "*/15 * * * *" },
    mail: { password: "[secret]" },
  });
  expect(text).not.toMatch(/opensesame|enc:/);
  const table = await call("GET", "/settings/table");
  expect(table.body["settings"]).toEqual(
    expect.arrayContaining([expect.objectContaining({ path: "doors.console.port", default: 9999, built: false })]),
  );
});

it("changes settings as a whole or not at all, keeps the file before, tells the restart and the audit", async () => {
  const before = fileText();
  const bad = await call("PATCH", "/settings", { readout: { retries: 1, schedule: "never" }, mail: { port: 587 } });
  expect(bad.status).toBe(400);
  expect(String(bad.body["detail"])).toContain("readout.schedule");
  expect(fileText()).toBe(before);
  const dry = await call("PATCH", "/settings?dryRun=true", { readout: { retries: 1 } });
  expect(dry.body["changed"]).toEqual(["readout.retries"]);
  expect(fileText()).toBe(before);
  const good = await call("PATCH", "/settings", {
    readout: { retries: 1 },
    mail: { port: 587, password: "[secret]", to: "a@example.org" },
  });
  expect(good.body["changed"]).toEqual(["readout.retries", "mail.port", "mail.to"]);
  expect(good.body["restartNeeded"]).toEqual(["readout.retries"]);
  expect(fileText()).toContain("# few");
  expect(readFileSync(join(data, "settings.yaml.previous"), "utf8")).toBe(before);
  const secret = await call("PATCH", "/settings", { mail: { password: "anothersecret" } });
  expect(secret.body["changed"]).toEqual(["mail.password"]);
  expect(fileText()).not.toContain("anothersecret");
  expect(JSON.stringify(records)).not.toMatch(/anothersecret|opensesame/);
  expect(records.map(({ action, isRefused }) => [action, isRefused])).toEqual([
    ["settings.change", false],
    ["settings.change", false],
  ]);
  const whole = await call("PUT", "/settings", { mail: { password: "[secret]" } });
  expect(whole.body["settings"]).toMatchObject({ readout: { retries: 3 }, mail: { port: 25, password: "[secret]" } });
});

it("makes, lists, downloads, uploads, restores and removes files", { timeout: 60_000 }, async () => {
  const made = await call("POST", "/files", { kind: "full-backup", passphrase: "correct horse" });
  expect(made.status).toBe(200);
  const name = String(made.body["name"]);
  expect(name).toBe(`cosem-gateway_0.1.0_${atMs}_full-backup_.tar.gz`);
  expect((await call("GET", "/files")).body["files"]).toMatchObject([{ name, kind: "full-backup" }]);
  const got = await app.inject({ url: `/api/v1/files/${name}` });
  expect(got.headers["content-type"]).toBe("application/gzip");
  expect((await call("DELETE", `/files/${name}`)).body).toEqual({ removed: name });
  expect((await call("GET", `/files/${name}`)).status).toBe(404);
  const put = (to: string, payload: Buffer) =>
    app.inject({ method: "PUT", url: `/api/v1/files/${to}`, payload, headers: { "content-type": "application/gzip" } });
  expect((await put(name, got.rawPayload.subarray(0, 900))).statusCode).toBe(400);
  expect((await put("../evil.tar.gz", got.rawPayload)).statusCode).toBeGreaterThanOrEqual(400);
  expect((await put(name, got.rawPayload)).statusCode).toBe(200);
  const wrong = await call("POST", `/files/${name}/restore`, { passphrase: "wrong horse" });
  expect(wrong.status).toBe(400);
  const dry = await call("POST", `/files/${name}/restore`, { passphrase: "correct horse", dryRun: true });
  expect(dry.body).toMatchObject({ replaces: ["gateway.sqlite", "master.key", "settings.yaml"], leftOut: [] });
  expect(existsSync(join(data, "pending-restore"))).toBe(false);
  await call("POST", `/files/${name}/restore`, { passphrase: "correct horse" });
  expect(existsSync(join(data, "pending-restore", "gateway.sqlite"))).toBe(true);
  expect(JSON.stringify(records)).not.toContain("horse");
});

it("makes diagnostics without secrets", async () => {
  const made = await call("POST", "/files", { kind: "diagnostics" });
  expect(made.body).toMatchObject({ kind: "diagnostics", leftOut: ["mail.password"] });
});

it("lets a viewer do none of it, and tells the audit", async () => {
  await app.close();
  await start("viewer");
  expect((await call("GET", "/settings")).status).toBe(403);
  expect((await call("PATCH", "/settings", { readout: { retries: 1 } })).status).toBe(403);
  expect((await call("POST", "/files", { kind: "full-backup" })).status).toBe(403);
  expect((await call("POST", "/factory-reset", { confirm: "factory-reset" })).status).toBe(403);
  expect(records.map(({ isRefused }) => isRefused)).toEqual([true, true, true]);
});
