/**
 * The kinds a setting can have. Each makes a TypeBox schema (so a JSON Schema too) which carries, beside type and
 * limits, what a form, a console and the documentation need: unit, restart, secret, help, logical name.
 */
import Type from "typebox";
import type { Secret } from "./secret.js";

/** The named checks a setting may ask for: what JSON Schema cannot say. */
export type CheckName =
  | "schedule"
  | "secondaryAddress"
  | "timeZone"
  | "httpUrl"
  | "httpUrlOrNone"
  | "ftpUrlOrNone"
  | "scheduleOrNone"
  | "ipAddressOrNone"
  | "ipRange"
  | "mailAddressesOrNone";

/** What every setting says about itself. */
export interface SettingFacts {
  readonly help: string;
  /** True where a change is only taken up at the next start. */
  readonly restart?: boolean;
  /** The setting as a COSEM Data object of the management device; given once, never reused. */
  readonly logicalName?: string;
  /** True where it belongs to this one device (addresses, serial): left out of configuration files. */
  readonly deviceBound?: boolean;
  /** False: kept and checked, but what it steers does not exist yet. */
  readonly built?: boolean;
}

interface NumberFacts extends SettingFacts {
  readonly default?: number;
  readonly min: number;
  readonly max: number;
}

interface TextFacts extends SettingFacts {
  readonly default?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** A regular expression, and the same in words for the error message. */
  readonly pattern?: string;
  readonly wanted?: string;
  readonly check?: CheckName;
}

/** A schema as the loader, the documentation and forms walk it: the JSON Schema that the helpers below make. */
export interface SettingNode {
  readonly type?: "object" | "array" | "string" | "integer" | "boolean";
  readonly properties?: Readonly<Record<string, SettingNode>>;
  readonly required?: readonly string[];
  readonly items?: SettingNode;
  readonly anyOf?: readonly SettingNode[];
  /** Of `anyOf`: the key whose value chooses the alternative, and the choice when nothing is written. */
  readonly discriminator?: string;
  readonly chosen?: string;
  readonly enum?: readonly (string | number)[];
  readonly const?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly wanted?: string;
  readonly check?: CheckName;
  readonly unit?: string;
  readonly secret?: boolean;
  readonly restart?: boolean;
  readonly logicalName?: string;
  readonly deviceBound?: boolean;
  readonly built?: boolean;
  readonly description?: string;
}

/** What the help of a setting says whose door or part is not built. */
export const notBuiltWords = "Takes effect when the door is built.";

function facts(
  { help, restart = false, logicalName, deviceBound = false, built = true }: SettingFacts,
  fallback?: unknown,
): Record<string, unknown> {
  return {
    description: built ? help : `${help} ${notBuiltWords}`,
    restart,
    ...(deviceBound ? { deviceBound } : {}),
    ...(built ? {} : { built }),
    ...(logicalName === undefined ? {} : { logicalName }),
    ...(fallback === undefined ? {} : { default: fallback }),
  };
}

function wholeNumber(options: NumberFacts, unit?: string) {
  const limits = { minimum: options.min, maximum: options.max };
  return Type.Integer({ ...facts(options, options.default), ...limits, ...(unit === undefined ? {} : { unit }) });
}

/** A whole number without a unit. */
export const count = (options: NumberFacts) => wholeNumber(options);
export const seconds = (options: NumberFacts) => wholeNumber(options, "s");
export const milliseconds = (options: NumberFacts) => wholeNumber(options, "ms");
/** A TCP or UDP port. */
export const port = (options: SettingFacts & { readonly default?: number }) =>
  wholeNumber({ ...options, min: 1, max: 65535 });
/** A TCP port to listen on; 0: any free one, which the log names. */
export const listeningPort = (options: SettingFacts & { readonly default: number }) =>
  wholeNumber({ ...options, min: 0, max: 65535 });

export const flag = (options: SettingFacts & { readonly default: boolean }) =>
  Type.Boolean(facts(options, options.default));

