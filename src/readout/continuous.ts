/**
 * Continuous mode: reads the meters of each bus round and round, without pause, after all others who want the bus. What
 * is read lives in memory alone: it goes to `onRead`, never to the sink. A cycle under way is waited for.
 */
import type { Clock, Logger } from "../ports/index.js";
import { type BusArbiter, busPriority } from "./arbiter.js";
import type { CompletedReadout, MeterOutcome, PlannedMeter } from "./contract.js";

export interface ContinuousBus {
  readonly name: string;
  readonly arbiter: BusArbiter;
  meters(): readonly PlannedMeter[];
  ask(meter: PlannedMeter): Promise<MeterOutcome>;
  /** The cycle under way on this bus. */
  cycle(): Promise<unknown> | undefined;
}

export interface ContinuousParts {
  readonly buses: readonly ContinuousBus[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Must not throw. */
  readonly onRead: (readout: CompletedReadout) => void;
}

export interface ContinuousState {
  readonly isOn: boolean;
  /** Meters read since it was switched on, and those that did not answer. */
  readonly read: number;
  readonly failed: number;
  /** Rounds of the bus that made the most. */
  readonly rounds: number;
}

/** Without a meter, and after a round without any answer. */
const restMs = 5000;

export class ContinuousMode {
  private readonly parts: ContinuousParts;
  private running: { readonly end: AbortController; readonly ended: Promise<unknown> } | undefined;
  private counts = { read: 0, failed: 0, rounds: 0 };

  constructor(parts: ContinuousParts) {
    this.parts = parts;
  }

  get state(): ContinuousState {
    return { isOn: this.running !== undefined, ...this.counts };
  }

  /** Nothing where it is on. */
  start(): void {
    if (this.running !== undefined) return;
    this.counts = { read: 0, failed: 0, rounds: 0 };
    const end = new AbortController();
    const loops = this.parts.buses.map((bus) => this.loop(bus, end.signal));
    this.running = { end, ended: Promise.all(loops) };
  }

  /** Resolves when the meter under way has been read. */
  async stop(): Promise<void> {
    const { running } = this;
    if (running === undefined) return;
    running.end.abort();
    await running.ended;
    if (this.running === running) this.running = undefined;
  }

  private async loop(bus: ContinuousBus, end: AbortSignal): Promise<void> {
    for (let round = 1; !end.aborted; round++) {
      try {
        const isAnyRead = await this.round(bus, end);
        this.counts.rounds = Math.max(this.counts.rounds, round);
        if (!isAnyRead) await this.rest(end);
      } catch (error) {
        this.parts.logger.error("continuous mode failed", { bus: bus.name, error: String(error) });
        await this.rest(end);
      }
    }
  }

  private async round(bus: ContinuousBus, end: AbortSignal): Promise<boolean> {
    let isAnyRead = false;
    for (const meter of bus.meters()) {
      await bus.cycle()?.catch(() => undefined);
      const holder = `continuous mode, ${meter.name ?? `meter ${meter.meterId}`}`;
      const lease = await bus.arbiter.acquire({ holder, priority: busPriority.continuous }, end);
      if (lease === undefined || end.aborted) {
        lease?.release();
        return isAnyRead;
      }
      try {
        const outcome = await bus.ask(meter);
        if (outcome.ok) {
          isAnyRead = true;
          this.counts.read += 1;
          this.parts.onRead(outcome.readout);
        } else {
          this.counts.failed += 1;
          if (outcome.reason === "busUnreachable" || outcome.reason === "stopped") return isAnyRead;
        }
      } finally {
        lease.release();
      }
    }
    return isAnyRead;
  }

  private rest(end: AbortSignal): Promise<void> {
    if (end.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        end.removeEventListener("abort", done);
        resolve();
      };
      const cancel = this.parts.clock.after(restMs, done);
      end.addEventListener("abort", done, { once: true });
    });
  }
}
