/**
 * The body of a DataNotification: a structure of the values that a push object list names, in its order. What cannot be
 * read is null-data in its place, so that the receiver finds the others; an array without end refuses the whole.
 */
import {
  type CaptureObject,
  captureObjectDefinition,
  ProfileGeneric,
  type PushObject,
  type PushRestriction,
} from "../../classes/index.js";
import { type Data, nullData } from "../../codec/data.js";
import { logicalName } from "../../model/logical-name.js";
import { array, TypeUnmatched } from "../../model/types.js";
import type {
  Answer,
  ArrayStream,
  AttributeTarget,
  LogicalDevice,
  Principal,
  ReadResult,
  Refused,
  Registry,
  SelectiveAccess,
} from "../contract.js";
import { isRefused, refused } from "../refused.js";

export interface PushBodyParts {
  readonly registry: Registry;
  /** Where the push setup stands. */
  readonly device: LogicalDevice;
  /** With whose rights it is read. */
  readonly principal: Principal;
  readonly objects: readonly PushObject[];
  /** Elements of the arrays in one body, all together; default 20,000. More is refused. */
  readonly mostElements?: number;
}

const defaultMostElements = 20_000;

/** At once where all is in memory. */
export function readPushBody(parts: PushBodyParts): Answer<Data | Refused> {
  const answers = parts.objects.map((object) => readOne(parts, object));
  if (answers.some((answer) => answer instanceof Promise)) {
    return Promise.all(answers).then((results) => finish(results, parts));
  }
  const results = answers as readonly Cell[];
  return results.some((result) => result.value.type === "array-stream") ? finish(results, parts) : bodyOf(results);
}

/** What was read for one element, and the columns wanted of its rows. */
interface Cell {
  readonly object: PushObject;
  readonly value: Data | ArrayStream;
  readonly columns: readonly number[] | undefined;
}

async function finish(results: readonly Cell[], { mostElements = defaultMostElements }: PushBodyParts) {
  let left = mostElements;
  const whole: Cell[] = [];
  try {
    for (const cell of results) {
      if (cell.value.type !== "array-stream") {
        whole.push(cell);
        continue;
      }
      if (cell.value.count > left) return refused.dataBlockUnavailable;
      const elements = await collect(cell.value, left);
      if (elements === undefined) return refused.dataBlockUnavailable;
      left -= elements.length;
      whole.push({ ...cell, value: { type: "array", value: elements } });
    }
  } finally {
    for (const { value } of results) if (value.type === "array-stream") value.close();
  }
  return bodyOf(whole);
}

/** Undefined: there are more than were counted. */
async function collect(stream: ArrayStream, most: number): Promise<readonly Data[] | undefined> {
  const elements: Data[] = [];
  for (let piece = await stream.next(); piece !== undefined; piece = await stream.next()) {
    elements.push(...piece);
    if (elements.length > most) return undefined;
  }
  return elements;
}

function bodyOf(cells: readonly Cell[]): Data {
  return { type: "structure", value: cells.map(cellData) };
}

function cellData({ object, value, columns }: Cell): Data {
  if (value.type === "array-stream") return nullData;
  const rows = columns === undefined ? value : withColumns(value, columns);
  return elementAt(rows, object.dataIndex);
}

/** dataIndex counts from 1; 0 is the whole. */
function elementAt(value: Data, dataIndex: number): Data {
  if (dataIndex === 0) return value;
  return value.type === "array" || value.type === "structure" ? (value.value[dataIndex - 1] ?? nullData) : nullData;
}

/** Rows with these columns alone; -1 stands for one that is not captured. */
function withColumns(value: Data, columns: readonly number[]): Data {
  if (value.type !== "array") return value;
  return {
    type: "array",
    value: value.value.map((row) =>
      row.type === "structure"
        ? { type: "structure", value: columns.map((column) => row.value[column] ?? nullData) }
        : row,
    ),
  };
}