export function text(options: TextFacts) {
  const { minLength = 1, maxLength = 255, pattern, wanted, check } = options;
  return Type.String({
    ...facts(options, options.default),
    minLength,
    maxLength,
    ...(pattern === undefined ? {} : { pattern }),
    ...(wanted === undefined ? {} : { wanted }),
    ...(check === undefined ? {} : { check }),
  });
}

/** A password or key: a `Secret` in the program, text in the file, never shown again. */
export function secret({
  minLength = 1,
  maxLength = 255,
  pattern,
  wanted,
  ...rest
}: SettingFacts & Pick<TextFacts, "minLength" | "maxLength" | "pattern" | "wanted">) {
  const form = pattern === undefined || wanted === undefined ? {} : { pattern, wanted };
  return Type.Unsafe<Secret>({ type: "string", ...facts(rest), minLength, maxLength, ...form, secret: true });
}

/** One of a few words or numbers. */
export function oneOf<const Values extends readonly (string | number)[]>(
  values: Values,
  options: SettingFacts & { readonly default?: Values[number] },
) {
  return Type.Unsafe<Values[number]>({ enum: [...values], ...facts(options, options.default) });
}

/** When jobs run: a cron pattern. */
export const schedule = (options: SettingFacts & { readonly default?: string }) =>
  text({ ...options, check: "schedule" });

/** Settings that belong together; what is not named here is refused. */
export function group<Properties extends Type.TProperties>(properties: Properties, help: string) {
  return Type.Object(properties, { additionalProperties: false, description: help });
}

/** The group, or choice, with all of its settings marked as kept for a door that does not exist yet. */
export function notBuilt<Schema extends Type.TSchema>(schema: Schema): Schema {
  return marked(schema as SettingNode, { built: false }) as Schema;
}

/** The group with all of its settings marked as belonging to this one device. */
export function deviceBound<Schema extends Type.TSchema>(schema: Schema): Schema {
  return marked(schema as SettingNode, { deviceBound: true }) as Schema;
}

function marked(node: SettingNode, mark: Pick<SettingNode, "built" | "deviceBound">): SettingNode {
  const parts = {
    ...(node.properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(node.properties).map(([name, part]) => [name, marked(part, mark)]),
          ),
        }),
    ...(node.anyOf === undefined ? {} : { anyOf: node.anyOf.map((part) => marked(part, mark)) }),
    ...(node.items === undefined ? {} : { items: marked(node.items, mark) }),
  };
  const isLeaf = node.properties === undefined && node.anyOf === undefined;
  if (!isLeaf) return copied(node, parts);
  const isTold = mark.built !== false || node.built === false;
  const description = isTold ? node.description : `${node.description?.replace(/\.$/, "")}. ${notBuiltWords}`;
  return copied(node, { ...parts, ...mark, ...(description === undefined ? {} : { description }) });
}

/** With what TypeBox keeps out of sight. */
function copied(node: SettingNode, changes: Partial<SettingNode>): SettingNode {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(node)) as SettingNode;
  return Object.assign(copy, changes);
}

/** A setting's own logical name: `0-128:97.<group>.<setting>*255`. */
export const settingName = (group: number, setting: number) => `0-128:97.${group}.${setting}*255`;

/** A list of equal things; empty when nothing is written. */
export function listOf<Item extends Type.TSchema>(item: Item, options: SettingFacts & { readonly maxItems: number }) {
  return Type.Array(item, { ...facts(options, []), maxItems: options.maxItems });
}

/** One of several groups; the value of `discriminator` in each of them tells which. */
export function choice<Alternatives extends Type.TSchema[]>(
  discriminator: string,
  alternatives: [...Alternatives],
  options: { readonly help: string; readonly chosen?: string },
) {
  const { help, chosen } = options;
  return Type.Union(alternatives, { discriminator, description: help, ...(chosen === undefined ? {} : { chosen }) });
}
