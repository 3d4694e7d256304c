/** Cuts a stream into lines of text (LF, CR LF or CR at their end); a line longer than any telegram is dropped. */
import type { ReceiverEvent } from "./receiver.js";

/** rtl_433 writes some 1,000 characters of commas around a telegram of 600. */
const longestLine = 8192;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

export class LineSplitter {
  private readonly read: (line: string) => readonly ReceiverEvent[];
  private line: number[] = [];
  private isTooLong = false;
  /** Characters of lines that said nothing. */
  skippedBytes = 0;

  /** @param read  makes events of one line, ends and outer blanks taken off; empty: it says nothing */
  constructor(read: (line: string) => readonly ReceiverEvent[]) {
    this.read = read;
  }

  get pendingBytes(): number {
    return this.line.length;
  }

  push(chunk: Uint8Array): readonly ReceiverEvent[] {
    const events: ReceiverEvent[] = [];
    for (const byte of chunk) {
      if (byte === lineFeed || byte === carriageReturn) events.push(...this.end());
      else if (this.line.length < longestLine) this.line.push(byte);
      else this.isTooLong = true;
    }
    return events;
  }

  flush(): readonly ReceiverEvent[] {
    return this.end();
  }

  private end(): readonly ReceiverEvent[] {
    const { line, isTooLong } = this;
    this.line = [];
    this.isTooLong = false;
    if (isTooLong) {
      this.skippedBytes += line.length;
      return [{ kind: "rejected", reason: "tooLong" }];
    }
    if (line.length === 0) return [];
    const events = this.read(String.fromCharCode(...line).trim());
    if (events.length === 0) this.skippedBytes += line.length;
    return events;
  }
}

/** Bytes of an even number of hex digits, else undefined. */
export function hexBytes(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, index) =>
    Number.parseInt(text.slice(index * 2, index * 2 + 2), 16),
  );
}
