/** Users and tokens in memory as they are on disk; a change is seen once it is on disk. */
import type { AccountStore, Clock, TokenRow, UserRow } from "../../ports/index.js";
import { isRight, isRole, type Right, type Role } from "../rights.js";
import { adminName, type TokenListing, type UserListing } from "./contract.js";

export interface AccountDirectory {
  user(name: string): UserRow | undefined;
  users(): readonly UserListing[];
  token(id: string): TokenRow | undefined;
  tokens(): readonly TokenListing[];
  putUser(user: UserRow): Promise<void>;
  /** With its tokens. */
  removeUser(name: string): Promise<void>;
  putToken(token: TokenRow): Promise<void>;
  removeToken(id: string): Promise<void>;
}

/** @throws (rejects with) StoreError */
export async function openAccountDirectory(store: AccountStore, clock: Clock): Promise<AccountDirectory> {
  const users = new Map((await store.users()).map((user) => [user.name, user]));
  const tokens = new Map((await store.tokens()).map((token) => [token.id, token]));

  const directory: AccountDirectory = {
    user: (name) => users.get(name),
    users: () => [...users.values()].sort((one, other) => (one.name < other.name ? -1 : 1)).map(userListing),
    token: (id) => tokens.get(id),
    tokens: () => [...tokens.values()].map((token) => tokenListing(token, clock.now())),
    async putUser(user) {
      await store.putUser(user);
      users.set(user.name, user);
    },
    async removeUser(name) {
      await store.removeUser(name);
      users.delete(name);
      for (const { id, user } of [...tokens.values()]) if (user === name) tokens.delete(id);
    },
    async putToken(token) {
      await store.putToken(token);
      tokens.set(token.id, token);
    },
    async removeToken(id) {
      await store.removeToken(id);
      tokens.delete(id);
    },
  };
  if (!users.has(adminName)) {
    const createdAtMs = clock.now();
    const admin = { name: adminName, role: "admin", passwordHash: undefined, passwordSetAtMs: undefined, createdAtMs };
    await directory.putUser(admin);
  }
  return directory;
}

/** A role that this version does not know may do the least. */
export function roleOfRow({ role }: { readonly role: string }): Role {
  return isRole(role) ? role : "viewer";
}

export function scopeOfRow({ scope }: TokenRow): readonly Right[] | undefined {
  return scope?.filter(isRight);
}

export function userListing(user: UserRow): UserListing {
  const { name, passwordHash, createdAtMs, passwordSetAtMs } = user;
  return { name, role: roleOfRow(user), hasPassword: passwordHash !== undefined, createdAtMs, passwordSetAtMs };
}

export function tokenListing(token: TokenRow, nowMs: number): TokenListing {
  const { id, name, user, createdAtMs, expiresAtMs } = token;
  const [role, scope] = [roleOfRow(token), scopeOfRow(token)];
  return { id, name, user, role, scope, createdAtMs, expiresAtMs, isExpired: isExpired(token, nowMs) };
}

export function isExpired({ expiresAtMs }: TokenRow, nowMs: number): boolean {
  return expiresAtMs !== undefined && nowMs >= expiresAtMs;
}
