import { readFileSync } from "node:fs";
import { formatProblems, loadSettings, type Settings, type SettingsProblem } from "../settings/index.js";
import { CommandFailed } from "./command.js";
import { settingsChecks } from "./settings-checks.js";

/** @throws CommandFailed naming each problem with its line */
export function readSettingsFile(path: string): Settings {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandFailed(`cannot read the settings file: ${(error as Error).message}`);
  }
  if (text.includes("\0")) throw new CommandFailed(`${path} is not a text file; a settings file is YAML`);
  const loaded = loadSettings(text, path, settingsChecks);
  if (!loaded.ok) throw new CommandFailed(firstProblems(loaded.problems));
  return loaded.settings;
}

const mostProblems = 20;

function firstProblems(problems: readonly SettingsProblem[]): string {
  const more = problems.length - mostProblems;
  return `${formatProblems(problems.slice(0, mostProblems))}${more > 0 ? `\nand ${more} more` : ""}`;
}
