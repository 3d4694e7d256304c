/** Tables that people bring and take. */
export { type Column, digitsAt, type FoundColumns, findColumns, textAt } from "./columns.js";
export type * from "./contract.js";
export { ImportFindings } from "./import-report.js";
export type { Cell, Sheet, Table, TableRow } from "./table-format.js";
export { maxFileBytes, readFile, type TableResult, writeFile } from "./tables.js";
