import type { ImportAnswer } from "../views/rest/contract.js";

/** What an import found, as people read it in a terminal. */
export function importText(answer: ImportAnswer): string {
  const { added, changed, unchanged, bad, isTaken, read, ignoredColumns } = answer;
  const lines = [`${read}; ${added} added, ${changed} changed, ${unchanged} unchanged, ${bad} bad`];
  if (ignoredColumns.length > 0) lines.push(`columns that mean nothing here: ${ignoredColumns.join(", ")}`);
  for (const { line, kind, subject, fields } of answer.differences) {
    const what = fields.map(({ field, from, to }) => `${field}: "${from}" → "${to}"`).join(", ");
    lines.push(`line ${line}: ${kind} ${subject}${what === "" ? "" : `, ${what}`}`);
  }
  for (const { line, column, reason } of answer.problems) {
    lines.push(`line ${line}${column === null ? "" : `, column ${column}`}: ${reason}`);
  }
  lines.push(isTaken ? "taken" : "nothing was changed");
  return `${lines.join("\n")}\n`;
}
