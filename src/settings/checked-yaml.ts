/**
 * YAML files that users may write beside the settings (register maps, report layouts): read, checked against a TypeBox
 * schema, and every problem told with its line.
 */
import type { Static, TSchema } from "typebox";
import Value from "typebox/value";
import { type Document, LineCounter, type Node, parseDocument, visit } from "yaml";

/** One thing wrong with a file; lines count from 1. */
export interface YamlProblem {
  readonly fileName: string;
  readonly line: number;
  /** e.g. `lines[3].type`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

export interface CheckedYaml<T> {
  readonly value: T;
  /** The line of what stands at this path, for problems found later; the nearest outer one where it is missing. */
  lineOf(path: readonly (string | number)[]): number;
}

/** A YAML file that is not what it should be. */
export class YamlError extends Error {
  readonly problems: readonly YamlProblem[];

  constructor(problems: readonly YamlProblem[]) {
    const places = problems.map(
      ({ fileName, line, path, message }) => `${fileName}:${line}: ${path === "" ? "" : `${path}: `}${message}`,
    );
    super(places.join("\n"));
    this.name = "YamlError";
    this.problems = problems;
  }
}

/**
 * @param fileName named in problems only; nothing is read here
 * @throws YamlError with all problems at once
 */
export function readCheckedYaml<S extends TSchema>(
  schema: S,
  yamlText: string,
  fileName: string,
): CheckedYaml<Static<S>> {
  const lineCounter = new LineCounter();
  const document = parseDocument(yamlText, { lineCounter, prettyErrors: false });
  const lineAt = (offset: number) => Math.max(lineCounter.linePos(offset).line, 1);
  if (document.errors.length > 0) {
    throw new YamlError(
      document.errors.map((error) => ({
        fileName,
        line: lineAt(error.pos[0]),
        path: "",
        message: `is not YAML: ${error.message}`,
      })),
    );
  }
  keepDigits(document);
  const value: unknown = document.toJS();
  const lineOf = (path: readonly (string | number)[]) => lineAt(offsetOf(document, path));
  const problems = schemaProblems(schema, value).map(({ path, message }) => ({
    fileName,
    line: lineOf(path),
    path: pathText(path),
    message,
  }));
  if (problems.length > 0) throw new YamlError(problems);
  return { value: value as Static<S>, lineOf };
}

/** A number that JavaScript would write otherwise (`0001`, beyond 2^53, `1.50`) stays the text that it is. */
function keepDigits(document: Document.Parsed): void {
  visit(document, {
    Scalar(_key, node) {
      const { value, source } = node;
      if (typeof value === "number" && source !== undefined && String(value) !== source) node.value = source;
    },
  });
}

function schemaProblems(schema: TSchema, value: unknown) {
  return (
    Value.Errors(schema, value)
      // an unknown key is told twice: once by its group, once by itself
      .filter(({ keyword }) => keyword !== "additionalProperties")
      .map((error) => ({
        path: error.instancePath
          .split("/")
          .slice(1)
          .map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
        message: messageOf(error),
      }))
  );
}

function messageOf(error: { keyword: string; message: string; params: object }): string {
  if (error.keyword === "boolean") return "is not known here";
  if (error.keyword !== "enum") return error.message;
  const { allowedValues } = error.params as { allowedValues?: readonly unknown[] };
  return allowedValues === undefined ? error.message : `must be one of ${allowedValues.join(", ")}`;
}

function offsetOf(document: Document.Parsed, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as Node | null | undefined;
    if (node?.range) return node.range[0];
  }
  return document.contents?.range[0] ?? 0;
}

function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`),
    "",
  );
}
