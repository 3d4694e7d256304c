/** Bodies and queries of logins, users, API tokens and the audit. */
import Type, { type Static, type TSchema } from "typebox";

const closed = { additionalProperties: false } as const;
const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Time = Type.String({ format: "date-time", description: "ISO 8601 with zone" });
const Role = Type.Enum(["viewer", "operator", "installer", "admin"]);
const UserName = Type.String({ minLength: 1, maxLength: 64 });
const Password = Type.String({ minLength: 1, maxLength: 512 });
const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength });

export const Session = Type.Object(
  {
    user: Nullable(Type.String({ description: "null: nobody is logged in" })),
    role: Nullable(Role),
    rights: Type.Array(Type.String(), { description: "what this caller may do, e.g. `meters.write`" }),
    needsSetUp: Type.Boolean({ description: "no password is set yet: POST /set-up with the code in the log" }),
    isOpen: Type.Boolean({ description: "the demo: reading needs no login" }),
  },
  { $id: "Session" },
);
export type Session = Static<typeof Session>;

export const User = Type.Object(
  {
    name: Type.String(),
    role: Role,
    hasPassword: Type.Boolean(),
    createdAt: Time,
    passwordSetAt: Nullable(Time),
  },
  { $id: "User" },
);
export type User = Static<typeof User>;

export const UserList = Type.Object({ users: Type.Array(User) }, { $id: "UserList" });

export const ApiToken = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    user: Type.String(),
    role: Role,
    scope: Nullable(Type.Array(Type.String(), { description: "the only rights left of the role's; null: all" })),
    createdAt: Time,
    expiresAt: Nullable(Time),
    isExpired: Type.Boolean(),
  },
  { $id: "ApiToken" },
);
export type ApiToken = Static<typeof ApiToken>;

export const ApiTokenList = Type.Object({ tokens: Type.Array(ApiToken) }, { $id: "ApiTokenList" });
export const NewApiToken = Type.Object(
  { text: Type.String({ description: "the token itself, shown this once" }), token: ApiToken },
  { $id: "NewApiToken" },
);
export type NewApiToken = Static<typeof NewApiToken>;

export const AuditItem = Type.Object(
  {
    id: Type.Integer(),
    at: Time,
    user: Type.String(),
    role: Type.String(),
    door: Type.String(),
    peer: Type.String({ description: "address it came from" }),
    token: Nullable(Type.String({ description: "id of the user's API token that was shown" })),
    action: Type.String(),
    target: Type.String(),
    detail: Nullable(Type.String()),
    result: Type.Enum(["done", "refused", "failed"]),
    count: Type.Integer({ description: "more than 1: so often within a minute" }),
  },
  { $id: "AuditItem" },
);
export type AuditItem = Static<typeof AuditItem>;

export const AuditList = Type.Object(
  { entries: Type.Array(AuditItem), next: Nullable(Type.String({ description: "`cursor` of the next page" })) },
  { $id: "AuditList" },
);

export const accountSchemas = [
  Session,
  User,
  UserList,
  ApiToken,
  ApiTokenList,
  NewApiToken,
  AuditItem,
  AuditList,
] as const;

export const SetUpBody = Type.Object({ code: Text(64), password: Password }, closed);
export const LoginBody = Type.Object({ user: UserName, password: Password }, closed);
export const PasswordBody = Type.Object({ old: Password, password: Password }, closed);
export const NewUserBody = Type.Object({ name: UserName, role: Role, password: Password }, closed);
export const UserChangeBody = Type.Object(
  { role: Type.Optional(Role), password: Type.Optional(Password) },
  { ...closed, minProperties: 1 },
);
export const UserParams = Type.Object({ name: UserName }, closed);
export const NewTokenBody = Type.Object(
  {
    name: Text(64),
    user: Type.Optional(UserName),
    role: Role,
    scope: Type.Optional(Type.Array(Text(40), { maxItems: 100, description: "rights, e.g. `meters.read`" })),
    days: Type.Optional(Type.Integer({ minimum: 0, maximum: 3650, description: "default 365; 0: never expires" })),
  },
  closed,
);
export const TokenParams = Type.Object({ id: Text(32) }, closed);
export const AuditListQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
    cursor: Type.Optional(Type.String({ pattern: "^\\d{1,15}$", description: "`next` of the page before" })),
    user: Type.Optional(UserName),
    action: Type.Optional(
      Type.String({ pattern: "^[\\w.]{1,64}$", description: "`users.add`, or `users` for all of them" }),
    ),
    result: Type.Optional(Type.Enum(["done", "refused", "failed"])),
  },
  closed,
);
