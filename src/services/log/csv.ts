/** One line of CSV as RFC 4180 has it, safe to open in a spreadsheet. */

/** What a spreadsheet would take for a formula: text from outside must not become one. */
const formula = /^[=+\-@\t\r]/;

export function csvLine(fields: readonly string[]): string {
  return `${fields.map(csvField).join(",")}\r\n`;
}

function csvField(field: string): string {
  const safe = formula.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
