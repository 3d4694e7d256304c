import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Compile } from "typebox/compile";
import { type Document, isMap, isNode, isSeq, LineCounter, parseDocument } from "yaml";
import { type MapFile, type MapProblem, MapSchema } from "./map-schema.js";

/** A map with where each rule and example stands in its file. */
export interface LoadedMap {
  readonly file: string;
  readonly map: MapFile;
  readonly ruleLines: readonly number[];
  readonly exampleLines: readonly number[];
}

export interface LoadedMaps {
  /** In order of precedence: the first map with a matching rule counts. */
  readonly maps: readonly LoadedMap[];
  readonly problems: readonly MapProblem[];
}

/** The maps that come with the package; this file runs as dist/src/mapping/load-maps.js. */
export const shippedMapFolder = fileURLToPath(new URL("../../../obis-maps/mbus/", import.meta.url));

/** Maps of single makes that also describe their manufacturer-specific data. */
const manufacturerFolder = "manufacturer";

const schema = Compile(MapSchema);

/**
 * Reads every `*.yaml` of the folders.
 * @param folders  later ones go before earlier ones, and a file of the same name takes the earlier one's place; a
 *   folder that is not there counts as empty
 */
export function loadMaps(folders: readonly string[] = [shippedMapFolder]): LoadedMaps {
  const byName = new Map<string, { path: string; rank: number }>();
  folders.forEach((folder, rank) => {
    for (const path of [...yamlFiles(folder), ...yamlFiles(join(folder, manufacturerFolder))]) {
      byName.set(basename(path), { path, rank });
    }
  });
  const problems: MapProblem[] = [];
  const loaded: { map: LoadedMap; rank: number }[] = [];
  for (const { path, rank } of byName.values()) {
    const result = parseMap(readFileSync(path, "utf8"), path);
    problems.push(...result.problems);
    if (result.map !== undefined) loaded.push({ map: result.map, rank });
  }
  loaded.sort((a, b) => b.rank - a.rank || precedence(b.map.map) - precedence(a.map.map) || compare(a.map, b.map));
  return { maps: loaded.map((entry) => entry.map), problems };
}

function yamlFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".yaml"))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

const compare = (a: LoadedMap, b: LoadedMap) => (a.file < b.file ? -1 : 1);

/** What names a manufacturer or a version goes before what names a medium only, and that before what names none. */
function precedence(map: MapFile): number {
  const versions = map.versions === undefined ? 0 : 4;
  const manufacturer = map.manufacturer === undefined ? 0 : 2;
  return versions + manufacturer + (map.deviceTypes === undefined ? 0 : 1);
}

/** Parses and checks one map; with a problem there is no map. */
export function parseMap(text: string, file: string): { map: LoadedMap | undefined; problems: readonly MapProblem[] } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: true });
  const lineAt = (offset: number) => lineCounter.linePos(offset).line;
  const problems: MapProblem[] = document.errors.map((error) => ({
    file,
    line: lineAt(error.pos[0]),
    message: `is not YAML: ${error.message}`,
  }));
  if (problems.length > 0) return { map: undefined, problems };
  const value: unknown = document.toJS();
  // Collecting errors takes many times as long as the check, and nearly every map has none.
  const errors = schema.Check(value) ? [] : schema.Errors(value).slice(0, 20);
  for (const error of errors) {
    const unknown = error.keyword === "additionalProperties" ? error.params.additionalProperties : [undefined];
    for (const key of unknown) {
      const path = [...error.instancePath.split("/").slice(1), ...(key === undefined ? [] : [key])];
      const what = key === undefined ? error.message : "is not known here";
      problems.push({ file, line: lineAt(offsetOf(document, path)), message: `${path.join(".")} ${what}` });
    }
  }
  if (problems.length > 0) return { map: undefined, problems };
  const linesOf = (key: string) => {
    const list = document.get(key, true);
    return isSeq(list) ? list.items.map((item) => lineAt(isNode(item) ? (item.range?.[0] ?? 0) : 0)) : [];
  };
  const map: LoadedMap = {
    file,
    map: value as MapFile,
    ruleLines: linesOf("records"),
    exampleLines: linesOf("examples"),
  };
  return { map, problems };
}

/** Where the node at `path`, or the nearest one above it, starts. */
function offsetOf(document: Document.Parsed, path: readonly string[]): number {
  for (let length = path.length; length > 0; length--) {
    const keys = path.slice(0, length).map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    const node = document.getIn(keys, true);
    if (isNode(node) && node.range) return node.range[0];
    const parent = document.getIn(keys.slice(0, -1), true);
    if (isMap(parent) && parent.range) return parent.range[0];
  }
  return 0;
}
