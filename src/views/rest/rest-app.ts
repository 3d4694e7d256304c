import fastify, { type FastifyInstance } from "fastify";
import type { RestOptions } from "./rest-options.js";

/** The HTTP application without a port: routes, checks, pages. */
export async function createRestApp(_options: RestOptions): Promise<FastifyInstance> {
  return fastify({ logger: false });
}
