/**
 * The kinds a setting can have. Each makes a TypeBox schema (so a JSON Schema too) which carries, beside type and
 * limits, what a form, a console and the documentation need: unit, restart, secret, help, logical name.
 */
import Type from "typebox";
import type { Secret } from "./secret.js";

/** The named checks a setting may ask for: what JSON Schema cannot say. */
export type CheckName = "schedule" | "secondaryAddress" | "timeZone" | "loopback" | "httpUrl";

/** What every setting says about itself. */
export interface SettingFacts {
  readonly help: string;
  /** True where a change is only taken up at the next start. */
  readonly restart?: boolean;
  /** The setting as a COSEM Data object of the management device; given once, never reused. */
  readonly logicalName?: string;
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
  readonly description?: string;
}

function facts({ help, restart = false, logicalName }: SettingFacts, fallback?: unknown): Record<string, unknown> {
  return {
    description: help,
    restart,
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
