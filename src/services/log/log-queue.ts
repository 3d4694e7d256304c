/** What waits to be written: bounded, one group on its way at a time; what there is no room for is counted and told. */
import type { Clock, Logger, LogRow, LogStore } from "../../ports/index.js";

export type NewEntry = Omit<LogRow, "id">;

export interface LogQueueParts {
  readonly clock: Clock;
  /** Asked at each group. */
  maxBytes(): number;
  /** Makes the entry that tells how many were lost. */
  lost(count: number): NewEntry;
  /** Where a fault of the log itself is told: not in the log. */
  readonly fallback: Logger;
}

const mostWaiting = 10_000;
const mostAGroup = 1000;
/** The first of a group waits so long for company. */
const gatherMs = 200;
const retryMs = 5_000;

export class LogQueue {
  private waiting: NewEntry[] = [];
  private lostCount = 0;
  private store: LogStore | undefined;
  private writing: Promise<void> | undefined;
  private cancel: (() => void) | undefined;
  private hasFailed = false;
  private readonly parts: LogQueueParts;

  constructor(parts: LogQueueParts) {
    this.parts = parts;
  }

  add(entry: NewEntry): void {
    if (this.waiting.length >= mostWaiting) {
      this.lostCount += 1;
      return;
    }
    this.waiting.push(entry);
    this.plan(gatherMs);
  }

  attach(store: LogStore): void {
    this.store = store;
    this.plan(gatherMs);
  }

  /** Resolves when all that waits is on disk, or could not be brought there. */
  async flush(): Promise<void> {
    this.cancel?.();
    this.cancel = undefined;
    await this.writing;
    while (this.store !== undefined && (this.waiting.length > 0 || this.lostCount > 0)) {
      if (!(await this.write())) return;
    }
  }

  private plan(ms: number): void {
    if (this.store === undefined || this.writing !== undefined || this.cancel !== undefined) return;
    this.cancel = this.parts.clock.after(ms, () => {
      this.cancel = undefined;
      this.writing = this.write().then((isWritten) => {
        this.writing = undefined;
        if (this.waiting.length > 0 || this.lostCount > 0) this.plan(isWritten ? 0 : retryMs);
      });
    });
  }

  /** Never rejects. @returns whether a group is on disk */
  private async write(): Promise<boolean> {
    if (this.waiting.length === 0 && this.lostCount === 0) return true;
    const group = this.waiting.splice(0, mostAGroup);
    const lost = this.lostCount;
    this.lostCount = 0;
    try {
      const rows = lost === 0 ? group : [...group, this.parts.lost(lost)];
      await this.store?.appendLog(rows, this.parts.maxBytes());
      this.hasFailed = false;
      return true;
    } catch (error) {
      this.waiting = [...group, ...this.waiting];
      const tooMany = Math.max(0, this.waiting.length - mostWaiting);
      if (tooMany > 0) this.waiting.length = mostWaiting;
      this.lostCount += lost + tooMany;
      if (!this.hasFailed)
        this.parts.fallback.error("log entries could not be kept; it is tried again", { error: String(error) });
      this.hasFailed = true;
      return false;
    }
  }
}
