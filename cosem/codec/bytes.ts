/**
 * Reading and writing bytes, and the one error every decoder throws.
 *
 * All decoders of the project (A-XDR, BER, HDLC, M-Bus …) share this file, so that a refusal always says what was
 * wrong, where, and in which layer.
 */

/** Closed list of what can be wrong with bytes. Match on these, never on the message. */
export type DecodeReason =
  | "truncated"
  | "trailingBytes"
  | "unknownTag"
  | "badLength"
  | "lengthOverLimit"
  | "badStartByte"
  | "badStopByte"
  | "badChecksum"
  | "lengthMismatch"
  | "unknownControlInformation"
  | "reservedDataField"
  | "tooManyExtensions"
  | "badValue"
  | "nestingTooDeep"
  | "unsupportedVersion"
  | "keyRequired"
  | "wrongKey"
  | "badMac"
  | "formatUnknown"
  | "unsupportedSecurityMode"
  | "applicationError"
  | "alarm"
  | "sentToMeter";

/** Broken bytes: `offset` points into the bytes handed to the decoder of `layer`. */
export class DecodeError extends Error {
  readonly reason: DecodeReason;
  readonly offset: number;
  readonly layer: string;

  constructor(reason: DecodeReason, offset: number, layer: string, detail?: string) {
    super(`${layer}: ${reason} at offset ${offset}${detail === undefined ? "" : ` (${detail})`}`);
    this.name = "DecodeError";
    this.reason = reason;
    this.offset = offset;
    this.layer = layer;
  }
}

/**
 * Big-endian cursor over bytes; never copies the whole input.
 * Every method throws DecodeError `truncated` when too few bytes are left.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly layer: string;
  readonly end: number;
  offset: number;
  /** Made when the first float or 64-bit integer comes: most input has none. */
  private view: DataView | undefined;

  constructor(bytes: Uint8Array, layer: string, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.layer = layer;
    this.offset = offset;
    this.end = end;
    this.view = undefined;
  }

  get remaining(): number {
    return this.end - this.offset;
  }

  /** Moves past `count` bytes and returns the offset where they began. */
  private take(count: number): number {
    const start = this.offset;
    if (count > this.end - start) throw new DecodeError("truncated", start, this.layer, `${count} bytes wanted`);
    this.offset = start + count;
    return start;
  }

  /** take() has checked that it is there. */
  private at(index: number): number {
    return this.bytes[index] as number;
  }

  private dataView(): DataView {
    this.view ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    return this.view;
  }

  peekU8(): number {
    if (this.offset >= this.end) throw new DecodeError("truncated", this.offset, this.layer, "1 byte wanted");
    return this.at(this.offset);
  }
  u8(): number {
    return this.at(this.take(1));
  }
  i8(): number {
    return (this.u8() << 24) >> 24;
  }
  u16(): number {
    const start = this.take(2);
    return (this.at(start) << 8) | this.at(start + 1);
  }
  i16(): number {
    return (this.u16() << 16) >> 16;
  }
  u32(): number {
    return this.i32() >>> 0;
  }
  i32(): number {
    const start = this.take(4);
    return (this.at(start) << 24) | (this.at(start + 1) << 16) | (this.at(start + 2) << 8) | this.at(start + 3);
  }
  u64(): bigint {
    const start = this.take(8);
    return this.dataView().getBigUint64(start);
  }
  i64(): bigint {
    const start = this.take(8);
    return this.dataView().getBigInt64(start);
  }
  f32(): number {
    const start = this.take(4);
    return this.dataView().getFloat32(start);
  }
  f64(): number {
    const start = this.take(8);
    return this.dataView().getFloat64(start);
  }
  /** A view of the next `count` bytes, not a copy: keep a `.slice()` when the input buffer is reused. */
  view8(count: number): Uint8Array {
    const start = this.take(count);
    return this.bytes.subarray(start, start + count);
  }
  /** A copy of the next `count` bytes. */
  copy(count: number): Uint8Array {
    const start = this.take(count);
    // Not slice(): that of a Buffer is a view.
    return new Uint8Array(this.bytes.subarray(start, start + count));
  }
  fail(reason: DecodeReason, detail?: string, offset = this.offset): never {
    throw new DecodeError(reason, offset, this.layer, detail);
  }
  /** @throws DecodeError `trailingBytes` when bytes are left. */
  expectEnd(): void {
    if (this.offset !== this.end) this.fail("trailingBytes", `${this.end - this.offset} left`);
  }
}

/** Growing big-endian output. `finish()` hands out the bytes; after it the writer is used again only by `reset()`. */
export class ByteWriter {
  private buffer: Uint8Array;
  private view: DataView;
  length = 0;

  constructor(capacity = 256) {
    this.buffer = new Uint8Array(capacity);
    this.view = new DataView(this.buffer.buffer);
  }

  /** Starts over in the same memory: what `finish()` gave before is void. */
  reset(): this {
    this.length = 0;
    return this;
  }

  /** Room for `count` bytes; `buffer` and `view` may be others after it, so it is called before they are named. */
  private grow(count: number): number {
    const start = this.length;
    const needed = start + count;
    if (needed > this.buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2));
      larger.set(this.buffer.subarray(0, start));
      this.buffer = larger;
      this.view = new DataView(larger.buffer);
    }
    this.length = needed;
    return start;
  }

  u8(value: number): this {
    const start = this.grow(1);
    this.view.setUint8(start, value);
    return this;
  }
  u16(value: number): this {
    const start = this.grow(2);
    this.view.setUint16(start, value);
    return this;
  }
  u32(value: number): this {
    const start = this.grow(4);
    this.view.setUint32(start, value);
    return this;
  }
  u64(value: bigint): this {
    const start = this.grow(8);
    this.view.setBigUint64(start, value);
    return this;
  }
  i64(value: bigint): this {
    const start = this.grow(8);
    this.view.setBigInt64(start, value);
    return this;
  }
  f32(value: number): this {
    const start = this.grow(4);
    this.view.setFloat32(start, value);
    return this;
  }
  f64(value: number): this {
    const start = this.grow(8);
    this.view.setFloat64(start, value);
    return this;
  }
  bytes(value: Uint8Array): this {
    const start = this.grow(value.length);
    this.buffer.set(value, start);
    return this;
  }
  /** The bytes written so far, as a view of exact length. */
  finish(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}

const hexDigits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower-case hex without separators. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += hexDigits[byte];
  return text;
}

/** @throws DecodeError `badValue` when `text` is not an even number of hex digits (blanks allowed). */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) {
    throw new DecodeError("badValue", 0, "hex", "an even number of hex digits is wanted");
  }
  const bytes = new Uint8Array(digits.length / 2);
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16);
  }
  return bytes;
}
