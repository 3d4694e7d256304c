/**
 * Events of a meter: its M-Bus status byte, each time it is another one than at the reading before (code 4000 + status
 * byte; DESIGN, logical devices). They are worked out from the kept readings, so that nothing is stored twice; what was
 * worked out for a meter that was asked is kept and carried on with later readings.
 */
import {
  arrayOrStream,
  type CaptureObject,
  type CosemObject,
  createObject,
  type Data,
  type LogicalName,
  logicalName,
  ProfileGeneric,
  parseBufferSelection,
  selectRows,
  sortMethod,
} from "../../cosem/index.js";
import { createDataObject, timeData } from "./meter-objects.js";
import { type MeterView, statusText } from "./meter-view.js";
import { clockColumn } from "./profiles/profile-rows.js";

export interface MeterEvent {
  readonly atMs: number;
  readonly clockStatus: number;
  /** 4000 to 4255. */
  readonly code: number;
}

interface Known {
  /** Readings up to this number were looked at. */
  upTo: number;
  status: number;
  events: readonly MeterEvent[];
}

const firstMeterCode = 4000;
const pageRows = 500;
/** The newest ones of a meter; older ones are forgotten. */
const mostEvents = 1000;

const known = new WeakMap<MeterView, Known>();

/** Oldest first. A meter whose first status is not 0 begins with it. @throws (rejects) when the store cannot be read */
export async function eventsOf(device: MeterView): Promise<readonly MeterEvent[]> {
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
    for (const row of rows) {
      const now = layouts.get(row.layoutId)?.shape.header(row.payload).status ?? undefined;
      if (now !== undefined && now !== status) {
        events.push({ atMs: row.readAtMs, clockStatus: row.clockStatus, code: firstMeterCode + now });
        status = now;
      }
      upTo = row.number;
    }
    if (events.length > mostEvents) events.splice(0, events.length - mostEvents);
  }
  known.set(device, { upTo, status, events });
  return events;
}

export const eventNames = {
  id: logicalName("0-0:96.11.0*255"),
  message: logicalName("0-128:96.11.0*255"),
  log: logicalName("0-0:99.98.0*255"),
} as const;

/** Data objects of the last event: its code, and its words. */
export function createLastEvent(device: MeterView, name: LogicalName, show: (event: MeterEvent | undefined) => Data) {
  return createDataObject(name, async () => show((await eventsOf(device)).at(-1)));
}

export const eventCodeData = (event: MeterEvent | undefined): Data => ({
  type: "long-unsigned",
  value: event?.code ?? 0,
});

export const eventMessageData = (event: MeterEvent | undefined): Data => ({
  type: "visible-string",
  value: event === undefined ? "" : statusText(event.code - firstMeterCode),
});

const column = (name: LogicalName): CaptureObject => ({
  classId: 1,
  logicalName: name,
  attributeIndex: 2,
  dataIndex: 0,
});

const captureObjects = [clockColumn, column(eventNames.id), column(eventNames.message)];

/** The event log: time, code, words. @param hasEvents  false: a log that stays empty, such as that of frauds */
export function createMeterEventLog(device: MeterView, name: LogicalName, hasEvents: boolean): CosemObject {
  const { deviationAt, serving } = device.parts;
  const isCme3100 = serving.profile === "cme3100";
  const columns = { captureObjects, deviationAt };
  const events = async () => (hasEvents ? eventsOf(device) : []);
  const entries = { get: async () => (await events()).length };
  const notAvailable = <T>(value: T) => (isCme3100 ? undefined : value);
  return createObject(ProfileGeneric, name, {
    attributes: {
      buffer: {
        async getData({ selectiveAccess }) {
          const selection = selectiveAccess && parseBufferSelection(selectiveAccess, columns);
          const rows = (await events()).map((event) => rowOf(event, deviationAt));
          const selected = selection === undefined ? rows : selectRows(rows, selection, deviationAt);
          return { ok: true, value: arrayOrStream(selected, (value) => ({ type: "structure", value })) };
        },
      },
      captureObjects,
      capturePeriod: notAvailable(0),
      sortMethod: notAvailable(sortMethod.fifo),
      sortObject: notAvailable(clockColumn),
      entriesInUse: entries,
      profileEntries: isCme3100 ? entries : mostEvents,
    },
    ...(isCme3100 ? { selectors: { buffer: [1] } } : {}),
  });
}

function rowOf(event: MeterEvent, deviationAt: (instantMs: number) => number): readonly Data[] {
  const time = timeData(event.atMs, deviationAt(event.atMs), event.clockStatus);
  return [time, eventCodeData(event), eventMessageData(event)];
}
