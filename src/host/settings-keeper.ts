/** The settings file of the running gateway: read and sealed at the start, changed as a whole, the one before kept. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { parse } from "yaml";
import type { SettingsKeeper } from "../services/settings/index.js";
import {
  ChangeRefused,
  changedSettings,
  formatProblems,
  loadSettings,
  redactSettings,
  type Settings,
  SettingsSchema,
  settingsDifferences,
  settingsDocumentation,
  unbuiltSettings,
} from "../settings/index.js";
import { CommandFailed } from "./command.js";
import { type SettingsVault, sealedText } from "./files/vault-text.js";
import { settingsChecks } from "./settings-checks.js";
import { firstProblems } from "./settings-file.js";

export interface OpenSettings extends SettingsKeeper {
  /** As they were at the start. */
  readonly settings: Settings;
  readonly path: string;
  /** Now, changes that need no restart among them. */
  current(): Settings;
  /** Called after each change that was written. */
  subscribe(listener: (settings: Settings) => void): void;
}

/**
 * Reads the file (none: the defaults) and seals what is plain in it.
 * @param warn  told what an admin should know
 * @throws CommandFailed naming each problem with its line
 */
export function openSettings(path: string, vault: SettingsVault, warn: (words: string) => void): OpenSettings {
  const checks = { ...settingsChecks, openSecret: vault.open };
  let text = readText(path);
  const loaded = loadSettings(text, path, checks);
  if (!loaded.ok) throw new CommandFailed(firstProblems(loaded.problems));
  const { settings } = loaded;
  let current = settings;
  const { text: sealed, sealed: paths } = sealedText(text, vault);
  if (paths.length > 0) {
    try {
      replaceFile(path, sealed);
      text = sealed;
    } catch (error) {
      warn(`secrets stand in ${path} as plain text, and it cannot be written: ${(error as Error).message}`);
    }
  }
  for (const words of warningsOf(text)) warn(words);
  const listeners: ((changed: Settings) => void)[] = [];
  /** One change at a time; each begins from the file as it is now, which a person may have edited. */
  let busy = Promise.resolve<unknown>(undefined);

  const change: SettingsKeeper["change"] = async (changes, { isWhole, isDryRun }) => {
    const before = readText(path);
    let changed: string;
    try {
      changed = sealedText(changedSettings(before, changes, isWhole), vault).text;
    } catch (error) {
      if (error instanceof ChangeRefused) return { ok: false, message: error.message };
      return { ok: false, message: `this cannot be set: ${error instanceof Error ? error.message : String(error)}` };
    }
    const now = loadSettings(changed, "settings", checks);
    if (!now.ok) return { ok: false, message: formatProblems(now.problems.slice(0, 20)) };
    const differences = settingsDifferences(current, now.settings);
    if (!isDryRun && changed !== before) {
      if (before !== "") replaceFile(`${path}.previous`, before);
      replaceFile(path, changed);
      text = changed;
      current = now.settings;
      for (const listener of listeners) listener(current);
    }
    return { ok: true, changed: differences.map((difference) => difference.path) };
  };

  return {
    settings,
    path,
    current: () => current,
    subscribe: (listener) => void listeners.push(listener),
    view: () => ({
      settings: parse(redactSettings(current)) as Record<string, unknown>,
      restartNeeded: settingsDifferences(settings, current)
        .filter(({ restart }) => restart)
        .map((difference) => difference.path),
      warnings: warningsOf(text),
    }),
    rows: settingsDocumentation,
    schema: () => SettingsSchema,
    change(changes, options) {
      const mine = busy.then(() => change(changes, options));
      busy = mine.catch(() => undefined);
      return mine;
    },
  };
}

function warningsOf(text: string): readonly string[] {
  return unbuiltSettings(text).map((path) => `${path} is kept, and takes effect when the door is built`);
}

function readText(path: string): string {
  if (!existsSync(path)) return "";
  const text = readFileSync(path, "utf8");
  if (text.includes("\0")) throw new CommandFailed(`${path} is not a text file; a settings file is YAML`);
  return text;
}

/** On disk as a whole, or as it was. */
function replaceFile(path: string, text: string): void {
  const file = openSync(`${path}.new`, "w", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
  const folder = openSync(dirname(path), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
