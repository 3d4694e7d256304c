/** Users, tokens and the audit, with rights and entries. */
import type { Principal } from "../../../cosem/index.js";
import type { AccountStore, TokenRow } from "../../ports/index.js";
import { demand, recorderOf, refusedRight } from "../recorder.js";
import { accepted, type Refusable, type Refused, refusal } from "../refusal.js";
import {
  anonymousUser,
  associationNameOf,
  hasRight,
  isRight,
  type Right,
  rights,
  rightsOfRole,
  roles,
} from "../rights.js";
import { roleOfRow, tokenListing, userListing } from "./account-directory.js";
import {
  type AccountService,
  adminName,
  type NewToken,
  type NewUser,
  type TokenListing,
  type UserChange,
  type UserListing,
} from "./contract.js";
import { createLogins, guessableWords, type LoginParts } from "./logins.js";
import { drawToken } from "./token-text.js";

export interface AccountServiceParts extends LoginParts {
  readonly store: Pick<AccountStore, "audit">;
}

/** With what the host needs beside what doors ask. */
export interface Accounts extends AccountService {
  readonly localToken: string;
  announce(): void;
}

const maxUsers = 1000;
const maxTokens = 1000;
const defaultDays = 365;
const maxDays = 3650;
const dayMs = 86_400_000;
const namePattern = /^[a-z0-9][a-z0-9._@-]{0,63}$/;
/** Names of callers that are no users. */
const reserved: ReadonlySet<string> = new Set([anonymousUser, "local", "gateway", "modbus", "push", "public", "many"]);

