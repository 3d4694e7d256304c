import { readFileSync } from "node:fs";
import { formatProblems, loadSettings, type Settings } from "../settings/index.js";
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
  const loaded = loadSettings(text, path, settingsChecks);
  if (!loaded.ok) throw new CommandFailed(formatProblems(loaded.problems));
  return loaded.settings;
}
