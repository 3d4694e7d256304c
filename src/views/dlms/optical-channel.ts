/**
 * A line with an optical head: begins every dialogue with the sign-on of IEC 62056-21, mode E, then hands on the bytes.
 * When the last HDLC link has ended, or none came, it goes back to the beginning.
 */
import {
  createOpticalStart,
  firstOpticalBaudRate,
  type OpticalStartEvent,
  type OpticalStartOptions,
} from "../../../cosem/index.js";
import type { ByteChannel, ByteListener, Clock, Logger } from "../../ports/index.js";

export interface OpticalChannelParts extends OpticalStartOptions {
  /** Stands at 300 Bd, 8 bits, no parity. */
  readonly line: ByteChannel;
  readonly peer: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A sign-on that no link follows is void after this. */
  readonly inactivityTimeoutMs: number;
}

export interface OpticalChannel extends ByteChannel {
  /** Told how many HDLC links are open whenever that changes. */
  linksChanged(count: number): void;
}

/** The answer to DISC should leave the line before its rate changes. */
const lastAnswerMs = 1000;

/** @throws RangeError as createOpticalStart() */
export function createOpticalChannel(parts: OpticalChannelParts): OpticalChannel {
  const { line, peer, clock, logger } = parts;
  const start = createOpticalStart(parts);
  let listener: ByteListener | undefined;
  let isStarted = false;
  let cancelTimer: (() => void) | undefined;
  /** Changes of rate and what is sent go out one after the other. */
  let work: Promise<void> = Promise.resolve();

  function later(milliseconds: number, task: () => void): void {
    cancelTimer?.();
    cancelTimer = clock.after(milliseconds, task);
  }

  function act(events: readonly OpticalStartEvent[]): void {
    for (const event of events) {
      work = work
        .then(() => actOn(event))
        .catch((error: unknown) => {
          const cause = error instanceof Error ? error.message : "unknown";
          logger.warn("optical sign-on failed", { peer, cause });
        });
    }
    if (events.some(({ kind }) => kind === "started")) return;
    const due = start.nextDeadline();
    if (due !== undefined) later(Math.max(0, due - clock.monotonic()), () => act(start.expire(clock.monotonic())));
  }

  async function actOn(event: OpticalStartEvent): Promise<void> {
    if (event.kind === "send") await line.write(event.bytes);
    else if (event.kind === "setBaudRate") await line.setBaudRate?.(event.baudRate);
    else {
      isStarted = true;
      logger.debug("optical sign-on", { peer });
      later(parts.inactivityTimeoutMs, restart);
    }
  }

  function restart(): void {
    cancelTimer?.();
    isStarted = false;
    start.reset();
    act([{ kind: "setBaudRate", baudRate: firstOpticalBaudRate }]);
  }

  return {
    listen(next) {
      listener = next;
      line.listen({
        received(bytes) {
          if (isStarted) listener?.received(bytes);
          else act(start.receive(bytes, clock.monotonic()));
        },
        closed(cause) {
          cancelTimer?.();
          listener?.closed(cause);
        },
      });
    },
    write: (bytes) => line.write(bytes),
    close: () => line.close(),
    linksChanged(count) {
      if (!isStarted) return;
      if (count === 0) later(lastAnswerMs, restart);
      else cancelTimer?.();
    },
  };
}
