/**
 * The body of an answer on its way out: encoded as far as one APDU or block needs, so that a long array pulled from
 * the store is never held whole.
 */
import { type GetDataResult, writeGetDataResult } from "../apdu/get.js";
import { writeArrayHeader, writeData } from "../codec/axdr.js";
import { writeLength } from "../codec/axdr-length.js";
import { ByteWriter } from "../codec/bytes.js";
import type { Data } from "../codec/data.js";

/** One result of a GET: known now, or an array of `count` elements that the shell hands in piece by piece. */
export type GetAnswer = GetDataResult | { readonly kind: "stream"; readonly count: number };

/** `elementsWanted`: nothing more can be said before the shell hands in elements of this answer's stream. */
export type FillState = { readonly kind: "filled" } | { readonly kind: "elementsWanted"; readonly index: number };

const filled: FillState = Object.freeze({ kind: "filled" });

/** The elements handed in are not what was announced: the transfer is over. */
export class StreamBroken extends Error {}

/**
 * single: the bare data of the only answer. results: the list of Get-Data-Results, as GET with list has it. data: the
 * list of data with null-data for what was refused, as ACCESS has it.
 */
export type BodyForm = "single" | "results" | "data";

const nullData: Data = { type: "null-data" };

export class OutgoingBody {
  private readonly answers: readonly GetAnswer[];
  private readonly form: BodyForm;
  private readonly tail: Uint8Array | undefined;
  private writer = new ByteWriter(512);
  private start = 0;
  private index = 0;
  private hasTail = false;
  /** Elements of the current stream still to come; undefined while it has not begun. */
  private elementsLeft: number | undefined;

  /**
   * @param answers  what is said, in order
   * @param head  goes before it, @param tail behind it: copied when their turn comes
   */
  constructor(answers: readonly GetAnswer[], form: BodyForm, head?: Uint8Array, tail?: Uint8Array) {
    this.answers = answers;
    this.form = form;
    this.tail = tail;
    if (head !== undefined) this.writer.bytes(head);
    if (form !== "single") writeLength(this.writer, answers.length);
  }

  /** A body that is encoded already. */
  static of(encoded: Uint8Array, head?: Uint8Array): OutgoingBody {
    const body = new OutgoingBody([], "single", head);
    body.writer.bytes(encoded);
    return body;
  }

  /** Bytes ready to go. */
  get size(): number {
    return this.writer.length - this.start;
  }
  /** Nothing is left to encode; `size` bytes are left to send. */
  get isComplete(): boolean {
    return this.index === this.answers.length && (this.tail === undefined || this.hasTail);
  }

  /** Encodes until more than `wanted` bytes are ready, or all is encoded, or elements are missing. */
  fill(wanted: number): FillState {
    while (!this.isComplete && this.size <= wanted) {
      const answer = this.answers[this.index];
      if (answer === undefined) {
        this.endBody();
        break;
      }
      if (answer.kind === "stream") {
        if (this.beginStream(answer.count) > 0) return { kind: "elementsWanted", index: this.index };
        this.endAnswer();
      } else {
        this.writeAnswer(answer);
        this.endAnswer();
      }
    }
    return filled;
  }

  private writeAnswer(answer: GetDataResult): void {
    if (this.form === "results") writeGetDataResult(this.writer, answer);
    else writeData(this.writer, answer.kind === "data" ? answer.data : nullData);
  }

  private endBody(): void {
    if (this.tail !== undefined) this.writer.bytes(this.tail);
    this.hasTail = true;
  }

  /** @returns how many elements are still missing */
  private beginStream(count: number): number {
    if (this.elementsLeft === undefined) {
      if (this.form === "results") this.writer.u8(0);
      writeArrayHeader(this.writer, count);
      this.elementsLeft = count;
    }
    return this.elementsLeft;
  }

  private endAnswer(): void {
    this.index += 1;
    this.elementsLeft = undefined;
  }

  /** Takes elements of the stream that fill() asked for. @throws StreamBroken when their number cannot be right */
  supply(elements: readonly Data[]): void {
    const left = (this.elementsLeft ?? 0) - elements.length;
    if (left < 0 || elements.length === 0) throw new StreamBroken("another number of elements than announced");
    this.compact();
    for (const element of elements) writeData(this.writer, element);
    this.elementsLeft = left;
  }

  /** Before the first take(): what goes before all that is ready. */
  prepend(head: Uint8Array): void {
    const ready = this.writer.finish().slice(this.start);
    this.writer.reset().bytes(head).bytes(ready);
    this.start = 0;
  }

  /** The next `count` bytes at most; a view that holds until the next fill() or supply(). */
  take(count: number): Uint8Array {
    const end = Math.min(this.start + count, this.writer.length);
    const bytes = this.writer.finish().subarray(this.start, end);
    this.start = end;
    return bytes;
  }

  /** What was sent makes room before more comes in: memory stays at one piece and one block. */
  private compact(): void {
    if (this.start === 0) return;
    const rest = this.writer.finish().slice(this.start);
    this.writer.reset().bytes(rest);
    this.start = 0;
  }
}

/** An APDU that is there as a whole, to be cut into blocks. */
export function wholeAnswer(apdu: Uint8Array): LongAnswer {
  return { body: OutgoingBody.of(apdu), hasStreams: false, indexGiven: (index) => index };
}

/** A long answer on its way out. */
export interface LongAnswer {
  /** The whole APDU, header included. */
  readonly body: OutgoingBody;
  readonly hasStreams: boolean;
  /** From the index of an answer in the body to that of the answers that the shell gave. */
  indexGiven(index: number): number;
}
