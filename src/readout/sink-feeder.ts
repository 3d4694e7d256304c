/** Hands results to the sink: its errors are logged and counted, and a slow sink slows the readout, not the memory. */
import type { Logger } from "../ports/index.js";
import type { MeterOutcome, ReadoutSink } from "./contract.js";

/** So many results may wait in the sink before the next meter is asked. */
const mostWaiting = 256;

export class SinkFeeder {
  private readonly sink: ReadoutSink;
  private readonly logger: Logger;
  private readonly waiting = new Set<Promise<void>>();
  /** Results the sink refused, since the start. */
  errors = 0;

  constructor(sink: ReadoutSink, logger: Logger) {
    this.sink = sink;
    this.logger = logger;
  }

  /** Never throws. */
  feed(meterId: number, outcome: MeterOutcome): void {
    try {
      const taken = outcome.ok
        ? this.sink.completed(outcome.readout)
        : this.sink.failed(meterId, outcome.reason, outcome.words);
      if (taken === undefined) return;
      const settled: Promise<void> = taken
        .catch((error: unknown) => this.refused(meterId, error))
        .finally(() => this.waiting.delete(settled));
      this.waiting.add(settled);
    } catch (error) {
      this.refused(meterId, error);
    }
  }

  /** Resolves when the sink has taken, or refused, everything handed in so far. */
  async settled(): Promise<void> {
    while (this.waiting.size > 0) await Promise.all(this.waiting);
  }

  async roomAgain(): Promise<void> {
    while (this.waiting.size >= mostWaiting) await Promise.race(this.waiting);
  }

  private refused(meterId: number, error: unknown): void {
    this.errors += 1;
    this.logger.error("readout not kept", {
      meter: meterId,
      cause: error instanceof Error ? error.message : String(error),
    });
  }
}
