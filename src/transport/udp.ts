import { createSocket } from "node:dgram";
import type { ByteChannel } from "../ports/index.js";
import { networkError, TransportError } from "./transport-error.js";

export interface UdpOptions {
  readonly host: string;
  readonly port: number;
  /** Where answers come in; 0 or nothing: any free port. */
  readonly localPort?: number;
}

/**
 * Opens a UDP "connection": each write is a datagram to the converter, each datagram of it is a piece of the stream.
 * Datagrams of others are dropped by the system. Nobody tells whether the converter is there.
 * @throws TransportError when the name is not known or the local port taken
 */
export function openUdp({ host, port, localPort = 0 }: UdpOptions): Promise<ByteChannel> {
  const peer = `${host}:${port}`;
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: host.includes(":") ? "udp6" : "udp4" });
    let isOpen = true;
    let tellClosed: ((cause: string | undefined) => void) | undefined;
    const fail = (error: unknown) => {
      if (isOpen) socket.close();
      isOpen = false;
      reject(networkError(error, `cannot open ${peer}`));
    };
    socket.once("error", fail);
    const channel: ByteChannel = {
      listen(listener) {
        socket.on("message", (bytes) => listener.received(bytes));
        tellClosed = (cause) => listener.closed(cause);
      },
      write(bytes) {
        if (!isOpen) return Promise.reject(new TransportError("closed", `${peer}: the socket is closed`));
        return new Promise((done, refuse) => {
          socket.send(bytes, (error) => (error ? refuse(networkError(error, peer)) : done()));
        });
      },
      close() {
        if (!isOpen) return Promise.resolve();
        isOpen = false;
        return new Promise((done) => {
          socket.once("close", () => {
            tellClosed?.(undefined);
            done();
          });
          socket.close();
        });
      },
    };
    socket.bind(localPort, () => {
      socket.connect(port, host, (error?: Error) => {
        if (error) return fail(error);
        socket.off("error", fail);
        // E.g. "port unreachable" for a datagram before: the converter may come back.
        socket.on("error", () => undefined);
        resolve(channel);
      });
    });
  });
}
