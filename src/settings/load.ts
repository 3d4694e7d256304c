import { LineCounter, parseDocument } from "yaml";
import { namedChecks, type SettingsChecks } from "./checks.js";
import type { SettingNode } from "./kinds.js";
import { type FoundProblem, readSetting } from "./reader.js";
import { relationProblems } from "./relations.js";
import { type Settings, SettingsSchema } from "./schema.js";

/** One thing wrong with the settings. Lines and columns count from 1. */
export interface SettingsProblem {
  readonly fileName: string;
  readonly line: number;
  readonly column: number;
  /** e.g. `reports[0].receivers[1].url`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

export type LoadedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly problems: readonly SettingsProblem[] };

/**
 * Reads and checks the whole settings text; every problem is reported at once, in the order of lines.
 * @param yamlText  YAML 1.2; an empty text gives the defaults
 * @param fileName  named in problems only; nothing is read here
 */
export function loadSettings(yamlText: string, fileName: string, checks: SettingsChecks): LoadedSettings {
  const lineCounter = new LineCounter();
  const document = parseDocument(yamlText, { lineCounter, prettyErrors: false, uniqueKeys: true });
  const place = ({ path, offset, message }: FoundProblem): SettingsProblem => {
    const { line, col } = lineCounter.linePos(offset);
    return { fileName, line: Math.max(line, 1), column: Math.max(col, 1), path, message };
  };
  const problems: FoundProblem[] = document.errors.map((error) => ({
    path: "",
    offset: error.pos[0],
    message: error.code === "DUPLICATE_KEY" ? duplicateMessage(yamlText, error.pos) : `is not YAML: ${error.message}`,
  }));
  const isReadable = document.errors.every((error) => error.code === "DUPLICATE_KEY");
  if (isReadable) {
    const context = { document, checks: namedChecks(checks), openSecret: checks.openSecret, problems };
    const settings = readSetting(SettingsSchema as SettingNode, document.contents, { path: "", offset: 0 }, context);
    if (problems.length === 0) problems.push(...relationProblems(settings as Settings, document));
    if (problems.length === 0) return { ok: true, settings: settings as Settings };
  }
  return { ok: false, problems: problems.toSorted((a, b) => a.offset - b.offset).map(place) };
}

function duplicateMessage(yamlText: string, [from]: readonly [number, number]): string {
  const key = /^[^\s:#]*/.exec(yamlText.slice(from, from + 100))?.[0] ?? "";
  return `"${key}" is given twice; remove one of them`;
}

/** One line a problem: `settings.yaml:12: doors.web.hots: unknown setting; did you mean "host"?` */
export function formatProblems(problems: readonly SettingsProblem[]): string {
  return problems
    .map(({ fileName, line, path, message }) => `${fileName}:${line}: ${path === "" ? "" : `${path}: `}${message}`)
    .join("\n");
}
