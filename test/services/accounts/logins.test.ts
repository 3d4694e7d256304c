import { scryptSync } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { createPasswords, PasswordsBusy } from "../../../src/accounts/index.js";
import type { AccountStore, AuditEntry, TokenRow, UserRow } from "../../../src/ports/index.js";
import { type Accounts, createAccountService, openAccountDirectory } from "../../../src/services/accounts/index.js";
import { networkOf } from "../../../src/services/accounts/throttle.js";
import { type ManualClock, manualClock } from "../../support/manual-clock.js";
import { recordingLogger } from "../../support/recording-logger.js";

const wrongWords =
  "user or password is not right; try again, or have an admin set a new one (cosem-gateway users set-password)";
const password = "violet-Quarry-77-harbour";

/** What is on disk, in memory: it outlives a gateway. */
function memoryAccounts(): AccountStore {
  const users = new Map<string, UserRow>();
  const tokens = new Map<string, TokenRow>();
  return {
    users: async () => [...users.values()],
    putUser: async (user) => void users.set(user.name, user),
    removeUser: async (name) => void users.delete(name),
    tokens: async () => [...tokens.values()],
    putToken: async (token) => void tokens.set(token.id, token),
    removeToken: async (id) => void tokens.delete(id),
    addAudit: async () => undefined,
    audit: async () => [],
  };
}

/** Costs asked of scrypt, in order. */
let derived: { readonly N: number; readonly r: number; readonly p: number }[];
let entries: AuditEntry[];
let clock: ManualClock;
let accounts: Accounts;
let store: AccountStore;

async function open(): Promise<void> {
  const passwords = createPasswords(async (text, salt, cost) => {
    derived.push(cost);
    // Cheap here: what is counted is what would have been asked of the processor.
    return scryptSync(text, salt, 32, { N: 16 });
  });
  const directory = await openAccountDirectory(store, clock);
  accounts = createAccountService({
    store,
    directory,
    passwords: { ...passwords, isBusy: (error) => error instanceof PasswordsBusy },
    audit: { record: (entry) => void entries.push(entry) },
    clock,
    logger: recordingLogger(),
    ownWords: ["00481516", "Hausverwaltung"],
  });
}

const from = (peer: string) => ({ door: "rest", peer });
const owner = () => {
  const outcome = accounts.byToken(accounts.localToken, from("127.0.0.1"));
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.principal;
};
async function addUser(name: string): Promise<void> {
  const answer = await accounts.addUser(owner(), { name, role: "viewer", password });
  expect(answer.ok).toBe(true);
}

beforeEach(async () => {
  derived = [];
  entries = [];
  clock = manualClock(Date.UTC(2026, 10, 23));
  store = memoryAccounts();
  await open();
});

describe("a login", () => {
  it("costs one derivation and has one answer, whether the user is unknown, has no password, or another one", async () => {
    await addUser("vera");
    // `admin` has no password yet.
    const costs = [];
    const answers = [];
    for (const user of ["nobody", "admin", "vera"]) {
      derived = [];
      answers.push(await accounts.logIn(from(`10.0.0.${answers.length}`), user, "wrong-password-1"));
      costs.push(derived);
    }
    expect(costs).toEqual(Array(3).fill([{ N: 32_768, r: 8, p: 3 }]));
    expect(answers).toEqual(Array(3).fill({ ok: false, kind: "wrong", message: wrongWords }));
    const refusals = entries.filter(({ action }) => action === "session.logIn");
    expect(refusals.map(({ target, result, detail }) => [target, result, detail])).toEqual(
      ["nobody", "admin", "vera"].map((name) => [name, "refused", wrongWords]),
    );
  });

  it("that gives a wrong old password is recorded under who is logged in", async () => {
    await addUser("vera");
    const outcome = await accounts.logIn(from("10.0.0.1"), "vera", password);
    if (!outcome.ok) throw new Error(outcome.message);
    const changed = await accounts.changePassword(
      outcome.session.principal,
      "not-the-old-1",
      "another-Quarry-78-harbour",
    );
    expect(changed).toMatchObject({ ok: false, kind: "wrong" });
    const refused = entries.find(({ action, result }) => action === "session.password" && result === "refused");
    expect(refused?.principal.user).toBe("vera");
  });

  it("costs nothing, right or wrong, while it has to wait", async () => {
    await addUser("vera");
    for (let attempt = 0; attempt < 6; attempt++) await accounts.logIn(from(`10.0.0.${attempt}`), "vera", "wrong");
    derived = [];
    for (const tried of [password, "wrong"]) {
      const answer = await accounts.logIn(from("10.1.0.1"), "vera", tried);
      expect(answer).toMatchObject({ ok: false, kind: "throttled", retryAfterSeconds: 1 });
    }
    expect(derived).toEqual([]);
  });
});

