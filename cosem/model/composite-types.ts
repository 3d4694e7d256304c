/** Arrays, structures and choices of values. */
import { nullData } from "../codec/data.js";
import type { CosemType, ValueOf } from "./cosem-type.js";
import { jsonTypeName } from "./json-values.js";
import { TypeUnmatched } from "./type-errors.js";

/** `array` of elements of one type. */
export function array<T>(element: CosemType<T>): CosemType<readonly T[]> {
  return {
    name: `array of ${element.name}`,
    toData: (value) => ({ type: "array", value: value.map((item) => element.toData(item)) }),
    fromData: (data) => {
      if (data.type !== "array") throw new TypeUnmatched("array", data.type);
      return data.value.map((item) => element.fromData(item));
    },
    toJson: (value) => value.map((item) => element.toJson(item)),
    fromJson: (json) => {
      if (!Array.isArray(json)) throw new TypeUnmatched("array", jsonTypeName(json));
      return json.map((item: unknown) => element.fromJson(item));
    },
    jsonSchema: { type: "array", items: element.jsonSchema },
  };
}

/** `structure` with named fields, in the order of declaration. */
export function structure<const F extends Readonly<Record<string, CosemType<unknown>>>>(
  fields: F,
): CosemType<{ readonly [K in keyof F]: F[K] extends CosemType<infer T> ? T : never }> {
  const entries = Object.entries(fields);
  type Fields = { readonly [K in keyof F]: F[K] extends CosemType<infer T> ? T : never };
  return {
    name: "structure",
    toData: (value) => ({
      type: "structure",
      value: entries.map(([name, type]) => type.toData((value as Record<string, unknown>)[name])),
    }),
    fromData: (data) => {
      if (data.type !== "structure" || data.value.length !== entries.length) {
        throw new TypeUnmatched(`structure of ${entries.length}`, data.type);
      }
      return Object.fromEntries(
        entries.map(([name, type], index) => [name, type.fromData(data.value[index] ?? nullData)]),
      ) as Fields;
    },
    toJson: (value) =>
      Object.fromEntries(entries.map(([name, type]) => [name, type.toJson((value as Record<string, unknown>)[name])])),
    fromJson: (json) => {
      if (typeof json !== "object" || json === null || Array.isArray(json)) {
        throw new TypeUnmatched("structure", jsonTypeName(json));
      }
      const unknownField = Object.keys(json).find((name) => !Object.hasOwn(fields, name));
      if (unknownField !== undefined) throw new TypeUnmatched("structure", `the field ${unknownField}`);
      return Object.fromEntries(
        entries.map(([name, type]) => [name, type.fromJson((json as Record<string, unknown>)[name])]),
      ) as Fields;
    },
    jsonSchema: {
      type: "object",
      properties: Object.fromEntries(entries.map(([name, type]) => [name, type.jsonSchema])),
      required: entries.map(([name]) => name),
    },
  };
}

type Choices = Readonly<Record<string, CosemType<unknown>>>;

/** A value of choice(): which alternative, and its value. */
export type ChoiceValue<C extends Choices> = {
  readonly [K in keyof C & string]: { readonly choice: K; readonly value: ValueOf<C[K]> };
}[keyof C & string];

/**
 * CHOICE between named alternatives, where the Blue Book lists them. Data is taken as the first alternative that it
 * fits, so a narrower one stands first. JSON shows the bare value; into it, `{ "<alternative>": value }` picks one where
 * the bare value fits several.
 */
export function choice<const C extends Choices>(choices: C): CosemType<ChoiceValue<C>> {
  const entries = Object.entries(choices);
  const name = `CHOICE of ${entries.map(([, type]) => type.name).join(", ")}`;
  const typeOf = (value: ChoiceValue<C>): CosemType<unknown> => choices[value.choice] as CosemType<unknown>;
  return {
    name,
    toData: (value) => typeOf(value).toData(value.value),
    fromData: (data) => {
      for (const [key, type] of entries) {
        try {
          return { choice: key, value: type.fromData(data) } as ChoiceValue<C>;
        } catch (error) {
          if (!(error instanceof TypeUnmatched)) throw error;
        }
      }
      throw new TypeUnmatched(name, data.type);
    },
    toJson: (value) => typeOf(value).toJson(value.value),
    fromJson: (json) => {
      const named = namedAlternative(choices, json);
      if (named !== undefined) return named as ChoiceValue<C>;
      for (const [key, type] of entries) {
        try {
          return { choice: key, value: type.fromJson(json) } as ChoiceValue<C>;
        } catch (error) {
          if (!(error instanceof TypeUnmatched)) throw error;
        }
      }
      throw new TypeUnmatched(name, jsonTypeName(json));
    },
    jsonSchema: { anyOf: entries.map(([, type]) => type.jsonSchema) },
  };
}

function namedAlternative(choices: Choices, json: unknown) {
  const [entry, second] = typeof json === "object" && json !== null ? Object.entries(json) : [];
  if (entry === undefined || second !== undefined || !Object.hasOwn(choices, entry[0])) return undefined;
  return { choice: entry[0], value: choices[entry[0]]?.fromJson(entry[1]) };
}
