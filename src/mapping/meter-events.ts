/**
 * Events of a meter: its M-Bus status byte, each time it is another one than at the reading before (code 4000 + status
 * byte; DESIGN, logical devices). A gateway has them in its system log; without one they are worked out from the kept
 * readings, and what was worked out for a meter that was asked is carried on with later readings.
 */
import type { CosemObject, LogicalName } from "../../cosem/index.js";
import { createEventLogObjects, type EventLogNames, fraudLog, standardLog } from "./event-log.js";
import type { LoggedEvent } from "./logged-event.js";
import { type MeterView, statusText } from "./meter-view.js";
import { clockStatusOf } from "./quality.js";

interface Known {
  /** Readings up to this number were looked at. */
  readonly upTo: number;
  readonly status: number;
  readonly events: readonly LoggedEvent[];
}

const firstMeterCode = 4000;
const pageRows = 500;
/** The newest ones of a meter; older ones are forgotten. */
const mostEvents = 1000;

const known = new WeakMap<MeterView, Known>();

/** Oldest first. A meter whose first status is not 0 begins with it. @throws (rejects) when the store cannot be read */
async function eventsOf(device: MeterView): Promise<readonly LoggedEvent[]> {
  const toNumber = device.newest?.number ?? 0;
  const before = known.get(device) ?? { upTo: 0, status: 0, events: [] };
  if (before.upTo >= toNumber) return before.events;
  const layouts = new Map(device.meterKind?.layouts.map((layout) => [layout.id, layout]));
  const meterId = device.row.id;
  const events = [...before.events];
  let { upTo, status } = before;
  while (upTo < toNumber) {
    const rows = await device.parts.store.readings({ meterId, fromNumber: upTo + 1, toNumber, limit: pageRows });
    if (rows.length === 0) break;
    for (const { layoutId, payload, number, readAtMs: atMs, clockStatus: stored } of rows) {
      const clockStatus = clockStatusOf(stored);
      const now = layouts.get(layoutId)?.shape.header(payload).status ?? status;
      if (now !== status) {
        events.push({ atMs, clockStatus, code: firstMeterCode + now, message: statusText(now) });
      }
      status = now;
      upTo = number;
    }
    if (events.length > mostEvents) events.splice(0, events.length - mostEvents);
  }
  known.set(device, { upTo, status, events });
  return events;
}

/** Which logs a meter has; its own telegrams tell of no fraud that we know of. */
export const meterLogs: readonly EventLogNames[] = [standardLog, fraudLog];

/** One object of a meter's logs, by its name. */
export function createMeterLogObject(device: MeterView, names: EventLogNames, name: LogicalName): CosemObject {
  const { deviationAt, serving } = device.parts;
  const kept = serving.meterLog;
  const worked = () => (names === standardLog ? eventsOf(device) : []);
  const events =
    kept === undefined ? worked : () => kept.events(device.row.id, names === fraudLog ? "fraud" : "standard");
  const [id, message, log] = createEventLogObjects({
    names,
    profile: serving.profile,
    mostEvents,
    events,
    deviationAt,
  });
  if (name === names.id) return id;
  return name === names.message ? message : log;
}
