/**
 * Walks the schema and the YAML together: fills in defaults, turns secrets into `Secret`, and collects every problem
 * with its path and position. A value with a problem is left out of the result, which is then not used.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type ParsedNode, type Scalar } from "yaml";
import { userInUrlWords } from "./checks.js";
import type { CheckName, SettingNode } from "./kinds.js";
import { nearest } from "./nearest.js";
import { Secret } from "./secret.js";

/** A problem at a place in the text: `offset` counts characters. */
export interface FoundProblem {
  readonly path: string;
  readonly offset: number;
  readonly message: string;
}

export interface ReadContext {
  readonly document: Document.Parsed;
  readonly checks: Record<CheckName, (text: string) => string | undefined>;
  readonly openSecret?: ((name: string, sealed: string) => string) | undefined;
  readonly problems: FoundProblem[];
}

interface Place {
  readonly path: string;
  /** Where to point when the value itself is missing: its key or the group around it. */
  readonly offset: number;
}

/** @returns the value with defaults; undefined when it is missing and optional, or has a problem */
export function readSetting(
  schema: SettingNode,
  written: Node | null | undefined,
  place: Place,
  context: ReadContext,
): unknown {
  const node = isAlias(written) ? (written.resolve(context.document) as Node | undefined) : written;
  if (schema.properties !== undefined) return readGroup(schema, schema.properties, node, place, context);
  if (schema.anyOf !== undefined) return readChoice(schema, node, place, context);
  if (schema.type === "array") return readList(schema, node, place, context);
  if (isNothing(node)) return schema.default;
  return readScalar(schema, node, { ...place, offset: offsetOf(node) ?? place.offset }, context);
}

function readGroup(
  schema: SettingNode,
  properties: Readonly<Record<string, SettingNode>>,
  node: Node | undefined | null,
  place: Place,
  context: ReadContext,
): unknown {
  const report = (path: string, offset: number, message: string) => context.problems.push({ path, offset, message });
  if (!isNothing(node) && !isMap<ParsedNode, ParsedNode | null>(node)) {
    report(
      place.path,
      offsetOf(node) ?? place.offset,
      `wants a group of settings: ${Object.keys(properties).join(", ")}`,
    );
    return undefined;
  }
  const pairs = new Map<string, { offset: number; value: Node | null }>();
  for (const pair of isNothing(node) ? [] : node.items) {
    const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    const offset = offsetOf(pair.key) ?? place.offset;
    if (Object.hasOwn(properties, name)) {
      pairs.set(name, { offset, value: pair.value });
      continue;
    }
    report(join(place.path, name), offset, unknownMessage(name, Object.keys(properties)));
  }
  const result: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    const pair = pairs.get(name);
    const path = join(place.path, name);
    const offset = pair?.offset ?? (isNothing(node) ? place.offset : (offsetOf(node) ?? place.offset));
    const before = context.problems.length;
    const value = readSetting(property, pair?.value, { path, offset }, context);
    if (value !== undefined) result[name] = value;
    else if (context.problems.length === before && schema.required?.includes(name)) {
      report(path, offset, `is missing: ${property.description ?? "give a value"}`);
    } else if (context.problems.length === before && pair !== undefined) {
      report(path, offset, "has no value; give one or leave the line out");
    }
  }
  return result;
}

function readChoice(schema: SettingNode, node: Node | undefined | null, place: Place, context: ReadContext): unknown {
  const discriminator = schema.discriminator ?? "kind";
  const alternatives = new Map(
    (schema.anyOf ?? []).map((alternative) => [alternative.properties?.[discriminator]?.const ?? "", alternative]),
  );
  const offset = offsetOf(node) ?? place.offset;
  const names = [...alternatives.keys()].join(" or ");
  if (isNothing(node) && schema.chosen === undefined) return undefined;
  if (!isNothing(node) && !isMap(node)) {
    context.problems.push({
      path: place.path,
      offset,
      message: `wants a group of settings with ${discriminator}: ${names}`,
    });
    return undefined;
  }
  const written = isMap(node) ? node.get(discriminator, true) : undefined;
  const tag = isScalar(written) ? String(written.value) : schema.chosen;
  const alternative = alternatives.get(tag ?? "");
  if (alternative !== undefined) {
    const value = readGroup(alternative, alternative.properties ?? {}, node, place, context) as object | undefined;
    return value === undefined ? undefined : { ...value, [discriminator]: tag };
  }
  const path = join(place.path, discriminator);
  const message = tag === undefined ? `is missing: wants ${names}` : `wants ${names}, not "${tag}"`;
  context.problems.push({ path, offset: isScalar(written) ? (offsetOf(written) ?? offset) : offset, message });
  return undefined;
}

