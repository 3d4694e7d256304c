/**
 * Types of attribute values: how a JavaScript value becomes `Data`, and back, and how JSON shows it.
 * An interface class is declared with these; the value types of its attributes follow (IEC 62056-6-2).
 */
import { toHex } from "../codec/bytes.js";
import { type BitString, type Data, type IntegerType, nullData } from "../codec/data.js";
import { type CosemDateTime, cosemDateTimeFromBytes, cosemDateTimeToBytes } from "./cosem-date-time.js";
import { nearestDecimal } from "./float32.js";
import { type LogicalName, logicalNameFromBytes, logicalNameToBytes } from "./logical-name.js";
import type { ScalerUnit } from "./scaler-unit.js";

/** Thrown by fromData() when the data has another type; views answer `typeUnmatched`. */
export class TypeUnmatched extends Error {
  constructor(wanted: string, got: string) {
    super(`${wanted} wanted, got ${got}`);
    this.name = "TypeUnmatched";
  }
}

/** Thrown by fromData() for a value of the right type that the declaration does not permit. */
export class ScopeOfAccessViolated extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ScopeOfAccessViolated";
  }
}

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
  readonly jsonSchema: JsonSchema;
}

/** The JavaScript type behind a CosemType. */
export type ValueOf<Type> = Type extends CosemType<infer T> ? T : never;

const ranges: Readonly<Record<string, readonly [number, number]>> = {
  integer: [-128, 127],
  long: [-32768, 32767],
  "double-long": [-2147483648, 2147483647],
  unsigned: [0, 255],
  "long-unsigned": [0, 65535],
  "double-long-unsigned": [0, 4294967295],
  enum: [0, 255],
};

function integerType(name: IntegerType): CosemType<number> {
  const [minimum, maximum] = ranges[name] ?? [-2147483648, 2147483647];
  return {
    name,
    toData: (value) => ({ type: name, value }),
    fromData: (data) => {
      if (data.type !== name) throw new TypeUnmatched(name, data.type);
      return (data as { value: number }).value;
    },
    toJson: (value) => value,
    jsonSchema: { type: "integer", minimum, maximum },
  };
}

export const integer = integerType("integer");
export const long = integerType("long");
export const doubleLong = integerType("double-long");
export const unsigned = integerType("unsigned");
export const longUnsigned = integerType("long-unsigned");
export const doubleLongUnsigned = integerType("double-long-unsigned");

/** `enum` whose codes are many or partly the manufacturer's. */
export const enumCode: CosemType<number> = {
  ...integerType("enum"),
  jsonSchema: { type: "integer", minimum: 0, maximum: 255 },
};

function long64Type(name: "long64" | "long64-unsigned"): CosemType<bigint> {
  return {
    name,
    toData: (value) => ({ type: name, value }),
    fromData: (data) => {
      if (data.type !== name) throw new TypeUnmatched(name, data.type);
      return data.value;
    },
    toJson: (value) => jsonInteger(value),
    jsonSchema: { type: ["integer", "string"], description: "a string beyond 2^53" },
  };
}

export const long64 = long64Type("long64");
export const long64Unsigned = long64Type("long64-unsigned");

/** A number where JSON can hold it exactly, else its decimal text. */
export function jsonInteger(value: number | bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) || typeof value === "number" ? number : value.toString();
}

export const boolean: CosemType<boolean> = {
  name: "boolean",
  toData: (value) => ({ type: "boolean", value }),
  fromData: (data) => {
    if (data.type !== "boolean") throw new TypeUnmatched("boolean", data.type);
    return data.value;
  },
  toJson: (value) => value,
  jsonSchema: { type: "boolean" },
};

/** `enum` with the standard's names for its codes; a code that is not listed is refused on a write. */
export function enumeration<const N extends Readonly<Record<string, number>>>(codes: N): CosemType<N[keyof N]> {
  const permitted = new Map(Object.entries(codes).map(([name, code]) => [code, name]));
  return {
    name: "enum",
    toData: (value) => ({ type: "enum", value }),
    fromData: (data) => {
      if (data.type !== "enum") throw new TypeUnmatched("enum", data.type);
      if (!permitted.has(data.value)) throw new ScopeOfAccessViolated(`enum ${data.value} is not defined here`);
      return data.value as N[keyof N];
    },
    toJson: (value) => permitted.get(value) ?? value,
    jsonSchema: { type: ["string", "integer"], enum: [...permitted.values()] },
  };
}

/** `octet-string`, of `length` bytes where given. JSON shows hex. */
export function octetString(length?: number): CosemType<Uint8Array> {
  const name = length === undefined ? "octet-string" : `octet-string(${length})`;
  return {
    name,
    toData: (value) => ({ type: "octet-string", value }),
    fromData: (data) => {
      if (data.type !== "octet-string") throw new TypeUnmatched(name, data.type);
      if (length !== undefined && data.value.length !== length) throw new TypeUnmatched(name, "another length");
      return data.value;
    },
    toJson: (value) => toHex(value),
    jsonSchema: { type: "string", pattern: "^([0-9a-f]{2})*$" },
  };
}

/** Text in an octet-string (ISO 8859-1), such as a logical device name. JSON shows the text. */
export const octetText: CosemType<string> = {
  name: "octet-string",
  toData: (value) => ({ type: "octet-string", value: Uint8Array.from(value, (letter) => letter.charCodeAt(0)) }),
  fromData: (data) => {
    if (data.type !== "octet-string") throw new TypeUnmatched("octet-string", data.type);
    return Array.from(data.value, (byte) => String.fromCharCode(byte)).join("");
  },
  toJson: (value) => value,
  jsonSchema: { type: "string" },
};

