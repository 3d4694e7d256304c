/**
 * Whether the clock is known good, and what is put right once it is. Until then readings are marked with clock status
 * "invalid" and their moment by the clock that only grows; at the first confirmation each is moved, once, to its true
 * time. What still runs on the way to the store then is moved as soon as it arrives.
 */
import type { Clock, ClockSource, ClockTrust, Logger, Retiming } from "../ports/index.js";

export interface ClockTrustParts {
  readonly clock: Clock;
  readonly logger: Logger;
  /** `plausible`: a system clock that stands in a time that can be is good; `confirmed`: somebody must say so. */
  readonly mode: "plausible" | "confirmed";
  /** No time before this can be: the newest thing known, milliseconds since 1970 UTC. */
  readonly earliestMs: number;
  /** Moves kept readings; what it rejects with is logged. */
  retime(retiming: Retiming): Promise<void>;
}

/** COSEM clock status, bit 0: invalid value. */
const invalidStatus = 0x01;
/** Reports wait so long for the clock at most. */
const reportWaitMs = 600_000;
const lookAgainMs = 1000;
/** 2100-01-01T00:00:00Z: a clock later than that is none. */
const latestMs = 4_102_444_800_000;
/** Readings to be moved that are remembered; further ones keep their status. */
const mostPending = 200_000;

interface Pending {
  readonly meterId: number;
  readonly number: number;
  readonly readAtMs: number;
  readonly monotonicMs: number;
}

export interface ReadingClock extends ClockTrust {
  start(): void;
  stop(): void;
  /**
   * When something was read, by what is known now, and how sure that is.
   * @param atMs  as the clock stood then @param monotonicMs  the same moment by the clock that only grows
   */
  momentOf(atMs: number, monotonicMs: number): { readonly atMs: number; readonly clockStatus: number };
  /** A reading was kept under clock status "invalid". */
  kept(reading: Pending): void;
  /** Readings that wait to be moved. */
  readonly pending: number;
}

export function createReadingClock(parts: ClockTrustParts): ReadingClock {
  return new TrustedClock(parts);
}

class TrustedClock implements ReadingClock {
  source: ClockSource | undefined;
  private readonly parts: ClockTrustParts;
  private readonly startedAt: number;
  private goodSince = 0;
  private waiting: Pending[] = [];
  private readonly listeners = new Set<() => void>();
  private cancelLook: (() => void) | undefined;
  private cancelLate: (() => void) | undefined;
  private isLate = false;
  private readonly lateListeners = new Set<() => void>();

  constructor(parts: ClockTrustParts) {
    this.parts = parts;
    this.startedAt = parts.clock.monotonic();
  }

  get isGood(): boolean {
    return this.source !== undefined;
  }

  get clockStatus(): number {
    return this.isGood ? 0 : invalidStatus;
  }

  get pending(): number {
    return this.waiting.length;
  }

  start(): void {
    if (this.parts.mode === "plausible") this.look();
    if (this.isGood) return;
    this.parts.logger.warn("the clock is not known good yet: readings are marked and put right later");
    this.cancelLate = this.parts.clock.after(reportWaitMs, () => {
      this.isLate = true;
      this.parts.logger.warn("the clock is still not known good after 10 minutes: reports leave all the same");
      for (const tell of this.lateListeners) tell();
    });
  }

  stop(): void {
    this.cancelLook?.();
    this.cancelLate?.();
  }

  confirm(source: ClockSource): void {
    if (this.source !== undefined) return;
    const { clock, logger } = this.parts;
    this.source = source;
    this.goodSince = clock.monotonic();
    this.stop();
    const waiting = this.waiting.splice(0);
    logger.info("the clock is known good", { source, readingsToMove: waiting.length });
    for (const reading of waiting) this.move(reading);
    for (const listener of [...this.listeners, ...this.lateListeners]) listener();
    this.listeners.clear();
    this.lateListeners.clear();
  }

  onGood(listener: () => void): void {
    if (this.isGood) listener();
    else this.listeners.add(listener);
  }

  goodOrLate(signal?: AbortSignal): Promise<void> {
    const isOver = this.isGood || this.isLate || this.parts.clock.monotonic() - this.startedAt >= reportWaitMs;
    if (isOver || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.lateListeners.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      this.lateListeners.add(done);
      signal?.addEventListener("abort", done, { once: true });
    });
  }

  momentOf(atMs: number, monotonicMs: number): { readonly atMs: number; readonly clockStatus: number } {
    if (!this.isGood) return { atMs, clockStatus: invalidStatus };
    return { atMs: monotonicMs <= this.goodSince ? this.trueTime(monotonicMs) : atMs, clockStatus: 0 };
  }

  kept(reading: Pending): void {
    if (this.isGood) this.move(reading);
    else if (this.waiting.length < mostPending) this.waiting.push(reading);
  }

  private trueTime(monotonicMs: number): number {
    const { clock } = this.parts;
    return Math.round(clock.now() - (clock.monotonic() - monotonicMs));
  }

  private move({ meterId, number, readAtMs, monotonicMs }: Pending): void {
    const { logger } = this.parts;
    const hundredth = 10;
    const shiftMs = Math.round((this.trueTime(monotonicMs) - readAtMs) / hundredth) * hundredth;
    this.parts
      .retime({ meterId, fromNumber: number, toNumber: number, shiftMs, clockStatus: 0 })
      .catch((error: unknown) =>
        logger.error("a reading was not put right", { meterId, number, error: String(error) }),
      );
  }

  private look(): void {
    const now = this.parts.clock.now();
    if (now >= this.parts.earliestMs && now < latestMs) this.confirm("plausible");
    else this.cancelLook = this.parts.clock.after(lookAgainMs, () => this.look());
  }
}
