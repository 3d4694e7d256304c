import type { SettingNode } from "./kinds.js";
import { describeWanted } from "./reader.js";
import { SettingsSchema } from "./schema.js";

/** One row of the settings table. */
export interface SettingDocumentation {
  /** e.g. `reports[].receivers[].url`; alternatives are told apart as `receivers[kind=http]`. */
  readonly path: string;
  /** Type and limits in words. */
  readonly wanted: string;
  /** undefined: none; the setting is then either required or optional. */
  readonly default: unknown;
  readonly required: boolean;
  readonly restart: boolean;
  readonly secret: boolean;
  /** Belongs to this one device: not in configuration files. */
  readonly deviceBound: boolean;
  /** False: what it steers does not exist yet. */
  readonly built: boolean;
  readonly help: string;
  readonly logicalName: string | undefined;
}

/** Every setting in the order of the schema: for docs/settings.md, and a form later. */
export function settingsDocumentation(): readonly SettingDocumentation[] {
  return [...rowsOf(SettingsSchema as SettingNode, "", true, false)];
}

/** @param isRestart  a list around it is taken up at the next start as a whole */
function* rowsOf(
  schema: SettingNode,
  path: string,
  required: boolean,
  isRestart: boolean,
): Generator<SettingDocumentation> {
  if (schema.properties !== undefined) {
    for (const [name, property] of Object.entries(schema.properties)) {
      const isRequired = schema.required?.includes(name) === true && property.default === undefined;
      yield* rowsOf(property, path === "" ? name : `${path}.${name}`, isRequired, isRestart);
    }
    return;
  }
  if (schema.anyOf !== undefined) {
    for (const alternative of schema.anyOf) {
      const tag = alternative.properties?.[schema.discriminator ?? ""]?.const;
      yield* rowsOf(alternative, `${path.replace(/\[\]$/, "")}[${schema.discriminator}=${tag}]`, required, isRestart);
    }
    return;
  }
  yield {
    path,
    wanted: describeWanted(schema),
    default: schema.default,
    required,
    restart: isRestart || schema.restart === true,
    secret: schema.secret === true,
    deviceBound: schema.deviceBound === true,
    built: schema.built !== false,
    help: schema.description ?? "",
    logicalName: schema.logicalName,
  };
  if (schema.items !== undefined)
    yield* rowsOf(schema.items, `${path}[]`, required, isRestart || schema.restart === true);
}
