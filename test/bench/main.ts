/**
 * `npm run bench -- [--only NAME…] [--json FILE]`: prints a table, writes a list of BenchResult.
 * Every figure stands beside a reference measured in the same call.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { benches } from "./benches.js";
import type { BenchResult } from "./result.js";

const { values, positionals } = parseArgs({
  options: { only: { type: "string", multiple: true }, json: { type: "string" }, help: { type: "boolean" } },
  allowPositionals: true,
});
const known = benches.flatMap((bench) => bench.names);
const wanted = new Set([...(values.only ?? []).flatMap((names) => names.split(",")), ...positionals]);
const unknown = [...wanted].filter((name) => !known.includes(name));

if (values.help === true || unknown.length > 0) {
  if (unknown.length > 0) process.stderr.write(`no such bench: ${unknown.join(", ")}\n`);
  process.stdout.write(`npm run bench -- [--only NAME…] [--json FILE]\nnames: ${known.join(" ")}\n`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const results: BenchResult[] = [];
printLine(["bench", "value", "unit", "ratio", "reference", "note"]);
for (const bench of benches) {
  const names = new Set(bench.names.filter((name) => wanted.size === 0 || wanted.has(name)));
  if (names.size === 0) continue;
  for (const line of await bench.run(names)) {
    results.push(line);
    printLine([line.name, number(line.value), line.unit, number(line.ratio), number(line.reference), line.note]);
  }
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, undefined, 2)}\n`);
process.exit(0);

function number(value: number): string {
  return value.toLocaleString("en", { maximumSignificantDigits: value >= 1000 ? 21 : 3 });
}

function printLine(cells: readonly string[]): void {
  const widths = [24, 12, 14, 8, 12, 0];
  const line = cells.map((cell, index) =>
    index === 1 || index === 3 || index === 4 ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
  );
  process.stdout.write(`${line.join(" ").trimEnd()}\n`);
}
