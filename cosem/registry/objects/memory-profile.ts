import {
  type CaptureObject,
  ProfileGeneric,
  parseBufferSelection,
  selectRows,
  sortMethod,
} from "../../classes/index.js";
import type { Data } from "../../codec/data.js";
import { type LogicalName, logicalName } from "../../model/logical-name.js";
import { arrayOrStream } from "../array-stream.js";
import type { AccessContext, Answer, CosemObject, Refused } from "../contract.js";
import { createObject } from "../object.js";

export interface MemoryProfileParts {
  readonly logicalName: LogicalName;
  readonly captureObjects: readonly CaptureObject[];
  /** Seconds; 0: rows come from outside only. */
  readonly capturePeriod: number;
  /** Default: fifo, oldest row first; lifo shows the newest first. */
  readonly sortMethod?: typeof sortMethod.fifo | typeof sortMethod.lifo;
  /** Default: none. */
  readonly sortObject?: CaptureObject;
  /** How many rows it holds; the oldest leaves when one too many comes. */
  readonly profileEntries: number;
  /** Rows to begin with, oldest first. */
  readonly rows?: readonly (readonly Data[])[];
  /** See SelectionColumns. */
  readonly deviationAt?: (localMs: number) => number;
  /** Method 2; without it the method is listed but not allowed. */
  readonly capture?: (context: AccessContext) => Answer<undefined | Refused>;
  /** Method 1 empties the buffer; otherwise it is listed but not allowed. Default: false. */
  readonly mayReset?: boolean;
}

/** A profile whose rows are in memory: fixtures, logs. */
export interface MemoryProfile extends CosemObject {
  /** @throws RangeError when the row has another number of cells than there are capture objects */
  append(row: readonly Data[]): void;
  clear(): void;
}

const noSortObject: CaptureObject = {
  classId: 0,
  logicalName: logicalName("0-0:0.0.0*0"),
  attributeIndex: 0,
  dataIndex: 0,
};

export function createMemoryProfile(parts: MemoryProfileParts): MemoryProfile {
  const { captureObjects, deviationAt } = parts;
  const columns = deviationAt === undefined ? { captureObjects } : { captureObjects, deviationAt };
  const order = parts.sortMethod ?? sortMethod.fifo;
  let rows: (readonly Data[])[] = [];

  function append(row: readonly Data[]): void {
    if (row.length !== captureObjects.length) {
      throw new RangeError(`${parts.logicalName}: ${captureObjects.length} cells wanted, got ${row.length}`);
    }
    rows.push(row);
    if (rows.length > parts.profileEntries) rows.shift();
  }

  function readBuffer({ selectiveAccess }: AccessContext) {
    // A copy: rows captured while the answer goes out in blocks do not shift it.
    const inOrder = order === sortMethod.lifo ? rows.toReversed() : rows.slice();
    const selected =
      selectiveAccess === undefined
        ? inOrder
        : selectRows(inOrder, parseBufferSelection(selectiveAccess, columns), deviationAt);
    return { ok: true, value: arrayOrStream(selected, (value) => ({ type: "structure", value })) } as const;
  }

  const clear = () => {
    rows = [];
    return undefined;
  };
  const object = createObject(ProfileGeneric, parts.logicalName, {
    attributes: {
      buffer: { getData: readBuffer },
      captureObjects,
      capturePeriod: parts.capturePeriod,
      sortMethod: order,
      sortObject: parts.sortObject ?? noSortObject,
      entriesInUse: { get: () => rows.length },
      profileEntries: parts.profileEntries,
    },
    methods: {
      reset: parts.mayReset === true ? clear : undefined,
      capture: parts.capture && ((_parameters, context) => parts.capture?.(context)),
    },
  });
  for (const row of parts.rows ?? []) append(row);
  return { ...object, append, clear };
}
