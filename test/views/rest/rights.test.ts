/**
 * Who may what over REST, walked through by a program: each call of the API by each role, and what it leaves in the
 * audit. The table is written from the issue and docs/accounts.md, not from the code.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup } from "../../support/gateway-process.js";
import { ownerOf, type RestCall } from "../../support/owner.js";
import { type InProcessGateway, startInProcess } from "../../support/running-gateway.js";

const roles = ["viewer", "operator", "installer", "admin"] as const;
type Role = (typeof roles)[number];

interface Call {
  readonly method: string;
  /** As the API's description has it, below /api/v1. */
  readonly path: string;
  /** The least role that may; `nobody`: no login is wanted; `anyone`: whoever is logged in. */
  readonly least: Role | "anyone" | "nobody";
  /** In place of the names in braces: what is not there, so that nothing happens. */
  readonly at?: string;
  readonly body?: unknown;
}

const password = "violet-Quarry-77-harbour";
const json = (method: string, least: Call["least"], path: string, body?: unknown, at?: string): Call => ({
  method,
  path,
  least,
  ...(body === undefined ? {} : { body }),
  ...(at === undefined ? {} : { at }),
});
const get = (least: Call["least"], path: string, at?: string) => json("GET", least, path, undefined, at);
const noMeter = (path: string) => path.replace("{device}", "NOBODY");

const calls: readonly Call[] = [
  get("nobody", "/session"),
  get("nobody", "/health"),
  get("anyone", "/gateway"),
  ...["/meters", "/receptions", "/receivers", "/storage", "/log", "/log.csv", "/log/texts", "/licences", "/series"].map(
    (path) => get("viewer", path),
  ),
  ...["/meters/{device}", "/meters/{device}/objects", "/meters/{device}/telegram", "/meters/{device}/history"].map(
    (path) => get("viewer", path, noMeter(path)),
  ),
  ...["/meters/{device}/received", "/meters/{device}/statistics", "/meter-list/{device}"].map((path) =>
    get("viewer", path, noMeter(path)),
  ),
  get("viewer", "/objects/{device}/{object}", "/objects/NOBODY/0-0:1.0.0*255"),
  get("viewer", "/objects/{device}/{object}/{attribute}", "/objects/NOBODY/0-0:1.0.0*255/2"),
  get("viewer", "/series/values", "/series/values?name=none"),
  json("POST", "viewer", "/series/check", { name: "x", expression: "1 + 1" }),
  ...["/jobs", "/job-runs", "/cron/presets", "/readouts", "/readouts/cycle", "/readouts/continuous"].map((path) =>
    get("viewer", path),
  ),
  get("viewer", "/jobs/{job}", "/jobs/none"),
  get("viewer", "/cron", "/cron?pattern=every-hour"),
  ...["/buses", "/clock", "/meter-list", "/meter-list/export", "/meter-list/example", "/search", "/events"].map(
    (path) => get("viewer", path),
  ),

  json("POST", "operator", "/jobs/{job}/start", {}, "/jobs/none/start"),
  json("POST", "operator", "/jobs/{job}/stop", undefined, "/jobs/none/stop"),
  json("POST", "operator", "/meters/{device}/readout", undefined, "/meters/NOBODY/readout"),
  json("POST", "operator", "/readouts/cycle"),
  json("PUT", "operator", "/readouts/continuous", { on: false }),
  json("PUT", "operator", "/series/computed", { name: "x", expression: "(" }),
  json("DELETE", "operator", "/series/computed", undefined, "/series/computed?name=none"),
  json("POST", "operator", "/series/swaps", { before: "a", after: "b", at: "2026-01-01T00:00:00Z" }),

  get("installer", "/settings"),
  get("installer", "/settings/table"),
  get("installer", "/keys"),
  get("viewer", "/keys/example"),
  get("installer", "/commission-report"),
  json("POST", "installer", "/meter-list", { interfaceName: "none" }),
  json("PATCH", "installer", "/meter-list/{device}", { position: "x" }, "/meter-list/NOBODY"),
  json("DELETE", "installer", "/meter-list/{device}", undefined, "/meter-list/NOBODY"),
  json("POST", "installer", "/meter-list/{device}/replace", { position: "x" }, "/meter-list/NOBODY/replace"),
  json("POST", "installer", "/meter-list/{device}/reinstall", undefined, "/meter-list/NOBODY/reinstall"),
  json("POST", "installer", "/meter-list/bulk", { action: "remove", meters: ["NOBODY"] }),
  json("POST", "installer", "/keys", { key: "no key" }),
  json("DELETE", "installer", "/keys/{id}", undefined, "/keys/999"),
  json("POST", "installer", "/search", { interfaces: ["none"] }),
  json("DELETE", "installer", "/search"),
  json("POST", "installer", "/send", { command: "initialise", interfaceName: "none", primaryAddress: 1 }),

  json("PATCH", "admin", "/jobs/{job}", { enabled: true }, "/jobs/none"),
  json("PATCH", "admin", "/settings", { nothing: 1 }),
  json("PUT", "admin", "/settings", { nothing: 1 }),
  get("admin", "/files"),
  json("POST", "admin", "/files", { kind: "diagnostics" }),
  get("admin", "/files/{name}", "/files/none"),
  json("PUT", "admin", "/files/{name}", undefined, "/files/none"),
  json("DELETE", "admin", "/files/{name}", undefined, "/files/none"),
  json("POST", "admin", "/files/{name}/restore", {}, "/files/none/restore"),
  json("POST", "admin", "/factory-reset", { confirm: "factory-reset" }),
  json("POST", "admin", "/licences", "no licence"),
  json("POST", "admin", "/clock/confirm"),
  get("admin", "/users"),
  json("POST", "admin", "/users", { name: "!", role: "viewer", password }),
  json("PATCH", "admin", "/users/{name}", { role: "viewer" }, "/users/none"),
  json("DELETE", "admin", "/users/{name}", undefined, "/users/none"),
  get("admin", "/tokens"),
  json("POST", "admin", "/tokens", { name: "x", role: "viewer", user: "none" }),
  json("DELETE", "admin", "/tokens/{id}", undefined, "/tokens/none"),
  get("admin", "/audit"),
];

