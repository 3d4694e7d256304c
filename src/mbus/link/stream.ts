/**
 * Finds whole frames in a byte stream. How it works:
 * - the first byte of what is left decides which frame could begin there; too few bytes are kept for the next push;
 * - where no frame can begin, or the frame is broken, one byte is skipped and the search goes on behind it;
 * - an E5 inside a broken long frame is data, not an acknowledgement;
 * - frames of the other direction (our own echo, from level converters that repeat what is sent) are dropped;
 * - at most one frame (261 bytes) is ever kept.
 * Where the stream is cut into pieces changes nothing.
 */
import { fromMasterBit } from "./control-field.js";
import { ackByte, checkFrameAt, type LinkFrame, longStart } from "./frame.js";

/** Who listens: a master wants answers, a slave wants requests, a monitor everything. */
export type LinkListener = "master" | "slave" | "monitor";

const nothing = new Uint8Array(0);

export class LinkStreamDecoder {
  private readonly listener: LinkListener;
  private pending: Uint8Array = nothing;
  /** How many bytes from the start of `pending` belonged to a broken long frame. */
  private suspectBytes = 0;
  /** Bytes that were part of no frame, since reset(). */
  skippedBytes = 0;
  /** Frames of the other direction, since reset(). */
  echoedFrames = 0;

  constructor(listener: LinkListener) {
    this.listener = listener;
  }

  /** Bytes kept because a frame may have begun. */
  get pendingBytes(): number {
    return this.pending.length;
  }

  /** Feeds bytes; returns the frames that became whole, in order. Their data is copied. Never throws. */
  push(chunk: Uint8Array): readonly LinkFrame[] {
    if (chunk.length === 0) return [];
    const joined = new Uint8Array(this.pending.length + chunk.length);
    joined.set(this.pending);
    joined.set(chunk, this.pending.length);
    return this.scan(joined, false);
  }

  /** No more will come (the line fell silent): a frame begun and not finished is skipped, what follows it is searched. */
  flush(): readonly LinkFrame[] {
    return this.scan(this.pending, true);
  }

  /** Forgets everything, counters too. */
  reset(): void {
    this.pending = nothing;
    this.suspectBytes = 0;
    this.skippedBytes = 0;
    this.echoedFrames = 0;
  }

  private scan(bytes: Uint8Array, isEnd: boolean): readonly LinkFrame[] {
    const frames: LinkFrame[] = [];
    let offset = 0;
    let suspectEnd = this.suspectBytes;
    while (offset < bytes.length) {
      const check = bytes[offset] === ackByte && offset < suspectEnd ? undefined : checkFrameAt(bytes, offset);
      if (check?.kind === "incomplete" && !isEnd) break;
      if (check?.kind === "sound") {
        offset += check.size;
        if (this.isForUs(check.frame)) frames.push(ownCopy(check.frame));
        else this.echoedFrames += 1;
        continue;
      }
      const isBrokenLong = check?.kind === "fault" && check.size !== undefined && bytes[offset] === longStart;
      if (isBrokenLong) suspectEnd = Math.max(suspectEnd, offset + (check.size ?? 0));
      this.skippedBytes += 1;
      offset += 1;
    }
    this.pending = offset === bytes.length ? nothing : bytes.slice(offset);
    this.suspectBytes = isEnd ? 0 : Math.max(0, suspectEnd - offset);
    return frames;
  }

  private isForUs(frame: LinkFrame): boolean {
    if (this.listener === "monitor") return true;
    if (frame.kind === "ack") return this.listener === "master";
    const fromMaster = (frame.control & fromMasterBit) !== 0;
    return fromMaster === (this.listener === "slave");
  }
}

/** Frames outlive the bytes they came in. */
function ownCopy(frame: LinkFrame): LinkFrame {
  return frame.kind === "long" ? { ...frame, applicationData: frame.applicationData.slice() } : frame;
}
