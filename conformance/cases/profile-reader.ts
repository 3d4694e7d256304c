/** The profile that the profile cases look at, and its rows. */
import {
  type CaptureObject,
  captureObjectDefinition,
  type Data,
  dataAccessResultName,
  encodeData,
  type LogicalName,
  type SelectiveAccessDescriptor,
  toHex,
} from "../../cosem/index.js";
import type { CaseContext } from "../case.js";
import { type ListedObject, readObjectList } from "../object-list.js";
import type { Session } from "../session/session.js";
import { Inapplicable, Misbehaviour } from "../session/verdict-errors.js";
import { byEntry } from "./selectors.js";

const profileGeneric = 7;
const clockClass = 8;
/** Rows that cases work on. */
const mostRows = 60;

export interface ReadProfile {
  readonly logicalName: LogicalName;
  readonly columns: readonly CaptureObject[];
  /** Index of the clock among the columns. */
  readonly clockColumn: number;
  readonly clock: CaptureObject;
  /** The first rows of the buffer, at most 60. */
  readonly rows: readonly (readonly Data[])[];
  /** True where `rows` is all there is. */
  readonly isWhole: boolean;
  readonly selectors: readonly number[];
}

/** Another column than the clock. */
export function otherColumn(profile: ReadProfile): { readonly index: number; readonly column: CaptureObject } {
  const index = profile.columns.findIndex((_, position) => position !== profile.clockColumn);
  const column = profile.columns[index];
  if (column === undefined) throw new Inapplicable("the profile has one column");
  return { index, column };
}

/** @throws Inapplicable unless one has a clock column, two columns and five rows */
export async function findProfile(context: CaseContext, session: Session): Promise<ReadProfile> {
  const { profileObject } = context.declaration;
  if (profileObject !== undefined && profileObject.logicalDevice !== context.serverSap) {
    throw new Inapplicable(`the declared profile is in logical device ${profileObject.logicalDevice}`);
  }
  const { objects } = await readObjectList(session);
  const candidates = objects.filter(
    ({ classId, logicalName, attributes }) =>
      classId === profileGeneric &&
      (profileObject === undefined || profileObject.logicalName === logicalName) &&
      attributes.some((attribute) => attribute.index === 2 && attribute.canRead === true),
  );
  for (const candidate of candidates) {
    const profile = await readProfile(session, candidate);
    if (profile !== undefined) return profile;
  }
  throw new Inapplicable("no readable profile with a clock column, two columns and five rows");
}

async function readProfile(session: Session, object: ListedObject): Promise<ReadProfile | undefined> {
  const { classId, logicalName } = object;
  const at = (attributeIndex: number) => ({ classId, logicalName, attributeIndex, selectiveAccess: undefined });
  const captured = await session.get(at(3));
  const inUse = await session.get(at(7));
  if (captured.kind === "error" || captured.data.type !== "array") return undefined;
  const columns = captured.data.value.map((element) => captureObjectDefinition.fromData(element));
  const clockColumn = columns.findIndex(({ classId: id, attributeIndex }) => id === clockClass && attributeIndex === 2);
  const clock = columns[clockColumn];
  if (clock === undefined || columns.length < 2) return undefined;
  const entries = inUse.kind === "data" && inUse.data.type === "double-long-unsigned" ? inUse.data.value : 0;
  if (entries < 5) return undefined;
  const selectors = object.attributes.find((attribute) => attribute.index === 2)?.selectors ?? [];
  const isWhole = entries <= mostRows || !selectors.includes(2);
  const rows = await readRows(session, logicalName, isWhole ? undefined : byEntry(1, mostRows, 1, 0));
  return { logicalName, columns, clockColumn, clock, rows: repeatNulls(rows), isWhole, selectors };
}

/** @throws Misbehaviour unless an array of structures comes */
export async function readRows(
  session: Session,
  logicalName: LogicalName,
  selectiveAccess: SelectiveAccessDescriptor | undefined,
): Promise<readonly (readonly Data[])[]> {
  const result = await session.get({ classId: profileGeneric, logicalName, attributeIndex: 2, selectiveAccess });
  if (result.kind === "error")
    throw new Misbehaviour(`buffer of ${logicalName}: ${dataAccessResultName(result.error)}`);
  const { data } = result;
  if (data.type !== "array" && data.type !== "compact-array")
    throw new Misbehaviour(`buffer is ${data.type}, not array`);
  return data.value.map((row) => {
    if (row.type !== "structure") throw new Misbehaviour(`a row is ${row.type}, not structure`);
    return row.value;
  });
}

/** null-data in a row stands for the value above it (IEC 62056-6-2, class 7, buffer). */
export function repeatNulls(rows: readonly (readonly Data[])[]): readonly (readonly Data[])[] {
  const filled: (readonly Data[])[] = [];
  for (const row of rows) {
    const above = filled.at(-1);
    filled.push(row.map((cell, index) => (cell.type === "null-data" ? (above?.[index] ?? cell) : cell)));
  }
  return filled;
}

/** Bytes of a row's clock. @throws Inapplicable where it is not a date and time */
export function clockOf(profile: ReadProfile, row: readonly Data[]): Uint8Array {
  const cell = row[profile.clockColumn];
  if ((cell?.type !== "octet-string" && cell?.type !== "date-time") || cell.value.length !== 12) {
    throw new Inapplicable(`the clock column holds ${cell?.type ?? "nothing"}`);
  }
  return cell.value;
}

/** Milliseconds on a line of time; without deviation as if it were UTC. */
export function instantOf(bytes: Uint8Array): number {
  const view = Buffer.from(bytes);
  const year = view.readUInt16BE(0);
  const [month = 1, day = 1, , hour = 0, minute = 0, second = 0, hundredths = 255] = bytes.subarray(2);
  const deviation = view.readInt16BE(9);
  if (year === 0xffff) throw new Inapplicable("a row's clock is not fully specified");
  const local = Date.UTC(year, month - 1, day, hour, minute, second, hundredths === 255 ? 0 : hundredths * 10);
  return local + (deviation === -0x8000 ? 0 : deviation * 60_000);
}

export const rowText = (row: readonly Data[]): string => row.map((cell) => toHex(encodeData(cell))).join(" ");

export function sameRows(seen: readonly (readonly Data[])[], due: readonly (readonly Data[])[]): boolean {
  return (
    seen.length === due.length && repeatNulls(seen).every((row, index) => rowText(row) === rowText(due[index] ?? []))
  );
}
