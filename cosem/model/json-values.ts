/** Reading JSON values: each function gives the value or throws TypeUnmatched. */
import { fromHex } from "../codec/bytes.js";
import type { BitString } from "../codec/data.js";
import { TypeUnmatched } from "./type-errors.js";

/** What JSON calls the value's type, for messages. */
export function jsonTypeName(json: unknown): string {
  if (json === null) return "null";
  return Array.isArray(json) ? "array" : typeof json;
}

type Range<N> = readonly [minimum: N, maximum: N];

export function integerFromJson(json: unknown, name: string, [minimum, maximum]: Range<number>): number {
  if (typeof json !== "number") throw new TypeUnmatched(name, jsonTypeName(json));
  if (!Number.isInteger(json) || json < minimum || json > maximum) throw new TypeUnmatched(name, String(json));
  return json;
}

/** A whole number, or its decimal text where JSON cannot hold it exactly. */
export function bigintFromJson(json: unknown, name: string, [minimum, maximum]: Range<bigint>): bigint {
  const isNumber = typeof json === "number" && Number.isSafeInteger(json);
  const isText = typeof json === "string" && /^-?\d{1,20}$/.test(json);
  if (!isNumber && !isText) throw new TypeUnmatched(name, jsonTypeName(json));
  const value = BigInt(json as number | string);
  if (value < minimum || value > maximum) throw new TypeUnmatched(name, String(json));
  return value;
}

export function textFromJson(json: unknown, name: string): string {
  if (typeof json !== "string") throw new TypeUnmatched(name, jsonTypeName(json));
  return json;
}

/** Text of which every character is one octet (ISO 8859-1). */
export function octetTextFromJson(json: unknown, name: string): string {
  const text = textFromJson(json, name);
  for (const letter of text) {
    if ((letter.codePointAt(0) ?? 0) > 0xff) throw new TypeUnmatched(name, `the letter ${letter}`);
  }
  return text;
}

export function octetsFromJson(json: unknown, name: string): Uint8Array {
  const text = textFromJson(json, name);
  if (!/^([0-9a-fA-F]{2})*$/.test(text)) throw new TypeUnmatched(name, "text that is no hex");
  return fromHex(text);
}

/** `0101`, the first bit first. */
export function bitsFromJson(json: unknown): BitString {
  const text = textFromJson(json, "bit-string");
  if (!/^[01]*$/.test(text)) throw new TypeUnmatched("bit-string", "text of other digits");
  const bytes = new Uint8Array(Math.ceil(text.length / 8));
  for (let index = 0; index < text.length; index++) {
    if (text[index] === "1") bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (0x80 >> (index & 7));
  }
  return { bytes, length: text.length };
}

/** The inverse of bitsFromJson(). */
export function bitText(bits: BitString): string {
  let text = "";
  for (let index = 0; index < bits.length; index++) {
    text += ((bits.bytes[index >> 3] ?? 0) >> (7 - (index & 7))) & 1;
  }
  return text;
}

/** A number where JSON can hold it exactly, else its decimal text. */
export function jsonInteger(value: number | bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) || typeof value === "number" ? number : value.toString();
}