describe("the throttle", () => {
  it("makes an account wait from every address, for 30 s at most, and others not", async () => {
    await addUser("vera");
    await addUser("otto");
    for (let attempt = 0; attempt < 40; attempt++) {
      await clock.advance(31_000);
      await accounts.logIn(from(`10.0.${attempt}.1`), "vera", "wrong");
    }
    expect(await accounts.logIn(from("10.9.9.9"), "vera", password)).toMatchObject({ retryAfterSeconds: 30 });
    expect(await accounts.logIn(from("10.9.9.9"), "otto", password)).toMatchObject({ ok: true });
    await clock.advance(30_000);
    expect(await accounts.logIn(from("10.9.9.9"), "vera", password)).toMatchObject({ ok: true });
  });

  it("makes an address wait for every account, known or not, and other addresses not", async () => {
    await addUser("vera");
    for (let attempt = 0; attempt < 11; attempt++) await accounts.logIn(from("10.0.0.1"), `user${attempt}`, "wrong");
    expect(await accounts.logIn(from("10.0.0.1"), "vera", password)).toMatchObject({ ok: false, kind: "throttled" });
    expect(accounts.byToken("cgw_000000000000_0", from("10.0.0.1"))).toMatchObject({ kind: "throttled" });
    expect(await accounts.logIn(from("10.0.0.2"), "vera", password)).toMatchObject({ ok: true });
  });

  it("counts tries sent side by side like those sent one by one", async () => {
    await addUser("vera");
    const tries = Array.from({ length: 8 }, () => accounts.logIn(from("10.0.0.1"), "vera", "wrong"));
    const kinds = (await Promise.all(tries)).map((outcome) => (outcome.ok ? "in" : outcome.kind));
    expect(kinds).toEqual([...Array(6).fill("wrong"), "throttled", "throttled"]);
  });

  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:0:1::7", "2001:db8:0:1::/64"],
    ["2001:db8::1:2:3:4", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4::/64"],
    ["1:2:3:4:5:6:192.0.2.7", "1:2:3:4::/64"],
  ])("takes %s for %s", (peer, network) => {
    expect(networkOf(peer)).toBe(network);
  });
});

it("takes neither the serial number nor the name on the device for a password", async () => {
  for (const weak of ["Hausverwaltung1", "Hausverwaltung00481516", "00481516Aa"]) {
    const answer = await accounts.addUser(owner(), { name: "vera", role: "viewer", password: weak });
    expect(answer, weak).toMatchObject({ ok: false });
  }
});

describe("a caller with a scope", () => {
  async function callerWith(scope: readonly string[], days = 30) {
    const made = await accounts.createToken(owner(), { name: "scoped", role: "admin", scope, days });
    if (!made.ok) throw new Error(made.refusal.message);
    const shown = accounts.byToken(made.value.text, from("10.0.0.1"));
    if (!shown.ok) throw new Error(shown.message);
    return shown.principal;
  }
  const denied = { ok: false, refusal: { reason: "denied" } };

  it("makes no token that may more than itself, or lasts longer", async () => {
    const caller = await callerWith(["tokens.write", "meters.read"]);
    const create = (token: object) => accounts.createToken(caller, { name: "t", role: "viewer", days: 1, ...token });
    expect(await create({ role: "admin" })).toMatchObject(denied);
    expect(await create({})).toMatchObject(denied);
    expect(await create({ role: "admin", scope: ["meters.read", "settings.read"] })).toMatchObject(denied);
    expect(await create({ role: "admin", scope: ["meters.read"], days: 31 })).toMatchObject({
      refusal: { reason: "invalid", message: "the token that asks has 30 whole days left: give as many at most" },
    });
    expect(await create({ role: "admin", scope: ["meters.read"], days: 0 })).toMatchObject({ ok: false });
    expect(await create({ role: "admin", scope: ["meters.read"], days: 30 })).toMatchObject({ ok: true });
    // Without a word it lasts as long as the one that asks: 30 days, not 365.
    const silent = await create({ role: "admin", scope: ["meters.read"], days: undefined });
    expect(silent).toMatchObject({ value: { token: { expiresAtMs: clock.now() + 30 * 86_400_000 } } });
    expect(entries.filter(({ result }) => result === "refused")).toHaveLength(3);
  });

  it("makes no user that may more than itself, and takes none over by a password", async () => {
    await addUser("vera");
    const caller = await callerWith(["users.write", "meters.read"]);
    expect(await accounts.addUser(caller, { name: "evil", role: "admin", password })).toMatchObject(denied);
    expect(await accounts.changeUser(caller, "vera", { role: "admin" })).toMatchObject(denied);
    expect(await accounts.changeUser(caller, "admin", { password })).toMatchObject(denied);
    expect(await accounts.changeUser(caller, "vera", { password })).toMatchObject(denied);
    expect(await accounts.removeUser(caller, "vera")).toMatchObject({ ok: true });
  });
});

describe("over a restart", () => {
  it("users, passwords, roles and tokens stay; sessions, waits and the local token end", async () => {
    await addUser("vera");
    const made = await accounts.createToken(owner(), { name: "head-end", role: "viewer", user: "vera" });
    const expiring = await accounts.createToken(owner(), { name: "short", role: "viewer", user: "vera", days: 1 });
    if (!made.ok || !expiring.ok) throw new Error("no token");
    const login = await accounts.logIn(from("10.0.0.1"), "vera", password);
    if (!login.ok) throw new Error(login.message);
    const before = accounts.localToken;
    await clock.advance(2 * 86_400_000);
    for (let attempt = 0; attempt < 11; attempt++) await accounts.logIn(from("10.0.0.1"), `user${attempt}`, "wrong");
    expect(await accounts.logIn(from("10.0.0.1"), "vera", password)).toMatchObject({ kind: "throttled" });

    await open();
    expect(accounts.users(owner())).toMatchObject({
      ok: true,
      value: [
        { name: "admin", role: "admin", hasPassword: false },
        { name: "vera", role: "viewer", hasPassword: true },
      ],
    });
    expect(accounts.bySession(login.session.text, from("10.0.0.1"))).toBeUndefined();
    expect(accounts.byToken(before, from("10.0.0.1"))).toMatchObject({ ok: false });
    expect(accounts.byToken(made.value.text, from("10.0.0.1"))).toMatchObject({ ok: true });
    expect(accounts.byToken(expiring.value.text, from("10.0.0.1"))).toMatchObject({
      ok: false,
      message: "the token has expired; make another one",
    });
    expect(await accounts.logIn(from("10.0.0.1"), "vera", password)).toMatchObject({ ok: true });
  });
});
