import type { ByteChannel, ByteListener, Clock, Logger } from "../ports/index.js";
import { TransportError } from "./transport-error.js";

export interface ReconnectingOptions {
  /** For messages, e.g. the interface's name. */
  readonly name: string;
  /** Opens the channel anew. */
  connect(): Promise<ByteChannel>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Wait after the first failure, doubled with each further one; defaults 1 s and 60 s. */
  readonly firstDelayMs?: number;
  readonly longestDelayMs?: number;
}

/** A channel that outlives its connection. */
export interface ReconnectingChannel extends ByteChannel {
  readonly isUp: boolean;
  /** Starts connecting; resolves after the first try, whether it went well or not. */
  start(): Promise<void>;
}

/**
 * Keeps a channel open: connects again, with growing pauses, when it is lost. While it is down write() is rejected with
 * the reason; the listener's closed() comes only after close().
 */
export function reconnectingChannel(options: ReconnectingOptions): ReconnectingChannel {
  const { name, connect, clock, logger, firstDelayMs = 1000, longestDelayMs = 60_000 } = options;
  let listener: ByteListener | undefined;
  let channel: ByteChannel | undefined;
  let cancelRetry: (() => void) | undefined;
  let delayMs = firstDelayMs;
  let isClosed = false;
  let why = "not connected yet";

  const retryLater = (cause: string): void => {
    why = cause;
    if (isClosed) return;
    logger.warn("connection lost or not made; trying again", { name, cause, inSeconds: delayMs / 1000 });
    cancelRetry = clock.after(delayMs, () => void attempt());
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  };

  const attempt = async (): Promise<void> => {
    cancelRetry = undefined;
    let opened: ByteChannel;
    try {
      opened = await connect();
    } catch (error) {
      retryLater(error instanceof Error ? error.message : String(error));
      return;
    }
    if (isClosed) return await opened.close();
    channel = opened;
    logger.info("connected", { name });
    opened.listen({
      received(bytes) {
        // A connection that carries something is a good one.
        delayMs = firstDelayMs;
        listener?.received(bytes);
      },
      closed(cause) {
        channel = undefined;
        retryLater(cause ?? "closed");
      },
    });
  };

  return {
    get isUp() {
      return channel !== undefined;
    },
    start: attempt,
    listen(to) {
      listener = to;
    },
    write(bytes) {
      if (channel !== undefined) return channel.write(bytes);
      return Promise.reject(new TransportError(isClosed ? "closed" : "lost", `${name}: ${why}`));
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      why = "the connection is closed";
      cancelRetry?.();
      await channel?.close();
      listener?.closed(undefined);
    },
  };
}