const cleanup = new Cleanup();
let gateway: InProcessGateway;
let owner: RestCall;
const tokens = new Map<Role, string>();

beforeAll(async () => {
  const folder = cleanup.folder();
  const web = { host: "127.0.0.1", port: 0, trustedProxies: ["127.0.0.1"] };
  const settings = { doors: { web, dlms: { enabled: false } } };
  gateway = cleanup.add(await startInProcess(settings, {}, folder, { isWebOpen: false, hasFile: true }));
  owner = ownerOf(folder);
  for (const role of roles) {
    if (role !== "admin") await owner("POST", "/users", { name: role, role, password });
    const made = await owner("POST", "/tokens", { name: role, user: role, role });
    tokens.set(role, String(made.body["text"]));
  }
}, 60_000);
afterAll(() => cleanup.run());

/** Each from an address of its own: by that its entry in the audit is found. */
async function send(call: Call, role: Role | undefined, peer: string): Promise<{ status: number; text: string }> {
  const { method, path, at = path, body } = call;
  const response = await fetch(`${gateway.origin}/api/v1${at}`, {
    method,
    headers: {
      "x-forwarded-for": peer,
      ...(role === undefined ? {} : { authorization: `Bearer ${tokens.get(role)}` }),
      ...(body === undefined ? {} : { "content-type": typeof body === "string" ? "text/plain" : "application/json" }),
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  // A stream of events has no end.
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const text = isStream ? "" : await response.text();
  if (isStream) await response.body?.cancel();
  return { status: response.status, text };
}

interface Entry {
  readonly user: string;
  readonly role: string;
  readonly door: string;
  readonly peer: string;
  readonly action: string;
  readonly target: string;
  readonly result: string;
}

/** All that came from one address. */
async function entriesFrom(peers: ReadonlySet<string>): Promise<ReadonlyMap<string, Entry>> {
  const found = new Map<string, Entry>();
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page = (await owner("GET", `/audit?limit=500${cursor === "" ? "" : `&cursor=${cursor}`}`)).body;
    for (const entry of page["entries"] as Entry[]) if (peers.has(entry.peer)) found.set(entry.peer, entry);
    cursor = page["next"] as string | null;
  }
  return found;
}

const mayNot = (role: Role | undefined, { least }: Call) =>
  role === undefined
    ? least !== "nobody"
    : roles.includes(least as Role) && roles.indexOf(role) < roles.indexOf(least as Role);

describe("the table of rights over REST", () => {
  it("names every call that the API has, but for logging in and uploads of tables", async () => {
    const { body } = await owner("GET", "/openapi.json");
    const there = Object.entries(body["paths"] as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace("/api/v1", "")}`),
    );
    const loggingIn = ["POST /session", "DELETE /session", "POST /set-up", "PUT /session/password"];
    const tables = ["POST /meter-list/import", "POST /keys/import"];
    const named = [...calls.map(({ method, path }) => `${method} ${path}`), ...loggingIn, ...tables];
    expect(there.toSorted()).toEqual(named.toSorted());
  });

  it.each([undefined, ...roles])(
    "lets %s do what it may and nothing else, and each refusal is in the audit",
    async (role) => {
      const refusals = new Map<string, Call>();
      const wrong: string[] = [];
      for (const [index, call] of calls.entries()) {
        const peer = `10.${role === undefined ? 9 : roles.indexOf(role)}.${Math.floor(index / 200)}.${index % 200}`;
        const { status, text } = await send(call, role, peer);
        const isRefused = status === 401 || status === 403;
        if (isRefused !== mayNot(role, call) || status >= 500)
          wrong.push(`${call.method} ${call.path}: ${status} ${text.slice(0, 80)}`);
        if (isRefused) refusals.set(peer, call);
      }
      expect(wrong).toEqual([]);
      const entries = await entriesFrom(new Set(refusals.keys()));
      for (const [peer, { method, path }] of refusals) {
        const expected = { user: role ?? "anonymous", door: "rest", result: "refused" };
        expect(entries.get(peer), `${method} ${path}`).toMatchObject(expected);
      }
    },
  );

  it("shows nothing of a meter to whom it does not concern: by no call, to nobody and to a token for jobs alone", async () => {
    await gateway.readAll();
    const made = await owner("POST", "/tokens", { name: "jobs", role: "viewer", scope: ["jobs.read"] });
    const [meter] = (await owner("GET", "/meters")).body["meters"] as { device: string; identification: string }[];
    if (meter === undefined) throw new Error("no meter");
    const { device, identification } = meter;
    expect(identification).toMatch(/^[0-9]{8}$/);
    for (const authorization of [undefined, `Bearer ${String(made.body["text"])}`]) {
      for (const { method, path } of calls.filter(({ method }) => method === "GET")) {
        const at = path
          .replace("{device}", device)
          .replace("{object}", "0-0:96.1.0*255")
          .replace("{attribute}", "2")
          .replace("{job}", "readout")
          .replace(/\{\w+\}/, "none");
        const query = path === "/cron" ? "?pattern=every-hour" : "";
        const response = await fetch(`${gateway.origin}/api/v1${at}${query}`, {
          ...(authorization === undefined ? {} : { headers: { authorization } }),
        });
        const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
        expect(isStream, path).toBe(false);
        const text = await response.text();
        // A refusal says the name that was asked for again.
        const told = path.includes("{device}") ? text.replaceAll(device, "") : text;
        expect(told, `${method} ${at}`).not.toContain(identification);
        if (!path.includes("{device}") || !response.ok) continue;
        const lists = Object.values(JSON.parse(text) as object).filter((part) => Array.isArray(part));
        expect(lists, at).toEqual(lists.map(() => []));
      }
    }
  });

  it("lets a token see what its scope names and nothing beside it", async () => {
    const made = await owner("POST", "/tokens", { name: "meters", role: "viewer", scope: ["meters.read"] });
    const seen = async (path: string) => {
      const headers = { authorization: `Bearer ${String(made.body["text"])}` };
      const response = await fetch(`${gateway.origin}/api/v1${path}`, { headers });
      return [response.status, ((await response.json()) as { detail?: string }).detail] as const;
    };
    const { meters } = (await owner("GET", "/meters?limit=1")).body as { meters: { device: string }[] };
    const device = meters[0]?.device;
    expect((await seen(`/meters/${device}`))[0]).toBe(200);
    for (const [path, right] of [
      [`/meters/${device}/history`, "history.read"],
      [`/meters/${device}/received`, "history.read"],
      ["/receptions", "receptions.read"],
      ["/receivers", "receptions.read"],
      ["/series", "series.read"],
      ["/series/values?id=x", "series.read"],
      ["/jobs", "jobs.read"],
      ["/log", "log.read"],
    ] as const) {
      expect([path, ...(await seen(path))]).toEqual([path, 403, expect.stringContaining(`has not the right ${right}`)]);
    }
    const { entries } = (await owner("GET", "/audit?limit=20")).body as { entries: Entry[] };
    // Refusals of one caller in a minute are counted together.
    expect(entries.some(({ action, result }) => action === "rest.read" && result === "refused")).toBe(true);
  });
});
