/** The columns of a file by the names people give them: any case, blanks and dashes left out, in any order. */
import { type Cell, withoutApostrophe } from "./table-format.js";

export interface Column<Field extends string> {
  readonly field: Field;
  /** As written in our own files. */
  readonly title: string;
  /** Other names, lower case, letters and digits alone. */
  readonly aliases?: readonly string[];
}

export interface FoundColumns<Field extends string> {
  readonly indexOf: ReadonlyMap<Field, number>;
  /** As the file's header has it, for messages. */
  titleOf(field: Field): string;
  readonly ignored: readonly string[];
  /** Named twice. */
  readonly doubled: readonly string[];
}

const bare = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "");

export function findColumns<Field extends string>(
  header: readonly string[],
  columns: readonly Column<Field>[],
): FoundColumns<Field> {
  const fieldOf = new Map(
    columns.flatMap(({ field, title, aliases = [] }) =>
      [bare(title), ...aliases].map((name) => [name, field] as const),
    ),
  );
  const indexOf = new Map<Field, number>();
  const ignored: string[] = [];
  const doubled: string[] = [];
  for (const [index, name] of header.entries()) {
    const field = fieldOf.get(bare(name));
    if (field === undefined) {
      if (name !== "") ignored.push(name);
    } else if (indexOf.has(field)) doubled.push(name);
    else indexOf.set(field, index);
  }
  const titleOf = (field: Field): string => {
    const index = indexOf.get(field);
    return (
      (index === undefined ? undefined : header[index]) ??
      columns.find((column) => column.field === field)?.title ??
      field
    );
  };
  return { indexOf, titleOf, ignored, doubled };
}

/** A cell as text; undefined: empty, or the column is not there. */
export function textAt<Field extends string>(
  cells: readonly Cell[],
  columns: FoundColumns<Field>,
  field: Field,
): string | undefined {
  const index = columns.indexOf.get(field);
  const cell = index === undefined ? undefined : cells[index];
  if (cell === undefined || cell === "") return undefined;
  return typeof cell === "number" ? String(cell) : withoutApostrophe(cell);
}

/** Digits: a workbook keeps them as a number, and their zeros at the beginning are gone. */
export function digitsAt<Field extends string>(
  cells: readonly Cell[],
  columns: FoundColumns<Field>,
  field: Field,
  length: number,
): string | undefined {
  const index = columns.indexOf.get(field);
  const cell = index === undefined ? undefined : cells[index];
  if (typeof cell !== "number" || !Number.isInteger(cell) || cell < 0) return textAt(cells, columns, field);
  return String(cell).padStart(length, "0");
}
