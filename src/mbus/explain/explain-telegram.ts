import { AesKey } from "../wireless/index.js";
import { explainWiredFrame } from "./frame-fields.js";
import type { ManufacturerFields } from "./manufacturer-fields.js";
import type { ExplainedField, Explanation } from "./tree.js";
import { explainWireless } from "./wireless-fields.js";

export interface ExplainOptions {
  /** From a radio receiver: from the L field on. Otherwise a frame of the wired link layer. */
  readonly isWireless?: boolean;
  /** 16 bytes. */
  readonly key?: Uint8Array | undefined;
  /** Breaks down the manufacturer's data; default: one field. */
  readonly manufacturerFields?: ManufacturerFields | undefined;
}

/**
 * What each byte of a telegram says, however broken it is: the fields cover all bytes, each once, and so do the
 * children of each field and every explanation within one.
 * @throws RangeError for a key that is not 16 bytes
 */
export function explainTelegram(bytes: Uint8Array, options: ExplainOptions = {}): Explanation {
  const key = options.key === undefined ? undefined : new AesKey(options.key);
  if (options.isWireless !== true)
    return explainWiredFrame(bytes, { manufacturerFields: options.manufacturerFields, key });
  return explainWireless(bytes, { keyFor: () => key }, options.manufacturerFields);
}

/** The explanation as lines: bytes in hex, field, meaning, value; indented by depth. */
export function explanationLines(explanation: Explanation): string[] {
  const lines = [`${explanation.title}, ${explanation.bytes.length} bytes`];
  for (const field of explanation.fields) addLines(lines, field, explanation.bytes, 1);
  if (explanation.error !== undefined) lines.push(`refused: ${explanation.error.words}`);
  return lines;
}

const hexColumn = 26;
const shownBytes = 8;

function addLines(lines: string[], field: ExplainedField, bytes: Uint8Array, depth: number): void {
  const indent = "  ".repeat(depth);
  const place = String(field.offset).padStart(3);
  const words = [field.name, field.meaning].filter((word) => word !== "").join(": ");
  const text = field.value === undefined ? words : `${words} = ${field.value}`;
  const hex = field.children.length > 0 ? "" : hexOf(bytes, field);
  lines.push(`${place} ${hex.padEnd(hexColumn)}${indent}${text}`);
  for (const child of field.children) addLines(lines, child, bytes, depth + 1);
  if (field.inner !== undefined) {
    for (const line of explanationLines(field.inner)) lines.push(`    | ${line}`);
  }
}

function hexOf(bytes: Uint8Array, { offset, length }: ExplainedField): string {
  const shown = bytes.subarray(offset, offset + Math.min(length, shownBytes));
  const hex = Array.from(shown, (byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(" ");
  return length > shownBytes ? `${hex} …` : hex;
}
