/**
 * Events of the gateway itself: entries of the system log that have a COSEM event code, seen as the event log and, those
 * of security, as the fraud log (PRODUCT.md, E8).
 */
import type { LoggedEvent } from "../../mapping/index.js";
import { cosemLog } from "../../ports/index.js";
import { logTextId, mostCosemEvents, type NewLogEntry, type SystemLog } from "../../services/log/index.js";

export const gatewayEvent = logTextId;

export type EventKind = "standard" | "fraud";

export interface GatewayEvents {
  /** @param code  a text of the log's table */
  record(code: number, severity: NewLogEntry["severity"], parameters: NewLogEntry["parameters"]): void;
  /** Oldest first. */
  events(kind: EventKind): readonly LoggedEvent[];
  /** Told of each event right after it is in the log. */
  onEvent(listener: (kind: EventKind, event: LoggedEvent) => void): void;
}

export const mostGatewayEvents = mostCosemEvents;

export function createGatewayEvents(log: SystemLog): GatewayEvents {
  return {
    record: (textId, severity, parameters) => log.record({ textId, severity, parameters }),
    events: (kind) => log.events(cosemLog[kind]),
    onEvent: (listener) =>
      log.onEvent((seen, event) => listener(seen === cosemLog.fraud ? "fraud" : "standard", event)),
  };
}
