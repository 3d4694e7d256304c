import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { sendProblem } from "./errors.js";
import type { RestOptions } from "./rest-options.js";

/** The built pages; every path that is no file and not the API gives index.html, whose router knows it. */
export async function addPages(app: FastifyInstance, options: RestOptions): Promise<void> {
  const root = options.webRoot;
  const hasPages = root !== undefined && existsSync(join(root, "index.html"));
  if (root !== undefined && !hasPages) options.logger.warn("web pages are not built: npm run build:web", { root });
  if (hasPages) {
    await app.register(fastifyStatic, {
      root,
      wildcard: false,
      cacheControl: false,
      setHeaders: (response, path) => {
        // Names in assets/ carry a hash of the content.
        const isHashed = basename(dirname(path)) === "assets";
        response.setHeader("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const [path = "/"] = request.url.split("?");
    const isPage = hasPages && (request.method === "GET" || request.method === "HEAD");
    if (isPage && !/^\/(api|assets)(\/|$)/.test(path)) return reply.sendFile("index.html");
    const known = "the calls that exist are at /api/v1/docs";
    if (request.method !== "GET" && path.startsWith("/api/")) {
      return sendProblem(reply, 404, `there is no ${request.method} ${path.slice(0, 120)}; ${known}`);
    }
    return sendProblem(reply, 404, `there is nothing at ${path.slice(0, 120)}; ${known}`);
  });
}
