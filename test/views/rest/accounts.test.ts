import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type InProcessGateway, startInProcess } from "../../support/running-gateway.js";

const password = "violet-Quarry-77-harbour";
const other = "tangled 41 Weasel orchard";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

describe("accounts over HTTP", () => {
  let gateway: InProcessGateway;

  beforeEach(async () => {
    gateway = await startInProcess({}, {}, undefined, { isWebOpen: false });
  });
  afterEach(() => gateway.stop());

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${gateway.origin}/api/v1${path}`, {
      method,
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const parsed = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    return { status: response.status, headers: response.headers, text, body: parsed };
  }

  function setUpCode(): string {
    const line = gateway.log.find(({ fields }) => fields?.["setUpCode"] !== undefined);
    return String(line?.fields?.["setUpCode"]);
  }

  async function setUp(): Promise<string> {
    const answer = await call("POST", "/set-up", { code: setUpCode(), password });
    expect(answer.status, answer.text).toBe(200);
    return cookieOf(answer);
  }

  it("answers nobody who is not logged in but health, session and set-up", async () => {
    for (const path of ["/meters", "/gateway", "/users", "/audit", "/events", "/openapi.json", "/docs/json"]) {
      expect((await call("GET", path)).status, path).toBe(401);
    }
    expect((await call("GET", "/health")).status).toBe(200);
    expect((await call("GET", "/session")).body).toMatchObject({ user: null, needsSetUp: true, isOpen: false });
  });

  it("lets no default password in, and takes the set-up code once", async () => {
    expect((await call("POST", "/session", { user: "admin", password: "admin" })).status).toBe(401);
    expect((await call("POST", "/set-up", { code: "AAAA-AAAA-AAAA-AAAA", password })).status).toBe(401);
    const weak = await call("POST", "/set-up", { code: setUpCode(), password: "password1" });
    expect(weak.status).toBe(400);
    const answer = await call("POST", "/set-up", { code: setUpCode(), password });
    expect(answer.body).toMatchObject({ user: "admin", role: "admin", needsSetUp: false });
    expect(answer.headers.get("set-cookie")).toMatch(/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    expect((await call("GET", "/meters", undefined, { cookie: cookieOf(answer) })).status).toBe(200);
    expect((await call("POST", "/set-up", { code: setUpCode(), password: other })).status).toBe(401);
  });

  it("refuses a change that another origin makes with the cookie", async () => {
    const cookie = await setUp();
    const user = { name: "eve", role: "viewer", password: other };
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
    ]) {
      expect((await call("POST", "/users", user, { cookie, ...headers })).status).toBe(403);
    }
    const own = { cookie, origin: gateway.origin, "sec-fetch-site": "same-origin" };
    expect((await call("POST", "/users", user, own)).status).toBe(200);
  });

  it("gives each role its rights, and ends sessions with logout and a changed role", async () => {
    const admin = { cookie: await setUp() };
    await call("POST", "/users", { name: "Vera", role: "viewer", password: other }, admin);
    const login = await call("POST", "/session", { user: "vera", password: other });
    const vera = { cookie: cookieOf(login) };
    expect((await call("GET", "/meters", undefined, vera)).status).toBe(200);
    expect((await call("POST", "/users", { name: "x", role: "admin", password: other }, vera)).status).toBe(403);
    expect((await call("GET", "/audit", undefined, vera)).status).toBe(403);
    expect((await call("PATCH", "/users/admin", { role: "viewer" }, admin)).status).toBe(409);
    expect((await call("DELETE", "/users/admin", undefined, admin)).status).toBe(409);
    expect((await call("PATCH", "/users/vera", { role: "operator" }, admin)).status).toBe(200);
    expect((await call("GET", "/meters", undefined, vera)).status).toBe(401);
    await call("DELETE", "/session", undefined, admin);
    expect((await call("GET", "/meters", undefined, admin)).status).toBe(401);
  });

  it("lets a token do what its scope names, until it is revoked", async () => {
    const admin = { cookie: await setUp() };
    const token = { name: "head-end", role: "admin", scope: ["users.read"] };
    const made = await call("POST", "/tokens", token, admin);
    const bearer = { authorization: `Bearer ${String(made.body["text"])}` };
    expect((await call("GET", "/users", undefined, bearer)).status).toBe(200);
    expect((await call("GET", "/audit", undefined, bearer)).status).toBe(403);
    expect((await call("GET", "/meters", undefined, bearer)).body["total"] ?? 0).toBe(0);
    expect((await call("GET", "/events", undefined, bearer)).status).toBe(403);
    const wrong = { authorization: `Bearer ${String(made.body["text"]).slice(0, -4)}0000` };
    expect((await call("GET", "/users", undefined, wrong)).status).toBe(401);
    const { id } = made.body["token"] as { id: string };
    expect((await call("DELETE", `/tokens/${id}`, undefined, admin)).status).toBe(200);
    expect((await call("GET", "/users", undefined, bearer)).status).toBe(401);
  });

  it("makes who fails again and again wait, whether the user exists or not", async () => {
    await setUp();
    for (const user of ["admin", "nobody"]) {
      const statuses: number[] = [];
      for (let attempt = 0; attempt < 7; attempt++) {
        statuses.push((await call("POST", "/session", { user, password: "wrong" })).status);
      }
      expect(statuses).toContain(429);
      expect(statuses[0]).toBe(statuses[0] === 429 ? 429 : 401);
    }
    const answer = await call("POST", "/session", { user: "admin", password });
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("keeps every refusal and change in the audit, and no secret in audit, log or answers", async () => {
    const admin = { cookie: await setUp() };
    await call("POST", "/session", { user: "admin", password: "wrong-secret-9" });
    const made = await call("POST", "/tokens", { name: "t", role: "viewer" }, admin);
    const secret = String(made.body["text"]);
    await call("POST", "/users", { name: "vera", role: "viewer", password: other }, admin);
    const lists = await Promise.all(["/users", "/tokens", "/audit"].map((path) => call("GET", path, undefined, admin)));
    const actions = entriesOf(lists[2]).map(({ action, result, user }) => `${user} ${action} ${result}`);
    expect(actions).toEqual([
      "admin users.add done",
      "admin tokens.create done",
      "anonymous session.logIn refused",
      "admin session.setUp done",
    ]);
    const told = JSON.stringify(gateway.log) + lists.map(({ text }) => text).join("");
    const session = admin.cookie.split("=")[1] ?? "";
    for (const text of [password, other, secret, session, "wrong-secret-9", "scrypt$"])
      expect(told).not.toContain(text);
  });
});

function cookieOf({ headers }: Answer): string {
  return (headers.get("set-cookie") ?? "").split(";", 1)[0] ?? "";
}

function entriesOf(answer: Answer | undefined): readonly { action: string; result: string; user: string }[] {
  return (answer?.body["entries"] ?? []) as { action: string; result: string; user: string }[];
}
