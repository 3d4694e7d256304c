import { request } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { Cleanup } from "../../support/gateway-process.js";
import { startInProcess } from "../../support/running-gateway.js";

const password = "violet-Quarry-77-harbour";
const cleanup = new Cleanup();
afterEach(() => cleanup.run());

interface Answer {
  readonly status: number;
  readonly cookie: string;
  readonly text: string;
}

async function gatewayWith(trustedProxies: readonly string[], folder = cleanup.folder()) {
  const web = { host: "127.0.0.1", port: 0, trustedProxies };
  const settings = { doors: { web, dlms: { enabled: false } } };
  const gateway = cleanup.add(await startInProcess(settings, {}, folder, { isWebOpen: false }));
  /** By `node:http`: fetch would not send the Host header of another name. */
  const call = (method: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const text = body === undefined ? "" : JSON.stringify(body);
      const length = { "content-length": String(Buffer.byteLength(text)) };
      const type = body === undefined ? {} : { "content-type": "application/json" };
      const sent = request(
        `${gateway.origin}/api/v1${path}`,
        { method, headers: { ...length, ...type, ...headers } },
        (answer) => {
          let whole = "";
          answer.setEncoding("utf8").on("data", (piece: string) => {
            whole += piece;
          });
          answer.on("end", () => {
            resolve({ status: answer.statusCode ?? 0, cookie: answer.headers["set-cookie"]?.[0] ?? "", text: whole });
          });
        },
      );
      sent.on("error", reject);
      sent.end(text);
    });
  const code = () =>
    String(gateway.log.find(({ fields }) => fields?.["setUpCode"] !== undefined)?.fields?.["setUpCode"]);
  return { ...gateway, call, code };
}

const wrong = (user: string) => ({ user, password: "wrong" });

describe("the cookie of a session", () => {
  it("has Secure where a trusted proxy says that the request came by TLS, and only there", async () => {
    const trusting = await gatewayWith(["127.0.0.1"]);
    const tls = { "x-forwarded-proto": "https" };
    const first = await trusting.call("POST", "/set-up", { code: trusting.code(), password }, tls);
    expect(first.cookie).toMatch(
      /^gateway_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Secure; Max-Age=43200$/,
    );
    const plain = await trusting.call("POST", "/session", { user: "admin", password });
    expect(plain.cookie).toMatch(/; HttpOnly; SameSite=Strict; Max-Age=43200$/);
    const gone = await trusting.call("DELETE", "/session", undefined, { ...tls, cookie: plain.cookie });
    expect(gone.cookie).toBe("gateway_session=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0");

    const careful = await gatewayWith(["192.0.2.0/24"]);
    const answer = await careful.call("POST", "/set-up", { code: careful.code(), password }, tls);
    expect(answer.status).toBe(200);
    expect(answer.cookie).not.toContain("Secure");
  });

  it("changes nothing for a page of another origin, behind a proxy with a name of its own too", async () => {
    const { call, code } = await gatewayWith(["127.0.0.1"]);
    const proxied = { "x-forwarded-proto": "https", "x-forwarded-host": "meters.example" };
    const login = await call("POST", "/set-up", { code: code(), password }, proxied);
    const cookie = login.cookie.split(";", 1)[0] ?? "";
    const user = { name: "eve", role: "admin", password };
    const foreign = { cookie, ...proxied, origin: "https://meters.example.evil" };
    expect((await call("POST", "/users", user, foreign)).status).toBe(403);
    const own = { cookie, ...proxied, origin: "https://meters.example" };
    expect((await call("POST", "/users", user, own)).status).toBe(200);
  });
});

/** Sent side by side: a wait of 1 s may be over once a slow machine has looked at one password. */
async function statusesOf(count: number, send: (attempt: number) => Promise<Answer>): Promise<readonly number[]> {
  return (await Promise.all(Array.from({ length: count }, (_, attempt) => send(attempt)))).map(({ status }) => status);
}

describe("waits", () => {
  const behind = (address: string) => ({ "x-forwarded-for": `10.1.1.1, ${address}` });

  it("by address are those of who stands behind a trusted proxy", async () => {
    const { call } = await gatewayWith(["127.0.0.0/8"]);
    const one = (attempt: number) => call("POST", "/session", wrong(`user${attempt}`), behind("192.0.2.1"));
    expect((await statusesOf(13, one)).filter((status) => status === 429)).toHaveLength(2);
    expect((await call("POST", "/session", wrong("user0"), behind("192.0.2.2"))).status).toBe(401);
  });

  it("by address are those of the other side where no proxy is trusted, whatever it says", async () => {
    const { call } = await gatewayWith([]);
    const many = (attempt: number) => call("POST", "/session", wrong(`user${attempt}`), behind(`192.0.2.${attempt}`));
    expect((await statusesOf(13, many)).filter((status) => status === 429)).toHaveLength(2);
  });

  it("by account hold from every address, and for that account alone", async () => {
    const { call } = await gatewayWith(["127.0.0.1"]);
    const many = (attempt: number) => call("POST", "/session", wrong("nobody"), behind(`192.0.2.${attempt}`));
    expect((await statusesOf(8, many)).filter((status) => status === 429)).toHaveLength(2);
    expect((await call("POST", "/session", wrong("somebody"), behind("192.0.2.1"))).status).toBe(401);
  });
});

describe("over a restart", () => {
  it("users and tokens stay, sessions end, and the set-up code is no longer offered", async () => {
    const folder = cleanup.folder();
    const before = await gatewayWith([], folder);
    const login = await before.call("POST", "/set-up", { code: before.code(), password });
    const admin = { cookie: login.cookie.split(";", 1)[0] ?? "" };
    await before.call("POST", "/users", { name: "vera", role: "viewer", password: "tangled 41 Weasel orchard" }, admin);
    const made = await before.call("POST", "/tokens", { name: "t", role: "viewer", user: "vera" }, admin);
    const bearer = { authorization: `Bearer ${(JSON.parse(made.text) as { text: string }).text}` };
    await before.stop();

    const after = await gatewayWith([], folder);
    expect(after.code()).toBe("undefined");
    expect((await after.call("GET", "/meters", undefined, admin)).status).toBe(401);
    expect((await after.call("GET", "/meters", undefined, bearer)).status).toBe(200);
    expect((await after.call("GET", "/users", undefined, bearer)).status).toBe(403);
    expect((await after.call("POST", "/session", { user: "admin", password })).status).toBe(200);
    const vera = await after.call("POST", "/session", { user: "vera", password: "tangled 41 Weasel orchard" });
    expect(JSON.parse(vera.text)).toMatchObject({ user: "vera", role: "viewer", needsSetUp: false });
  });
});
