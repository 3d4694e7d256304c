/** Users, API tokens and the audit, as the store keeps them. Beside ReadingStore. */
import type { AuditResult, AuditRow } from "./audit.js";

export interface UserRow {
  readonly name: string;
  readonly role: string;
  /** Undefined: no password is set, and none works. */
  readonly passwordHash: string | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly createdAtMs: number;
  readonly passwordSetAtMs: number | undefined;
}

export interface TokenRow {
  /** Shown, and part of the token's text. */
  readonly id: string;
  readonly name: string;
  /** The user whose it is; it goes with that user. */
  readonly user: string;
  readonly role: string;
  /** Undefined: all rights of the role. */
  readonly scope: readonly string[] | undefined;
  /** SHA-256 of the secret part, hex. */
  readonly hash: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | undefined;
}

export interface AuditQuery {
  readonly beforeId?: number | undefined;
  readonly limit: number;
  readonly user?: string | undefined;
  readonly action?: string | undefined;
  readonly result?: AuditResult | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

export interface AccountStore {
  users(): Promise<readonly UserRow[]>;
  /** Adds, or replaces the one of this name. Resolves when on disk, as all below. */
  putUser(user: UserRow): Promise<void>;
  /** With all tokens of this user. */
  removeUser(name: string): Promise<void>;
  tokens(): Promise<readonly TokenRow[]>;
  putToken(token: TokenRow): Promise<void>;
  removeToken(id: string): Promise<void>;
  /** Keeps entries, at most `kept` of all: the oldest go first. */
  addAudit(entries: readonly Omit<AuditRow, "id">[], kept: number): Promise<void>;
  /** Newest first, at most 1000. */
  audit(query: AuditQuery): Promise<readonly AuditRow[]>;
}
