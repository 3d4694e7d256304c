/** Settings, files, restore and log of a real gateway, over REST and by the command line. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { read as readWorkbook, utils } from "@e965/xlsx";
import { afterEach, describe, expect, it } from "vitest";
import { type Data, logicalName } from "../../cosem/index.js";
import { settingsDocumentation } from "../../src/settings/index.js";
import { type DlmsSession, openDlms } from "../support/dlms-session.js";
import { Cleanup, type GatewayProcess, runCommand, startRun, until, when } from "../support/gateway-process.js";
import { loopbackDoors, readDatabase, startSimulator } from "./kill-run.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const passphrase = "correct horse battery";
const userPassword = "dunkle-Wasserleitung-81";
const meterKey = "00112233445566778899AABBCCDDEEFF";

/** The owner's access of this run: a new one after each start. */
function accessOf(data: string): { readonly url: string; readonly token: string } {
  return JSON.parse(readFileSync(join(data, "local.json"), "utf8")) as { url: string; token: string };
}

async function call(data: string, method: string, path: string, body?: unknown) {
  const { url, token } = accessOf(data);
  const isFile = body instanceof Uint8Array;
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": isFile ? "application/gzip" : "application/json" }),
    },
    ...(body === undefined ? {} : { body: isFile ? Buffer.from(body) : JSON.stringify(body) }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const text = bytes.toString();
  const json = () => JSON.parse(text) as Record<string, unknown>;
  return { status: response.status, bytes, text, json };
}

const starts = (child: GatewayProcess) => child.log().filter(({ msg }) => msg === "gateway started").length;

async function startedAgain(child: GatewayProcess, times: number): Promise<void> {
  await child.until("the gateway to start again", () => when(starts(child) >= times), 20_000);
}

/** A gateway that has read its meters once, with a user, a key and settings of its own. */
async function filledGateway(): Promise<{ data: string; child: GatewayProcess }> {
  const more = `${loopbackDoors()}identity: { serial: "00123456", company: Water Works }\nmail: { host: mail.example.org, password: opensesame }\n`;
  const { config } = await startSimulator(cleanup, "none", more);
  const data = join(cleanup.folder(), "data");
  const { process: child } = await cleanup.gateway(startRun(["--config", config, "--data", data, "--read-now"]));
  await child.until("a readout cycle", () => when(child.logged("readout cycle ended") !== undefined));
  const user = { name: "anna", role: "operator", password: userPassword };
  expect(await call(data, "POST", "/users", user)).toMatchObject({ status: 200 });
  expect(await call(data, "POST", "/keys", { key: meterKey, address: "12345678" })).toMatchObject({ status: 200 });
  return { data, child };
}

async function emptyGateway(): Promise<{ data: string; config: string; child: GatewayProcess }> {
  const folder = cleanup.folder();
  const [data, config] = [join(folder, "data"), join(folder, "gateway.yaml")];
  writeFileSync(config, loopbackDoors());
  const { process: child } = await cleanup.gateway(startRun(["--config", config, "--data", data]));
  return { data, config, child };
}

const readingsOf = (data: string) =>
  [...readDatabase(data).meters].flatMap(([sap, { name, readings }]) =>
    readings.map(({ readAtMs, telegrams }) => ({ sap, name, readAtMs, telegrams })),
  );

