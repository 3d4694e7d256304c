/**
 * compact_buffer and template_description of Compact data. Pure.
 *
 * The buffer is the template id in one octet, then the values without tags. The description is the contents description
 * that a compact-array of such structures would have: structure, count, `unsigned` for the template id, the values' types.
 */
import { writeElement, writeTypeDescription } from "../../codec/axdr-compact-array.js";
import { ByteWriter } from "../../codec/bytes.js";
import type { Data, TypeDescription } from "../../codec/data.js";
import { ScopeOfAccessViolated } from "../../model/types.js";

export interface CompactBuffer {
  readonly buffer: Uint8Array;
  readonly templateDescription: Uint8Array;
}

/** @throws ScopeOfAccessViolated for an array of elements of several types, which has no description */
export function compact(templateId: number, values: readonly Data[]): CompactBuffer {
  const all: Data = { type: "structure", value: [{ type: "unsigned", value: templateId }, ...values.map(plain)] };
  const description = typeDescriptionOf(all);
  const buffer = new ByteWriter();
  writeElement(buffer, description, all);
  const templateDescription = new ByteWriter();
  writeTypeDescription(templateDescription, description);
  return { buffer: buffer.finish().slice(), templateDescription: templateDescription.finish().slice() };
}

/** A compact-array inside is written as the array it stands for. */
function plain(data: Data): Data {
  if (data.type === "compact-array" || data.type === "array") return { type: "array", value: data.value.map(plain) };
  return data.type === "structure" ? { type: "structure", value: data.value.map(plain) } : data;
}

/** @throws ScopeOfAccessViolated as compact() */
export function typeDescriptionOf(data: Data): TypeDescription {
  switch (data.type) {
    case "structure":
      return { type: "structure", elements: data.value.map(typeDescriptionOf) };
    case "array":
    case "compact-array":
      return { type: "array", count: data.value.length, element: elementDescription(data.value) };
    default:
      return { type: data.type };
  }
}

function elementDescription(elements: readonly Data[]): TypeDescription {
  const [first, ...others] = elements.map(typeDescriptionOf);
  if (first === undefined) return { type: "null-data" };
  const text = JSON.stringify(first);
  if (others.some((other) => JSON.stringify(other) !== text)) {
    throw new ScopeOfAccessViolated("an array of several types is not captured");
  }
  return first;
}
