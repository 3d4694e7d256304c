/**
 * Who calls: before any route, each request gets its caller by session cookie or API token, or is turned away. A page
 * elsewhere cannot call in a user's name: the cookie is SameSite=Strict, and what changes something is refused when the
 * browser says that it came from another origin.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Principal } from "../../../cosem/index.js";
import type { LoginRefusal, Origin } from "../../services/accounts/contract.js";
import { sendProblem } from "./errors.js";
import type { RestOptions } from "./rest-options.js";

export const sessionCookie = "gateway_session";

/** Methods that change nothing. */
const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answered without a login. */
    isOpen?: boolean;
    /** Without this right the call is refused; calls of services check theirs themselves. */
    right?: string;
  }
}

export interface Access {
  /** An onRequest hook. */
  identify(request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
  /** An onRequest hook behind identify(): refuses who has not the route's right. */
  demandRight(request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
  /** Whether the caller may read meters. */
  mayRead(request: FastifyRequest): boolean;
  /** Whether this caller is still let in, asked while a stream is open; keeps no session alive. */
  isStillIn(request: FastifyRequest): boolean;
  /** Records that the caller may not see what it asked for. */
  refusedRead(request: FastifyRequest): void;
}

export function createAccess({ accounts, isOpen, principal }: RestOptions): Access {
  const everybody = accounts === undefined || isOpen === true ? principal : undefined;

  /** The caller; a refusal where a token was given that does not hold; undefined: nobody. */
  function callerOf(request: FastifyRequest, isUse: boolean): Principal | LoginRefusal | undefined {
    const origin = originOf(request);
    const token = bearerOf(request);
    if (accounts !== undefined && token !== undefined) {
      const outcome = accounts.byToken(token, origin);
      return outcome.ok ? outcome.principal : outcome;
    }
    const session = sessionOf(request);
    const found = session === undefined ? undefined : accounts?.bySession(session, origin, isUse);
    return found ?? (everybody && { ...everybody, peer: request.ip });
  }

  return {
    async identify(request, reply) {
      const cross = crossOrigin(request);
      if (cross !== undefined) {
        const anonymous = accounts?.anonymous(originOf(request));
        if (anonymous !== undefined) {
          accounts?.recordRefusal(anonymous, "rest.crossOrigin", pathOf(request), `from ${cross}`);
        }
        return sendProblem(reply, 403, "a call from another origin may change nothing; use the gateway's own page");
      }
      const caller = callerOf(request, true);
      if (caller !== undefined && !("ok" in caller)) {
        request.caller = caller;
        return undefined;
      }
      if (request.routeOptions.config.isOpen === true) {
        request.caller = accounts?.anonymous(originOf(request)) ?? principal;
        return undefined;
      }
      if (caller !== undefined) return sendLoginRefusal(reply, caller);
      const nobody = accounts?.anonymous(originOf(request));
      if (nobody !== undefined) {
        accounts?.recordRefusal(nobody, "rest.call", `${request.method} ${pathOf(request)}`, "nobody is logged in");
      }
      reply.header("www-authenticate", 'Bearer realm="gateway"');
      const words = accounts?.needsSetUp() === true ? "no password is set yet: open the page and set one" : "log in";
      return sendProblem(reply, 401, `${words}, or send an API token (Authorization: Bearer …)`);
    },
    async demandRight(request, reply) {
      const { caller } = request;
      const { right } = request.routeOptions.config;
      if (right === undefined || accounts === undefined || caller === undefined) return undefined;
      if (accounts.rightsOf(caller).some((owned) => owned === right)) return undefined;
      return sendProblem(reply, 403, `${caller.user} has not the right ${right}; an admin can give it`);
    },
    mayRead: ({ caller }) =>
      caller !== undefined && (accounts === undefined || accounts.rightsOf(caller).includes("meters.read")),
    isStillIn(request) {
      const caller = callerOf(request, false);
      return caller !== undefined && !("ok" in caller);
    },
    refusedRead(request) {
      const { caller, method } = request;
      if (caller === undefined || !safeMethods.has(method)) return;
      accounts?.recordRefusal(caller, "rest.read", `${method} ${pathOf(request)}`, "wants a right that it has not");
    },
  };
}

export function originOf(request: FastifyRequest): Origin {
  return { door: "rest", peer: request.ip };
}

/** 401, 429 with its wait, or what fits. */
export function sendLoginRefusal<R extends object>(reply: R, { kind, message, retryAfterSeconds }: LoginRefusal): R {
  const sending = reply as unknown as FastifyReply;
  if (retryAfterSeconds !== undefined) sending.header("retry-after", String(retryAfterSeconds));
  return sendProblem(reply, loginStatus[kind], message);
}

const loginStatus = { wrong: 401, throttled: 429, invalid: 400, busy: 503 } as const satisfies Record<
  LoginRefusal["kind"],
  number
>;

/** The text of the session's cookie. */
export function sessionOf(request: FastifyRequest): string | undefined {
  for (const pair of (request.headers.cookie ?? "").split(";")) {
    const [name, value] = pair.trim().split("=", 2);
    if (name === sessionCookie && value !== undefined && /^[\w-]{1,128}$/.test(value)) return value;
  }
  return undefined;
}

/**
 * A session given or, with undefined, taken away. `Secure` where the request came by TLS, or a trusted proxy says so;
 * over plain HTTP a browser would not keep such a cookie.
 */
export function setSessionCookie(reply: FastifyReply, text: string | undefined, maxAgeSeconds: number): void {
  const age = text === undefined ? 0 : maxAgeSeconds;
  const secure = reply.request.protocol === "https" ? "; Secure" : "";
  reply.header(
    "set-cookie",
    `${sessionCookie}=${text ?? ""}; Path=/; HttpOnly; SameSite=Strict${secure}; Max-Age=${age}`,
  );
}

function bearerOf({ headers }: FastifyRequest): string | undefined {
  const match = /^Bearer +(\S{1,512})$/i.exec(headers.authorization ?? "");
  return match?.[1] ?? (headers.authorization === undefined ? undefined : "");
}

/** Where a changing call of another origin comes from; browsers tell it, other clients send neither header. */
function crossOrigin(request: FastifyRequest): string | undefined {
  if (safeMethods.has(request.method)) return undefined;
  const { origin } = request.headers;
  const site = request.headers["sec-fetch-site"];
  if (origin !== undefined) {
    const isOwn = URL.canParse(origin) && new URL(origin).host === request.host.toLowerCase();
    return isOwn ? undefined : origin.slice(0, 100);
  }
  return site === undefined || site === "same-origin" || site === "none" ? undefined : String(site).slice(0, 20);
}

function pathOf({ url }: FastifyRequest): string {
  return url.split("?", 1)[0] ?? "";
}
