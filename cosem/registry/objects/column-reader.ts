import {
  type CaptureObject,
  captureObjectDefinition,
  elementAt,
  ProfileGeneric,
  type RestrictedCaptureObject,
} from "../../classes/index.js";
import { type Data, nullData } from "../../codec/data.js";
import { logicalName } from "../../model/logical-name.js";
import type {
  Answer,
  ArrayStream,
  LogicalDevice,
  Principal,
  ReadResult,
  Registry,
  SelectiveAccess,
} from "../contract.js";

/** Reads what a capture object names, for a profile's row or a compact buffer. Undefined: it cannot be read now. */
export type ColumnReader = (column: CaptureObject | RestrictedCaptureObject) => Answer<Data | undefined>;

export interface ColumnReaderParts {
  readonly registry: Registry;
  /** The device whose objects are captured. */
  readonly device: LogicalDevice;
  /** Whose rights decide what may be captured. */
  readonly principal: Principal;
}

/** More rows of a captured profile than these are refused: a buffer is kept in memory. */
const mostRows = 1024;
const clockTime: CaptureObject = {
  classId: 8,
  logicalName: logicalName("0-0:1.0.0*255"),
  attributeIndex: 2,
  dataIndex: 0,
};

/** Reads through the registry, with the restriction and the columns of a captured profile's buffer. */
export function createColumnReader({ registry, device, principal }: ColumnReaderParts): ColumnReader {
  return (column) => {
    const { classId, attributeIndex, dataIndex } = column;
    const target = { device, classId, logicalName: column.logicalName, attributeIndex };
    const answer = registry.read(target, principal, selectionOf(column));
    return answer instanceof Promise ? answer.then((later) => pick(later, dataIndex)) : pick(answer, dataIndex);
  };
}

function pick(answer: ReadResult, dataIndex: number): Answer<Data | undefined> {
  if (!answer.ok) return undefined;
  if (answer.value.type !== "array-stream") return elementAt(answer.value, dataIndex);
  return collect(answer.value).then((rows) => rows && elementAt(rows, dataIndex));
}

async function collect(stream: ArrayStream): Promise<Data | undefined> {
  try {
    if (stream.count > mostRows) return undefined;
    const rows: Data[] = [];
    for (let piece = await stream.next(); piece !== undefined; piece = await stream.next()) rows.push(...piece);
    return { type: "array", value: rows };
  } finally {
    stream.close();
  }
}

/** The restriction as the selective access that says the same; columns are chosen with a range only. */
function selectionOf(column: CaptureObject | RestrictedCaptureObject): SelectiveAccess | undefined {
  if (!("restriction" in column) || column.classId !== ProfileGeneric.classId || column.attributeIndex !== 2) {
    return undefined;
  }
  const { restrictionValue } = column.restriction;
  if (restrictionValue.choice === "byEntry") {
    const { fromEntry, toEntry } = restrictionValue.value;
    const entry: Data[] = [
      { type: "double-long-unsigned", value: fromEntry },
      { type: "double-long-unsigned", value: toEntry },
      { type: "long-unsigned", value: 1 },
      { type: "long-unsigned", value: 0 },
    ];
    return { selector: 2, parameters: { type: "structure", value: entry } };
  }
  const isByDate = restrictionValue.choice === "byDate";
  if (!isByDate && column.columns.length === 0) return undefined;
  const bounds: Data[] = isByDate
    ? [
        { type: "octet-string", value: restrictionValue.value.fromDate },
        { type: "octet-string", value: restrictionValue.value.toDate },
      ]
    : [nullData, nullData];
  const columns: Data = { type: "array", value: column.columns.map((one) => captureObjectDefinition.toData(one)) };
  const range = [captureObjectDefinition.toData(clockTime), ...bounds, columns];
  return { selector: 1, parameters: { type: "structure", value: range } };
}
