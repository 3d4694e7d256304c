/** Files of rows and columns that people bring and take: CSV, Excel 97-2003 (.xls) and Excel (.xlsx). */

export type TableFormat = "csv" | "xls" | "xlsx";

/** A file as it was uploaded; what it is, its bytes say. */
export interface ImportedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ImportOptions {
  /** Nothing changes; the report says what would. */
  readonly dryRun?: boolean | undefined;
  /** `whole` (default): one bad row, and nothing is taken; `goodRows`: bad rows are left out. */
  readonly take?: "whole" | "goodRows" | undefined;
  /** Of meters whose row names none. */
  readonly defaultInterface?: string | undefined;
}

export interface RowProblem {
  /** Of the file, from 1; the first row of a sheet or line of a text. */
  readonly line: number;
  /** As the file's header has it; undefined: the row as a whole. */
  readonly column: string | undefined;
  readonly reason: string;
}

export interface RowDifference {
  readonly line: number;
  readonly kind: "added" | "changed" | "unchanged";
  /** What the row is about: a meter's address, a key's pattern. */
  readonly subject: string;
  /** Of a changed one. Secrets are never told. */
  readonly fields: readonly { readonly field: string; readonly from: string; readonly to: string }[];
}

export interface ImportReport {
  readonly rows: number;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Rows that are not good. */
  readonly bad: number;
  /** False: nothing was changed, for a dry run or because of bad rows. */
  readonly isTaken: boolean;
  /** What kind of file it was found to be, e.g. `CSV, separator ;, encoding CP1252`. */
  readonly read: string;
  /** Columns of the file that mean nothing here. */
  readonly ignoredColumns: readonly string[];
  /** The first 1,000. */
  readonly problems: readonly RowProblem[];
  /** The first 1,000, unchanged ones left out. */
  readonly differences: readonly RowDifference[];
}

export interface WrittenFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}
