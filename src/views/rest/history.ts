/** History of a meter: its load profile 1 through the registry, by selective access, in bounded pages. */
import {
  type ArrayStream,
  type CosemDateTime,
  type CosemObject,
  captureObjectDefinition,
  cosemDateTimeFromBytes,
  cosemDateTimeFromInstant,
  cosemDateTimeToBytes,
  type Data,
  formatAddress,
  type LogicalDevice,
  logicalName,
  type Refusal,
  type SelectiveAccess,
  types,
} from "../../../cosem/index.js";
import type { History, HistoryColumn } from "./contract.js";
import { deviceWords, findVisible, type MeterContext } from "./meter-json.js";
import { meterErrorBit, meterStatusText, readingQualityText, statusText } from "./status-words.js";
import { addressOf, classIds, readAttribute, scalerUnitOf, shownValue } from "./value-json.js";

export interface HistoryRequest {
  /** Inclusive, milliseconds since 1970 UTC. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly limit: number;
  readonly cursor: string | undefined;
  /** OBIS codes; undefined: all. */
  readonly columns: readonly string[] | undefined;
}

export type HistoryAnswer =
  | { readonly kind: "history"; readonly history: History }
  | { readonly kind: "unknownColumn"; readonly name: string; readonly known: readonly string[] }
  | { readonly kind: "refused"; readonly refusal: Refusal };

type CaptureObject = ReturnType<typeof captureObjectDefinition.fromData>;

const rangeSelector = 1;
const clockColumn: CaptureObject = {
  classId: classIds.clock,
  logicalName: logicalName("0-0:1.0.0*255"),
  attributeIndex: 2,
  dataIndex: 0,
};
const loadProfile1 = /^\d+-0:99\.1\.0\*255$/;
/** What the gateway judged of the reading. */
const qualityObject = "0-0:97.97.0*255";
const invalidClock = 0x01;
const doubtfulClock = 0x02;
const statusObject = /^\d+-\d+:96\.(5|10)\.\d+\*255$/;
const lastMs = Date.UTC(2099, 11, 31, 23, 59, 59, 990);

/** Load profile 1, in whichever value group A the meter's medium puts it. */
export function loadProfileOf(context: MeterContext, device: LogicalDevice): CosemObject | undefined {
  for (const object of context.registry.visibleObjects(device, context.principal)) {
    if (object.interfaceClass.classId === classIds.profileGeneric && loadProfile1.test(object.logicalName))
      return object;
  }
  return undefined;
}

/** One page; memory is bounded by `limit`, whatever the length of the profile. */
export async function readHistory(
  context: MeterContext,
  device: LogicalDevice,
  profile: CosemObject,
  request: HistoryRequest,
): Promise<HistoryAnswer> {
  const layout = await readLayout(context, device, profile);
  if ("refusal" in layout) return { kind: "refused", refusal: layout.refusal };
  const unknown = request.columns?.find((name) => !layout.columns.some(({ object }) => isNamed(object, name)));
  if (unknown !== undefined) {
    return { kind: "unknownColumn", name: unknown, known: layout.columns.map(({ object }) => object.logicalName) };
  }
  const columns = layout.columns.filter(
    ({ object }) => request.columns === undefined || request.columns.some((name) => isNamed(object, name)),
  );

  const cursor = parseCursor(request.cursor);
  const buffer = await readBuffer(context, device, profile, rangeOf(request, cursor));
  if ("refusal" in buffer) return { kind: "refused", refusal: buffer.refusal };
  const { rows, next } = await takePage(buffer, layout.clockIndex, request, cursor);
  return {
    kind: "history",
    history: {
      columns: columns.map(({ description }) => description),
      rows: rows.map(({ time, fields }) => ({
        time: context.times.fromCosem(time) ?? time.toString(),
        status: rowStatus(time, fields[layout.statusIndex], fields[layout.qualityIndex]),
        values: columns.map(({ index, description }) => {
          const field = fields[index];
          return field === undefined ? null : shownValue(field, description.scaler).value;
        }),
      })),
      next,
    },
  };
}

