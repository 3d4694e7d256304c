/**
 * Who is let in: set-up code, password, session, token. Wrong tries are throttled by address and by account, and every
 * one is in the audit. A user that does not exist costs the same time as a wrong password.
 */
import { randomInt } from "node:crypto";
import type { Principal } from "../../../cosem/index.js";
import type { Audit, Clock, Logger } from "../../ports/index.js";
import { anonymousUser, associationOf, lesserRole, scopedAssociationOf } from "../rights.js";
import { type AccountDirectory, isExpired, roleOfRow, scopeOfRow } from "./account-directory.js";
import {
  type AccountService,
  adminName,
  type LoginOutcome,
  type LoginRefusal,
  type OpenedSession,
  type Origin,
} from "./contract.js";
import { noAssociation } from "./no-association.js";
import { createSessions, type SessionLimits, type Sessions, sessionLimits } from "./sessions.js";
import { createThrottle, networkOf } from "./throttle.js";
import { drawToken, hashOf, isSameHash, readToken } from "./token-text.js";

/** What this service needs of passwords; `accounts` has it. All may reject as busy. */
export interface PasswordPort {
  hash(password: string): Promise<string>;
  verify(password: string, hash: string | undefined): Promise<boolean>;
  /** Undefined: good enough. @param words what its owner would think of first */
  weakness(password: string, words: readonly string[]): Promise<string | undefined>;
  isBusy(error: unknown): boolean;
}

export interface LoginParts {
  readonly directory: AccountDirectory;
  readonly passwords: PasswordPort;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: SessionLimits | undefined;
  /** What stands on the device or is told by its doors, and is therefore no password: name, serial number, places. */
  readonly ownWords?: readonly string[] | undefined;
}

export type Logins = Pick<
  AccountService,
  "needsSetUp" | "setUp" | "logIn" | "logOut" | "bySession" | "byToken" | "changePassword" | "anonymous"
> & {
  readonly sessions: Sessions;
  /** Of the command line on this machine, for as long as the process runs; kept nowhere but in `local.json`. */
  readonly localToken: string;
  /** Says in the log how the first password is set, where there is none. */
  announce(): void;
};

/** A password longer than this is not looked at. */
const maxText = 512;
const busySeconds = 5;
/** Without letters and digits that look alike. */
const codeLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/** What an attacker tries first, beside the user's name and what stands on the device. */
const productWords: readonly string[] = ["cosem", "gateway", "meter", "metering", "elvaco", "cme3100", "mbus", "dlms"];

/** For the check of a password of this user. */
export function guessableWords(name: string, { ownWords = [] }: Pick<LoginParts, "ownWords">): readonly string[] {
  return [name, ...productWords, ...ownWords].filter((word) => word !== "");
}