function readList(schema: SettingNode, node: Node | undefined | null, place: Place, context: ReadContext): unknown {
  if (isNothing(node)) return [];
  const offset = offsetOf(node) ?? place.offset;
  const refuse = (message: string) => void context.problems.push({ path: place.path, offset, message });
  if (!isSeq<Node | null>(node)) return refuse("wants a list: one entry a line, each starting with a dash");
  const { maxItems = Number.POSITIVE_INFINITY, items } = schema;
  if (node.items.length > maxItems) return refuse(`has ${node.items.length} entries; at most ${maxItems} are allowed`);
  if (items === undefined) return [];
  return node.items.map((item, index) => {
    const path = `${place.path}[${index}]`;
    const before = context.problems.length;
    const value = readSetting(items, item, { path, offset: offsetOf(item) ?? offset }, context);
    if (value === undefined && context.problems.length === before) {
      context.problems.push({ path, offset, message: "is empty; give a value or remove the dash" });
    }
    return value;
  });
}

function readScalar(schema: SettingNode, node: Node, place: Place, context: ReadContext): unknown {
  const refuse = (message: string) => void context.problems.push({ path: place.path, offset: place.offset, message });
  const shown = schema.secret || !isScalar(node) ? "" : `, not ${JSON.stringify(node.source ?? node.value)}`;
  const wanted = `wants ${describeWanted(schema)}${shown}`;
  if (!isScalar(node)) return refuse(wanted);
  const value = schema.type === "string" ? asText(node) : node.value;
  if (schema.const !== undefined) return value === schema.const ? value : refuse(wanted);
  if (schema.enum !== undefined) {
    const found = schema.enum.find((option) => option === value || option === asText(node));
    return found ?? refuse(wanted);
  }
  if (schema.type === "boolean") return typeof value === "boolean" ? value : refuse(wanted);
  if (schema.type === "integer") {
    const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema;
    return Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum ? value : refuse(wanted);
  }
  if (typeof value !== "string") return refuse(wanted);
  if (schema.secret && value.startsWith(sealedPrefix)) {
    const opened = openSealed(value, place.path, context);
    return opened.ok ? checkText(schema, opened.text, wanted, refuse, context) : refuse(opened.message);
  }
  return checkText(schema, value, wanted, refuse, context);
}

/** In any setting that is no secret: it would be shown, exported and backed up as it stands. */
const urlWithUser = /[a-z][a-z0-9+.-]*:[/\\]{2}[^/\\?#\s]*@/i;

function checkText(
  schema: SettingNode,
  value: string,
  wanted: string,
  refuse: (message: string) => void,
  context: ReadContext,
): unknown {
  const { minLength = 0, maxLength = 255, pattern, check, secret } = schema;
  if (secret !== true && urlWithUser.test(value)) return refuse(userInUrlWords);
  if (value.length < minLength || value.length > maxLength) return refuse(wanted);
  if (pattern !== undefined && !new RegExp(pattern).test(value)) return refuse(wanted);
  const complaint = check === undefined ? undefined : context.checks[check](value);
  if (complaint !== undefined) return refuse(complaint);
  return secret ? new Secret(value) : value;
}

/** What a secret starts with that is kept sealed under the master key. */
export const sealedPrefix = "enc:";

/** The name under which a secret is sealed: its path without the places in lists, which change. */
export function sealNameOf(path: string): string {
  return `settings:${path.replace(/\[\d+\]/g, "[]")}`;
}

function openSealed(
  sealed: string,
  path: string,
  { openSecret }: ReadContext,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string } {
  if (openSecret === undefined) {
    return {
      ok: false,
      message: "is sealed, and the master.key to open it is not here; give --data, or the secret anew",
    };
  }
  try {
    return { ok: true, text: openSecret(sealNameOf(path), sealed.slice(sealedPrefix.length)) };
  } catch {
    return { ok: false, message: "does not open: it was changed, or sealed under another master.key; give it anew" };
  }
}

/** A plain `00123456` is text to whoever wrote it, though YAML reads a number: take it as it stands in the file. */
function asText(node: Scalar): unknown {
  return typeof node.value === "number" || typeof node.value === "bigint"
    ? (node.source ?? String(node.value))
    : node.value;
}

/** What a value must be, in words: for error messages and the documentation. */
export function describeWanted(schema: SettingNode): string {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return `one of ${schema.enum.join(", ")}`;
  if (schema.type === "boolean") return "true or false";
  if (schema.type === "integer") {
    const unit = { s: " of seconds", ms: " of milliseconds" }[schema.unit ?? ""] ?? "";
    return `a whole number${unit} from ${schema.minimum} to ${schema.maximum}`;
  }
  if (schema.type === "array") return `a list of at most ${schema.maxItems}`;
  if (schema.wanted !== undefined) return schema.wanted;
  return `text of ${schema.minLength} to ${schema.maxLength} characters`;
}

function unknownMessage(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return `unknown setting${meant === undefined ? `; known here: ${known.join(", ")}` : `; did you mean "${meant}"?`}`;
}

function isNothing(node: Node | undefined | null): node is undefined | null {
  return node === undefined || node === null || (isScalar(node) && node.value === null);
}

function offsetOf(node: unknown): number | undefined {
  return (node as { range?: readonly number[] } | null | undefined)?.range?.[0];
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
