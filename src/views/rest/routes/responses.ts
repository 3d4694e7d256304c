import type { FastifyRequest } from "fastify";
import type { TSchema } from "typebox";
import type { Principal } from "../../../../cosem/index.js";
import { Problem } from "../contract.js";
import { problemMediaType } from "../errors.js";
import type { RouteContext } from "../route-context.js";

const problemSchema = { $ref: `${(Problem as { $id?: string }).$id}#` };

const problemWords = {
  400: "The request is not understood.",
  403: "This role may not do it.",
  401: "Nobody is logged in.",
  404: "There is no such meter, object or attribute.",
  409: "It is so already, or something else holds it.",
  429: "Too many attempts; the answer says when to try again.",
  503: "It cannot be done now.",
} as const;

/** The `response` part of a route's schema: the good answer by its name, and the problems it may give instead. */
export function answers<T extends TSchema>(answer: T, description: string, ...problems: (keyof typeof problemWords)[]) {
  const $ref = `${(answer as { $id?: string }).$id}#`;
  return {
    200: { description, content: { "application/json": { schema: { $ref } } } },
    ...Object.fromEntries(
      [400 as const, ...problems].map((status) => [
        status,
        { description: problemWords[status], content: { [problemMediaType]: { schema: problemSchema } } },
      ]),
    ),
  };
}

/** Who asks: the user of the session or token, or the role of an open door, from the address of the request. */
export function principalOf(_context: RouteContext, request: FastifyRequest): Principal {
  // Never without: a route that the access check does not stand before must not answer.
  if (request.caller === undefined) throw new Error(`${request.url}: nobody asked who calls`);
  return request.caller;
}

/** The context of a route as this caller's. */
export function callerOf(context: RouteContext, request: FastifyRequest): RouteContext {
  return { ...context, principal: principalOf(context, request) };
}

/** The same for every call that names a meter. */
export function noSuchMeter(device: string): string {
  return `no meter "${device.slice(0, 80)}"; GET /api/v1/meters lists them`;
}
