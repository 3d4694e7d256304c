/** Changes of the settings file as text: comments stay where they can, and each value is found by its path. */
import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, isScalar, isSeq, type Node, parseDocument, type Scalar } from "yaml";
import type { SettingNode } from "./kinds.js";
import { sealedPrefix, sealNameOf } from "./reader.js";
import { SettingsSchema } from "./schema.js";

export type Keys = readonly (string | number)[];

/** A setting that stands in the file. */
export interface WrittenSetting {
  readonly keys: Keys;
  /** `reports[0].receivers[1].url` */
  readonly path: string;
  readonly schema: SettingNode;
  readonly scalar: Scalar;
}

export function pathOf(keys: Keys): string {
  return keys
    .map((key) => (typeof key === "number" ? `[${key}]` : `.${key}`))
    .join("")
    .replace(/^\./, "");
}

/** `a.b[0].c` as keys; undefined where it is none. */
export function keysOfPath(path: string): Keys | undefined {
  if (!/^[A-Za-z0-9]+(\.[A-Za-z0-9]+|\[\d{1,6}\])*$/.test(path)) return undefined;
  return path
    .split(/[.[\]]+/)
    .filter((part) => part !== "")
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** All settings that the text gives, in its order; what is not of the schema is left out. */
export function writtenSettings(document: Document.Parsed | Document): readonly WrittenSetting[] {
  return [...written(SettingsSchema as SettingNode, document.contents as Node | null, [])];
}

function* written(schema: SettingNode, node: unknown, keys: Keys): Generator<WrittenSetting> {
  if (isMap(node)) {
    const group = schema.anyOf === undefined ? schema : alternativeOf(schema, node.toJSON() as Record<string, unknown>);
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : String(key);
      const part = group?.properties?.[name];
      if (part !== undefined) yield* written(part, value, [...keys, name]);
    }
    return;
  }
  if (isSeq(node) && schema.items !== undefined) {
    for (const [index, item] of node.items.entries()) yield* written(schema.items, item, [...keys, index]);
    return;
  }
  if (isScalar(node) && schema.properties === undefined && schema.anyOf === undefined) {
    yield { keys, path: pathOf(keys), schema, scalar: node };
  }
}

function alternativeOf(schema: SettingNode, value: Record<string, unknown>): SettingNode | undefined {
  const { discriminator = "kind", anyOf, chosen } = schema;
  const tag = value[discriminator] ?? chosen;
  return anyOf?.find((alternative) => alternative.properties?.[discriminator]?.const === tag);
}

/** Plain secrets replaced by sealed ones; the text itself where there is none. */
export function sealSecrets(
  yamlText: string,
  seal: (name: string, secret: string) => string,
): { readonly text: string; readonly sealed: readonly string[] } {
  const document = parseDocument(yamlText);
  const sealed: string[] = [];
  for (const { path, schema, scalar } of writtenSettings(document)) {
    if (schema.secret !== true || scalar.value === null) continue;
    const plain = typeof scalar.value === "string" ? scalar.value : (scalar.source ?? String(scalar.value));
    if (plain.startsWith(sealedPrefix)) continue;
    scalar.value = `${sealedPrefix}${seal(sealNameOf(path), plain)}`;
    // A long text would be folded over lines.
    scalar.type = "PLAIN";
    sealed.push(path);
  }
  return { text: sealed.length === 0 ? yamlText : textOf(document), sealed };
}

function textOf(document: Document): string {
  return document.toString({ lineWidth: 0 });
}

