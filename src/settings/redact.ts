import { stringify } from "yaml";
import type { Settings } from "./schema.js";
import { Secret } from "./secret.js";

/** The settings in force as YAML, defaults written out; each secret shows as `[secret]`. */
export function redactSettings(settings: Settings): string {
  return stringify(settings, (_key, value: unknown) => (value instanceof Secret ? value.toString() : value));
}