export function createLogins(parts: LoginParts): Logins {
  const { directory, passwords, audit, clock, logger, limits } = parts;
  const sessions = createSessions(clock, limits);
  const maxAgeSeconds = Math.floor((limits ?? sessionLimits).totalMs / 1000);
  const remembered = { clock, forgetAfterMs: 3_600_000, maxRemembered: 10_000 };
  const addresses = createThrottle({ ...remembered, free: 10, maxWaitMs: 900_000 });
  // A short wait: anybody can make an account wait by failing in its name.
  const accounts = createThrottle({ ...remembered, free: 5, maxWaitMs: 30_000 });
  const local = drawToken();
  const setUpCode = drawCode();
  let isSettingUp = false;

  const anonymous = ({ door, peer }: Origin): Principal => {
    return { association: noAssociation, user: anonymousUser, door, peer };
  };
  const principalOf = (name: string, { door, peer }: Origin): Principal | undefined => {
    const user = directory.user(name);
    return user && { association: associationOf(roleOfRow(user)), user: name, door, peer };
  };
  const needsSetUp = () => directory.user(adminName)?.passwordHash === undefined;

  function waitFor(origin: Origin, user?: string): LoginRefusal | undefined {
    const waitMs = Math.max(addresses.waitMs(networkOf(origin.peer)), user === undefined ? 0 : accounts.waitMs(user));
    if (waitMs === 0) return undefined;
    const retryAfterSeconds = Math.ceil(waitMs / 1000);
    const message = `too many failed attempts; try again in ${retryAfterSeconds} s`;
    return { ok: false, kind: "throttled", message, retryAfterSeconds };
  }

  /** @param who  who is logged in already; default: nobody */
  function refused(
    origin: Origin,
    action: string,
    target: string,
    refusal: LoginRefusal,
    who = anonymous(origin),
  ): LoginRefusal {
    audit.record({ principal: who, action, target, detail: refusal.message, result: "refused" });
    return refusal;
  }

  function opened(name: string, origin: Origin, action: string): LoginOutcome {
    const principal = principalOf(name, origin) ?? anonymous(origin);
    audit.record({ principal, action, target: name, result: "done" });
    return { ok: true, session: { text: sessions.open(name), principal, maxAgeSeconds } satisfies OpenedSession };
  }

  function busyOf(error: unknown): LoginRefusal {
    if (!passwords.isBusy(error)) throw error;
    const message = "too many logins at once; try again in a few seconds";
    return { ok: false, kind: "busy", message, retryAfterSeconds: busySeconds };
  }

  /** @returns why not */
  async function setPassword(name: string, password: string): Promise<LoginRefusal | undefined> {
    const problem = await passwords.weakness(password, guessableWords(name, parts));
    if (problem !== undefined)
      return { ok: false, kind: "invalid", message: `the new password is not good: ${problem}` };
    const passwordHash = await passwords.hash(password);
    const user = directory.user(name);
    if (user === undefined) return { ok: false, kind: "invalid", message: "the user is gone" };
    await directory.putUser({ ...user, passwordHash, passwordSetAtMs: clock.now() });
    return undefined;
  }

  async function setUp(origin: Origin, code: string, password: string): Promise<LoginOutcome> {
    const wait = waitFor(origin);
    if (wait !== undefined) return refused(origin, "session.setUp", adminName, wait);
    const given = code.toUpperCase().replace(/[^A-Z0-9]/g, "");
    if (!needsSetUp() || isSettingUp || !isSameHash(hashOf(given), hashOf(setUpCode))) {
      addresses.failed(networkOf(origin.peer));
      const message = "the set-up code is not right, or was used already; the gateway's log has it at its start";
      return refused(origin, "session.setUp", adminName, { ok: false, kind: "wrong", message });
    }
    isSettingUp = true;
    try {
      const problem = await setPassword(adminName, password);
      if (problem !== undefined) return refused(origin, "session.setUp", adminName, problem);
      return opened(adminName, origin, "session.setUp");
    } catch (error) {
      return busyOf(error);
    } finally {
      isSettingUp = false;
    }
  }

  /** Counts the try before its answer is known: tries sent side by side wait like those sent one by one. */
  async function isPassword(origin: Origin, name: string, password: string): Promise<boolean> {
    addresses.failed(networkOf(origin.peer));
    accounts.failed(name);
    const hash = directory.user(name)?.passwordHash;
    const fits = await passwords.verify(password.slice(0, maxText), hash);
    if (!fits || password.length > maxText || directory.user(name)?.passwordHash !== hash) return false;
    addresses.succeeded(networkOf(origin.peer));
    accounts.succeeded(name);
    return true;
  }

  async function logIn(origin: Origin, given: string, password: string): Promise<LoginOutcome> {
    const name = given.slice(0, maxText).toLowerCase();
    const wait = waitFor(origin, name);
    if (wait !== undefined) return refused(origin, "session.logIn", name, wait);
    try {
      if (await isPassword(origin, name, password)) return opened(name, origin, "session.logIn");
      const message =
        "user or password is not right; try again, or have an admin set a new one (cosem-gateway users set-password)";
      return refused(origin, "session.logIn", name, { ok: false, kind: "wrong", message });
    } catch (error) {
      return busyOf(error);
    }
  }

  return {
    sessions,
    localToken: local.text,
    needsSetUp,
    setUp,
    logIn,
    anonymous,
    announce() {
      if (!needsSetUp()) return;
      logger.warn("no password is set yet: the web page asks for this set-up code, once", {
        user: adminName,
        setUpCode: setUpCode.match(/.{4}/g)?.join("-") ?? setUpCode,
      });
    },
    logOut(session, origin) {
      const name = sessions.close(session);
      const principal = name === undefined ? undefined : principalOf(name, origin);
      if (principal === undefined) return;
      audit.record({ principal, action: "session.logOut", target: principal.user, result: "done" });
    },
    bySession(session, origin, isUse = true) {
      const name = sessions.userOf(session, isUse);
      return name === undefined ? undefined : principalOf(name, origin);
    },
    byToken(text, origin) {
      const read = readToken(text);
      if (read !== undefined && read.id === local.id && isSameHash(read.hash, local.hash)) {
        const principal = { association: associationOf("admin"), user: "local", door: "cli", peer: origin.peer };
        return { ok: true, principal };
      }
      const wait = waitFor(origin);
      if (wait !== undefined) return refused(origin, "session.token", read?.id ?? "", wait);
      const token = read && directory.token(read.id);
      const owner = token && directory.user(token.user);
      const wrong = (message: string): LoginRefusal => {
        addresses.failed(networkOf(origin.peer));
        return refused(origin, "session.token", token?.id ?? "", { ok: false, kind: "wrong", message });
      };
      if (read === undefined || token === undefined || owner === undefined || !isSameHash(read.hash, token.hash)) {
        return wrong("the token is not known: it was revoked, or copied in part");
      }
      if (isExpired(token, clock.now())) return wrong("the token has expired; make another one");
      const scope = scopeOfRow(token);
      const association = scopedAssociationOf(lesserRole(roleOfRow(token), roleOfRow(owner)), scope);
      return { ok: true, principal: { association, user: token.user, ...origin, scope, token: token.id } };
    },
    async changePassword(principal, old, password): Promise<LoginOutcome> {
      const { user, door, peer } = principal;
      const origin = { door, peer };
      const wait = waitFor(origin, user);
      if (wait !== undefined) return refused(origin, "session.password", user, wait, principal);
      try {
        if (!(await isPassword(origin, user, old))) {
          const message = "the old password is not right";
          return refused(origin, "session.password", user, { ok: false, kind: "wrong", message }, principal);
        }
        const problem = await setPassword(user, password);
        if (problem !== undefined) return refused(origin, "session.password", user, problem, principal);
      } catch (error) {
        return busyOf(error);
      }
      sessions.closeAllOf(user);
      return opened(user, origin, "session.password");
    },
  };
}

function drawCode(): string {
  return Array.from({ length: 16 }, () => codeLetters[randomInt(codeLetters.length)]).join("");
}
