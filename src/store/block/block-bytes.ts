/** Bytes of a block, written and read in order. Reading is bounded: whatever the bytes, an answer or a BlockError. */

/** The bytes are not a block, or a damaged one. */
export class BlockError extends Error {
  override readonly name = "BlockError";
}

/** A growing piece of bytes. */
export class BlockWriter {
  private bytes = new Uint8Array(1024);
  private used = 0;

  get length(): number {
    return this.used;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.used++] = value;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte, low ones first. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** Any safe integer: small ones of either sign are short. */
  signed(value: number): void {
    if (value >= 0) this.bigVarint(BigInt(value) * 2n);
    else this.bigVarint(BigInt(value) * -2n - 1n);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.used);
    this.used += bytes.length;
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.used);
  }

  private bigVarint(value: bigint): void {
    let rest = value;
    while (rest >= 0x80n) {
      this.byte(Number(rest & 0x7fn) + 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  private reserve(count: number): void {
    if (this.used + count <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.used + count));
    larger.set(this.bytes.subarray(0, this.used));
    this.bytes = larger;
  }
}

/** Every method throws BlockError where the bytes end too early or say too much. */
export class BlockReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw new BlockError("the block ends too early");
    this.at += 1;
    return value;
  }

  /** @param most  a larger number is damage: nothing grows beyond it */
  varint(most: number): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 8; count++) {
      const next = this.byte();
      value += (next & 0x7f) * scale;
      if (next < 0x80) {
        if (value > most) throw new BlockError(`${value} where at most ${most} can be`);
        return value;
      }
      scale *= 0x80;
    }
    throw new BlockError("a number is too long");
  }

  signed(): number {
    let value = 0n;
    for (let shift = 0n; shift < 63n; shift += 7n) {
      const next = this.byte();
      value |= BigInt(next & 0x7f) << shift;
      if (next >= 0x80) continue;
      const number = Number((value & 1n) === 0n ? value >> 1n : -((value + 1n) >> 1n));
      if (!Number.isSafeInteger(number)) throw new BlockError("a number is out of range");
      return number;
    }
    throw new BlockError("a number is too long");
  }

  /** All that is left; a view. */
  rest(): Uint8Array {
    return this.raw(this.bytes.length - this.at);
  }

  /** A view, not a copy. */
  raw(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) throw new BlockError("the block ends too early");
    const found = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return found;
  }
}
