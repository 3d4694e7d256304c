/** Users, API tokens and the audit: the statements behind the port AccountStore. */
import type { AccountStore, AuditQuery, AuditRow, TokenRow, UserRow } from "../ports/index.js";
import type { Connection } from "./database.js";

/** Of a list of strings in one column. */
const separator = " ";

/** At most so many entries a page. */
const maxPage = 1000;

export type AccountChange =
  | { readonly kind: "putUser"; readonly user: UserRow }
  | { readonly kind: "removeUser"; readonly name: string }
  | { readonly kind: "putToken"; readonly token: TokenRow }
  | { readonly kind: "removeToken"; readonly id: string }
  | { readonly kind: "addAudit"; readonly entries: readonly Omit<AuditRow, "id">[]; readonly kept: number };

export interface AccountReader {
  users(): readonly UserRow[];
  tokens(): readonly TokenRow[];
  audit(query: AuditQuery): readonly AuditRow[];
}

/** Runs in the writer's transaction. */
export function prepareAccountWrites(connection: Connection): (change: AccountChange) => void {
  const putUser = connection.prepare(`
    INSERT INTO users (name, role, password_hash, created_at_ms, password_set_at_ms) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET role = excluded.role, password_hash = excluded.password_hash,
      password_set_at_ms = excluded.password_set_at_ms`);
  const removeUser = connection.prepare("DELETE FROM users WHERE name = ?");
  const removeTokensOf = connection.prepare("DELETE FROM api_tokens WHERE user_name = ?");
  const putToken = connection.prepare(`
    INSERT INTO api_tokens (id, name, user_name, role, scope, hash, created_at_ms, expires_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  const removeToken = connection.prepare("DELETE FROM api_tokens WHERE id = ?");
  const addAudit = connection.prepare(`
    INSERT INTO audit (at_ms, user_name, role, door, peer, token, action, target, detail, result, count)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const trimAudit = connection.prepare("DELETE FROM audit WHERE id <= (SELECT max(id) FROM audit) - ?");
  return (change) => {
    switch (change.kind) {
      case "putUser": {
        const { name, role, passwordHash, createdAtMs, passwordSetAtMs } = change.user;
        putUser.run(name, role, passwordHash ?? null, createdAtMs, passwordSetAtMs ?? null);
        return;
      }
      case "removeUser":
        removeTokensOf.run(change.name);
        removeUser.run(change.name);
        return;
      case "putToken": {
        const { id, name, user, role, scope, hash, createdAtMs, expiresAtMs } = change.token;
        putToken.run(id, name, user, role, scope?.join(separator) ?? null, hash, createdAtMs, expiresAtMs ?? null);
        return;
      }
      case "removeToken":
        removeToken.run(change.id);
        return;
      case "addAudit":
        for (const entry of change.entries) {
          const { atMs, user, role, door, peer, token, action, target, detail, result, count } = entry;
          addAudit.run(atMs, user, role, door, peer, token ?? null, action, target, detail ?? null, result, count);
        }
        trimAudit.run(change.kept);
    }
  };
}

type Nullable<T> = { [Key in keyof T]-?: undefined extends T[Key] ? Exclude<T[Key], undefined> | null : T[Key] };

export function prepareAccountReads(connection: Connection): AccountReader {
  const users = connection.prepare<[], Nullable<UserRow>>(`
    SELECT name, role, password_hash AS passwordHash, created_at_ms AS createdAtMs,
      password_set_at_ms AS passwordSetAtMs
    FROM users ORDER BY name`);
  const tokens = connection.prepare<[], Nullable<Omit<TokenRow, "scope">> & { readonly scope: string | null }>(`
    SELECT id, name, user_name AS user, role, scope, hash, created_at_ms AS createdAtMs, expires_at_ms AS expiresAtMs
    FROM api_tokens ORDER BY created_at_ms, id`);
  const audit = connection.prepare<[Readonly<Record<string, unknown>>], Nullable<AuditRow>>(`
    SELECT id, at_ms AS atMs, user_name AS user, role, door, peer, token, action, target, detail, result, count
    FROM audit
    WHERE id < @beforeId AND (@user IS NULL OR user_name = @user) AND (@action IS NULL OR action = @action OR action LIKE @action || '.%')
      AND (@result IS NULL OR result = @result) AND at_ms BETWEEN @fromMs AND @toMs
    ORDER BY id DESC LIMIT @limit`);
  return {
    users: () =>
      users.all().map((row) => ({
        ...row,
        passwordHash: row.passwordHash ?? undefined,
        passwordSetAtMs: row.passwordSetAtMs ?? undefined,
      })),
    tokens: () =>
      tokens.all().map((row) => ({
        ...row,
        scope: row.scope === null ? undefined : row.scope.split(separator).filter((right) => right !== ""),
        expiresAtMs: row.expiresAtMs ?? undefined,
      })),
    audit: ({ beforeId, limit, user, action, result, fromMs, toMs }) =>
      audit
        .all({
          beforeId: beforeId ?? Number.MAX_SAFE_INTEGER,
          user: user ?? null,
          action: action ?? null,
          result: result ?? null,
          fromMs: fromMs ?? -Number.MAX_SAFE_INTEGER,
          toMs: toMs ?? Number.MAX_SAFE_INTEGER,
          limit: Math.min(Math.max(limit, 0), maxPage),
        })
        .map((row) => ({ ...row, token: row.token ?? undefined, detail: row.detail ?? undefined })),
  };
}

/** The port over the store's writer and reader. */
export function accountStoreOf(parts: {
  readonly write: (change: AccountChange) => Promise<unknown>;
  readonly read: <Result>(query: (reader: AccountReader) => Result) => Promise<Result>;
}): AccountStore {
  const write = async (change: AccountChange): Promise<void> => {
    await parts.write(change);
  };
  return {
    users: () => parts.read((from) => from.users()),
    putUser: (user) => write({ kind: "putUser", user }),
    removeUser: (name) => write({ kind: "removeUser", name }),
    tokens: () => parts.read((from) => from.tokens()),
    putToken: (token) => write({ kind: "putToken", token }),
    removeToken: (id) => write({ kind: "removeToken", id }),
    addAudit: (entries, kept) => write({ kind: "addAudit", entries, kept }),
    audit: (query) => parts.read((from) => from.audit(query)),
  };
}
