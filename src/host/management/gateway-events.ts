/**
 * Events of the gateway itself, in memory: the newest of each log. Codes: 1000 system, 2000 security (the fraud log);
 * PRODUCT.md E8 has the ranges of the others.
 */
import type { LoggedEvent } from "../../mapping/index.js";
import type { Clock } from "../../ports/index.js";

export const gatewayEvent = { started: 1000, heldBack: 2001 } as const;

export type EventKind = "standard" | "fraud";

export interface GatewayEvents {
  record(kind: EventKind, code: number, message: string): void;
  /** Oldest first. */
  events(kind: EventKind): readonly LoggedEvent[];
  /** Told of each event right after it is in the log. */
  onEvent(listener: (kind: EventKind, event: LoggedEvent) => void): void;
}

export const mostGatewayEvents = 1000;

export function createGatewayEvents(clock: Pick<Clock, "now">): GatewayEvents {
  const logs: Record<EventKind, LoggedEvent[]> = { standard: [], fraud: [] };
  const listeners: ((kind: EventKind, event: LoggedEvent) => void)[] = [];
  return {
    record(kind, code, message) {
      const event = { atMs: clock.now(), clockStatus: 0, code, message: inAscii(message) };
      const log = logs[kind];
      log.push(event);
      if (log.length > mostGatewayEvents) log.shift();
      for (const listener of listeners) listener(kind, event);
    },
    events: (kind) => logs[kind].slice(),
    onEvent: (listener) => void listeners.push(listener),
  };
}

/** What a visible-string may hold. */
function inAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
