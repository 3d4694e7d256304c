/** The explanation of a telegram: bytes, field, meaning, value, as a tree that covers each byte exactly once. */
import type { DecodeReason } from "../../../cosem/codec/bytes.js";

/** One field. Children, where there are any, follow each other and cover it whole. */
export interface ExplainedField {
  /** Into the explanation's bytes. */
  readonly offset: number;
  readonly length: number;
  readonly name: string;
  /** What the bytes say, in words; `` where the value says all. */
  readonly meaning: string;
  readonly value: string | undefined;
  readonly children: readonly ExplainedField[];
  /** What the bytes become without checksums, or in plain: other bytes with an explanation of their own. */
  readonly inner: Explanation | undefined;
}

export interface Explanation {
  /** `wired frame`, `application data`, `wireless frame without checksums` … */
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly fields: readonly ExplainedField[];
  /** Why the decoder refuses the telegram; the fields tell how far it can be read. */
  readonly error: { readonly reason: DecodeReason; readonly offset: number; readonly words: string } | undefined;
}

export interface FieldText {
  readonly name: string;
  readonly meaning?: string;
  readonly value?: string | undefined;
  readonly children?: readonly ExplainedField[];
  readonly inner?: Explanation | undefined;
}

/** Lays fields one after the other: what it gives out covers `start` to the last field without gap or overlap. */
export class FieldWriter {
  readonly bytes: Uint8Array;
  readonly end: number;
  readonly fields: ExplainedField[] = [];
  offset: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = start;
    this.end = end;
  }

  get left(): number {
    return this.end - this.offset;
  }

  /** The byte `ahead` of the next field; 0 past the end. */
  byte(ahead = 0): number {
    return this.offset + ahead < this.end ? (this.bytes[this.offset + ahead] as number) : 0;
  }

  /** Adds a field of `length` bytes; fewer are left: what there is, and that it is cut. */
  take(length: number, text: FieldText): void {
    const taken = Math.min(length, this.left);
    if (taken <= 0) return;
    const { name, meaning = "", value, children = [], inner } = text;
    const isCut = taken < length;
    this.fields.push({
      offset: this.offset,
      length: taken,
      name,
      meaning: isCut ? "cut: the telegram ends here" : meaning,
      value: isCut ? undefined : value,
      children: isCut ? [] : children,
      inner,
    });
    this.offset += taken;
  }

  /** Adds a field made of the fields that `write` lays; none where it lays nothing. */
  group(text: Omit<FieldText, "children">, write: (inside: FieldWriter) => void, end = this.end): void {
    const inside = new FieldWriter(this.bytes, this.offset, end);
    write(inside);
    this.take(inside.offset - this.offset, { ...text, children: inside.fields });
  }

  rest(text: FieldText): void {
    this.take(this.left, text);
  }
}

export const hexByte = (byte: number) => byte.toString(16).padStart(2, "0").toUpperCase();
