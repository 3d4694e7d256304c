/** Which rows and columns of a profile are wanted: as a selector for the server, or chosen here. */
import {
  type CosemDateTime,
  captureObjectDefinition,
  cosemDateTimeFromBytes,
  cosemDateTimeFromInstant,
  cosemDateTimeToBytes,
  type Data,
  type SelectiveAccess,
  types,
} from "../../../cosem/index.js";
import { CommandFailed } from "../command.js";

export type Column = types.ValueOf<typeof captureObjectDefinition>;

export interface ProfileQuery {
  readonly from?: CosemDateTime;
  readonly to?: CosemDateTime;
  /** From 1; both ends count; last 0: to the end. */
  readonly entries?: { readonly first: number; readonly last: number };
  /** From 1, in this order; undefined: all. */
  readonly columns?: readonly number[];
}

const clockName = "0-0:1.0.0*255";

export function isClock({ logicalName, attributeIndex }: Column): boolean {
  return logicalName === clockName && attributeIndex === 2;
}

/** Times of clocks, and capture times of extended registers. */
export function isTime({ classId, attributeIndex }: Column): boolean {
  return classId === 8 || (classId === 4 && attributeIndex === 5);
}

/** As they are asked for: in the profile's order, so that no server can give them in another. */
export function sortedColumns(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((one, other) => one - other);
}

/** @returns undefined where all is wanted, or what is wanted is to be chosen here @throws CommandFailed */
export function selectionOf(query: ProfileQuery, all: readonly Column[]): SelectiveAccess | undefined {
  const { from, to, entries, columns } = query;
  const { doubleLongUnsigned, longUnsigned, array } = types;
  if (entries !== undefined) {
    // Columns are chosen here: by entry they can only be asked for as a range.
    const bounds = [entries.first, entries.last].map((bound) => doubleLongUnsigned.toData(bound));
    const value = [...bounds, longUnsigned.toData(1), longUnsigned.toData(0)];
    return { selector: 2, parameters: { type: "structure", value } };
  }
  const isTimed = from !== undefined || to !== undefined;
  const clock = all.find(isClock);
  if (!isTimed && (columns === undefined || clock === undefined)) return undefined;
  if (clock === undefined) throw noClock();
  const wanted = sortedColumns(columns ?? []).flatMap((number) => all[number - 1] ?? []);
  const limit = (time: CosemDateTime): Data => ({ type: "octet-string", value: cosemDateTimeToBytes(time) });
  const value: Data[] = [
    captureObjectDefinition.toData(clock),
    limit(from ?? cosemDateTimeFromInstant(Date.UTC(2000, 0, 1))),
    limit(to ?? cosemDateTimeFromInstant(Date.UTC(2099, 11, 31))),
    array(captureObjectDefinition).toData(wanted),
  ];
  return { selector: 1, parameters: { type: "structure", value } };
}

const noClock = () => new CommandFailed("the profile has no clock column; choose --entries instead");

type Cells = readonly Data[];

/** Rows of all columns: those within the times, or the entries, of the query. @throws CommandFailed */
export function rowsWithin(rows: readonly Cells[], query: ProfileQuery, all: readonly Column[]): readonly Cells[] {
  const { from, to, entries } = query;
  if (entries !== undefined) return rows.slice(entries.first - 1, entries.last === 0 ? undefined : entries.last);
  if (from === undefined && to === undefined) return rows;
  const clockAt = all.findIndex(isClock);
  if (clockAt < 0) throw noClock();
  return rows.filter((cells) => {
    const cell = cells[clockAt];
    if (cell?.type !== "octet-string" || cell.value.length !== 12) return false;
    const time = cosemDateTimeFromBytes(cell.value);
    const isEarly = from !== undefined && !((time.compareTo(from) ?? -1) >= 0);
    const isLate = to !== undefined && !((time.compareTo(to) ?? 1) <= 0);
    return !isEarly && !isLate;
  });
}
