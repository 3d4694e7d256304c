/**
 * Object identifiers of application context and mechanism names, as arcs, e.g. 2.16.756.5.8.1.1.
 * Attributes hold the contents octets of their BER encoding (ISO/IEC 8825-1, 8.19) in an octet-string, or a structure
 * of seven numbers.
 */
import { DecodeError } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";
import { type CosemType, ScopeOfAccessViolated, TypeUnmatched } from "./types.js";

/** Contents octets, without tag and length. */
export function encodeObjectIdentifier(arcs: readonly number[]): Uint8Array {
  const [first = 0, second = 0, ...rest] = arcs;
  const bytes: number[] = [];
  for (const arc of [first * 40 + second, ...rest]) {
    const groups = [arc % 128];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left % 128) | 0x80);
    bytes.push(...groups);
  }
  return Uint8Array.from(bytes);
}

/** @throws DecodeError `truncated` inside an arc, `badValue` for an arc over 2^53 or an arc with leading zeros */
export function decodeObjectIdentifier(bytes: Uint8Array): readonly number[] {
  const numbers: number[] = [];
  let arc = 0;
  let isInside = false;
  bytes.forEach((byte, offset) => {
    if (!isInside && byte === 0x80) throw new DecodeError("badValue", offset, "objectIdentifier");
    arc = arc * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(arc)) throw new DecodeError("badValue", offset, "objectIdentifier");
    isInside = byte >= 0x80;
    if (isInside) return;
    numbers.push(arc);
    arc = 0;
  });
  if (isInside || numbers.length === 0) throw new DecodeError("truncated", bytes.length, "objectIdentifier");
  const [head = 0, ...rest] = numbers;
  const first = Math.min(2, Math.floor(head / 40));
  return [first, head - first * 40, ...rest];
}

/** CHOICE of octet-string and structure in Association LN; written as octet-string. JSON shows `2.16.756.5.8.1.1`. */
export const objectIdentifierType: CosemType<readonly number[]> = {
  name: "object identifier",
  toData: (arcs) => ({ type: "octet-string", value: encodeObjectIdentifier(arcs) }),
  fromData: (data) => {
    if (data.type === "structure") return data.value.map(arcOf);
    if (data.type !== "octet-string") throw new TypeUnmatched("object identifier", data.type);
    try {
      return decodeObjectIdentifier(data.value);
    } catch (error) {
      if (error instanceof DecodeError) throw new ScopeOfAccessViolated(error.message);
      throw error;
    }
  },
  toJson: (arcs) => arcs.join("."),
  fromJson: (json) => {
    if (typeof json !== "string" || !/^\d{1,9}(\.\d{1,9})+$/.test(json)) {
      throw new TypeUnmatched("object identifier", typeof json);
    }
    return json.split(".").map(Number);
  },
  jsonSchema: { type: "string", pattern: "^\\d+(\\.\\d+)+$" },
};

function arcOf(data: Data): number {
  if (data.type !== "unsigned" && data.type !== "long-unsigned") throw new TypeUnmatched("unsigned", data.type);
  return data.value;
}
