import type { Clock } from "../../src/ports/index.js";

/** Runs as the system's clock does, and leaps over hours in which nothing happens; timers on the way fire then. */
export class LeapingClock implements Clock {
  private readonly timers = new Map<number, { readonly dueMs: number; readonly task: () => void }>();
  private readonly startedAt = performance.now();
  private readonly startMs: number;
  private leaptMs = 0;
  private next = 1;
  private wake: NodeJS.Timeout | undefined;

  constructor(startMs: number) {
    this.startMs = startMs;
  }

  now(): number {
    return Math.floor(this.startMs + this.monotonic());
  }

  monotonic(): number {
    return performance.now() - this.startedAt + this.leaptMs;
  }

  after(milliseconds: number, task: () => void): () => void {
    const id = this.next++;
    this.timers.set(id, { dueMs: this.monotonic() + milliseconds, task });
    this.arm();
    return () => {
      this.timers.delete(id);
    };
  }

  /** To this moment, timer by timer: each finds the time that it was set for. */
  async leapTo(atMs: number): Promise<void> {
    for (;;) {
      const target = atMs - this.startMs;
      const next = Math.min(target, ...[...this.timers.values()].map(({ dueMs }) => dueMs));
      this.leaptMs += Math.max(0, next - this.monotonic());
      this.fire();
      // What the timers started gets its turn before the next ones fire.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.monotonic() >= target) return;
    }
  }

  private fire(): void {
    const now = this.monotonic();
    const due = [...this.timers].filter(([, { dueMs }]) => dueMs <= now).sort((a, b) => a[1].dueMs - b[1].dueMs);
    for (const [id, { task }] of due) if (this.timers.delete(id)) task();
    this.arm();
  }

  private arm(): void {
    clearTimeout(this.wake);
    const first = Math.min(...[...this.timers.values()].map(({ dueMs }) => dueMs));
    if (!Number.isFinite(first)) return;
    this.wake = setTimeout(() => this.fire(), Math.min(Math.max(0, first - this.monotonic()), 0x7fffffff));
    this.wake.unref();
  }
}
