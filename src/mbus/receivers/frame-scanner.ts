/**
 * Finds messages in a byte stream for drivers of binary protocols. A driver looks at one place and says: a message,
 * none here, or too few bytes yet. Where there is none, one byte is skipped and the next place is looked at, so that
 * garbage costs itself alone. What was looked at once and rejected is not looked at again.
 */
import type { ReceiverEvent } from "./receiver.js";

export type Look =
  | { readonly kind: "incomplete" }
  /** No message begins here; `event` where one seemed to, `skip` bytes of which cannot begin another (default 1). */
  | { readonly kind: "none"; readonly event?: ReceiverEvent; readonly skip?: number }
  | { readonly kind: "message"; readonly size: number; readonly events: readonly ReceiverEvent[] };

export const incomplete: Look = { kind: "incomplete" };
export const none: Look = { kind: "none" };

const nothing = new Uint8Array(0);

export class FrameScanner {
  private readonly look: (bytes: Uint8Array, offset: number) => Look;
  private pending: Uint8Array = nothing;
  skippedBytes = 0;

  /** @param look  must say `message` or `none` once it has `mostBytes` bytes: they bound what is kept */
  constructor(look: (bytes: Uint8Array, offset: number) => Look) {
    this.look = look;
  }

  get pendingBytes(): number {
    return this.pending.length;
  }

  push(chunk: Uint8Array): readonly ReceiverEvent[] {
    if (chunk.length === 0) return [];
    const joined = new Uint8Array(this.pending.length + chunk.length);
    joined.set(this.pending);
    joined.set(chunk, this.pending.length);
    return this.scan(joined, false);
  }

  flush(): readonly ReceiverEvent[] {
    return this.scan(this.pending, true);
  }

  private scan(bytes: Uint8Array, isEnd: boolean): readonly ReceiverEvent[] {
    const events: ReceiverEvent[] = [];
    let offset = 0;
    while (offset < bytes.length) {
      const look = this.look(bytes, offset);
      if (look.kind === "incomplete" && !isEnd) break;
      if (look.kind === "message") {
        events.push(...look.events);
        offset += look.size;
        continue;
      }
      const { event, skip = 1 } = look.kind === "none" ? look : {};
      if (event !== undefined) events.push(event);
      this.skippedBytes += skip;
      offset += skip;
    }
    this.pending = offset === bytes.length ? nothing : bytes.slice(offset);
    return events;
  }
}
