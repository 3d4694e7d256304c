/** Checking M-Bus maps: the schema, and every example. */
import { relative } from "node:path";
import { loadMaps } from "./load-maps.js";
import { checkExamples } from "./map-examples.js";
import type { MapProblem } from "./map-schema.js";

/**
 * @param folders  later ones before earlier ones
 * @returns lines to print, one a file and one a problem, and how many problems there are
 */
export function checkMaps(folders: readonly string[]): {
  readonly lines: readonly string[];
  readonly problems: number;
} {
  const { maps, problems: schemaProblems } = loadMaps(folders);
  const lines: string[] = [];
  const report = (problem: MapProblem) => `${relative("", problem.file)}:${problem.line}: ${problem.message}`;
  lines.push(...schemaProblems.map(report));
  let problems = schemaProblems.length;
  for (const map of maps) {
    const found = checkExamples(map, maps);
    problems += found.length;
    const verdict = found.length === 0 ? "good" : `${found.length} problems`;
    const { records, examples } = map.map;
    lines.push(`${relative("", map.file)}: ${records.length} rules, ${examples.length} examples: ${verdict}`);
    lines.push(...found.map(report));
  }
  return { lines, problems };
}
