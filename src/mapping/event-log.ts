/** Event logs as objects: Profile generic with time, code and words; and Data with the newest event's code and words. */
import {
  type Answer,
  arrayOrStream,
  type CaptureObject,
  type CosemObject,
  createObject,
  type Data,
  DataClass,
  type LogicalName,
  logicalName,
  ProfileGeneric,
  parseBufferSelection,
  type ReadResult,
  type SelectiveAccess,
  selectRows,
  sortMethod,
} from "../../cosem/index.js";
import type { LoggedEvent } from "./logged-event.js";
import { timeData } from "./meter-objects.js";
import { clockColumn } from "./profiles/profile-rows.js";
import type { MeterServing } from "./serving.js";

export interface EventLogNames {
  readonly id: LogicalName;
  readonly message: LogicalName;
  readonly log: LogicalName;
}

/** PRODUCT.md, E7: the standard log, and that of frauds. */
export const standardLog: EventLogNames = {
  id: logicalName("0-0:96.11.0*255"),
  message: logicalName("0-128:96.11.0*255"),
  log: logicalName("0-0:99.98.0*255"),
};
export const fraudLog: EventLogNames = {
  id: logicalName("0-0:96.11.1*255"),
  message: logicalName("0-128:96.11.1*255"),
  log: logicalName("0-0:99.98.1*255"),
};

export interface EventLogParts {
  readonly names: EventLogNames;
  readonly profile: MeterServing["profile"];
  /** At most so many are in the log. */
  readonly mostEvents: number;
  /** Oldest first. */
  events(): Answer<readonly LoggedEvent[]>;
  /** Minutes, UTC = local + deviation. */
  deviationAt(instantMs: number): number;
}

/** The log's three objects: id and message of the newest event (0 and empty while there is none), and the log. */
export function createEventLogObjects(parts: EventLogParts): readonly [CosemObject, CosemObject, CosemObject] {
  const { id, message } = parts.names;
  const newest = (show: (event: LoggedEvent | undefined) => Data) => () =>
    after(parts.events(), (events) => show(events.at(-1)));
  return [
    createObject(DataClass, id, { attributes: { value: { get: newest(codeData) } } }),
    createObject(DataClass, message, { attributes: { value: { get: newest(messageData) } } }),
    createLog(parts),
  ];
}

function createLog(parts: EventLogParts): CosemObject {
  const { names, profile, deviationAt, mostEvents } = parts;
  const isCme3100 = profile === "cme3100";
  const column = (name: LogicalName): CaptureObject => ({
    classId: DataClass.classId,
    logicalName: name,
    attributeIndex: 2,
    dataIndex: 0,
  });
  const captureObjects = [clockColumn, column(names.id), column(names.message)];
  const entries = { get: () => after(parts.events(), ({ length }) => length) };

  function readBuffer(access: SelectiveAccess | undefined): Answer<ReadResult> {
    const selection = access && parseBufferSelection(access, { captureObjects, deviationAt });
    return after(parts.events(), (events): ReadResult => {
      const rows = events.map((event) => rowOf(event, deviationAt));
      const selected = selection === undefined ? rows : selectRows(rows, selection, deviationAt);
      return { ok: true, value: arrayOrStream(selected, (value) => ({ type: "structure", value })) };
    });
  }

  return createObject(ProfileGeneric, names.log, {
    attributes: {
      buffer: { getData: ({ selectiveAccess }) => readBuffer(selectiveAccess) },
      captureObjects,
      // Of a cme3100, 4 to 6 are not available, and 8 is as 7.
      capturePeriod: isCme3100 ? undefined : 0,
      sortMethod: isCme3100 ? undefined : sortMethod.fifo,
      sortObject: isCme3100 ? undefined : clockColumn,
      entriesInUse: entries,
      profileEntries: isCme3100 ? entries : mostEvents,
    },
    ...(isCme3100 ? { selectors: { buffer: [1] } } : {}),
  });
}

const codeData = (event: LoggedEvent | undefined): Data => ({ type: "long-unsigned", value: event?.code ?? 0 });
const messageData = (event: LoggedEvent | undefined): Data => ({
  type: "visible-string",
  value: event?.message ?? "",
});

function rowOf(event: LoggedEvent, deviationAt: (instantMs: number) => number): readonly Data[] {
  return [timeData(event.atMs, deviationAt(event.atMs), event.clockStatus), codeData(event), messageData(event)];
}

function after<T, R>(answer: Answer<T>, then: (value: T) => R): Answer<R> {
  return answer instanceof Promise ? answer.then(then) : then(answer);
}
