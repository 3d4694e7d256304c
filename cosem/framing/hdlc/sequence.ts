/** Both halves of the numbered exchange, the same at client and server: what goes out, and what comes in. Modulo 8. */

export interface Segment {
  readonly information: Uint8Array;
  /** Further segments of the same message follow. */
  readonly isSegmented: boolean;
}

export interface NumberedSegment extends Segment {
  readonly sendNumber: number;
}

/** Messages on their way out, kept until the other side has acknowledged them. */
export class SegmentSender {
  private segments: Segment[] = [];
  /** Number of the oldest segment not acknowledged: V(A). */
  private acknowledged = 0;
  /** How many from that one on have ever been sent. */
  private sent = 0;

  /** Segments not acknowledged, sent or not. */
  get length(): number {
    return this.segments.length;
  }

  get isEmpty(): boolean {
    return this.segments.length === 0;
  }

  /** V(S): the number after the newest sent. */
  get nextNumber(): number {
    return (this.acknowledged + this.sent) & 7;
  }

  /** Cuts a message, LLC header included, into segments. Keeps views of `message`. */
  add(message: Uint8Array, maxInfo: number): void {
    for (let start = 0; start < message.length; start += maxInfo) {
      const end = Math.min(start + maxInfo, message.length);
      this.segments.push({ information: message.subarray(start, end), isSegmented: end < message.length });
    }
  }

  /** Takes the other side's N(R). @returns false where it names what was never sent */
  acknowledge(receiveNumber: number): boolean {
    const count = (receiveNumber - this.acknowledged) & 7;
    if (count > this.sent) return false;
    if (count > 0) this.segments.splice(0, count);
    this.acknowledged = receiveNumber;
    this.sent -= count;
    return true;
  }

  /** The next `size` segments, from the oldest not acknowledged on: what was lost goes out again by itself. */
  window(size: number): readonly NumberedSegment[] {
    const next = this.segments.slice(0, size);
    this.sent = Math.max(this.sent, next.length);
    return next.map((segment, index) => ({ ...segment, sendNumber: (this.acknowledged + index) & 7 }));
  }

  reset(): void {
    this.segments = [];
    this.acknowledged = 0;
    this.sent = 0;
  }
}

/** Segments coming in, put together to messages. */
export class SegmentReceiver {
  private readonly maxMessageBytes: number;
  private parts: Uint8Array[] = [];
  private length = 0;
  /** V(R): the number wanted next. */
  nextNumber = 0;

  constructor(maxMessageBytes: number) {
    this.maxMessageBytes = maxMessageBytes;
  }

  get isMidMessage(): boolean {
    return this.parts.length > 0;
  }

  /**
   * Takes the segment wanted next. @returns a whole message in memory of its own, undefined while segments are missing,
   * or `overLimit`: it is forgotten
   */
  take(information: Uint8Array, isSegmented: boolean): Uint8Array | undefined | "overLimit" {
    this.nextNumber = (this.nextNumber + 1) & 7;
    this.length += information.length;
    if (this.length > this.maxMessageBytes) {
      this.forget();
      return "overLimit";
    }
    // Not slice(): that of a Buffer is a view.
    this.parts.push(new Uint8Array(information));
    if (!isSegmented) return this.join();
    // Segments without content would pile up unseen by the limit.
    if (information.length === 0) this.parts.pop();
    return undefined;
  }

  private join(): Uint8Array {
    const [only] = this.parts;
    let message = only ?? new Uint8Array(0);
    if (this.parts.length > 1) {
      message = new Uint8Array(this.length);
      let offset = 0;
      for (const part of this.parts) {
        message.set(part, offset);
        offset += part.length;
      }
    }
    this.forget();
    return message;
  }

  private forget(): void {
    this.parts = [];
    this.length = 0;
  }

  reset(): void {
    this.forget();
    this.nextNumber = 0;
  }
}
