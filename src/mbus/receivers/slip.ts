/** SLIP framing (RFC 1055): C0 ends a frame, DB DC stands for C0 and DB DD for DB within. */
const end = 0xc0;
const escapeByte = 0xdb;
const escapedEnd = 0xdc;
const escapedEscape = 0xdd;

export function encodeSlip(frame: Uint8Array): Uint8Array {
  const bytes: number[] = [end];
  for (const byte of frame) {
    if (byte === end) bytes.push(escapeByte, escapedEnd);
    else if (byte === escapeByte) bytes.push(escapeByte, escapedEscape);
    else bytes.push(byte);
  }
  return Uint8Array.from([...bytes, end]);
}

/** Frames of a stream, empty ones left out; what is longer than `longest` or wrongly escaped is dropped and told. */
export class SlipDecoder {
  private readonly longest: number;
  private frame: number[] = [];
  private isEscaped = false;
  private isBroken = false;
  skippedBytes = 0;

  constructor(longest: number) {
    this.longest = longest;
  }

  get pendingBytes(): number {
    return this.frame.length;
  }

  /** A frame, or `broken` for one that cannot be read. */
  *push(chunk: Uint8Array): Generator<Uint8Array | "broken"> {
    for (const byte of chunk) {
      if (byte === end) {
        const frame = this.take();
        if (frame !== undefined) yield frame;
      } else this.add(byte);
    }
  }

  take(): Uint8Array | "broken" | undefined {
    const { frame, isBroken, isEscaped } = this;
    this.frame = [];
    this.isBroken = false;
    this.isEscaped = false;
    if (isBroken || isEscaped) {
      this.skippedBytes += frame.length;
      return "broken";
    }
    return frame.length === 0 ? undefined : Uint8Array.from(frame);
  }

  private add(byte: number): void {
    if (this.isEscaped) {
      this.isEscaped = false;
      if (byte === escapedEnd) this.keep(end);
      else if (byte === escapedEscape) this.keep(escapeByte);
      else this.isBroken = true;
    } else if (byte === escapeByte) this.isEscaped = true;
    else this.keep(byte);
  }

  private keep(byte: number): void {
    if (this.frame.length < this.longest) this.frame.push(byte);
    else this.isBroken = true;
  }
}