function readOne(parts: PushBodyParts, object: PushObject): Answer<Cell> {
  const { registry, device, principal } = parts;
  const target = { device, classId: object.classId, logicalName: object.logicalName };
  const columns = wantedColumns(parts, object);
  if (columns instanceof Promise) return columns.then((later) => readRows(later));
  return readRows(columns);

  function readRows(positions: readonly number[] | undefined | Refused): Answer<Cell> {
    if (isRefused(positions)) return { object, value: nullData, columns: undefined };
    const selection = selectionOf(object.restriction);
    const answer = registry.read({ ...target, attributeIndex: object.attributeIndex }, principal, selection);
    const toCell = (result: ReadResult): Cell => ({
      object,
      value: result.ok ? result.value : nullData,
      columns: result.ok ? positions : undefined,
    });
    return answer instanceof Promise ? answer.then(toCell) : toCell(answer);
  }
}

/** Positions of the columns among the capture objects; undefined: all, as they are. */
function wantedColumns(
  { registry, device, principal }: PushBodyParts,
  { classId, logicalName: name, attributeIndex, columns }: PushObject,
): Answer<readonly number[] | undefined | Refused> {
  const isBuffer = classId === ProfileGeneric.classId && attributeIndex === 2;
  if (columns.length === 0 || !isBuffer) return undefined;
  const target: AttributeTarget = { device, classId, logicalName: name, attributeIndex: 3 };
  const answer = registry.read(target, principal);
  const toPositions = (result: ReadResult) => {
    if (!result.ok) return result;
    return result.value.type === "array-stream" ? refused.otherReason : positionsOf(result.value, columns);
  };
  return answer instanceof Promise ? answer.then(toPositions) : toPositions(answer);
}

function positionsOf(captureObjects: Data, columns: readonly CaptureObject[]): readonly number[] | Refused {
  try {
    const captured = array(captureObjectDefinition).fromData(captureObjects);
    return columns.map((wanted) =>
      captured.findIndex(
        (column) =>
          column.classId === wanted.classId &&
          column.logicalName === wanted.logicalName &&
          column.attributeIndex === wanted.attributeIndex &&
          column.dataIndex === wanted.dataIndex,
      ),
    );
  } catch (error) {
    if (error instanceof TypeUnmatched) return refused.typeUnmatched;
    throw error;
  }
}

const clock: CaptureObject = {
  classId: 8,
  logicalName: logicalName("0-0:1.0.0*255"),
  attributeIndex: 2,
  dataIndex: 0,
};

/** Selectors 1 and 2 of a buffer. */
function selectionOf({ value }: PushRestriction): SelectiveAccess | undefined {
  switch (value.choice) {
    case "none":
      return undefined;
    case "byDate": {
      const bound = (octets: Uint8Array): Data => ({ type: "octet-string", value: octets });
      const from = bound(wholeTime(value.value.fromDate, "000000ff"));
      const to = bound(wholeTime(value.value.toDate, "173b3b63"));
      const noColumns: Data = { type: "array", value: [] };
      const range = [captureObjectDefinition.toData(clock), from, to, noColumns];
      return { selector: 1, parameters: { type: "structure", value: range } };
    }
    case "byEntry": {
      const entries = [value.value.fromEntry, value.value.toEntry].map(
        (entry): Data => ({ type: "double-long-unsigned", value: entry }),
      );
      const allColumns = [1, 0].map((column): Data => ({ type: "long-unsigned", value: column }));
      return { selector: 2, parameters: { type: "structure", value: [...entries, ...allColumns] } };
    }
  }
}

/** A date of 5 octets with a time of day, in hex, behind it; a date-time of 12 as it is. */
function wholeTime(octets: Uint8Array, timeOfDay: string): Uint8Array {
  if (octets.length !== 5) return octets;
  return Uint8Array.from([
    ...octets,
    ...(timeOfDay.match(/../g) ?? []).map((hex) => Number.parseInt(hex, 16)),
    0x80,
    0,
    0xff,
  ]);
}