async function logIn(data: string): Promise<number> {
  const response = await fetch(`${accessOf(data).url}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user: "anna", password: userPassword }),
  });
  return response.status;
}

describe("restore", { timeout: 120_000 }, () => {
  it("puts values, keys, users, history and settings on an empty machine: over REST, and by the command", async () => {
    const { data, child } = await filledGateway();
    const made = await call(data, "POST", "/files", { kind: "full-backup", passphrase });
    expect(made.json()).toMatchObject({ leftOut: [] });
    const name = String(made.json()["name"]);
    expect(name).toMatch(/^cosem-gateway_\d+\.\d+\.\d+_\d{13}_full-backup_\.tar\.gz$/);
    const archive = (await call(data, "GET", `/files/${name}`)).bytes;
    const keys = (await call(data, "GET", "/keys")).json();
    expect((await child.stop()).code).toBe(0);
    const readings = readingsOf(data);
    expect(readings).toHaveLength(40);

    const empty = await emptyGateway();
    expect((await call(empty.data, "PUT", `/files/${name}`, archive)).status).toBe(200);
    const restore = (more: object) => call(empty.data, "POST", `/files/${name}/restore`, { passphrase, ...more });
    const dry = await restore({ dryRun: true });
    expect(dry.json()).toMatchObject({ serial: "00123456", next: "nothing was changed", leftOut: [] });
    expect((await restore({ passphrase: "wrong horse battery" })).status).toBe(400);
    expect(starts(empty.child)).toBe(1);
    expect((await restore({})).json()).toMatchObject({ replaces: ["gateway.sqlite", "master.key", "settings.yaml"] });
    await startedAgain(empty.child, 2);

    expect((await call(empty.data, "GET", "/keys")).json()).toEqual(keys);
    expect(await logIn(empty.data)).toBe(200);
    const { settings } = (await call(empty.data, "GET", "/settings")).json() as { settings: Record<string, object> };
    expect(settings["identity"]).toMatchObject({ serial: "00123456", company: "Water Works" });
    expect(settings["mail"]).toMatchObject({ password: "[secret]" });
    // The audit of before went with the database; the one of now says that it was put in place.
    const { entries } = (await call(empty.data, "GET", "/audit?action=files.putInPlace")).json() as {
      entries: object[];
    };
    expect(entries).toMatchObject([{ result: "done", detail: expect.stringContaining("gateway.sqlite") }]);
    expect((await empty.child.stop()).code).toBe(0);
    expect(readingsOf(empty.data)).toEqual(readings);
    expect(existsSync(join(empty.data, "before-restore", "gateway.sqlite"))).toBe(true);

    const file = join(cleanup.folder(), "backup.tar.gz");
    const secretFile = join(cleanup.folder(), "passphrase");
    writeFileSync(file, archive);
    writeFileSync(secretFile, `${passphrase}\n`);
    const offline = join(cleanup.folder(), "offline");
    const words = ["restore", file, "--data", offline, "--passphrase-file", secretFile];
    expect((await runCommand([...words, "--dry-run"])).stdout).toContain("nothing was changed");
    expect(readdirSync(offline)).toEqual([]);
    expect(await runCommand(words)).toMatchObject({ code: 0, stderr: "" });
    expect(readingsOf(offline)).toEqual(readings);
    await cleanup.gateway(startRun(["--data", offline]));
    expect((await call(offline, "GET", "/keys")).json()).toEqual(keys);
    expect(await logIn(offline)).toBe(200);
  });

  it("of a file that is broken, foreign, cut, leads out of its folder or swells changes nothing", async () => {
    const { data, child, config } = await emptyGateway();
    const name = "cosem-gateway_0.1.0_1669048026178_full-backup_.tar.gz";
    const { name: own } = (await call(data, "POST", "/files", { kind: "full-backup", passphrase })).json();
    const good = (await call(data, "GET", `/files/${String(own)}`)).bytes;
    const broken = Buffer.from(good);
    broken.fill(0x55, good.length >> 1, (good.length >> 1) + 64);
    const folder = cleanup.folder();
    const tar = (...words: string[]) => execFileSync("tar", ["-czf", "-", "-C", folder, ...words], { maxBuffer: 1e9 });
    mkdirSync(join(folder, "maps"));
    writeFileSync(join(folder, "settings.yaml"), "readout: { retries: 9 }\n");
    writeFileSync(join(folder, "gateway.sqlite"), Buffer.alloc(300_000_000));
    const bad: Readonly<Record<string, Uint8Array>> = {
      broken,
      foreign: tar("settings.yaml"),
      cut: good.subarray(0, good.length - 2000),
      "leading out": tar("--transform", "s,^,../../,", "-P", "settings.yaml"),
      absolute: tar("--transform", "s,^,/tmp/,", "-P", "settings.yaml"),
      bomb: tar("gateway.sqlite"),
      "no archive": Buffer.from("readout: { retries: 9 }\n"),
    };
    const files = () =>
      readdirSync(data)
        .filter((entry) => !entry.startsWith("gateway.sqlite"))
        .toSorted();
    const before = [files(), readFileSync(config, "utf8"), readdirSync(join(data, "files"))];
    for (const [kind, bytes] of Object.entries(bad)) {
      const answer = await call(data, "PUT", `/files/${name}`, bytes);
      expect([kind, answer.status]).toEqual([kind, 400]);
      expect([files(), readFileSync(config, "utf8"), readdirSync(join(data, "files"))]).toEqual(before);
      const file = join(folder, "bad.tar.gz");
      writeFileSync(file, bytes);
      const offline = join(cleanup.folder(), "offline");
      const { code, stderr } = await runCommand(["restore", file, "--data", offline]);
      expect([kind, code, stderr.includes("nothing was changed")]).toEqual([kind, 1, true]);
      expect(/swells beyond belief|decompression ratio/.test(stderr)).toBe(kind === "bomb");
      expect(readdirSync(offline)).toEqual([]);
    }
    expect(starts(child)).toBe(1);
  });

  it("factory reset over REST forgets all but serial number and files, at once", async () => {
    const { data, child } = await filledGateway();
    await call(data, "POST", "/files", { kind: "config-backup" });
    expect((await call(data, "POST", "/factory-reset", { confirm: "yes" })).status).toBe(400);
    expect((await call(data, "POST", "/factory-reset", { confirm: "factory-reset" })).status).toBe(200);
    // The defaults have the web door on a port of everybody's: what is told is enough here.
    await until(
      "the reset",
      () => when(child.stderr.includes("factory reset: settings, users, keys, readings and logs are gone")),
      20_000,
    );
    await until("the next start", () => when(child.exit !== undefined || starts(child) === 2), 20_000);
    await child.stop();
    expect(readDatabase(data).meters.size).toBe(0);
    expect(readdirSync(join(data, "files"))).toHaveLength(1);
  });
});

describe("secrets and configuration files of a real gateway", { timeout: 90_000 }, () => {
  it("seals what is plain in the file at the next start, also what a person writes later", async () => {
    const folder = cleanup.folder();
    const [data, config] = [join(folder, "data"), join(folder, "gateway.yaml")];
    writeFileSync(config, `# ours\n${loopbackDoors()}mail: { password: opensesame } # of the mail\n`);
    const start = async () => (await cleanup.gateway(startRun(["--config", config, "--data", data]))).process;
    // The folder was there already, for all to look into: what is written in it is for the gateway's own user alone.
    mkdirSync(data, { mode: 0o755 });
    const firstRun = await start();
    const open = readdirSync(data).filter((name) => (statSync(join(data, name)).mode & 0o077) !== 0);
    expect(open).toEqual([]);
    await firstRun.stop();
    const sealed = readFileSync(config, "utf8");
    expect(sealed).toMatch(/password: enc:\S+ \} # of the mail/);
    expect(sealed).toContain("# ours");
    expect(sealed).not.toContain("opensesame");
    writeFileSync(config, sealed.replace(/enc:\S+/, "newsesame"));
    const again = await start();
    expect(readFileSync(config, "utf8")).toMatch(/password: enc:\S+/);
    const { settings } = (await call(data, "GET", "/settings")).json() as { settings: Record<string, object> };
    expect(settings["mail"]).toMatchObject({ password: "[secret]" });
    await again.stop();
    // A sealed secret of another machine cannot be opened: the start says which.
    const other = await runCommand(["run", "--config", config, "--data", join(folder, "other")]);
    expect(other.code).toBe(1);
    expect(other.stderr).toContain("mail.password");
  });

  it("takes a configuration file to another device, which stays who it is; secrets only under the passphrase", async () => {
    const { data } = await filledGateway();
    const folder = cleanup.folder();
    const passphraseFile = join(folder, "passphrase");
    writeFileSync(passphraseFile, `${passphrase}\n`);
    const [bare, full] = [join(folder, "bare.tar.gz"), join(folder, "full.tar.gz")];
    const saved = await runCommand(["config", "save", "--data", data, "--to", bare]);
    expect(saved).toMatchObject({ code: 0 });
    expect(saved.stdout).toContain("mail.password");
    const words = ["config", "save", "--data", data, "--to", full, "--passphrase-file", passphraseFile];
    expect(await runCommand(words)).toMatchObject({ code: 0 });
    const names = ((await call(data, "GET", "/files")).json() as { files: { name: string }[] }).files;
    for (const { name } of names) expect(name).toMatch(/^cosem-gateway_\d+\.\d+\.\d+_\d{13}_config-backup_\.tar\.gz$/);
    for (const file of [bare, full]) {
      const text = execFileSync("tar", ["-xzOf", file]).toString();
      expect(text).toContain("Water Works");
      expect(text).not.toMatch(/opensesame|serial: "?00123456|enc:/);
    }

    const empty = await emptyGateway();
    const load = (file: string, ...more: string[]) =>
      runCommand(["config", "load", file, "--data", empty.data, ...more]);
    const dry = await load(bare, "--dry-run");
    expect(dry.stdout).toContain("mail.password");
    expect(starts(empty.child)).toBe(1);
    const loaded = await load(bare);
    expect(loaded).toMatchObject({ code: 0 });
    expect(loaded.stdout).toContain("mail.password");
    await startedAgain(empty.child, 2);
    const mailOf = async () =>
      ((await call(empty.data, "GET", "/settings")).json()["settings"] as Record<string, object>)["mail"];
    expect(await mailOf()).toMatchObject({ host: "mail.example.org" });
    expect(await mailOf()).not.toHaveProperty("password");
    expect(await load(full, "--passphrase-file", passphraseFile)).toMatchObject({ code: 0 });
    await startedAgain(empty.child, 3);
    expect(await mailOf()).toMatchObject({ password: "[secret]" });
    expect(readFileSync(empty.config, "utf8")).toMatch(/password: enc:/);
    // Without its secrets again: the present one stays.
    expect(await load(bare)).toMatchObject({ code: 0 });
    await startedAgain(empty.child, 4);
    expect(await mailOf()).toMatchObject({ password: "[secret]" });
    expect(readFileSync(empty.config, "utf8")).not.toContain("00123456");
  });
});

