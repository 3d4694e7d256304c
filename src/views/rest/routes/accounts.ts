import type { FastifyReply, FastifyRequest } from "fastify";
import type {
  AccountService,
  AuditRow,
  LoginOutcome,
  TokenListing,
  UserListing,
} from "../../../services/accounts/contract.js";
import { originOf, sendLoginRefusal, sessionOf, setSessionCookie } from "../access.js";
import {
  ApiToken,
  ApiTokenList,
  type AuditItem,
  AuditList,
  AuditListQuery,
  LoginBody,
  NewApiToken,
  NewTokenBody,
  NewUserBody,
  PasswordBody,
  Session,
  SetUpBody,
  TokenParams,
  User,
  UserChangeBody,
  UserList,
  UserParams,
} from "../contract/accounts.js";
import { NoQuery } from "../contract.js";
import { sendServiceRefusal } from "../errors.js";
import type { RestRoutes, RouteContext } from "../route-context.js";
import { answers, principalOf } from "./responses.js";

const tags = ["accounts"];
const defaultPage = 100;

/** A door without accounts says so: pages ask before anything else. */
export function addOpenSession(routes: RestRoutes): void {
  routes.get(
    "/session",
    { schema: { tags, summary: "Who is logged in: nobody has to", response: answers(Session, "The caller.") } },
    async (): Promise<Session> => ({ user: null, role: null, rights: [], needsSetUp: false, isOpen: true }),
  );
}

/** Logging in and out: the only calls, beside GET /health, that need no login. */
export function addSessionRoutes(routes: RestRoutes, context: RouteContext, accounts: AccountService): void {
  const isOpen = context.options.isOpen === true;
  const config = { isOpen: true };
  const shown = (principal: ReturnType<typeof principalOf>): Session => {
    const role = accounts.roleOf(principal) ?? null;
    return {
      user: role === null ? null : principal.user,
      role,
      rights: [...accounts.rightsOf(principal)],
      needsSetUp: accounts.needsSetUp(),
      isOpen,
    };
  };
  function answer(reply: FastifyReply, outcome: LoginOutcome): Session | FastifyReply {
    if (!outcome.ok) return sendLoginRefusal(reply, outcome);
    setSessionCookie(reply, outcome.session.text, outcome.session.maxAgeSeconds);
    return shown(outcome.session.principal);
  }
  /** Whoever had a session has a new one from here on. */
  function endOld(request: FastifyRequest, outcome: LoginOutcome): void {
    const old = sessionOf(request);
    if (outcome.ok && old !== undefined) accounts.logOut(old, originOf(request));
  }

  routes.get(
    "/session",
    {
      config,
      schema: { tags, summary: "Who is logged in, and what they may do", response: answers(Session, "The caller.") },
    },
    async (request) => shown(principalOf(context, request)),
  );
  routes.post(
    "/set-up",
    {
      config,
      schema: {
        tags,
        summary: "Sets the first password of `admin` with the one-time code in the log, and logs in",
        body: SetUpBody,
        response: answers(Session, "Logged in; the cookie is the session.", 401, 429, 503),
      },
    },
    async (request, reply) => {
      const { code, password } = request.body;
      return answer(reply, await accounts.setUp(originOf(request), code, password));
    },
  );
  routes.post(
    "/session",
    {
      config,
      schema: {
        tags,
        summary: "Logs in",
        body: LoginBody,
        response: answers(Session, "Logged in; the cookie is the session.", 401, 429, 503),
      },
    },
    async (request, reply) => {
      const { user, password } = request.body;
      const outcome = await accounts.logIn(originOf(request), user, password);
      endOld(request, outcome);
      return answer(reply, outcome);
    },
  );
  routes.delete(
    "/session",
    { config, schema: { tags, summary: "Logs out", response: answers(Session, "Nobody is logged in now.") } },
    async (request, reply) => {
      const session = sessionOf(request);
      if (session !== undefined) accounts.logOut(session, originOf(request));
      setSessionCookie(reply, undefined, 0);
      return shown(accounts.anonymous(originOf(request)));
    },
  );
  routes.put(
    "/session/password",
    {
      schema: {
        tags,
        summary: "Changes the caller's own password; ends all their sessions and opens a new one",
        body: PasswordBody,
        response: answers(Session, "Logged in anew.", 401, 429, 503),
      },
    },
    async (request, reply) => {
      const { old, password } = request.body;
      return answer(reply, await accounts.changePassword(principalOf(context, request), old, password));
    },
  );
}

