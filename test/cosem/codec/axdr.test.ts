import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type Data,
  DecodeError,
  decodeData,
  encodeData,
  fromHex,
  type TypeDescription,
  toHex,
} from "../../../cosem/index.js";
import { testFile } from "../../support/repository.js";

interface Vector {
  readonly name: string;
  readonly type?: string;
  readonly value?: unknown;
  readonly bytes: string;
  readonly invalid?: boolean;
}

interface TypedValue {
  readonly type: string;
  readonly value: unknown;
}

const vectors: readonly Vector[] = JSON.parse(readFileSync(testFile("transcripts/axdr.json"), "utf8"));

const plainNames: Readonly<Record<string, string>> = {
  int8: "integer",
  int16: "long",
  int32: "double-long",
  int64: "long64",
  uint8: "unsigned",
  uint16: "long-unsigned",
  uint32: "double-long-unsigned",
  uint64: "long64-unsigned",
  null: "null-data",
};

/** The vector's own words for a value, as our union has them. */
function expected({ type, value }: TypedValue): unknown {
  const name = plainNames[type] ?? type;
  switch (name) {
    case "null-data":
      return { type: name };
    case "long64":
    case "long64-unsigned":
      return { type: name, value: BigInt(value as string) };
    case "octet-string":
    case "date-time":
    case "date":
    case "time":
      return { type: name, value: fromHex(value as string) };
    case "visible-string":
      return { type: name, value: Buffer.from(value as string, "hex").toString("latin1") };
    case "utf8-string":
      return { type: name, value: Buffer.from(value as string, "hex").toString("utf8") };
    case "bit-string":
      return { type: name, value: bits(value as string) };
    case "array":
    case "structure":
    case "compact-array":
      return { type: name, value: (value as TypedValue[]).map(expected) };
    default:
      return { type: name, value };
  }
}

function bits(text: string) {
  const bytes = new Uint8Array(Math.ceil(text.length / 8));
  for (const [index, bit] of [...text].entries()) {
    bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (Number(bit) << (7 - (index & 7)));
  }
  return { bytes, length: text.length };
}

/** The contents description is the vectors' own only in its bytes. */
function withoutContents(data: Data): unknown {
  if (data.type === "compact-array") return { type: data.type, value: data.value.map(withoutContents) };
  if (data.type === "array" || data.type === "structure") return { ...data, value: data.value.map(withoutContents) };
  return data;
}

const valid = vectors.filter((vector) => vector.invalid !== true);
/** TRUE was sent as FF; it goes out as 01. */
const encodedOtherwise: Readonly<Record<string, string>> = { "boolean-true-ff": "0301" };

describe("A-XDR vectors", () => {
  it("are all here", () => {
    expect(vectors).toHaveLength(138);
  });

  it.each(valid.filter((vector) => vector.type !== undefined))("decodes $name", (vector) => {
    const data = decodeData(fromHex(vector.bytes));
    expect(withoutContents(data)).toEqual(expected(vector as TypedValue));
  });

  it.each(valid)("encodes $name to the same bytes", (vector) => {
    expect(toHex(encodeData(decodeData(fromHex(vector.bytes))))).toBe(encodedOtherwise[vector.name] ?? vector.bytes);
  });

  it.each(vectors.filter((vector) => vector.invalid === true))("refuses $name", (vector) => {
    expect(() => decodeData(fromHex(vector.bytes))).toThrow(DecodeError);
  });
});

function reasonOf(hex: string): string {
  try {
    decodeData(fromHex(hex));
  } catch (error) {
    if (error instanceof DecodeError) return error.reason;
    throw error;
  }
  return "decoded";
}

describe("limits of A-XDR", () => {
  it.each([
    ["1201", "truncated"],
    ["090c07ea", "truncated"],
    ["0801", "unknownTag"],
    ["0980", "badLength"],
    ["09850000000001", "badLength"],
    ["110101", "trailingBytes"],
    ["0184ffffffff", "truncated"],
    ["0484ffffffff", "truncated"],
    ["0984ffffffff", "truncated"],
    ["1313", "unknownTag"],
    ["130001ff", "badValue"],
    ["1301ffff01ffff000100", "lengthOverLimit"],
    ["0c01ff", "badValue"],
    [`${"0101".repeat(40)}00`, "nestingTooDeep"],
    [`13${"010001".repeat(40)}1100`, "nestingTooDeep"],
  ])("refuses %s as %s", (hex, reason) => {
    expect(reasonOf(hex)).toBe(reason);
  });

  it("reads 16 nested arrays", () => {
    expect(reasonOf(`${"0101".repeat(16)}00`)).toBe("decoded");
  });
});

const typedValues: readonly (readonly [Data, string])[] = [
  [{ type: "delta-integer", value: -1 }, "1cff"],
  [{ type: "delta-long", value: -2 }, "1dfffe"],
  [{ type: "delta-double-long", value: -3 }, "1efffffffd"],
  [{ type: "delta-unsigned", value: 255 }, "1fff"],
  [{ type: "delta-long-unsigned", value: 65535 }, "20ffff"],
  [{ type: "delta-double-long-unsigned", value: 4294967295 }, "21ffffffff"],
  [{ type: "dont-care" }, "ff"],
  [{ type: "visible-string", value: "Ä" }, "0a01c4"],
];

describe("types without a vector", () => {
  it.each(typedValues)("encodes and decodes %o", (data, hex) => {
    expect(toHex(encodeData(data))).toBe(hex);
    expect(decodeData(fromHex(hex))).toEqual(data);
  });

  const description: TypeDescription = { type: "structure", elements: [{ type: "null-data" }, { type: "unsigned" }] };

  it("keeps null-data of a compact-array without bytes", () => {
    const row: Data = { type: "structure", value: [{ type: "null-data" }, { type: "unsigned", value: 7 }] };
    expect(toHex(encodeData({ type: "compact-array", contents: description, value: [row] }))).toBe(
      "130202001101" + "07",
    );
  });

  it.each<Data>([
    { type: "unsigned", value: 256 },
    { type: "integer", value: -129 },
    { type: "long-unsigned", value: 1.5 },
    { type: "long64-unsigned", value: -1n },
    { type: "visible-string", value: "€" },
    { type: "date", value: new Uint8Array(4) },
    { type: "compact-array", contents: { type: "unsigned" }, value: [{ type: "long", value: 1 }] },
  ])("does not encode %o: the caller is at fault", (data) => {
    expect(() => encodeData(data)).toThrow(RangeError);
  });
});
