import type { Socket } from "node:net";
import type { ByteChannel, Logger } from "../ports/index.js";
import { networkError, TransportError } from "./transport-error.js";

export interface SocketChannelOptions {
  /** The other side as `host:port`, for messages. */
  readonly peer: string;
  /** Closes the channel when nothing came or went for so long; without it silence is fine. */
  readonly idleTimeoutMs?: number | undefined;
  /** Closes the channel when so many bytes wait for a peer that does not read. */
  readonly maxPendingBytes?: number | undefined;
  /** Where an error thrown by the listener is told; it ends this connection only. Without it the error goes on. */
  readonly logger?: Logger | undefined;
}

const defaultMaxPendingBytes = 16 * 1024 * 1024;

/** A connected socket as a ByteChannel. Nothing is read before listen(), so no byte is lost. */
export function socketChannel(socket: Socket, options: SocketChannelOptions): ByteChannel {
  const { peer, idleTimeoutMs, maxPendingBytes = defaultMaxPendingBytes, logger } = options;
  let cause: string | undefined;
  let isAskedToClose = false;
  let isClosed = false;
  let tellClosed: ((cause: string | undefined) => void) | undefined;

  const breakOff = (why: string): void => {
    cause ??= why;
    socket.destroy();
  };
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  if (idleTimeoutMs !== undefined) {
    socket.setTimeout(idleTimeoutMs, () => breakOff(`${peer}: silent for ${idleTimeoutMs / 1000} s`));
  }
  socket.on("error", (error) => {
    cause ??= networkError(error, peer).message;
  });
  socket.on("close", () => {
    isClosed = true;
    tellClosed?.(isAskedToClose ? undefined : (cause ?? `${peer}: the other side closed the connection`));
  });

  return {
    listen(listener) {
      tellClosed = (why) => listener.closed(why);
      socket.on("data", (bytes) => {
        try {
          listener.received(bytes);
        } catch (error) {
          if (logger === undefined) throw error;
          logger.error("connection ended by a fault of the gateway", { peer, error: stackOf(error) });
          breakOff(`${peer}: ended by a fault of the gateway`);
        }
      });
      if (isClosed) queueMicrotask(() => listener.closed(cause ?? `${peer}: the other side closed the connection`));
    },
    write(bytes) {
      if (isAskedToClose || !socket.writable) {
        return Promise.reject(new TransportError("closed", `${peer}: the connection is closed`));
      }
      if (socket.writableLength + bytes.length > maxPendingBytes) {
        breakOff(`${peer}: does not read what it asked for`);
        return Promise.reject(new TransportError("lost", `${peer}: does not read what it asked for`));
      }
      return new Promise((resolve, reject) => {
        socket.write(bytes, (error) => {
          if (error) reject(networkError(error, peer));
          else resolve();
        });
      });
    },
    close() {
      isAskedToClose = true;
      if (isClosed) return Promise.resolve();
      return new Promise((resolve) => {
        socket.once("close", () => resolve());
        // What was written still goes out; a peer that does not take it within a second is cut off.
        const cutOff = setTimeout(() => socket.destroy(), 1000);
        socket.once("close", () => clearTimeout(cutOff));
        socket.end(() => socket.destroy());
      });
    },
  };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
