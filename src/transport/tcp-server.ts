import { createServer, type Socket } from "node:net";
import type { ByteChannel, Logger } from "../ports/index.js";
import { socketChannel } from "./socket-channel.js";
import { networkError } from "./transport-error.js";

export interface TcpServerOptions {
  readonly host: string;
  /** 0 lets the system choose; the answer names it. */
  readonly port: number;
  /** A further connection is closed at once. */
  readonly maxConnections: number;
  readonly idleTimeoutMs?: number;
  readonly maxPendingBytes?: number;
  readonly logger?: Logger;
  /** Told of each connection that was one too many; `peer` is `address:port`. */
  refused?(peer: string): void;
  /** Gets each connection; call channel.listen() before returning. `peer` is `address:port`. */
  accept(channel: ByteChannel, peer: string): void;
}

export interface TcpServer {
  readonly port: number;
  /** Stops listening and closes all connections; what was written still goes out, for a second at most. */
  close(): Promise<void>;
}

/**
 * Listens on a TCP port and hands out each connection as a ByteChannel.
 * @throws TransportError `inUse`, `permission` or `notFound`
 */
export function listenTcp(options: TcpServerOptions): Promise<TcpServer> {
  const { host, port, maxConnections, accept, refused, ...channelOptions } = options;
  const channels = new Set<ByteChannel>();
  const server = createServer({ noDelay: true }, (socket: Socket) => {
    const peer = `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`;
    const channel = socketChannel(socket, { peer, ...channelOptions });
    channels.add(channel);
    socket.once("close", () => channels.delete(channel));
    accept(channel, peer);
  });
  // Node then turns further connections away itself.
  server.maxConnections = maxConnections;
  server.on("drop", (peer) => refused?.(`${peer?.remoteAddress ?? "?"}:${peer?.remotePort ?? 0}`));

  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(networkError(error, `cannot listen on ${host}:${port}`)));
    server.listen({ host, port, backlog: 1024 }, () => {
      const address = server.address();
      const actualPort = typeof address === "object" && address !== null ? address.port : port;
      // Accepting can fail for a while (too many open files): the server goes on by itself.
      server.on("error", () => undefined);
      resolve({
        port: actualPort,
        async close() {
          const closed = new Promise<void>((done) => server.close(() => done()));
          await Promise.all([...channels].map((channel) => channel.close()));
          await closed;
        },
      });
    });
  });
}
