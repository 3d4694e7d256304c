/** A Profile generic as rows for a spreadsheet: times with their zone, values scaled, units in the header. */
import {
  type CosemDateTime,
  captureObjectDefinition,
  cosemDateTimeFromBytes,
  cosemDateTimeFromInstant,
  cosemDateTimeToBytes,
  type Data,
  dataAccessResultName,
  formatScaled,
  type LogicalName,
  nearestDecimal,
  ProfileGeneric,
  type ScalerUnit,
  type SelectiveAccess,
  toHex,
  types,
  unitSymbol,
} from "../../../cosem/index.js";
import { CommandFailed } from "../command.js";
import { attributeOf, type DlmsServer, type ListedDevice } from "./server.js";

type Column = types.ValueOf<typeof captureObjectDefinition>;

export interface ProfileQuery {
  readonly from?: CosemDateTime;
  readonly to?: CosemDateTime;
  /** From 1; both ends count. */
  readonly entries?: { readonly first: number; readonly last: number };
  /** From 1, in this order; undefined: all. */
  readonly columns?: readonly number[];
}

export interface ProfileTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const clockName = "0-0:1.0.0*255";

/** @throws CommandFailed where it cannot be read */
export async function readProfile(
  server: DlmsServer,
  device: ListedDevice,
  name: LogicalName,
  query: ProfileQuery,
): Promise<ProfileTable> {
  const { classId } = ProfileGeneric;
  const definition = await server.get(device, attributeOf(classId, name, 3));
  if (definition.kind === "error") throw refused("capture_objects", definition.error);
  const all = ProfileGeneric.attributes.captureObjects.type.fromData(definition.data);
  const wanted = query.columns?.map((number) => columnAt(all, number));
  const columns = wanted ?? all;
  const selectiveAccess = selectionOf(query, all, wanted);
  const buffer = await server.get(device, { ...attributeOf(classId, name, 2), selectiveAccess });
  if (buffer.kind === "error") throw refused("buffer", buffer.error);
  const scalings: (ScalerUnit | undefined)[] = [];
  for (const column of columns) scalings.push(await scalingOf(server, device, column));
  const rows = buffer.data.type === "array" ? buffer.data.value : [];
  return {
    header: columns.map((column, index) => titleOf(column, scalings[index])),
    rows: rows.map((row) =>
      cellsOf(row, query, all).map((cell, index) => textOf(cell, columns[index], scalings[index])),
    ),
  };
}

function refused(what: string, code: number): CommandFailed {
  return new CommandFailed(`${what} cannot be read: ${dataAccessResultName(code)}`);
}

function columnAt(columns: readonly Column[], number: number): Column {
  const column = columns[number - 1];
  if (column === undefined) throw new CommandFailed(`there is no column ${number}; the profile has ${columns.length}`);
  return column;
}

function selectionOf(
  { from, to, entries }: ProfileQuery,
  all: readonly Column[],
  wanted: readonly Column[] | undefined,
): SelectiveAccess | undefined {
  const { doubleLongUnsigned, longUnsigned, array } = types;
  if (entries !== undefined) {
    // Columns are chosen here: by entry they can only be asked for as a range.
    const bounds = [entries.first, entries.last].map((bound) => doubleLongUnsigned.toData(bound));
    const value = [...bounds, longUnsigned.toData(1), longUnsigned.toData(0)];
    return { selector: 2, parameters: { type: "structure", value } };
  }
  if (from === undefined && to === undefined && wanted === undefined) return undefined;
  const clock = all.find(({ logicalName, attributeIndex }) => logicalName === clockName && attributeIndex === 2);
  if (clock === undefined) throw new CommandFailed("the profile has no clock column; choose --entries instead");
  const limit = (time: CosemDateTime): Data => ({ type: "octet-string", value: cosemDateTimeToBytes(time) });
  const value: Data[] = [
    captureObjectDefinition.toData(clock),
    limit(from ?? cosemDateTimeFromInstant(Date.UTC(2000, 0, 1))),
    limit(to ?? cosemDateTimeFromInstant(Date.UTC(2099, 11, 31))),
    array(captureObjectDefinition).toData(wanted ?? []),
  ];
  return { selector: 1, parameters: { type: "structure", value } };
}

/** By entry all columns come, and are chosen here. */
function cellsOf(row: Data, { entries, columns }: ProfileQuery, all: readonly Column[]): readonly Data[] {
  const cells = row.type === "structure" ? row.value : [row];
  if (entries === undefined || columns === undefined || cells.length !== all.length) return cells;
  return columns.map((number) => cells[number - 1] ?? { type: "null-data" });
}

async function scalingOf(server: DlmsServer, device: ListedDevice, column: Column): Promise<ScalerUnit | undefined> {
  if ((column.classId !== 3 && column.classId !== 4) || column.attributeIndex !== 2) return undefined;
  const result = await server.get(device, attributeOf(column.classId, column.logicalName, 3));
  return result.kind === "error" ? undefined : types.scalUnitType.fromData(result.data);
}

function titleOf({ logicalName, attributeIndex }: Column, scaling: ScalerUnit | undefined): string {
  if (logicalName === clockName) return "time";
  const unit = scaling === undefined ? "" : unitSymbol(scaling.unit);
  return `${logicalName}/${attributeIndex}${unit === "" ? "" : ` [${unit}]`}`;
}

function textOf(cell: Data, column: Column | undefined, scaling: ScalerUnit | undefined): string {
  if (cell.type === "null-data") return "";
  if (
    cell.type === "octet-string" &&
    cell.value.length === 12 &&
    (column?.classId === 8 || column?.attributeIndex === 5)
  ) {
    return cosemDateTimeFromBytes(cell.value).toString();
  }
  if (cell.type === "octet-string") return toHex(cell.value);
  if (!("value" in cell)) return "";
  const { value } = cell;
  if (typeof value !== "number" && typeof value !== "bigint")
    return typeof value === "string" ? value : JSON.stringify(types.dataToJson(cell));
  const exact = cell.type === "float32" && typeof value === "number" ? nearestDecimal(value) : value;
  return formatScaled(exact, scaling?.scaler ?? 0);
}

/** RFC 4180. */
export function formatCsv({ header, rows }: ProfileTable): string {
  const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [header, ...rows].map((cells) => `${cells.map(quoted).join(",")}\r\n`).join("");
}
