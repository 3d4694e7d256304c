/** A Profile generic as rows for a spreadsheet: times with their zone, values scaled, units in the header. */
import {
  cosemDateTimeFromBytes,
  type Data,
  dataAccessResultName,
  formatScaled,
  type LogicalName,
  nearestDecimal,
  ProfileGeneric,
  type ScalerUnit,
  toHex,
  types,
  unitSymbol,
} from "../../../cosem/index.js";
import { CommandFailed } from "../command.js";
import {
  type Column,
  isClock,
  isTime,
  type ProfileQuery,
  rowsWithin,
  selectionOf,
  sortedColumns,
} from "./profile-selection.js";
import { attributeOf, type DlmsServer, type ListedDevice } from "./server.js";

export interface ProfileTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

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
  const columns = query.columns?.map((number) => columnAt(all, number)) ?? all;
  // A server without selective access gives all it has: the rows are chosen here.
  const selectiveAccess = (await server.offersSelection(device)) ? selectionOf(query, all) : undefined;
  const buffer = await server.get(device, { ...attributeOf(classId, name, 2), selectiveAccess });
  if (buffer.kind === "error") throw refused("buffer", buffer.error);
  const rows = (buffer.data.type === "array" ? buffer.data.value : []).map(cellsOf);
  const chosen = selectiveAccess === undefined ? rowsWithin(rows, query, all) : rows;
  const scalings: (ScalerUnit | undefined)[] = [];
  for (const column of columns) scalings.push(await server.scalingOf(device, column));
  return {
    header: columns.map((column, index) => titleOf(column, scalings[index])),
    rows: chosen.map((cells) =>
      ordered(cells, query, all).map((cell, index) => textOf(cell, columns[index], scalings[index])),
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

const cellsOf = (row: Data): readonly Data[] => (row.type === "structure" ? row.value : [row]);

/** The columns in the order asked for, out of a row of all of them, or of those asked for in the profile's order. */
function ordered(cells: readonly Data[], query: ProfileQuery, all: readonly Column[]): readonly Data[] {
  const wanted = query.columns ?? all.map((_, index) => index + 1);
  const given = cells.length === all.length ? all.map((_, index) => index + 1) : sortedColumns(wanted);
  if (cells.length !== given.length) {
    throw new CommandFailed(`a row has ${cells.length} cells where ${given.length} columns are captured`);
  }
  return wanted.map((number) => cells[given.indexOf(number)] ?? { type: "null-data" });
}

function titleOf(column: Column, scaling: ScalerUnit | undefined): string {
  if (isClock(column)) return "time";
  const { logicalName, attributeIndex, dataIndex } = column;
  const unit = scaling === undefined ? "" : unitSymbol(scaling.unit);
  const part = dataIndex === 0 ? "" : `.${dataIndex}`;
  return `${logicalName}/${attributeIndex}${part}${unit === "" ? "" : ` [${unit}]`}`;
}

function textOf(cell: Data, column: Column | undefined, scaling: ScalerUnit | undefined): string {
  if (cell.type === "null-data") return "";
  if (cell.type === "octet-string") {
    const isMoment = cell.value.length === 12 && column !== undefined && isTime(column);
    return isMoment ? cosemDateTimeFromBytes(cell.value).toString() : toHex(cell.value);
  }
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
