import type { ByteChannel, ByteListener } from "../../src/ports/index.js";

class PairEnd implements ByteChannel {
  other: PairEnd | undefined;
  private listener: ByteListener | undefined;
  private readonly early: Uint8Array[] = [];
  isOpen = true;

  listen(listener: ByteListener): void {
    this.listener = listener;
    for (const bytes of this.early.splice(0)) listener.received(bytes);
  }
  async write(bytes: Uint8Array): Promise<void> {
    if (!this.isOpen) throw new Error("channel is closed");
    const copy = bytes.slice();
    queueMicrotask(() => this.other?.deliver(copy));
  }
  async close(): Promise<void> {
    this.end(undefined);
    this.other?.end("closed by the other side");
  }
  private deliver(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    if (this.listener === undefined) this.early.push(bytes);
    else this.listener.received(bytes);
  }
  private end(cause: string | undefined): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.listener?.closed(cause);
  }
}

/** Two ends of one channel in memory: what one writes the other receives, in a later microtask. */
export function channelPair(): readonly [ByteChannel, ByteChannel] {
  const one = new PairEnd();
  const other = new PairEnd();
  one.other = other;
  other.other = one;
  return [one, other];
}