describe("settings as COSEM objects", { timeout: 60_000 }, () => {
  const severity = "0-128:97.7.2*255";
  const baudRate = "0-128:97.17.1*255";

  /** @returns the Data-Access-Result; 0: success */
  function set({ connection }: DlmsSession, obis: string, value: Data): Promise<number> {
    const attribute = { classId: 1, logicalName: logicalName(obis), attributeIndex: 2, selectiveAccess: undefined };
    return connection.client.set(attribute, value);
  }

  it("are read and written over DLMS by who may, checked as a whole, with an audit entry; secrets are none of them", async () => {
    const folder = cleanup.folder();
    const [data, config] = [join(folder, "data"), join(folder, "gateway.yaml")];
    const more = "mail: { password: opensesame }\nidentity: { company: Wasserwerke Öhringen }\n";
    writeFileSync(config, `${loopbackDoors(", managementPassword: opensesame")}${more}`);
    const gateway = await cleanup.gateway(startRun(["--config", config, "--data", data]));
    const session = await openDlms(gateway.doors.dlms, 1, { sap: 1, password: "opensesame" });
    expect(await session.get(1, severity, 2)).toEqual({ type: "double-long", value: 0 });
    const company = settingsDocumentation().find(({ path }) => path === "identity.company")?.logicalName ?? "";
    expect(await session.get(1, company, 2)).toEqual({ type: "utf8-string", value: "Wasserwerke Öhringen" });

    const listed = await session.objectList();
    const rows = settingsDocumentation().filter((row) => row.logicalName !== undefined);
    expect(rows.filter(({ secret, logicalName: name }) => secret === listed.includes(`1:${name}`))).toEqual([]);
    expect(new Set(rows.map((row) => row.logicalName)).size).toBe(rows.length);

    // Live, and in the file.
    expect(await set(session, severity, { type: "integer", value: 2 })).toBe(0);
    expect(await session.get(1, severity, 2)).toEqual({ type: "double-long", value: 2 });
    expect(readFileSync(config, "utf8")).toContain("minimumSeverity: 2");
    // 250 other-reason, 12 type-unmatched
    const before = readFileSync(config, "utf8");
    expect(await set(session, severity, { type: "double-long", value: 7 })).toBe(250);
    expect(await set(session, baudRate, { type: "utf8-string", value: "fast" })).toBe(250);
    expect(await set(session, severity, { type: "float32", value: 1 })).toBe(12);
    expect(readFileSync(config, "utf8")).toBe(before);
    expect(await set(session, severity, { type: "null-data" })).toBe(0);
    expect(await session.get(1, severity, 2)).toEqual({ type: "double-long", value: 0 });
    await session.close();

    const { entries } = (await call(data, "GET", "/audit?action=settings")).json() as {
      entries: { door: string; target: string; result: string; detail: string | null }[];
    };
    expect(entries.map(({ door, target, result }) => [door, target, result]).toReversed()).toEqual([
      ["dlms", "log.minimumSeverity", "done"],
      ["dlms", "log.minimumSeverity", "refused"],
      ["dlms", "log.minimumSeverity", "done"],
    ]);

    const anybody = await openDlms(gateway.doors.dlms, 1);
    expect([3, 4]).toContain(await anybody.get(1, severity, 2));
    expect((await anybody.objectList()).filter((name) => name.includes("0-128:97."))).toEqual([]);
    await anybody.close();
    const { text } = (await call(data, "POST", "/tokens", { name: "v", role: "viewer" })).json();
    const shown = async (token: unknown) => {
      const url = `${accessOf(data).url}/api/v1/objects/gateway/${severity}`;
      return (await fetch(url, { headers: { authorization: `Bearer ${String(token)}` } })).status;
    };
    expect(await shown(text)).toBeGreaterThanOrEqual(403);
    expect(await shown(accessOf(data).token)).toBe(200);
  });
});

