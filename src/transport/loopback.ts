import { connect, createServer, type Socket } from "node:net";
import type { ByteChannel } from "../ports/index.js";
import { socketChannel } from "./socket-channel.js";
import { networkError } from "./transport-error.js";

/**
 * The two ends of one TCP connection over loopback. The port listens only until they have met.
 * @throws TransportError when the system gives no port or connection
 */
export function loopbackPair(): Promise<readonly [ByteChannel, ByteChannel]> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true });
    const fail = (error: unknown) => {
      server.close();
      reject(networkError(error, "cannot connect over loopback"));
    };
    server.once("error", fail);
    server.listen({ host: "127.0.0.1", port: 0 }, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      const near = connect({ host: "127.0.0.1", port, noDelay: true });
      near.once("error", fail);
      server.on("connection", (far: Socket) => {
        // Another program may have found the port first: it is not the other end.
        if (far.remotePort !== near.localPort) {
          far.destroy();
          return;
        }
        server.close();
        near.off("error", fail);
        resolve([socketChannel(near, { peer: "near end" }), socketChannel(far, { peer: "far end" })]);
      });
    });
  });
}
