/** What an event stream writes to; `write` answers false when the other side is slow, then `drained()` is called. */
export interface EventSink {
  write(text: string): boolean;
  end(): void;
  /** Breaks the connection: the other side has stopped reading. */
  destroy(): void;
  /** False: who opened it is no longer logged in, and the next heartbeat ends it. Absent: always. */
  isWanted?(): boolean;
}

/** Events waiting for a slow client; one per meter, so that it gets the newest. */
const maxWaiting = 256;
/** Heartbeats that a client may sleep through. */
const maxMissedHeartbeats = 4;

/** One client of the event stream: passes events on, holds a bounded number back while it is slow. */
export class EventClient {
  private readonly sink: EventSink;
  private readonly waiting = new Map<string, string>();
  private isBlocked = false;
  private hasOverflowed = false;
  private missedHeartbeats = 0;

  constructor(sink: EventSink) {
    this.sink = sink;
  }

  /** @param key events with the same key replace each other while they wait */
  send(key: string, text: string): void {
    if (!this.isBlocked) {
      this.write(text);
      return;
    }
    if (this.hasOverflowed) return;
    this.waiting.set(key, text);
    if (this.waiting.size > maxWaiting) this.overflow();
  }

  /** Tells the client to read everything again; what waits for it is dropped. */
  resynchronise(): void {
    if (this.isBlocked) this.overflow();
    else this.write(resynchroniseEvent);
  }

  heartbeat(): void {
    if (this.sink.isWanted?.() === false) {
      this.sink.end();
      return;
    }
    if (!this.isBlocked) {
      this.write(": still here\n\n");
      return;
    }
    this.missedHeartbeats++;
    if (this.missedHeartbeats > maxMissedHeartbeats) this.sink.destroy();
  }

  drained(): void {
    this.isBlocked = false;
    this.missedHeartbeats = 0;
    if (this.hasOverflowed) {
      this.hasOverflowed = false;
      this.write(resynchroniseEvent);
    }
    for (const [key, text] of this.waiting) {
      if (this.isBlocked) return;
      this.waiting.delete(key);
      this.write(text);
    }
  }

  end(): void {
    this.sink.end();
  }

  private write(text: string): void {
    this.isBlocked = !this.sink.write(text);
  }

  private overflow(): void {
    this.waiting.clear();
    this.hasOverflowed = true;
  }
}

/** @param data what JSON.stringify takes; it writes no line breaks, so one `data:` line is enough */
export function eventText(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

const resynchroniseEvent = eventText("resynchronise", {});
