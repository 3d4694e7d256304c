/** Hands results to the sink: its errors are logged and counted, and a slow sink slows the readout, not the memory. */
import type { Logger } from "../ports/index.js";
import type { MeterOutcome, ReadoutSink, SinkAnswer } from "./contract.js";

/** So many results may wait in the sink before the next meter is asked. */
const mostWaiting = 256;

/** A cycle's counts, as far as the sink changes them. */
export interface KeptCounts {
  read: number;
  failed: number;
}

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

  /**
   * Never throws.
   * @param counts  in which a good readout that is not kept goes over from `read` to `failed`; right once settled
   * @returns resolves when the sink has taken or refused it
   */
  feed(meterId: number, outcome: MeterOutcome, counts?: KeptCounts): Promise<void> | undefined {
    const notKept = () => {
      if (counts === undefined || !outcome.ok) return;
      counts.read -= 1;
      counts.failed += 1;
    };
    try {
      const taken = this.hand(meterId, outcome);
      if (!(taken instanceof Promise)) {
        if (taken?.ok === false) notKept();
        return undefined;
      }
      const settled: Promise<void> = taken
        .then((answer) => {
          if (answer?.ok === false) notKept();
        })
        .catch((error: unknown) => {
          notKept();
          this.refused(meterId, error);
        })
        .finally(() => this.waiting.delete(settled));
      this.waiting.add(settled);
      return settled;
    } catch (error) {
      notKept();
      this.refused(meterId, error);
      return undefined;
    }
  }

  /** Resolves when the sink has taken, or refused, everything handed in so far. */
  async settled(): Promise<void> {
    while (this.waiting.size > 0) await Promise.all(this.waiting);
  }

  async roomAgain(): Promise<void> {
    while (this.waiting.size >= mostWaiting) await Promise.race(this.waiting);
  }

  private hand(meterId: number, outcome: MeterOutcome): SinkAnswer | undefined | Promise<SinkAnswer | undefined> {
    if (outcome.ok) return this.sink.completed(outcome.readout);
    const taken = this.sink.failed(meterId, outcome.reason, outcome.words, outcome.received, outcome.effort);
    return taken instanceof Promise ? taken.then(() => undefined) : undefined;
  }

  private refused(meterId: number, error: unknown): void {
    this.errors += 1;
    this.logger.error("readout not kept", {
      meter: meterId,
      cause: error instanceof Error ? error.message : String(error),
    });
  }
}
