/** Refusals and faults as HTTP: one total table, one form of body (RFC 9457, application/problem+json). */
import { STATUS_CODES } from "node:http";
import type { FastifyReply } from "fastify";
import type { Refusal } from "../../../cosem/index.js";
import type { Problem } from "./contract.js";

export const problemMediaType = "application/problem+json";

/** Total: a new refusal does not compile until it is answered here. */
export const statusFor = {
  objectUndefined: 404,
  objectClassInconsistent: 404,
  objectUnavailable: 503,
  readWriteDenied: 403,
  scopeOfAccessViolated: 403,
  typeUnmatched: 400,
  temporaryFailure: 503,
  dataBlockUnavailable: 503,
  hardwareFault: 502,
  otherReason: 502,
} as const satisfies Record<Refusal, number>;

/** What each refusal means to who asked, and what to do. */
export const wordsFor = {
  objectUndefined: "no such object or attribute",
  objectClassInconsistent: "the object has another class; leave the class out of the address",
  objectUnavailable: "not available now; try again later",
  readWriteDenied: "this role may not read it",
  scopeOfAccessViolated: "outside what this role may read",
  typeUnmatched: "the selection does not fit the object",
  temporaryFailure: "it could not be read now; try again later",
  dataBlockUnavailable: "the rest of it could not be read; try again later",
  hardwareFault: "the device reported a hardware fault",
  otherReason: "it could not be read; the log may say why",
} as const satisfies Record<Refusal, string>;

/** @param detail what was wrong, where, and what to do */
export function problemOf(status: number, detail: string): Problem {
  return { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, detail };
}

/** Sends a problem; hand the result back from the handler. */
export function sendProblem<R extends object>(reply: R, status: number, detail: string): R {
  const sending = reply as unknown as FastifyReply;
  sending.code(status).type(problemMediaType).send(problemOf(status, detail));
  return reply;
}

/** @param address what was asked for, as written */
export function sendRefusal<R extends object>(reply: R, refusal: Refusal, address: string): R {
  return sendProblem(reply, statusFor[refusal], `${address}: ${wordsFor[refusal]}`);
}

/** Refusals of services; a new reason does not compile until it is answered here. */
export const statusForReason = {
  denied: 403,
  unknown: 404,
  invalid: 400,
  conflict: 409,
  busy: 503,
} as const;

/** Sends what a service refused, in its own words. */
export function sendServiceRefusal<R extends object>(
  reply: R,
  { reason, message }: { readonly reason: keyof typeof statusForReason; readonly message: string },
): R {
  return sendProblem(reply, statusForReason[reason], message);
}