/** Users, tokens and the audit. */
export function addAccountRoutes(routes: RestRoutes, context: RouteContext, accounts: AccountService): void {
  const { times } = context;
  const time = (ms: number) => times.fromMs(ms);
  const user = ({ name, role, hasPassword, createdAtMs, passwordSetAtMs }: UserListing): User => ({
    name,
    role,
    hasPassword,
    createdAt: time(createdAtMs),
    passwordSetAt: passwordSetAtMs === undefined ? null : time(passwordSetAtMs),
  });
  const token = ({ createdAtMs, expiresAtMs, scope, ...listing }: TokenListing): ApiToken => ({
    ...listing,
    scope: scope === undefined ? null : [...scope],
    createdAt: time(createdAtMs),
    expiresAt: expiresAtMs === undefined ? null : time(expiresAtMs),
  });
  const item = ({ atMs, token, detail, ...row }: AuditRow): AuditItem => {
    return { ...row, at: time(atMs), token: token ?? null, detail: detail ?? null };
  };

  routes.get(
    "/users",
    { schema: { tags, summary: "All users", querystring: NoQuery, response: answers(UserList, "By name.", 403) } },
    async (request, reply) => {
      const answer = accounts.users(principalOf(context, request));
      return answer.ok ? { users: answer.value.map(user) } : sendServiceRefusal(reply, answer.refusal);
    },
  );
  routes.post(
    "/users",
    { schema: { tags, summary: "Adds a user", body: NewUserBody, response: answers(User, "The user.", 403, 409) } },
    async (request, reply) => {
      const answer = await accounts.addUser(principalOf(context, request), request.body);
      return answer.ok ? user(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );
  routes.patch(
    "/users/:name",
    {
      schema: {
        tags,
        summary: "Gives a user another role or password; ends all sessions of the user",
        params: UserParams,
        body: UserChangeBody,
        response: answers(User, "The user.", 403, 404, 409),
      },
    },
    async (request, reply) => {
      const answer = await accounts.changeUser(principalOf(context, request), request.params.name, request.body);
      return answer.ok ? user(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );
  routes.delete(
    "/users/:name",
    {
      schema: {
        tags,
        summary: "Removes a user with all their tokens; not `admin`",
        params: UserParams,
        response: answers(User, "The user that was.", 403, 404, 409),
      },
    },
    async (request, reply) => {
      const answer = await accounts.removeUser(principalOf(context, request), request.params.name);
      return answer.ok ? user(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );
  routes.get(
    "/tokens",
    {
      schema: { tags, summary: "All API tokens, without their text", response: answers(ApiTokenList, "By age.", 403) },
    },
    async (request, reply) => {
      const answer = accounts.tokens(principalOf(context, request));
      return answer.ok ? { tokens: answer.value.map(token) } : sendServiceRefusal(reply, answer.refusal);
    },
  );
  routes.post(
    "/tokens",
    {
      schema: {
        tags,
        summary: "Makes an API token; its text is in this answer alone",
        body: NewTokenBody,
        response: answers(NewApiToken, "The token.", 403, 404, 409),
      },
    },
    async (request, reply) => {
      const answer = await accounts.createToken(principalOf(context, request), request.body);
      if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
      return { text: answer.value.text, token: token(answer.value.token) };
    },
  );
  routes.delete(
    "/tokens/:id",
    {
      schema: {
        tags,
        summary: "Revokes an API token",
        params: TokenParams,
        response: answers(ApiToken, "The token that was.", 403, 404),
      },
    },
    async (request, reply) => {
      const answer = await accounts.revokeToken(principalOf(context, request), request.params.id);
      return answer.ok ? token(answer.value) : sendServiceRefusal(reply, answer.refusal);
    },
  );
  routes.get(
    "/audit",
    {
      schema: {
        tags,
        summary: "Who did or tried what, newest first",
        querystring: AuditListQuery,
        response: answers(AuditList, "One page.", 403),
      },
    },
    async (request, reply) => {
      const { limit = defaultPage, cursor, ...wanted } = request.query;
      const beforeId = cursor === undefined ? undefined : Number(cursor);
      const answer = await accounts.audit(principalOf(context, request), { ...wanted, limit, beforeId });
      if (!answer.ok) return sendServiceRefusal(reply, answer.refusal);
      const last = answer.value.at(-1);
      const next = answer.value.length < limit || last === undefined ? null : String(last.id);
      return { entries: answer.value.map(item), next };
    },
  );
}
