/**
 * The answers to one chunk, one behind the other, to leave in one write. It takes its memory from Node's pool: this is
 * the hot path, where a new typed array for each answer would cost more than reading the value.
 */
export class AnswerBuffer {
  length = 0;
  private buffer: Buffer | undefined;
  private readonly expectedAnswers: number;

  /** @param expectedAnswers so many, as large as the first: one allocation mostly */
  constructor(expectedAnswers: number) {
    this.expectedAnswers = expectedAnswers;
  }

  /** Makes room for one answer and moves behind it; the caller fills all `byteCount` bytes from `offset` on. */
  reserve(byteCount: number): { readonly buffer: Buffer; readonly offset: number } {
    const offset = this.length;
    this.length += byteCount;
    if (this.buffer === undefined) this.buffer = Buffer.allocUnsafe(byteCount * Math.max(1, this.expectedAnswers));
    else if (this.length > this.buffer.length) {
      const larger = Buffer.allocUnsafe(this.length * 2);
      this.buffer.copy(larger, 0, 0, offset);
      this.buffer = larger;
    }
    return { buffer: this.buffer, offset };
  }

  /** All answers so far; the buffer is not used after it. */
  finish(): Buffer {
    if (this.buffer === undefined) return Buffer.alloc(0);
    return this.buffer.length === this.length ? this.buffer : this.buffer.subarray(0, this.length);
  }
}