/** All that is said of a row: by the meter, by the gateway, and of its time. */
function rowStatus({ clockStatus = 0 }: CosemDateTime, data: Data | undefined, quality: Data | undefined): string {
  const said = [
    data === undefined ? "ok" : data.type === "unsigned" ? meterStatusText(data.value) : statusText(data),
    quality?.type === "long-unsigned" ? readingQualityText(quality.value & ~meterErrorBit) : "ok",
    (clockStatus & invalidClock) === 0 ? "ok" : "the gateway's clock was not known to be right",
    (clockStatus & doubtfulClock) === 0 ? "ok" : "read earlier than this: the gateway's clock had been set back",
  ];
  return said.filter((words) => words !== "ok").join(", ") || "ok";
}

/** By `1-0:1.8.0*255`, `1-0:1.8.0`, or with its class before it, `3:1-0:1.8.0`. */
function isNamed(object: CaptureObject, name: string): boolean {
  const [, classId, obis = ""] = /^(?:(\d+):)?(\d+-.*)$/.exec(name) ?? [];
  if (classId !== undefined && Number(classId) !== object.classId) return false;
  return object.logicalName === (obis.includes("*") ? obis : `${obis}*255`);
}

interface Column {
  readonly index: number;
  readonly object: CaptureObject;
  readonly description: HistoryColumn;
}

interface ProfileLayout {
  readonly clockIndex: number;
  /** -1: the profile has no status. */
  readonly statusIndex: number;
  /** -1: the profile has no quality. */
  readonly qualityIndex: number;
  readonly columns: readonly Column[];
}

async function readLayout(
  context: MeterContext,
  device: LogicalDevice,
  profile: CosemObject,
): Promise<ProfileLayout | { readonly refusal: Refusal }> {
  const answer = readAttribute(context, device, profile, 3);
  const result = answer instanceof Promise ? await answer : answer;
  if (!result.ok) return result;
  if (result.value.type === "array-stream") return { refusal: "typeUnmatched" };
  const objects = types.array(captureObjectDefinition).fromData(result.value);
  const clockIndex = objects.findIndex(({ classId }) => classId === classIds.clock);
  const statusIndex = objects.findIndex(({ classId, logicalName: name }) => classId === 1 && statusObject.test(name));
  const qualityIndex = objects.findIndex(({ classId, logicalName: name }) => classId === 1 && name === qualityObject);
  const words = deviceWords(context, device);
  const columns: Column[] = [];
  for (const [index, object] of objects.entries()) {
    if (index === clockIndex || index === statusIndex || index === qualityIndex) continue;
    const source = findVisible(context, device, object.logicalName, object.classId);
    const own = source === undefined ? undefined : words.of(source);
    const { scaler, unit } = await columnScale(context, device, source, object, own?.unit);
    const { attributeIndex } = object;
    const address =
      source === undefined
        ? formatAddress({ device: device.name, ...object, attributeIndex })
        : addressOf(device, source, attributeIndex);
    const description = own?.description ?? object.logicalName;
    columns.push({ index, object, description: { address, description, unit, scaler } });
  }
  return { clockIndex, statusIndex, qualityIndex, columns };
}

async function columnScale(
  context: MeterContext,
  device: LogicalDevice,
  source: CosemObject | undefined,
  { classId, attributeIndex }: CaptureObject,
  recordUnit: string | undefined,
) {
  const isScaled = classId === classIds.register || classId === classIds.extendedRegister;
  if (source === undefined || !isScaled || attributeIndex !== 2) return scalerUnitOf(undefined);
  const answer = readAttribute(context, device, source, 3);
  const result = answer instanceof Promise ? await answer : answer;
  return scalerUnitOf(result.ok && result.value.type !== "array-stream" ? result.value : undefined, recordUnit);
}