/** What is removed together with the settings that `leavesOut` names; a group left empty goes too. */
export function withoutSettings(
  yamlText: string,
  leavesOut: (setting: WrittenSetting) => boolean,
): { readonly text: string; readonly leftOut: readonly WrittenSetting[] } {
  const document = parseDocument(yamlText);
  const leftOut = writtenSettings(document).filter(leavesOut);
  for (const { keys } of leftOut) {
    document.deleteIn(keys);
    for (let depth = keys.length - 1; depth > 0; depth--) {
      const group = document.getIn(keys.slice(0, depth), true);
      if (!isMap(group) || group.items.length > 0 || typeof keys[depth - 1] === "number") break;
      document.deleteIn(keys.slice(0, depth));
    }
  }
  return { text: leftOut.length === 0 ? yamlText : emptyAsText(document), leftOut };
}

function emptyAsText(document: Document): string {
  const { contents } = document;
  return contents === null || (isMap(contents) && contents.items.length === 0) ? "" : textOf(document);
}

/** The settings that the text gives for doors that do not exist yet, where they are not the default anyway. */
export function unbuiltSettings(yamlText: string): readonly string[] {
  return writtenSettings(parseDocument(yamlText))
    .filter(({ schema, scalar }) => schema.built === false && schema.default !== scalar.value)
    .map(({ path }) => path);
}

/** Stands for a secret that stays as it is. */
export const redactedSecret = "[secret]";

/** A change cannot be made: the message says where and why. */
export class ChangeRefused extends Error {}

/**
 * The text with the changes made: groups are merged, null takes a setting back to its default, lists and values are
 * replaced. `[secret]` keeps the secret that stood there; in lists, that of the entry with the same name or address.
 * @param isWhole  what `changes` does not name is taken out
 * @throws ChangeRefused
 */
export function changedSettings(yamlText: string, changes: Readonly<Record<string, unknown>>, isWhole = false): string {
  const document = parseDocument(yamlText);
  const before = (document.toJS() ?? {}) as Record<string, unknown>;
  const target = isWhole ? pruned(document, changes) : document;
  merge(target, [], changes, before);
  return emptyAsText(target);
}

function pruned(document: Document.Parsed, changes: Readonly<Record<string, unknown>>): Document.Parsed {
  if (isMap(document.contents)) {
    for (const { key } of [...document.contents.items]) {
      const name = isScalar(key) ? String(key.value) : String(key);
      if (!Object.hasOwn(changes, name)) document.delete(name);
      else pruneGroup(document, [name], changes[name]);
    }
  }
  return document;
}

