/**
 * The `Data` choice of the Blue Book (IEC 62056-6-2, clause 4.1.5) as a TypeScript union.
 *
 * `type` carries the standard's name. 64-bit integers are `bigint`; visible-string is ISO 8859-1 text, so that any
 * bytes survive; date-time, date and time keep their 12, 5 and 4 bytes (see model/cosem-date-time.ts for fields).
 */

/** Integers that fit a JavaScript number. */
export type IntegerType =
  | "double-long"
  | "double-long-unsigned"
  | "bcd"
  | "integer"
  | "long"
  | "unsigned"
  | "long-unsigned"
  | "enum"
  | "delta-integer"
  | "delta-long"
  | "delta-double-long"
  | "delta-unsigned"
  | "delta-long-unsigned"
  | "delta-double-long-unsigned";

export type Data =
  | { readonly type: "null-data" }
  | { readonly type: "dont-care" }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "bit-string"; readonly value: BitString }
  | { readonly type: IntegerType; readonly value: number }
  | { readonly type: "long64" | "long64-unsigned"; readonly value: bigint }
  | { readonly type: "float32" | "float64"; readonly value: number }
  | { readonly type: "octet-string"; readonly value: Uint8Array }
  | { readonly type: "visible-string" | "utf8-string"; readonly value: string }
  | { readonly type: "date-time" | "date" | "time"; readonly value: Uint8Array }
  | { readonly type: "array" | "structure"; readonly value: readonly Data[] }
  | { readonly type: "compact-array"; readonly contents: TypeDescription; readonly value: readonly Data[] };

export type DataType = Data["type"];

/** Bits in order of sending; the first is the most significant of the first byte. Unused bits of the last byte are 0. */
export interface BitString {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** The contents-description of a compact-array. */
export type TypeDescription =
  | { readonly type: Exclude<DataType, "array" | "structure" | "compact-array"> }
  | { readonly type: "array"; readonly count: number; readonly element: TypeDescription }
  | { readonly type: "structure"; readonly elements: readonly TypeDescription[] };

export const nullData: Data = Object.freeze({ type: "null-data" });
