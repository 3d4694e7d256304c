/**
 * The TCP-UDP wrapper (IEC 62056-47): eight bytes before each APDU, version, source and destination port, length.
 *
 * A stream decoder: APDUs come in pieces and several at once. It keeps at most one unfinished frame.
 */
import { ByteWriter, DecodeError } from "../codec/bytes.js";

export const wrapperHeaderLength = 8;
export const wrapperVersion = 1;

export interface WrapperFrame {
  readonly sourceWPort: number;
  readonly destinationWPort: number;
  /** A view: into the chunk handed in, or of its own where the frame came in pieces. */
  readonly apdu: Uint8Array;
}

export interface WrapperDecoder {
  /**
   * Takes the next bytes of the stream.
   * @returns the frames they complete, in order
   * @throws DecodeError `unsupportedVersion` or `lengthOverLimit`: the stream cannot be read on. Frames before the bad
   *   header are in `framesBeforeError`.
   */
  push(chunk: Uint8Array): readonly WrapperFrame[];
  /** Whether a frame has begun and not ended: give it up after a time. */
  readonly isMidFrame: boolean;
  /** Whole frames that stood before the header that made push() throw. */
  readonly framesBeforeError: readonly WrapperFrame[];
}

const empty = new Uint8Array(0);

/** @param maxApduBytes longer APDUs are refused by their header alone */
export function createWrapperDecoder(maxApduBytes: number): WrapperDecoder {
  return new StreamDecoder(maxApduBytes);
}

class StreamDecoder implements WrapperDecoder {
  private readonly maxApduBytes: number;
  /** Bytes of the unfinished frame; grows to the length its header announces, no further. */
  private held = empty;
  private heldLength = 0;
  framesBeforeError: readonly WrapperFrame[] = [];

  constructor(maxApduBytes: number) {
    this.maxApduBytes = maxApduBytes;
  }

  get isMidFrame(): boolean {
    return this.heldLength > 0;
  }

  push(chunk: Uint8Array): readonly WrapperFrame[] {
    const frames: WrapperFrame[] = [];
    try {
      let offset = this.heldLength > 0 ? this.fillHeld(chunk, frames) : 0;
      while (chunk.length - offset >= wrapperHeaderLength) {
        const end = offset + wrapperHeaderLength + this.apduLength(chunk, offset);
        if (end > chunk.length) break;
        frames.push(frameAt(chunk, offset, end));
        offset = end;
      }
      if (offset < chunk.length) this.hold(chunk.subarray(offset));
      return frames;
    } catch (error) {
      this.framesBeforeError = frames;
      throw error;
    }
  }

  /** @returns the offset in `chunk` behind what the unfinished frame took */
  private fillHeld(chunk: Uint8Array, frames: WrapperFrame[]): number {
    let offset = 0;
    if (this.heldLength < wrapperHeaderLength) {
      offset = this.take(chunk, offset, wrapperHeaderLength);
      if (this.heldLength < wrapperHeaderLength) return offset;
    }
    const total = wrapperHeaderLength + this.apduLength(this.held, 0);
    offset = this.take(chunk, offset, total);
    if (this.heldLength < total) return offset;
    frames.push(frameAt(this.held, 0, total));
    this.held = empty;
    this.heldLength = 0;
    return offset;
  }

  private take(chunk: Uint8Array, offset: number, wanted: number): number {
    const count = Math.min(wanted - this.heldLength, chunk.length - offset);
    if (this.held.length < wanted) {
      const larger = new Uint8Array(wanted);
      larger.set(this.held.subarray(0, this.heldLength));
      this.held = larger;
    }
    this.held.set(chunk.subarray(offset, offset + count), this.heldLength);
    this.heldLength += count;
    return offset + count;
  }

  private hold(rest: Uint8Array): void {
    const wanted =
      rest.length < wrapperHeaderLength ? wrapperHeaderLength : wrapperHeaderLength + this.apduLength(rest, 0);
    this.take(rest, 0, wanted);
  }

  /** @throws DecodeError for a header that cannot be one */
  private apduLength(bytes: Uint8Array, offset: number): number {
    const version = u16(bytes, offset);
    if (version !== wrapperVersion)
      throw new DecodeError("unsupportedVersion", offset, "wrapper", `version ${version}`);
    const length = u16(bytes, offset + 6);
    if (length > this.maxApduBytes) {
      throw new DecodeError("lengthOverLimit", offset + 6, "wrapper", `${length} of ${this.maxApduBytes} bytes`);
    }
    return length;
  }
}

function u16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

function frameAt(bytes: Uint8Array, start: number, end: number): WrapperFrame {
  return {
    sourceWPort: u16(bytes, start + 2),
    destinationWPort: u16(bytes, start + 4),
    apdu: bytes.subarray(start + wrapperHeaderLength, end),
  };
}

/** Appends one frame. @throws RangeError for an APDU beyond 65,535 bytes */
export function writeWrapperFrame(
  writer: ByteWriter,
  sourceWPort: number,
  destinationWPort: number,
  apdu: Uint8Array,
): void {
  if (apdu.length > 0xffff) throw new RangeError(`an APDU of ${apdu.length} bytes does not fit the wrapper`);
  writer.u16(wrapperVersion).u16(sourceWPort).u16(destinationWPort).u16(apdu.length).bytes(apdu);
}

/** One whole frame. @throws RangeError as writeWrapperFrame() */
export function encodeWrapperFrame(frame: WrapperFrame): Uint8Array {
  const writer = new ByteWriter(wrapperHeaderLength + frame.apdu.length);
  writeWrapperFrame(writer, frame.sourceWPort, frame.destinationWPort, frame.apdu);
  return writer.finish();
}