function pruneGroup(document: Document.Parsed, keys: Keys, change: unknown): void {
  const node = document.getIn(keys, true);
  if (!isMap(node) || !isGroup(change)) return;
  for (const { key } of [...node.items]) {
    const name = isScalar(key) ? String(key.value) : String(key);
    if (!Object.hasOwn(change, name)) document.deleteIn([...keys, name]);
    else pruneGroup(document, [...keys, name], change[name]);
  }
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function merge(document: Document, keys: Keys, change: unknown, before: unknown): void {
  if (change === null) {
    document.deleteIn(keys);
    return;
  }
  if (isGroup(change)) {
    if (keys.length > 0 && !isMap(document.getIn(keys, true))) document.setIn(keys, document.createNode({}));
    for (const [name, part] of Object.entries(change)) {
      merge(document, [...keys, name], part, isGroup(before) ? before[name] : undefined);
    }
    return;
  }
  const value = withKeptSecrets(change, before, keys);
  if (isDeepStrictEqual(value, before)) return;
  const node = document.getIn(keys, true);
  // In place, so that the comment behind the value stays.
  if (isScalar(node) && !Array.isArray(value)) node.value = value;
  else document.setIn(keys, document.createNode(value));
}

function withKeptSecrets(change: unknown, before: unknown, keys: Keys): unknown {
  if (change === redactedSecret) {
    if (typeof before === "string" || typeof before === "number") return before;
    throw new ChangeRefused(`${pathOf(keys)}: there is no secret here to keep; give it`);
  }
  if (Array.isArray(change)) {
    const old: readonly unknown[] = Array.isArray(before) ? before : [];
    return change.map((item, index) => withKeptSecrets(item, entryLike(item, old), [...keys, index]));
  }
  if (!isGroup(change)) return change;
  return Object.fromEntries(
    Object.entries(change).map(([name, part]) => [
      name,
      withKeptSecrets(part, isGroup(before) ? before[name] : undefined, [...keys, name]),
    ]),
  );
}

const identifying = [
  "name",
  "sap",
  "id",
  "kind",
  "url",
  "host",
  "user",
  "interface",
  "secondaryAddress",
  "primaryAddress",
];

/** Its entry of before, however the list was moved about; undefined where two could be meant. */
function entryLike(item: unknown, old: readonly unknown[]): unknown {
  if (!isGroup(item)) return undefined;
  const identity = (entry: unknown) =>
    identifying.map((name) => (isGroup(entry) ? String(entry[name] ?? "") : "?")).join("|");
  const found = old.filter((entry) => identity(entry) === identity(item));
  return found.length === 1 ? found[0] : undefined;
}

/**
 * The text with the secrets of another one where it has none: those of the entry with the same name or address in lists.
 * For a file that was made without its secrets.
 */
export function withSecretsOf(yamlText: string, presentText: string): string {
  const document = parseDocument(yamlText);
  const [wanted, present] = [document.toJS() as unknown, parseDocument(presentText)];
  let isChanged = false;
  for (const { keys, schema, scalar } of writtenSettings(present)) {
    if (schema.secret !== true) continue;
    const place = placeLike(keys, present.toJS() as unknown, wanted);
    if (place === undefined || document.hasIn(place)) continue;
    document.setIn(place, scalar.value);
    isChanged = true;
  }
  return isChanged ? emptyAsText(document) : yamlText;
}

/** Where in `wanted` the setting at these keys of `present` stands; undefined: its list entry is not there. */
function placeLike(keys: Keys, present: unknown, wanted: unknown): Keys | undefined {
  const place: (string | number)[] = [];
  let [from, to] = [present, wanted];
  for (const key of keys) {
    let at = key;
    if (typeof key === "number") {
      if (!Array.isArray(from) || !Array.isArray(to)) return undefined;
      at = to.indexOf(entryLike(from[key], to));
      if (at < 0) return undefined;
    }
    place.push(at);
    from = (from as Readonly<Record<string | number, unknown>> | undefined)?.[key];
    to = (to as Readonly<Record<string | number, unknown>> | undefined)?.[at];
  }
  return place;
}

/** Paths of settings that differ, and whether one of them waits for a restart. Values are never told: they may be secrets. */
export function settingsDifferences(
  before: unknown,
  after: unknown,
): readonly { readonly path: string; readonly restart: boolean }[] {
  return [...differences(SettingsSchema as SettingNode, plain(before), plain(after), [], false)];
}

/** Secrets compare by what they are. */
function plain(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("reveal" in value && typeof value.reveal === "function") return { sealed: String(value.reveal()) };
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]));
}

function* differences(
  schema: SettingNode,
  before: unknown,
  after: unknown,
  keys: Keys,
  isRestart: boolean,
): Generator<{ readonly path: string; readonly restart: boolean }> {
  if (isDeepStrictEqual(before, after)) return;
  if (schema.properties === undefined || !isGroup(before) || !isGroup(after)) {
    yield { path: pathOf(keys), restart: isRestart || schema.restart === true || needsRestart(schema) };
    return;
  }
  for (const [name, part] of Object.entries(schema.properties)) {
    yield* differences(part, before[name], after[name], [...keys, name], isRestart);
  }
}

/** A choice or list is taken up at once only where all in it is. */
function needsRestart(schema: SettingNode): boolean {
  if (schema.restart === true) return true;
  const parts = [
    ...(schema.anyOf ?? []),
    ...Object.values(schema.properties ?? {}),
    ...(schema.items ? [schema.items] : []),
  ];
  return parts.some(needsRestart);
}
