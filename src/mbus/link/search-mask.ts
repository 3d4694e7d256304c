/** Narrowing a secondary address digit by digit, byte by byte: the masks a search goes through. */
import type { MeterTarget } from "./readout-outcome.js";
import { type SecondaryAddress, secondaryAddressMatches } from "./secondary-address.js";

/** A part of all meters: those the mask, and where given the fabrication number's mask, name. */
export interface SearchNode {
  readonly mask: SecondaryAddress;
  readonly fabricationNumber: Uint8Array | undefined;
}

/** What is fixed next. Digits count from the left, as one writes them: 0 to 7. */
export type Split =
  | { readonly kind: "digit"; readonly position: number }
  | { readonly kind: "fabricationDigit"; readonly position: number }
  /** Index into the address: 4 and 5 manufacturer, 6 version, 7 medium. */
  | { readonly kind: "byte"; readonly index: number };

const wildcardDigit = 0xf;

export function everything(): SearchNode {
  return { mask: new Uint8Array(8).fill(0xff), fabricationNumber: undefined };
}

export function narrowed(node: SearchNode, split: Split, value: number): SearchNode {
  if (split.kind === "byte") return { ...node, mask: node.mask.with(split.index, value) };
  if (split.kind === "digit") return { ...node, mask: withDigit(node.mask, split.position, value) };
  const number = node.fabricationNumber ?? new Uint8Array(4).fill(0xff);
  return { ...node, fabricationNumber: withDigit(number, split.position, value) };
}

export function targetOf(node: SearchNode): Extract<MeterTarget, { kind: "secondary" }> {
  const { mask, fabricationNumber } = node;
  return { kind: "secondary", mask, ...(fabricationNumber === undefined ? {} : { fabricationNumber }) };
}

/** The digit at a place of a BCD number, least significant byte first. */
export function digitAt(bytes: Uint8Array, position: number): number {
  const byte = bytes[3 - (position >> 1)] ?? 0xff;
  return position % 2 === 0 ? byte >> 4 : byte & 0x0f;
}

export function isOpenDigit(bytes: Uint8Array, position: number): boolean {
  return digitAt(bytes, position) === wildcardDigit;
}

function withDigit(bytes: Uint8Array, position: number, digit: number): Uint8Array {
  const index = 3 - (position >> 1);
  const byte = bytes[index] ?? 0xff;
  return bytes.with(index, position % 2 === 0 ? (digit << 4) | (byte & 0x0f) : (byte & 0xf0) | digit);
}

/** Does the node name this meter, as far as its address tells? */
export function names(node: SearchNode, address: SecondaryAddress): boolean {
  return secondaryAddressMatches(node.mask, address);
}

/** The fabrication number a telegram carries (record `0C 78`), where it fits the mask it was found under. */
export function fabricationNumberIn(telegram: Uint8Array, mask: Uint8Array): Uint8Array | undefined {
  for (let at = 1; at + 6 <= telegram.length; at++) {
    if (telegram[at] !== 0x0c || telegram[at + 1] !== 0x78) continue;
    const number = telegram.slice(at + 2, at + 6);
    const fits = [0, 1, 2, 3, 4, 5, 6, 7].every(
      (position) => isOpenDigit(mask, position) || digitAt(mask, position) === digitAt(number, position),
    );
    if (fits) return number;
  }
  return undefined;
}
