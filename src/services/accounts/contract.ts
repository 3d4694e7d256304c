/** Users, their logins and API tokens, and the audit: what doors may ask. */
import type { Principal } from "../../../cosem/index.js";
import type { AuditQuery, AuditRow } from "../../ports/index.js";
import type { Refusable } from "../refusal.js";
import type { Right, Role } from "../rights.js";

export type { AuditQuery, AuditRow } from "../../ports/index.js";
export type { Right, Role } from "../rights.js";

/** The one user that always is there; its role never changes. */
export const adminName = "admin";

/** Where a call comes from. */
export interface Origin {
  /** `rest` … */
  readonly door: string;
  /** Address of the other side. */
  readonly peer: string;
}

export interface UserListing {
  readonly name: string;
  readonly role: Role;
  readonly hasPassword: boolean;
  readonly createdAtMs: number;
  readonly passwordSetAtMs: number | undefined;
}

export interface TokenListing {
  readonly id: string;
  readonly name: string;
  readonly user: string;
  readonly role: Role;
  /** Undefined: all rights of the role. */
  readonly scope: readonly Right[] | undefined;
  readonly createdAtMs: number;
  /** Undefined: never. */
  readonly expiresAtMs: number | undefined;
  readonly isExpired: boolean;
}

export interface OpenedSession {
  /** The cookie's text; only here, only now. */
  readonly text: string;
  readonly principal: Principal;
  /** When it ends at the latest. */
  readonly maxAgeSeconds: number;
}

/** Why nobody was let in. `wrong` says no more than that, whether the user exists or not. */
export interface LoginRefusal {
  readonly ok: false;
  readonly kind: "wrong" | "throttled" | "invalid" | "busy";
  readonly message: string;
  /** With `throttled` and `busy`. */
  readonly retryAfterSeconds?: number | undefined;
}

export type LoginOutcome = { readonly ok: true; readonly session: OpenedSession } | LoginRefusal;
export type TokenOutcome = { readonly ok: true; readonly principal: Principal } | LoginRefusal;

export interface NewUser {
  readonly name: string;
  readonly role: Role;
  readonly password: string;
}

export interface UserChange {
  readonly role?: Role | undefined;
  readonly password?: string | undefined;
}

export interface NewToken {
  /** What it is for. */
  readonly name: string;
  /** Whose it is; default: who asks. */
  readonly user?: string | undefined;
  readonly role: Role;
  readonly scope?: readonly string[] | undefined;
  /** Default 365; 0: never expires. */
  readonly days?: number | undefined;
}

export interface AccountService {
  /** True until the first password of `admin` is set. */
  needsSetUp(): boolean;
  setUp(origin: Origin, code: string, password: string): Promise<LoginOutcome>;
  logIn(origin: Origin, user: string, password: string): Promise<LoginOutcome>;
  logOut(session: string, origin: Origin): void;
  /** Undefined: it never was, or it ended. `isUse` false: only a look, which keeps no session alive. */
  bySession(session: string, origin: Origin, isUse?: boolean): Principal | undefined;
  byToken(token: string, origin: Origin): TokenOutcome;
  /** The caller's own; ends all sessions of the user and opens a new one. */
  changePassword(principal: Principal, old: string, password: string): Promise<LoginOutcome>;
  /** A caller without a login. */
  anonymous(origin: Origin): Principal;
  rightsOf(principal: Principal): readonly Right[];
  /** The name of the caller's role; undefined: none. */
  roleOf(principal: Principal): Role | undefined;
  /** An entry for what a door refused itself. */
  recordRefusal(principal: Principal, action: string, target: string, detail: string): void;

  users(principal: Principal): Refusable<readonly UserListing[]>;
  addUser(principal: Principal, user: NewUser): Promise<Refusable<UserListing>>;
  changeUser(principal: Principal, name: string, change: UserChange): Promise<Refusable<UserListing>>;
  removeUser(principal: Principal, name: string): Promise<Refusable<UserListing>>;
  tokens(principal: Principal): Refusable<readonly TokenListing[]>;
  /** `text` is shown this once: only its hash is kept. */
  createToken(
    principal: Principal,
    token: NewToken,
  ): Promise<Refusable<{ readonly text: string; readonly token: TokenListing }>>;
  revokeToken(principal: Principal, id: string): Promise<Refusable<TokenListing>>;
  audit(principal: Principal, query: AuditQuery): Promise<Refusable<readonly AuditRow[]>>;
}
