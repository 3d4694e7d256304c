/**
 * Any data as JSON. Outwards the bare value, as people want it; inwards a value whose type nothing else tells says it
 * itself, by the standard's name: `{ "long-unsigned": 5 }`, `{ "array": [{ "enum": 1 }] }`.
 */
import { toHex } from "../codec/bytes.js";
import { type Data, nullData } from "../codec/data.js";
import { cosemDateTimeFromBytes, cosemDateTimeToBytes, parseCosemDateTime } from "./cosem-date-time.js";
import { nearestDecimal } from "./float32.js";
import {
  bigintFromJson,
  bitsFromJson,
  bitText,
  integerFromJson,
  jsonInteger,
  jsonTypeName,
  octetsFromJson,
  octetTextFromJson,
  textFromJson,
} from "./json-values.js";
import { TypeUnmatched } from "./type-errors.js";

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

/** Ranges of the integers that are numbers. */
export const integerRanges = {
  integer: [-128, 127],
  long: [-32768, 32767],
  "double-long": [-2147483648, 2147483647],
  unsigned: [0, 255],
  "long-unsigned": [0, 65535],
  "double-long-unsigned": [0, 4294967295],
  enum: [0, 255],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

export const bigintRanges = {
  long64: [-(2n ** 63n), 2n ** 63n - 1n],
  "long64-unsigned": [0n, 2n ** 64n - 1n],
} as const;

const maxNesting = 32;

/**
 * Data that names its type. null and booleans need no name.
 * @throws TypeUnmatched for a bare number or text, an unknown type, or a value that is none of its type
 */
export function dataFromJson(json: unknown, depth = 0): Data {
  if (json === null) return nullData;
  if (typeof json === "boolean") return { type: "boolean", value: json };
  const [entry, second] = typeof json === "object" ? Object.entries(json) : [];
  if (entry === undefined || second !== undefined || Array.isArray(json) || depth > maxNesting) {
    throw new TypeUnmatched('{ "<type>": value }', jsonTypeName(json));
  }
  return typedData(entry[0], entry[1], depth);
}

function typedData(type: string, value: unknown, depth: number): Data {
  switch (type) {
    case "integer":
    case "long":
    case "double-long":
    case "unsigned":
    case "long-unsigned":
    case "double-long-unsigned":
    case "enum":
      return { type, value: integerFromJson(value, type, integerRanges[type]) };
    case "long64":
    case "long64-unsigned":
      return { type, value: bigintFromJson(value, type, bigintRanges[type]) };
    case "float32":
    case "float64":
      if (typeof value !== "number") throw new TypeUnmatched(type, jsonTypeName(value));
      return { type, value };
    case "bit-string":
      return { type, value: bitsFromJson(value) };
    case "octet-string":
      return { type, value: octetsFromJson(value, type) };
    case "visible-string":
      return { type, value: octetTextFromJson(value, type) };
    case "utf8-string":
      return { type, value: textFromJson(value, type) };
    case "date-time":
      return { type, value: cosemDateTimeToBytes(dateTimeFromJson(value)) };
    case "date":
    case "time":
      return { type, value: octetsOfLength(value, type, type === "date" ? 5 : 4) };
    case "array":
    case "structure":
      if (!Array.isArray(value)) throw new TypeUnmatched(type, jsonTypeName(value));
      return { type, value: value.map((element: unknown) => dataFromJson(element, depth + 1)) };
    default:
      throw new TypeUnmatched("a type of the standard", type);
  }
}

function octetsOfLength(json: unknown, name: string, length: number): Uint8Array {
  const octets = octetsFromJson(json, name);
  if (octets.length !== length) throw new TypeUnmatched(name, `${octets.length} octets`);
  return octets;
}

/** The text that CosemDateTime.toString() makes, or 24 hex digits, which keep day of week and status too. */
export function dateTimeFromJson(json: unknown) {
  const text = textFromJson(json, "date-time");
  const parsed = /^[0-9a-fA-F]{24}$/.test(text)
    ? cosemDateTimeFromBytes(octetsFromJson(text, "date-time"))
    : parseCosemDateTime(text);
  if (parsed === undefined) throw new TypeUnmatched("date-time", "text that is none");
  return parsed;
}