export function createAccountService(parts: AccountServiceParts): Accounts {
  const { directory, passwords, audit, clock, store } = parts;
  const recorder = recorderOf(audit);
  const logins = createLogins(parts);

  const notAllowed = (principal: Principal, right: Right, action: string, target: string) =>
    refusedRight(principal, right, { recorder, action, target });

  /** Records how it ended. */
  function ended<Value>(
    principal: Principal,
    action: string,
    target: string,
    answer: Refusable<Value>,
    detail?: string,
  ): Refusable<Value> {
    const words = answer.ok ? detail : answer.refusal.message;
    audit.record({ principal, action, target, detail: words, result: answer.ok ? "done" : "failed" });
    return answer;
  }

  async function checkedHash(name: string, password: string): Promise<Refusable<string>> {
    try {
      const problem = await passwords.weakness(password, guessableWords(name, parts));
      if (problem !== undefined) return refusal("invalid", `the password is not good: ${problem}`, "password");
      return accepted(await passwords.hash(password));
    } catch (error) {
      if (!passwords.isBusy(error)) throw error;
      return refusal("busy", "too many passwords are being checked; try again in a few seconds");
    }
  }

  async function addUser({ name: given, role, password }: NewUser): Promise<Refusable<UserListing>> {
    const name = given.toLowerCase();
    if (!namePattern.test(name) || reserved.has(name)) {
      return refusal(
        "invalid",
        "a user's name has letters, digits and . _ @ -, at most 64, and is not reserved",
        "name",
      );
    }
    if (directory.users().length >= maxUsers) return refusal("conflict", `there are ${maxUsers} users already`);
    const taken = refusal("conflict", `there is a user "${name}" already; change it, or take another name`, "name");
    if (directory.user(name) !== undefined) return taken;
    const hash = await checkedHash(name, password);
    if (!hash.ok) return hash;
    if (directory.user(name) !== undefined) return taken;
    const now = clock.now();
    const user = { name, role, passwordHash: hash.value, createdAtMs: now, passwordSetAtMs: now };
    await directory.putUser(user);
    return accepted(userListing(user));
  }

  async function changeUser(name: string, { role, password }: UserChange): Promise<Refusable<UserListing>> {
    if (directory.user(name) === undefined) return noSuchUser(name);
    if (name === adminName && role !== undefined && role !== "admin") {
      return refusal("conflict", `"${adminName}" keeps its role`, "role");
    }
    const hash = password === undefined ? undefined : await checkedHash(name, password);
    if (hash?.ok === false) return hash;
    const user = directory.user(name);
    if (user === undefined) return noSuchUser(name);
    const changed = {
      ...user,
      role: role ?? user.role,
      ...(hash === undefined ? {} : { passwordHash: hash.value, passwordSetAtMs: clock.now() }),
    };
    await directory.putUser(changed);
    logins.sessions.closeAllOf(name);
    return accepted(userListing(changed));
  }

  async function removeUser(name: string): Promise<Refusable<UserListing>> {
    const user = directory.user(name);
    if (user === undefined) return noSuchUser(name);
    if (name === adminName) return refusal("conflict", `"${adminName}" cannot be removed`);
    await directory.removeUser(name);
    logins.sessions.closeAllOf(name);
    return accepted(userListing(user));
  }

  async function createToken(
    given: NewToken,
    user: string,
    /** It expires then at the latest. */
    end: number | undefined,
  ): Promise<Refusable<{ readonly text: string; readonly token: TokenListing }>> {
    const { name, role, scope, days = defaultDays } = given;
    const owner = directory.user(user);
    if (owner === undefined) return noSuchUser(user);
    if (directory.tokens().length >= maxTokens) return refusal("conflict", `there are ${maxTokens} tokens already`);
    if (!Number.isInteger(days) || days < 0 || days > maxDays) {
      return refusal("invalid", `days wants a whole number, 0 (never expires) to ${maxDays}`, "days");
    }
    const unknown = scope?.find((right) => !isRight(right));
    if (unknown !== undefined) {
      return refusal("invalid", `"${unknown.slice(0, 40)}" is no right; there are ${rights.join(", ")}`, "scope");
    }
    const ownerRights = rightsOfRole(roleOfRow(owner));
    if (rightsOfRole(role).some((right) => !ownerRights.includes(right))) {
      return refusal("invalid", `${user} is ${owner.role} and has not all rights of ${role}`, "role");
    }
    const { id, text, hash } = drawToken();
    const createdAtMs = clock.now();
    const wantedMs = days === 0 ? undefined : createdAtMs + days * dayMs;
    const expiresAtMs = wantedMs === undefined ? end : Math.min(wantedMs, end ?? wantedMs);
    const token: TokenRow = { id, name, user, role, scope, hash, createdAtMs, expiresAtMs };
    await directory.putToken(token);
    return accepted({ text, token: tokenListing(token, createdAtMs) });
  }

  /** Nobody makes a user or a token that may more than the caller: a scope would be none. */
  function notGiven(principal: Principal, given: readonly Right[], action: string, target: string) {
    const beyond = given.find((right) => !hasRight(principal, right));
    return beyond === undefined ? undefined : notAllowed(principal, beyond, action, target);
  }

  /** What a change of a user hands out: the rights of the role given, and with a password those of the user. */
  function rightsGiven(name: string, { role, password }: UserChange): readonly Right[] {
    const user = directory.user(name);
    const held = user === undefined || password === undefined ? [] : rightsOfRole(roleOfRow(user));
    return [...(role === undefined ? [] : rightsOfRole(role)), ...held];
  }

  /** When the token that asks expires: it does not outlive itself by another. */
  const endOf = ({ token }: Principal) => (token === undefined ? undefined : directory.token(token)?.expiresAtMs);

  function outlives(end: number | undefined, { days }: NewToken): Refused | undefined {
    if (end === undefined || days === undefined || (days !== 0 && clock.now() + days * dayMs <= end)) return undefined;
    const left = Math.max(0, Math.floor((end - clock.now()) / dayMs));
    return refusal("invalid", `the token that asks has ${left} whole days left: give as many at most`, "days");
  }

  return {
    ...logins,
    rightsOf: (principal) => rights.filter((right) => hasRight(principal, right)),
    roleOf: ({ association }) => roles.find((role) => associationNameOf(role) === association.name),
    recordRefusal: (principal, action, target, detail) =>
      audit.record({ principal, action, target, detail, result: "refused" }),
    users: (principal) => demand(principal, "users.read") ?? accepted(directory.users()),
    async addUser(principal, user) {
      const refused =
        notAllowed(principal, "users.write", "users.add", user.name) ??
        notGiven(principal, rightsOfRole(user.role), "users.add", user.name);
      return refused ?? ended(principal, "users.add", user.name, await addUser(user), `role ${user.role}`);
    },
    async changeUser(principal, name, change) {
      const action = change.password === undefined ? "users.setRole" : "users.setPassword";
      const refused =
        notAllowed(principal, "users.write", action, name) ??
        notGiven(principal, rightsGiven(name, change), action, name);
      const detail = change.role === undefined ? undefined : `role ${change.role}`;
      return refused ?? ended(principal, action, name, await changeUser(name, change), detail);
    },
    async removeUser(principal, name) {
      const refused = notAllowed(principal, "users.write", "users.remove", name);
      return refused ?? ended(principal, "users.remove", name, await removeUser(name));
    },
    tokens: (principal) => demand(principal, "users.read") ?? accepted(directory.tokens()),
    async createToken(principal, token) {
      const action = "tokens.create";
      const given = rightsOfRole(token.role).filter((right) => token.scope?.includes(right) ?? true);
      const refused =
        notAllowed(principal, "tokens.write", action, token.name) ?? notGiven(principal, given, action, token.name);
      if (refused !== undefined) return refused;
      const user = token.user ?? (principal.door === "cli" ? adminName : principal.user);
      const end = endOf(principal);
      const answer = outlives(end, token) ?? (await createToken(token, user, end));
      const detail = answer.ok ? `${answer.value.token.id} for ${user}, role ${token.role}` : undefined;
      return ended(principal, action, token.name, answer, detail);
    },
    async revokeToken(principal, id) {
      const refused = notAllowed(principal, "tokens.write", "tokens.revoke", id);
      if (refused !== undefined) return refused;
      const token = directory.token(id);
      if (token === undefined)
        return ended(principal, "tokens.revoke", id, refusal("unknown", "there is no such token"));
      await directory.removeToken(id);
      return ended(principal, "tokens.revoke", id, accepted(tokenListing(token, clock.now())));
    },
    async audit(principal, query) {
      return demand(principal, "audit.read") ?? accepted(await store.audit(query));
    },
  };
}

function noSuchUser(name: string): Refused {
  return refusal("unknown", `there is no user "${name.slice(0, 64)}"; GET /api/v1/users lists them`);
}
