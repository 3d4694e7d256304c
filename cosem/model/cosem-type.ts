import type { Data } from "../codec/data.js";

/** JSON Schema of the form a value has in REST (a plain object: the schema's own vocabulary). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** One type of value. */
export interface CosemType<T> {
  /** The standard's words, e.g. `long-unsigned`, `array of structure`. */
  readonly name: string;
  toData(value: T): Data;
  /** @throws TypeUnmatched @throws ScopeOfAccessViolated */
  fromData(data: Data): T;
  toJson(value: T): unknown;
  /** Takes what toJson() gives. @throws TypeUnmatched @throws ScopeOfAccessViolated */
  fromJson(json: unknown): T;
  readonly jsonSchema: JsonSchema;
}

/** The JavaScript type behind a CosemType. */
export type ValueOf<Type> = Type extends CosemType<infer T> ? T : never;