/** Where a page ended: the moment of its last row, and how many rows of that moment were given. */
interface Cursor {
  readonly atMs: number;
  readonly given: number;
}

function parseCursor(text: string | undefined): Cursor | undefined {
  if (text === undefined) return undefined;
  const [atMs, given] = text.split(".");
  return { atMs: Number(atMs), given: given === undefined ? Number.POSITIVE_INFINITY : Number(given) };
}

function rangeOf(request: HistoryRequest, cursor: Cursor | undefined): SelectiveAccess | undefined {
  const { fromMs, toMs } = request;
  if (fromMs === undefined && toMs === undefined && cursor === undefined) return undefined;
  const bound = (instantMs: number): Data => ({
    type: "octet-string",
    value: cosemDateTimeToBytes(cosemDateTimeFromInstant(Math.min(Math.max(instantMs, 0), lastMs))),
  });
  return {
    selector: rangeSelector,
    parameters: {
      type: "structure",
      value: [
        captureObjectDefinition.toData(clockColumn),
        bound(Math.max(fromMs ?? 0, cursor?.atMs ?? 0)),
        bound(toMs ?? lastMs),
        { type: "array", value: [] },
      ],
    },
  };
}

async function readBuffer(
  context: MeterContext,
  device: LogicalDevice,
  profile: CosemObject,
  selectiveAccess: SelectiveAccess | undefined,
): Promise<ArrayStream | { readonly refusal: Refusal }> {
  const { logicalName: name, interfaceClass } = profile;
  const target = { device, logicalName: name, classId: interfaceClass.classId, attributeIndex: 2 };
  const answer = context.registry.read(target, context.principal, selectiveAccess);
  const result = answer instanceof Promise ? await answer : answer;
  if (!result.ok) return result;
  if (result.value.type === "array-stream") return result.value;
  const rows = result.value.type === "array" ? result.value.value : [];
  const pieces = [rows];
  return { type: "array-stream", count: rows.length, next: async () => pieces.shift(), close: () => {} };
}

interface Row {
  readonly time: CosemDateTime;
  readonly atMs: number;
  readonly fields: readonly Data[];
}

async function takePage(stream: ArrayStream, clockIndex: number, request: HistoryRequest, cursor: Cursor | undefined) {
  const rows: Row[] = [];
  const first = Math.max(request.fromMs ?? Number.NEGATIVE_INFINITY, cursor?.atMs ?? Number.NEGATIVE_INFINITY);
  let toSkip = cursor?.given ?? 0;
  try {
    for (let piece = await stream.next(); piece !== undefined; piece = await stream.next()) {
      for (const data of piece) {
        const row = rowOf(data, clockIndex);
        // A row without a moment has no place in a history by time.
        if (row === undefined || row.atMs < first || row.atMs > (request.toMs ?? lastMs)) continue;
        if (row.atMs === cursor?.atMs && toSkip-- > 0) continue;
        if (rows.length === request.limit) return { rows, next: nextCursor(rows, cursor) };
        rows.push(row);
      }
    }
    return { rows, next: null };
  } finally {
    stream.close();
  }
}

function rowOf(data: Data, clockIndex: number): Row | undefined {
  if (data.type !== "structure") return undefined;
  const clock = data.value[clockIndex];
  if (clock === undefined || (clock.type !== "octet-string" && clock.type !== "date-time")) return undefined;
  if (clock.value.length !== 12) return undefined;
  const time = cosemDateTimeFromBytes(clock.value);
  const atMs = time.toInstant();
  return atMs === undefined ? undefined : { time, atMs, fields: data.value };
}

function nextCursor(rows: readonly Row[], before: Cursor | undefined): string | null {
  const last = rows.at(-1);
  if (last === undefined) return null;
  const inPage = rows.filter(({ atMs }) => atMs === last.atMs).length;
  return `${last.atMs}.${inPage + (before?.atMs === last.atMs ? before.given : 0)}`;
}
