import type { RegistryNotice } from "../../../cosem/index.js";
import type { Clock, Logger } from "../../ports/index.js";
import { EventClient, type EventSink, eventText } from "./event-client.js";
import { type MeterContext, meterJson } from "./meter-json.js";

export interface EventHubParts {
  readonly context: MeterContext;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxClients: number;
}

/** Turns notices of committed readouts into `meter` events for all clients of the stream. */
export interface EventHub {
  /** Undefined: there are too many already. */
  open(sink: EventSink): { drained(): void; close(): void } | undefined;
  /** Runs in the notifier's turn: notes the device and leaves. */
  noticed(notice: RegistryNotice): void;
  stop(): void;
}

const heartbeatMs = 15_000;
/** Meters made into events before others get a turn. */
const metersPerTurn = 50;
/** More changed meters than this are told as one `resynchronise`. */
const maxChanged = 5_000;

export function createEventHub({ context, clock, logger, maxClients }: EventHubParts): EventHub {
  const clients = new Set<EventClient>();
  const changed = new Set<string>();
  let cancelHeartbeat: (() => void) | undefined;
  let cancelFlush: (() => void) | undefined;
  let isFlushing = false;

  function scheduleFlush(): void {
    if (isFlushing || cancelFlush !== undefined || changed.size === 0) return;
    cancelFlush = clock.after(0, () => {
      cancelFlush = undefined;
      isFlushing = true;
      flush()
        .catch((error: unknown) => logger.error("event stream failed", { error: String(error) }))
        .finally(() => {
          isFlushing = false;
          scheduleFlush();
        });
    });
  }

  async function flush(): Promise<void> {
    const turn = [...changed].slice(0, metersPerTurn);
    for (const name of turn) changed.delete(name);
    for (const name of turn) {
      const summary = context.meters.get(context.principal, name);
      if (summary === undefined) continue;
      const text = eventText("meter", await meterJson(context, summary));
      for (const client of clients) client.send(`sap${summary.sap}`, text);
    }
  }

  function resynchroniseAll(): void {
    changed.clear();
    for (const client of clients) client.resynchronise();
  }

  function beat(): void {
    cancelHeartbeat = clients.size === 0 ? undefined : clock.after(heartbeatMs, beat);
    for (const client of clients) client.heartbeat();
  }

  return {
    open(sink) {
      if (clients.size >= maxClients) return undefined;
      const client = new EventClient(sink);
      clients.add(client);
      cancelHeartbeat ??= clock.after(heartbeatMs, beat);
      return { drained: () => client.drained(), close: () => clients.delete(client) };
    },
    noticed(notice) {
      if (clients.size === 0) return;
      if (notice.kind !== "readingCommitted" || changed.size >= maxChanged) {
        resynchroniseAll();
        return;
      }
      changed.add(notice.device.name);
      scheduleFlush();
    },
    stop() {
      cancelHeartbeat?.();
      cancelFlush?.();
      changed.clear();
      for (const client of clients) client.end();
      clients.clear();
    },
  };
}
