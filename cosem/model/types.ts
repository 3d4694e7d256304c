/**
 * Types of attribute values: how a JavaScript value becomes `Data`, and back, and how JSON shows it.
 * An interface class is declared with these; the value types of its attributes follow (IEC 62056-6-2).
 */
import { toHex } from "../codec/bytes.js";
import { type BitString, type Data, nullData } from "../codec/data.js";
import { structure } from "./composite-types.js";
import { type CosemDateTime, cosemDateTimeFromBytes, cosemDateTimeToBytes } from "./cosem-date-time.js";
import type { CosemType } from "./cosem-type.js";
import { bigintRanges, dataFromJson, dataToJson, dateTimeFromJson, integerRanges } from "./data-json.js";
import {
  bigintFromJson,
  bitsFromJson,
  bitText,
  integerFromJson,
  jsonInteger,
  jsonTypeName,
  octetsFromJson,
  octetTextFromJson,
} from "./json-values.js";
import { type LogicalName, logicalNameFromBytes, logicalNameToBytes, parseLogicalName } from "./logical-name.js";
import type { ScalerUnit } from "./scaler-unit.js";
import { ScopeOfAccessViolated, TypeUnmatched } from "./type-errors.js";

export { array, type ChoiceValue, choice, structure } from "./composite-types.js";
export type { CosemType, JsonSchema, ValueOf } from "./cosem-type.js";
export { dataFromJson, dataToJson } from "./data-json.js";
export { jsonInteger } from "./json-values.js";
export { ScopeOfAccessViolated, TypeUnmatched } from "./type-errors.js";

function integerType(name: keyof typeof integerRanges): CosemType<number> {
  const [minimum, maximum] = integerRanges[name];
  return {
    name,
    toData: (value) => ({ type: name, value }),
    fromData: (data) => {
      if (data.type !== name) throw new TypeUnmatched(name, data.type);
      return (data as { value: number }).value;
    },
    toJson: (value) => value,
    fromJson: (json) => integerFromJson(json, name, integerRanges[name]),
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
    fromJson: (json) => bigintFromJson(json, name, bigintRanges[name]),
    jsonSchema: { type: ["integer", "string"], description: "a string beyond 2^53" },
  };
}

export const long64 = long64Type("long64");
export const long64Unsigned = long64Type("long64-unsigned");

export const boolean: CosemType<boolean> = {
  name: "boolean",
  toData: (value) => ({ type: "boolean", value }),
  fromData: (data) => {
    if (data.type !== "boolean") throw new TypeUnmatched("boolean", data.type);
    return data.value;
  },
  toJson: (value) => value,
  fromJson: (json) => {
    if (typeof json !== "boolean") throw new TypeUnmatched("boolean", jsonTypeName(json));
    return json;
  },
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
    fromJson: (json) => {
      const code = typeof json === "string" ? codes[json] : integerFromJson(json, "enum", integerRanges.enum);
      if (code === undefined || !permitted.has(code) || (typeof json === "string" && !Object.hasOwn(codes, json))) {
        throw new ScopeOfAccessViolated(`enum ${String(json)} is not defined here`);
      }
      return code as N[keyof N];
    },
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
    fromJson: (json) => {
      const octets = octetsFromJson(json, name);
      if (length !== undefined && octets.length !== length) throw new TypeUnmatched(name, "another length");
      return octets;
    },
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
  fromJson: (json) => octetTextFromJson(json, "octet-string"),
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
  fromJson: (json) => {
    if (json !== null) throw new TypeUnmatched("null-data", jsonTypeName(json));
    return null;
  },
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
  fromJson: (json) => octetTextFromJson(json, "visible-string"),
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
  fromJson: bitsFromJson,
  jsonSchema: { type: "string", pattern: "^[01]*$" },
};

/** Attribute 1 of every class: `octet-string(6)`. */
export const logicalNameType: CosemType<LogicalName> = {
  name: "octet-string(6)",
  toData: (value) => ({ type: "octet-string", value: logicalNameToBytes(value) }),
  fromData: (data) => {
    if (data.type !== "octet-string" || data.value.length !== 6) throw new TypeUnmatched("octet-string(6)", data.type);
    return logicalNameFromBytes(data.value);
  },
  toJson: (value) => value,
  fromJson: (json) => {
    const name = typeof json === "string" ? parseLogicalName(json) : undefined;
    if (name === undefined) throw new TypeUnmatched("A-B:C.D.E*F", jsonTypeName(json));
    return name;
  },
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
  fromJson: dateTimeFromJson,
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

/**
 * Any type: attributes that the Blue Book leaves to the instance (`CHOICE`). JSON shows the bare value; into it, a
 * value names its type (dataFromJson).
 */
export const anyData: CosemType<Data> = {
  name: "CHOICE",
  toData: (value) => value,
  fromData: (data) => data,
  toJson: (value) => dataToJson(value),
  fromJson: (json) => dataFromJson(json),
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
  fromJson: (json) => {
    if (!Array.isArray(json)) throw new TypeUnmatched("array", jsonTypeName(json));
    return json.map((element: unknown) => dataFromJson(element));
  },
  jsonSchema: { type: "array" },
};

const numericTypes: ReadonlySet<string> = new Set([
  "null-data",
  ...Object.keys(integerRanges),
  "bcd",
  "long64",
  "long64-unsigned",
  "float32",
  "float64",
]);

function simpleData(data: Data): Data {
  const isSimple = numericTypes.has(data.type) || /string|date|time|boolean/.test(data.type);
  if (!isSimple) throw new TypeUnmatched("simple data type", data.type);
  return data;
}

/** The simple data types of Register.value: a number, text, date or octet-string as the instance has it. */
export const numeric: CosemType<Data> = {
  ...anyData,
  name: "CHOICE of simple data types",
  fromData: simpleData,
  fromJson: (json) => simpleData(dataFromJson(json)),
  jsonSchema: { type: ["number", "string", "boolean", "null"] },
};
