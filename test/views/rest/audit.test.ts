/** Every call that changes something, done: each leaves one entry with who, by which door, from where and what. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Cleanup, until } from "../../support/gateway-process.js";
import { ownerOf, type RestCall } from "../../support/owner.js";
import { type InProcessGateway, startInProcess } from "../../support/running-gateway.js";

const password = "violet-Quarry-77-harbour";
const other = "tangled 41 Weasel orchard";
const cleanup = new Cleanup();
let gateway: InProcessGateway;
let owner: RestCall;
let bearer: string;
let tokenId: string;

beforeAll(async () => {
  const folder = cleanup.folder();
  const web = { host: "127.0.0.1", port: 0, trustedProxies: ["127.0.0.1"] };
  const interfaces = ["building-a", "building-b", "building-c"].map((name) => {
    return { name, kind: "tcp", host: "127.0.0.1", port: 1, baudRate: 38_400 };
  });
  const settings = { interfaces, doors: { web, dlms: { enabled: false } } };
  gateway = cleanup.add(await startInProcess(settings, {}, folder, { isWebOpen: false, hasFile: true }));
  owner = ownerOf(folder);
  const made = await owner("POST", "/tokens", { name: "walk", role: "admin" });
  tokenId = (made.body["token"] as { id: string }).id;
  bearer = `Bearer ${String(made.body["text"])}`;
}, 60_000);
afterAll(() => cleanup.run());

let sent = 0;
interface Sent {
  readonly peer: string;
  readonly status: number;
  readonly body: Record<string, unknown>;
}
async function send(method: string, path: string, body?: unknown): Promise<Sent> {
  sent += 1;
  const peer = `10.0.0.${sent}`;
  const type = typeof body === "string" ? "text/plain" : "application/json";
  const response = await fetch(`${gateway.origin}/api/v1${path}`, {
    method,
    headers: {
      "x-forwarded-for": peer,
      authorization: bearer,
      ...(body === undefined ? {} : { "content-type": type }),
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return { peer, status: response.status, body: isJson ? (JSON.parse(text) as Record<string, unknown>) : { text } };
}

it("leaves an entry for each change, and none has a secret", async () => {
  const device = String(((await owner("GET", "/meters")).body["meters"] as { device: string }[])[0]?.device);
  const meters = ((await owner("GET", "/meter-list")).body["meters"] as { device: string }[]).map(
    (meter) => meter.device,
  );
  const told = (meter: Sent) => String(meter.body["device"]);
  const peers: [string, Sent][] = [];
  async function step(action: string, method: string, path: string, body?: unknown): Promise<Sent> {
    const answer = await send(method, path, body);
    expect(answer.status, `${method} ${path}: ${JSON.stringify(answer.body)}`).toBe(200);
    peers.push([action, answer]);
    return answer;
  }
  expect(meters).toContain(device);

  await step("users.add", "POST", "/users", { name: "vera", role: "viewer", password: other });
  await step("users.setRole", "PATCH", "/users/vera", { role: "operator" });
  await step("users.setPassword", "PATCH", "/users/vera", { password });
  const token = await step("tokens.create", "POST", "/tokens", { name: "t", role: "viewer", user: "vera" });
  await step("tokens.revoke", "DELETE", `/tokens/${(token.body["token"] as { id: string }).id}`);
  await step("users.remove", "DELETE", "/users/vera");

  await step("settings.change", "PATCH", "/settings", { readout: { retries: 2 }, mail: { password: "very-secret-9" } });
  const { settings } = (await owner("GET", "/settings")).body as { settings: { readout: object } };
  const whole = { ...settings, readout: { ...settings.readout, retries: 1 } };
  await step("settings.change", "PUT", "/settings", whole);

  await step("jobs.change", "PATCH", "/jobs/readout", { schedule: "0 * * * *" });
  const slow = { modes: ["primary"], interfaces: ["building-a"], firstPrimary: 200, requestIdleMs: 2000 };
  await step("jobs.start", "POST", "/jobs/search/start", { parameters: slow });
  await step("jobs.stop", "POST", "/jobs/search/stop");
  await until("the end of the search", async () =>
    (await owner("GET", "/jobs/search")).body["isActive"] === false ? true : undefined,
  );
  await step("search.start", "POST", "/search", slow);
  await until("its begin", async () => ((await send("DELETE", "/search")).status === 200 ? true : undefined));
  peers.push(["search.cancel", { peer: `10.0.0.${sent}`, status: 200, body: {} }]);

  const draft = { interfaceName: "building-a", addressingMode: "primary", primaryAddress: 77 };
  const added = await step("meters.add", "POST", "/meter-list", draft);
  await step("meters.change", "PATCH", `/meter-list/${told(added)}`, { position: "Cellar" });
  await step("meters.", "POST", "/meter-list/bulk", {
    action: "change",
    meters: [told(added)],
    changes: { state: "passive" },
  });
  const key = await step("keys.link", "POST", "/keys", {
    key: "000102030405060708090A0B0C0D0E0F",
    device: told(added),
  });
  await step("keys.remove", "DELETE", `/keys/${String(key.body["id"])}`);
  await step("meters.remove", "DELETE", `/meter-list/${told(added)}`);

  await step("readout.", "POST", `/meters/${device}/readout`);
  await step("readout.", "POST", "/readouts/cycle");
  await step("readout.", "PUT", "/readouts/continuous", { on: true });
  await step("readout.", "PUT", "/readouts/continuous", { on: false });
  await step("send.requestUserData2", "POST", "/send", { device, command: "requestUserData2" });
  await step("clock.", "POST", "/clock/confirm");
  const { series: all } = (await owner("GET", "/series")).body as { series: { id: string }[] };
  const series = String(all[0]?.id);
  await step("series.", "PUT", "/series/computed", { name: "one", expression: `[${series}] + 1` });
  await step("series.", "DELETE", "/series/computed?name=one");

  const file = await step("files.", "POST", "/files", { kind: "config-backup", passphrase: "a passphrase of 9 words" });
  const name = String(file.body["name"]);
  await step("files.restore", "POST", `/files/${name}/restore`, { passphrase: "a passphrase of 9 words" });
  await step("files.remove", "DELETE", `/files/${name}`);
  await step("files.", "POST", "/factory-reset", { confirm: "factory-reset" });

  const audit = await owner("GET", "/audit?limit=500");
  const entries = audit.body["entries"] as {
    user: string;
    door: string;
    peer: string;
    action: string;
    target: string;
    result: string;
  }[];
  for (const [action, { peer }] of peers) {
    const own = entries.filter((entry) => entry.peer === peer);
    expect(own, action).toHaveLength(1);
    expect(own[0], action).toMatchObject({
      ...{ user: "admin", token: tokenId, door: "rest" },
      result: "done",
    });
    expect(own[0]?.action.startsWith(action), `${own[0]?.action} is no ${action}`).toBe(true);
  }
  // The owner on the machine came without one.
  expect(entries.find(({ target }) => target === "walk")).toMatchObject({ user: "local", token: null });
  const log = JSON.stringify(gateway.log) + JSON.stringify(audit.body);
  for (const secret of [password, other, "very-secret-9", "a passphrase of", "000102030405", bearer.slice(7)]) {
    expect(log).not.toContain(secret);
  }
}, 60_000);
