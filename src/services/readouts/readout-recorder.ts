/** Gathers how readouts went and hands it to the store a second's worth at a time; never slows a readout. */
import type { Clock, Logger, ReadoutRecord, ReadoutRecordStore } from "../../ports/index.js";

const gatherMs = 1000;
/** While the store cannot take them, so many wait; the oldest go first. */
const mostWaiting = 20_000;

export class ReadoutRecorder {
  private readonly store: Pick<ReadoutRecordStore, "addReadoutRecords">;
  private readonly clock: Clock;
  private readonly logger: Logger;
  private waiting: ReadoutRecord[] = [];
  private cancel: (() => void) | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(parts: {
    readonly store: Pick<ReadoutRecordStore, "addReadoutRecords">;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.store = parts.store;
    this.clock = parts.clock;
    this.logger = parts.logger;
  }

  note(record: ReadoutRecord): void {
    this.waiting.push(record);
    if (this.waiting.length > mostWaiting) this.waiting.splice(0, this.waiting.length - mostWaiting);
    this.cancel ??= this.clock.after(gatherMs, () => void this.flush());
  }

  /** Resolves when everything noted so far is on disk, or was refused and logged. */
  flush(): Promise<void> {
    this.cancel?.();
    this.cancel = undefined;
    const records = this.waiting.splice(0);
    if (records.length > 0) this.writing = this.writing.then(() => this.write(records));
    return this.writing;
  }

  private async write(records: readonly ReadoutRecord[]): Promise<void> {
    try {
      await this.store.addReadoutRecords(records);
    } catch (error) {
      this.logger.warn("records of readouts were not kept", { records: records.length, error: String(error) });
    }
  }
}
