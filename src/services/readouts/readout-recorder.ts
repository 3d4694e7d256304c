/**
 * Gathers how readouts went and hands it to the store a second's worth at a time; never slows a readout. What was before
 * the clock was known good is moved, once, to its true time.
 */
import type { Clock, Logger, ReadoutRecord, ReadoutRecordStore } from "../../ports/index.js";

const gatherMs = 1000;
/** While the store cannot take them, so many wait; the oldest go first. So many are put right, too. */
const mostWaiting = 20_000;

/** When something was, by what is known now of the clock. */
export interface RecordClock {
  readonly isGood: boolean;
  momentOf(atMs: number, monotonicMs: number): { readonly atMs: number };
  onGood(listener: () => void): void;
}

export interface ReadoutRecorderParts {
  readonly store: Pick<ReadoutRecordStore, "addReadoutRecords" | "moveReadoutRecords">;
  readonly trust: RecordClock;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class ReadoutRecorder {
  private readonly parts: ReadoutRecorderParts;
  private unsure: { readonly meterId: number; readonly fromMs: number; readonly monotonicMs: number }[] = [];
  private waiting: ReadoutRecord[] = [];
  private cancel: (() => void) | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(parts: ReadoutRecorderParts) {
    this.parts = parts;
    if (!parts.trust.isGood) parts.trust.onGood(() => void this.putRight());
  }

  /** @param monotonicMs  when it was, by the clock that only grows; `createdAtMs` is how the clock stood then */
  note(record: ReadoutRecord, monotonicMs: number): void {
    const { clock, trust } = this.parts;
    const createdAtMs = Math.round(trust.momentOf(record.createdAtMs, monotonicMs).atMs);
    if (!trust.isGood && this.unsure.length < mostWaiting) {
      this.unsure.push({ meterId: record.meterId, fromMs: createdAtMs, monotonicMs });
    }
    this.waiting.push({ ...record, createdAtMs });
    if (this.waiting.length > mostWaiting) this.waiting.splice(0, this.waiting.length - mostWaiting);
    this.cancel ??= clock.after(gatherMs, () => void this.flush());
  }

  /** Resolves when everything noted so far is on disk, or was refused and logged. */
  flush(): Promise<void> {
    this.cancel?.();
    this.cancel = undefined;
    const records = this.waiting.splice(0);
    if (records.length > 0) this.writing = this.writing.then(() => this.write(records));
    return this.writing;
  }

  private async putRight(): Promise<void> {
    await this.flush();
    const moves = this.unsure.splice(0).map(({ meterId, fromMs, monotonicMs }) => {
      return { meterId, fromMs, toMs: this.parts.trust.momentOf(fromMs, monotonicMs).atMs };
    });
    try {
      await this.parts.store.moveReadoutRecords(moves);
    } catch (error) {
      this.parts.logger.warn("records of readouts were not put right", { records: moves.length, error: String(error) });
    }
  }

  private async write(records: readonly ReadoutRecord[]): Promise<void> {
    try {
      await this.parts.store.addReadoutRecords(records);
    } catch (error) {
      this.parts.logger.warn("records of readouts were not kept", { records: records.length, error: String(error) });
    }
  }
}
