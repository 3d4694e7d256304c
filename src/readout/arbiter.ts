/**
 * One bus has one holder at a time; who waits is served by priority, then in order of asking. Anyone who uses a bus
 * (cycle, live readout, later search and tunnels) goes through its arbiter, and everyone can see who holds it.
 */
import type { Clock } from "../ports/index.js";

/** Higher goes first. */
export const busPriority = { cycle: 0, live: 10, command: 20 } as const;

export interface BusLease {
  release(): void;
}

export interface BusClaim {
  /** In words, shown to people: `cycle, meter 17`. */
  readonly holder: string;
  readonly priority: number;
}

export interface ArbiterState {
  readonly holder: string | undefined;
  /** Milliseconds since 1970 UTC; undefined while nobody holds the bus. */
  readonly heldSinceMs: number | undefined;
  /** In the order in which they will be served. */
  readonly waiting: readonly BusClaim[];
}

interface Waiter extends BusClaim {
  readonly grant: (lease: BusLease | undefined) => void;
}

export class BusArbiter {
  private readonly clock: Clock;
  private waiters: Waiter[] = [];
  private held: { readonly holder: string; readonly sinceMs: number } | undefined;
  private isClosed = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get state(): ArbiterState {
    return {
      holder: this.held?.holder,
      heldSinceMs: this.held?.sinceMs,
      waiting: this.waiters.map(({ holder, priority }) => ({ holder, priority })),
    };
  }

  /** Waits for the bus. Resolves to undefined when `signal` fires or the arbiter is closed first. */
  acquire(claim: BusClaim, signal?: AbortSignal): Promise<BusLease | undefined> {
    if (this.isClosed || signal?.aborted) return Promise.resolve(undefined);
    if (this.held === undefined) return Promise.resolve(this.lend(claim.holder));
    return new Promise((resolve) => {
      const giveUp = () => {
        this.waiters = this.waiters.filter((other) => other !== waiter);
        resolve(undefined);
      };
      const waiter: Waiter = {
        ...claim,
        grant: (lease) => {
          signal?.removeEventListener("abort", giveUp);
          resolve(lease);
        },
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      const behind = this.waiters.findIndex((other) => other.priority < claim.priority);
      this.waiters.splice(behind === -1 ? this.waiters.length : behind, 0, waiter);
    });
  }

  /** Sends all who wait away; the holder keeps the bus until it lets go. */
  close(): void {
    this.isClosed = true;
    for (const waiter of this.waiters.splice(0)) waiter.grant(undefined);
  }

  private lend(holder: string): BusLease {
    this.held = { holder, sinceMs: this.clock.now() };
    let isReleased = false;
    return {
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.held = undefined;
        const next = this.waiters.shift();
        if (next !== undefined) next.grant(this.lend(next.holder));
      },
    };
  }
}
