import { readFileSync } from "node:fs";
import { formatProblems, loadSettings, type Settings, type SettingsProblem } from "../settings/index.js";
import { CommandFailed } from "./command.js";
import { existingVault } from "./files/vault-text.js";
import { settingsChecks } from "./settings-checks.js";

/** @param dataPath  whose master key opens sealed secrets, where it is there. @throws CommandFailed naming each problem with its line */
export function readSettingsFile(path: string, dataPath?: string): Settings {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandFailed(`cannot read the settings file: ${(error as Error).message}`);
  }
  if (text.includes("\0")) throw new CommandFailed(`${path} is not a text file; a settings file is YAML`);
  const vault = dataPath === undefined ? undefined : existingVault(dataPath);
  const checks = vault === undefined ? settingsChecks : { ...settingsChecks, openSecret: vault.open };
  const loaded = loadSettings(text, path, checks);
  if (!loaded.ok) throw new CommandFailed(firstProblems(loaded.problems));
  return loaded.settings;
}

const mostProblems = 20;

/** All problems, but not without end. */
export function firstProblems(problems: readonly SettingsProblem[]): string {
  const more = problems.length - mostProblems;
  return `${formatProblems(problems.slice(0, mostProblems))}${more > 0 ? `\nand ${more} more` : ""}`;
}