describe("the system log and diagnostics of a real gateway", { timeout: 90_000 }, () => {
  interface Entry {
    readonly severity: string;
    readonly origin: string;
    readonly textId: number;
    readonly text: string;
    readonly parameters: Readonly<Record<string, unknown>>;
  }
  const logOf = async (data: string, query: string) =>
    ((await call(data, "GET", `/log?limit=1000&${query}`)).json() as { entries: Entry[] }).entries;

  it("has what was done to accounts, settings, keys and files, each of it, and what was refused", async () => {
    const { data } = await emptyGateway();
    await call(data, "POST", "/users", { name: "anna", role: "viewer", password: userPassword });
    await call(data, "PATCH", "/settings", { search: { retries: 2 } });
    await call(data, "PATCH", "/settings", { search: { retries: 3 } });
    await call(data, "POST", "/keys", { key: meterKey, address: "12345678" });
    await call(data, "POST", "/files", { kind: "config-backup" });
    const { text: viewer } = (await call(data, "POST", "/tokens", { name: "v", role: "viewer" })).json();
    await fetch(`${accessOf(data).url}/api/v1/settings`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${String(viewer)}`, "content-type": "application/json" },
      body: "{}",
    });
    const told = await until("the entries", async () => {
      const entries = (await logOf(data, "severity=information")).filter(({ text }) => text.startsWith("audit: "));
      return entries.length >= 7 ? entries.toReversed() : undefined;
    });
    expect(told.map(({ textId, severity, parameters }) => [textId, severity, parameters["action"]])).toEqual([
      [2020, "information", "users.add"],
      [7020, "information", "settings.change"],
      [7020, "information", "settings.change"],
      [7020, "information", "keys.add"],
      [7020, "information", "files.make"],
      [2020, "information", "tokens.create"],
      [2021, "warning", "settings.change"],
    ]);
    expect(told[1]).toMatchObject({ origin: "config/cli", parameters: { user: "local", target: "search" } });
    expect(JSON.stringify(told)).not.toContain(meterKey);
  });

  it("takes up its limits at once, sums up what floods, and is filtered and told as CSV by REST and command", async () => {
    const { data, child } = await emptyGateway();
    const since = new Date(Date.now() - 1000).toISOString();
    const port = Number(child.log().find(({ msg, door }) => msg === "door opened" && door === "dlms")?.["port"]);
    const limits = async (log: object) =>
      expect(await call(data, "PATCH", "/settings", { log })).toMatchObject({ status: 200 });
    const associations = async (times: number): Promise<void> => {
      for (let done = 0; done < times; done++) await (await openDlms(port, 1)).close();
    };
    const opened = async () => (await logOf(data, "severity=debug&textId=6001")).length;
    await associations(1);
    await limits({ floodSeconds: 1, minimumSeverity: -1 });
    // The same text of the same address within a second.
    await associations(5);
    const summary = await until("the summary", async () => (await logOf(data, "textId=998"))[0], 15_000);
    expect(summary).toMatchObject({ severity: "debug", parameters: { seconds: 1 } });
    expect(Number(summary.parameters["count"])).toBeGreaterThanOrEqual(1);

    await limits({ floodSeconds: 0, minimumSeverity: 3 });
    const before = await opened();
    await associations(2);
    await limits({ minimumSeverity: -1 });
    await associations(2);
    await until("entries again", async () => when((await opened()) === before + 2));

    const warnings = await logOf(data, `severity=warning&from=${encodeURIComponent(since)}`);
    expect(warnings.every(({ severity }) => severity !== "information" && severity !== "debug")).toBe(true);
    expect(await logOf(data, `to=${encodeURIComponent("2020-01-01T00:00:00Z")}`)).toEqual([]);
    const csv = (await call(data, "GET", "/log.csv?severity=information")).text.trim().split("\r\n");
    expect(csv[0]).toBe("id,time,clockStatus,severity,origin,textId,text,parameters");
    const shown = await runCommand(["log", "--data", data, "--severity", "debug", "--since", since, "--csv"]);
    expect(shown.stdout.trim().split("\r\n")[0]).toBe(csv[0]);
    expect(shown.stdout).toContain(",998,");
    const none = await runCommand(["log", "--data", data, "--until", "2020-01-01T00:00:00Z"]);
    expect(none).toMatchObject({ code: 0, stdout: "" });
    const lines = await runCommand(["log", "--data", data, "--severity", "information"]);
    expect(lines.stdout).toContain("door opened");
  });

  it("has the company of now in the commission report", async () => {
    const { data } = await emptyGateway();
    await call(data, "PATCH", "/settings", { identity: { company: "Stadtwerke" } });
    const sheet = readWorkbook((await call(data, "GET", "/commission-report")).bytes).Sheets["Gateway settings"] ?? {};
    expect(JSON.stringify(utils.sheet_to_json(sheet))).toContain("Stadtwerke");
  });

  it("is the event and fraud logs over DLMS too, the same entries after a restart", async () => {
    const folder = cleanup.folder();
    const [data, config] = [join(folder, "data"), join(folder, "gateway.yaml")];
    // At most 2 failed authentications a minute.
    writeFileSync(config, loopbackDoors(", managementPassword: opensesame, failuresPerMinute: 2"));
    const logs = async (port: number) => {
      const session = await openDlms(port, 1, { sap: 1, password: "opensesame" });
      const kept: (readonly Data[])[] = [];
      for (const log of ["0-0:99.98.0*255", "0-0:99.98.1*255"]) {
        const buffer = await session.get(7, log, 2);
        kept.push(typeof buffer === "number" || buffer.type !== "array" ? [] : buffer.value);
      }
      await session.close();
      return kept;
    };
    const words = ["--config", config, "--data", data];
    const first = await cleanup.gateway(startRun(words));
    const port = first.doors.dlms;
    const [started] = await logs(port);
    for (let times = 0; times < 4; times++) {
      await openDlms(port, 1, { sap: 1, password: "opensesamE" }).catch(() => undefined);
    }
    const told = await until("the fraud", async () => (await logOf(data, "textId=2001"))[0]);
    expect(told.parameters).toMatchObject({ address: "127.0.0.1" });
    await first.process.stop();
    const second = await cleanup.gateway(startRun(words));
    const [events = [], frauds = []] = await logs(second.doors.dlms);
    expect(started?.length).toBeGreaterThan(0);
    expect(events.slice(0, started?.length)).toEqual(started);
    expect(events.length).toBeGreaterThan(started?.length ?? 0);
    // Time, code and words of each: one refusal, as the association and as the audit have it, those summed up, one held back.
    const codes = frauds.map((fraud) => JSON.stringify(fraud).match(/"long-unsigned","value":(\d+)/)?.[1]);
    expect(codes).toEqual(["2002", "2021", "2001", "2021"]);
    expect(JSON.stringify(frauds[0])).toContain("reason wrongPassword");
    expect(JSON.stringify(frauds)).not.toContain("token");
  });

  it("stands in a diagnostics bundle with what support needs, and nothing secret", async () => {
    const { data } = await filledGateway();
    const token = accessOf(data).token;
    const masterKey = readFileSync(join(data, "master.key"), "utf8").trim();
    const made = await call(data, "POST", "/files", { kind: "diagnostics" });
    const name = String(made.json()["name"]);
    expect(name).toMatch(/_diagnostics_\.tar\.gz$/);
    const out = cleanup.folder();
    execFileSync("tar", ["-xzf", join(data, "files", name), "-C", out]);
    const text = Object.fromEntries(readdirSync(out).map((file) => [file, readFileSync(join(out, file), "utf8")]));
    const facts = JSON.parse(text["diagnostics.json"] ?? "") as Record<string, unknown>;
    expect(facts).toMatchObject({
      serial: "00123456",
      version: expect.stringMatching(/^\d+\.\d+/),
      versions: { node: process.versions.node },
      meters: { inSettings: 40, active: 40, passive: 0 },
      disk: { freeBytes: expect.any(Number) },
      clock: { isKnownGood: expect.any(Boolean) },
      storage: expect.anything(),
      log: { entries: expect.any(Number) },
    });
    expect((facts["interfaces"] as unknown[]).length).toBe(3);
    expect(facts["buses"]).toEqual(expect.arrayContaining([expect.objectContaining({ isOpen: true })]));
    expect(text["log.txt"]).toContain("information job 3000 readout cycle ended (read 40");
    expect(text["log.txt"]).toContain("keys.add");
    expect(text["settings.yaml"]).toContain("Water Works");
    // The console alone has the set-up code.
    expect(text["log.txt"]).toContain("setUpCode [secret]");
    const all = Object.values(text).join("\n");
    for (const secret of ["opensesame", userPassword, meterKey, token, masterKey, "enc:", "scrypt"]) {
      expect(all.toLowerCase().includes(secret.toLowerCase()), secret.slice(0, 4)).toBe(false);
    }
  });
});
