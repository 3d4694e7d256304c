import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import type { Logger } from "../../ports/index.js";

/**
 * Requests of one connection that may be in the works at once. No browser sends a second before the first is
 * answered; without a limit one packet of pipelined requests costs a thousand answers, all kept until they are read.
 */
const mostInFlight = 16;

/** Ends connections that send on and on without waiting for answers. */
export function limitPipelining(app: FastifyInstance, logger: Logger): void {
  const inFlight = new WeakMap<Socket, number>();
  app.addHook("onRequest", async (request, reply) => {
    const { socket } = request;
    const count = (inFlight.get(socket) ?? 0) + 1;
    inFlight.set(socket, count);
    if (count > mostInFlight && !socket.destroyed) {
      logger.warn("connection ended: too many requests at once", { peer: request.ip, limit: mostInFlight });
      socket.destroy();
    }
    // The rest of the packet still comes: nobody is there to read its answers.
    if (socket.destroyed) return reply.hijack();
    reply.raw.once("close", () => inFlight.set(socket, (inFlight.get(socket) ?? 1) - 1));
  });
}
