/**
 * Applies a configuration file that was fetched: settings as YAML, in the form of the settings file. What it does not
 * name stays. It is tried as a whole first; a file that is not good changes nothing. Command files (`.cad`) are lines
 * of the console, and are told apart only to say so.
 */
import { parse } from "yaml";
import type { Principal } from "../../../cosem/index.js";
import type { SettingsService } from "../../services/settings/index.js";

export interface ConfigurationFilesParts {
  readonly settings: SettingsService;
  /** @param from  where the file came from */
  principal(from: string): Principal;
}

/** @returns what it did, in words. Rejects with what is wrong; then nothing is changed */
export type ApplyFile = (text: string, from: string) => Promise<string>;

const mostNamed = 20;

export function createConfigurationFiles({ settings, principal }: ConfigurationFilesParts): ApplyFile {
  return async (text, from) => {
    const caller = principal(from);
    const changes = changesOf(text);
    const tried = await settings.change(caller, changes, { isWhole: false, isDryRun: true });
    if (!tried.ok) throw new Error(`nothing was changed: ${tried.refusal.message}`);
    const table = settings.table(caller);
    if (!table.ok) throw new Error(table.refusal.message);
    const bound = new Set(table.value.rows.filter(({ deviceBound }) => deviceBound).map(({ path }) => path));
    const own = tried.value.changed.filter((path) => bound.has(path));
    if (own.length > 0) {
      throw new Error(`nothing was changed: ${listed(own)} belong to one device; take them out of the file`);
    }
    const done = await settings.change(caller, changes, { isWhole: false, isDryRun: false });
    if (!done.ok) throw new Error(`nothing was changed: ${done.refusal.message}`);
    const { changed, restartNeeded } = done.value;
    if (changed.length === 0) return "the file says what is set already";
    const waiting = changed.filter((path) => restartNeeded.includes(path));
    const later = waiting.length === 0 ? "" : `; in force after a restart: ${listed(waiting)}`;
    return `changed ${listed(changed)}${later}`;
  };
}

function changesOf(text: string): Readonly<Record<string, unknown>> {
  if (/^\uFEFF?\s*#!\s*cad\b/i.test(text)) {
    throw new Error(
      "this is a command file (.cad): this gateway has no console yet to run its lines; send settings as YAML",
    );
  }
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 20 });
  } catch (error) {
    const [line = ""] = error instanceof Error ? error.message.split("\n", 1) : [];
    throw new Error(`the file is no YAML: ${line}`);
  }
  if (value === null) throw new Error("the file is empty");
  if (typeof value !== "object" || Array.isArray(value)) {
    throw new Error("the file holds no settings: it wants groups of settings as YAML, such as readout: { retries: 2 }");
  }
  return value as Readonly<Record<string, unknown>>;
}

function listed(paths: readonly string[]): string {
  const more = paths.length - mostNamed;
  return more > 0 ? `${paths.slice(0, mostNamed).join(", ")} and ${more} more` : paths.join(", ");
}
