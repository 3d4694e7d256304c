import { connect } from "node:net";
import type { ByteChannel } from "../ports/index.js";
import { socketChannel } from "./socket-channel.js";
import { networkError, TransportError } from "./transport-error.js";

export interface TcpClientOptions {
  readonly host: string;
  readonly port: number;
  /** Default 5000. */
  readonly connectTimeoutMs?: number;
}

/**
 * Opens a TCP connection: no delay, keep-alive.
 * @throws TransportError in words, with what to check
 */
export function connectTcp({ host, port, connectTimeoutMs = 5000 }: TcpClientOptions): Promise<ByteChannel> {
  const peer = `${host}:${port}`;
  const where = `cannot connect to ${peer}`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    const fail = (error: unknown): void => {
      socket.destroy();
      reject(error instanceof TransportError ? error : networkError(error, where));
    };
    const onTimeout = (): void => {
      fail(
        new TransportError(
          "timeout",
          `${where}: no answer in ${connectTimeoutMs / 1000} s; check address and firewall`,
        ),
      );
    };
    socket.setTimeout(connectTimeoutMs, onTimeout);
    socket.once("error", fail);
    socket.once("connect", () => {
      socket.setTimeout(0, onTimeout);
      socket.removeListener("timeout", onTimeout);
      socket.removeListener("error", fail);
      resolve(socketChannel(socket, { peer }));
    });
  });
}
