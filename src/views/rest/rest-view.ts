import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { createRestApp } from "./rest-app.js";
import type { RestOptions } from "./rest-options.js";

export interface RestView {
  /** Opens the port; resolves to the one taken. Rejects when it cannot be opened (`EADDRINUSE` …). */
  start(): Promise<{ readonly port: number }>;
  /** Ends event streams and open requests, then closes the port; within 1 s. Does nothing when not started. */
  stop(): Promise<void>;
}

/** HTTP server of /api/v1 and the web pages. */
export function createRestView(options: RestOptions): RestView {
  let app: FastifyInstance | undefined;
  return {
    async start() {
      const starting = await createRestApp(options);
      try {
        await starting.listen({ host: options.host, port: options.port, backlog: 511 });
      } catch (error) {
        await starting.close();
        throw error;
      }
      app = starting;
      const { port } = starting.server.address() as AddressInfo;
      options.logger.info("rest view opened", { host: options.host, port });
      return { port };
    },
    async stop() {
      const stopping = app;
      app = undefined;
      await stopping?.close();
    },
  };
}
