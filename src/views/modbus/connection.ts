/**
 * One master's connection. All answers to one chunk leave in one write. While an answer has to wait for the store, or
 * the master does not read its answers, nothing more is read from it: so a connection holds one chunk of requests and
 * one of answers at most.
 */
import type { Socket } from "node:net";
import type { Principal } from "../../../cosem/index.js";
import type { Clock, Logger } from "../../ports/index.js";
import type { RequestAnswerer } from "./answer.js";
import { AnswerBuffer } from "./answer-buffer.js";
import { type ModbusRequest, ModbusStreamDecoder } from "./frame.js";

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly answerer: RequestAnswerer;
  readonly principal: Principal;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Connection {
  /** Milliseconds of the monotonic clock: when bytes last came. */
  readonly lastHeardMs: number;
  /** Sends what is waiting, then closes. */
  close(): void;
}

export function serveConnection(options: ConnectionOptions): Connection {
  const { socket, answerer, principal, clock, logger } = options;
  const decoder = new ModbusStreamDecoder();
  const state = { lastHeardMs: clock.monotonic(), close: () => socket.destroySoon() };

  /** Answers from `next` on; true when all are done, false when the rest follows later. */
  function work(requests: readonly ModbusRequest[], next: number): boolean {
    const out = new AnswerBuffer(requests.length - next);
    for (let index = next; index < requests.length; index++) {
      const request = requests[index];
      const later = request === undefined ? undefined : answerer.answer(request, principal, out);
      if (later === undefined) continue;
      later.then(
        () => {
          send(out);
          if (work(requests, index + 1)) proceed();
        },
        (error: unknown) => fail(error),
      );
      return false;
    }
    send(out);
    return true;
  }

  function send(out: AnswerBuffer): void {
    if (out.length > 0 && !socket.destroyed) socket.write(out.finish());
  }

  /** Reads on, or waits until the master has taken its answers; closes where the stream is broken. */
  function proceed(): void {
    if (decoder.broken !== undefined) {
      logger.warn("modbus stream broken, connection closed", { peer: principal.peer, cause: decoder.broken.message });
      socket.destroySoon();
    } else if (socket.writableNeedDrain) {
      socket.pause();
      socket.once("drain", () => socket.resume());
    } else if (socket.isPaused()) socket.resume();
  }

  /** A bug of ours, or the store is gone: this connection ends, and the log says why. */
  function fail(error: unknown): void {
    logger.error("modbus request failed, connection closed", { peer: principal.peer, cause: String(error) });
    socket.destroy();
  }

  socket.on("data", (chunk) => {
    state.lastHeardMs = clock.monotonic();
    try {
      if (work(decoder.push(chunk), 0)) proceed();
      else socket.pause();
    } catch (error) {
      fail(error);
    }
  });
  return state;
}