/** `null-data`: one of the choices of an optional value. */
export const nullType: CosemType<null> = {
  name: "null-data",
  toData: () => nullData,
  fromData: (data) => {
    if (data.type !== "null-data") throw new TypeUnmatched("null-data", data.type);
    return null;
  },
  toJson: () => null,
  jsonSchema: { type: "null" },
};

export const visibleString: CosemType<string> = {
  name: "visible-string",
  toData: (value) => ({ type: "visible-string", value }),
  fromData: (data) => {
    if (data.type !== "visible-string") throw new TypeUnmatched("visible-string", data.type);
    return data.value;
  },
  toJson: (value) => value,
  jsonSchema: { type: "string" },
};

export const bitString: CosemType<BitString> = {
  name: "bit-string",
  toData: (value) => ({ type: "bit-string", value }),
  fromData: (data) => {
    if (data.type !== "bit-string") throw new TypeUnmatched("bit-string", data.type);
    return data.value;
  },
  toJson: (value) => bitText(value),
  jsonSchema: { type: "string", pattern: "^[01]*$" },
};

function bitText(bits: BitString): string {
  let text = "";
  for (let index = 0; index < bits.length; index++) {
    text += ((bits.bytes[index >> 3] ?? 0) >> (7 - (index & 7))) & 1;
  }
  return text;
}

/** Attribute 1 of every class: `octet-string(6)`. */
export const logicalNameType: CosemType<LogicalName> = {
  name: "octet-string(6)",
  toData: (value) => ({ type: "octet-string", value: logicalNameToBytes(value) }),
  fromData: (data) => {
    if (data.type !== "octet-string" || data.value.length !== 6) throw new TypeUnmatched("octet-string(6)", data.type);
    return logicalNameFromBytes(data.value);
  },
  toJson: (value) => value,
  jsonSchema: { type: "string", description: "A-B:C.D.E*F" },
};

/** Date and time as `octet-string(12)`, as nearly all classes have it. JSON shows ISO 8601. */
export const dateTimeType: CosemType<CosemDateTime> = {
  name: "octet-string(12) date-time",
  toData: (value) => ({ type: "octet-string", value: cosemDateTimeToBytes(value) }),
  fromData: (data) => {
    if ((data.type !== "octet-string" && data.type !== "date-time") || data.value.length !== 12) {
      throw new TypeUnmatched("date-time", data.type);
    }
    return cosemDateTimeFromBytes(data.value);
  },
  toJson: (value) => value.toString(),
  jsonSchema: { type: "string", description: "ISO 8601; `*` stands for an unspecified field" },
};

/** Date and time as `date-time` (tag 25), as the diagnostic classes have it; octet-string(12) is taken too. */
export const dateTimeDataType: CosemType<CosemDateTime> = {
  ...dateTimeType,
  name: "date-time",
  toData: (value) => ({ type: "date-time", value: cosemDateTimeToBytes(value) }),
};

export const scalUnitType: CosemType<ScalerUnit> = structure({
  scaler: integer,
  unit: enumCode,
});

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
 * fits, so a narrower one stands first. JSON shows the bare value.
 */
export function choice<const C extends Choices>(choices: C): CosemType<ChoiceValue<C>> {
  const entries = Object.entries(choices);
  const name = `CHOICE of ${entries.map(([, type]) => type.name).join(", ")}`;
  const typeOf = (value: ChoiceValue<C>): CosemType<unknown> => choices[value.choice] ?? anyData;
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
    jsonSchema: { anyOf: entries.map(([, type]) => type.jsonSchema) },
  };
}

/** Any type: attributes that the Blue Book leaves to the instance (`CHOICE`). JSON shows the bare value. */
export const anyData: CosemType<Data> = {
  name: "CHOICE",
  toData: (value) => value,
  fromData: (data) => data,
  toJson: (value) => dataToJson(value),
  jsonSchema: {},
};

/** `array` or compact-array of elements left to the instance, as they are. */
export const anyArray: CosemType<readonly Data[]> = {
  name: "array",
  toData: (value) => ({ type: "array", value }),
  fromData: (data) => {
    if (data.type !== "array" && data.type !== "compact-array") throw new TypeUnmatched("array", data.type);
    return data.value;
  },
  toJson: (value) => value.map(dataToJson),
  jsonSchema: { type: "array" },
};

const numericTypes: ReadonlySet<string> = new Set([
  "null-data",
  ...Object.keys(ranges),
  "bcd",
  "long64",
  "long64-unsigned",
  "float32",
  "float64",
]);

/** The simple data types of Register.value: a number, text, date or octet-string as the instance has it. */
export const numeric: CosemType<Data> = {
  ...anyData,
  name: "CHOICE of simple data types",
  fromData: (data) => {
    const simple = numericTypes.has(data.type) || /string|date|time|boolean/.test(data.type);
    if (!simple) throw new TypeUnmatched("simple data type", data.type);
    return data;
  },
  jsonSchema: { type: ["number", "string", "boolean", "null"] },
};

/** JSON form of any data: integers as numbers (text beyond 2^53), bytes as hex, structures as arrays. */
export function dataToJson(data: Data): unknown {
  switch (data.type) {
    case "null-data":
    case "dont-care":
      return null;
    case "octet-string":
    case "date":
    case "time":
      return toHex(data.value);
    case "date-time":
      return cosemDateTimeFromBytes(data.value).toString();
    case "bit-string":
      return bitText(data.value);
    case "array":
    case "structure":
    case "compact-array":
      return data.value.map(dataToJson);
    case "long64":
    case "long64-unsigned":
      return jsonInteger(data.value);
    case "float32":
      return nearestDecimal(data.value);
    default:
      return data.value;
  }
}
