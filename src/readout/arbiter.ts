/**
 * One bus has one holder at a time; who waits is served by priority, then in order of asking. Anyone who uses a bus
 * (cycle, continuous mode, live readout, command, search, tunnel) goes through its arbiter, and everyone can see who
 * holds it. How it works:
 * - a claim is granted as a lease; whoever does one dialogue at a time lets go after each, so that others get between;
 * - a lease with a limit ends by itself: its holder is told (`signal`), and the bus goes to the next one;
 * - who holds the bus for long is told when somebody of a higher priority waits (`onWanted`), and may let go early.
 */
import type { Clock } from "../ports/index.js";

/** Higher goes first. A search takes turns with the cycle, a tunnel goes before both but not before people. */
export const busPriority = { continuous: -10, cycle: 0, search: 0, tunnel: 5, live: 10, command: 20 } as const;

export interface BusLease {
  release(): void;
  /** False once released or ended by its limit. */
  readonly isHeld: boolean;
  /** Aborted when the limit has passed: nothing may be sent any more. */
  readonly signal: AbortSignal;
  /** Begins the limit anew; false where the lease has ended. Without a limit: whether it is held. */
  renew(): boolean;
}

export interface BusClaim {
  /** In words, shown to people: `cycle, meter 17`. */
  readonly holder: string;
  readonly priority: number;
  /** The lease ends by itself after so long, unless renewed; default: never. */
  readonly limitMs?: number;
  /** Somebody of a higher priority waits for the bus; called once for each. */
  readonly onWanted?: (waiting: BusClaim) => void;
}

export interface ArbiterState {
  readonly holder: string | undefined;
  /** Milliseconds since 1970 UTC; undefined while nobody holds the bus. */
  readonly heldSinceMs: number | undefined;
  /** When the lease ends by itself, milliseconds since 1970 UTC; absent where it has no limit. */
  readonly endsAtMs?: number;
  /** In the order in which they will be served. */
  readonly waiting: readonly { readonly holder: string; readonly priority: number }[];
}

interface Waiter {
  readonly claim: BusClaim;
  readonly grant: (lease: BusLease | undefined) => void;
}

interface Held {
  readonly claim: BusClaim;
  readonly sinceMs: number;
  endsAtMs: number | undefined;
}

export class BusArbiter {
  private readonly clock: Clock;
  private waiters: Waiter[] = [];
  private held: Held | undefined;
  private isClosed = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get state(): ArbiterState {
    const { held } = this;
    return {
      holder: held?.claim.holder,
      heldSinceMs: held?.sinceMs,
      ...(held?.endsAtMs === undefined ? {} : { endsAtMs: held.endsAtMs }),
      waiting: this.waiters.map(({ claim: { holder, priority } }) => ({ holder, priority })),
    };
  }

  /** Waits for the bus. Resolves to undefined when `signal` fires or the arbiter is closed first. */
  acquire(claim: BusClaim, signal?: AbortSignal): Promise<BusLease | undefined> {
    if (this.isClosed || signal?.aborted) return Promise.resolve(undefined);
    if (this.held === undefined) return Promise.resolve(this.lend(claim));
    return new Promise((resolve) => {
      const giveUp = () => {
        this.waiters = this.waiters.filter((other) => other !== waiter);
        resolve(undefined);
      };
      const waiter: Waiter = {
        claim,
        grant: (lease) => {
          signal?.removeEventListener("abort", giveUp);
          resolve(lease);
        },
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      const behind = this.waiters.findIndex((other) => other.claim.priority < claim.priority);
      this.waiters.splice(behind === -1 ? this.waiters.length : behind, 0, waiter);
      const { held } = this;
      if (held !== undefined && held.claim.priority < claim.priority) held.claim.onWanted?.(claim);
    });
  }

  /** Sends all who wait away; the holder keeps the bus until it lets go. */
  close(): void {
    this.isClosed = true;
    for (const waiter of this.waiters.splice(0)) waiter.grant(undefined);
  }

  private lend(claim: BusClaim): BusLease {
    const { clock } = this;
    const held: Held = { claim, sinceMs: clock.now(), endsAtMs: undefined };
    this.held = held;
    const expiry = new AbortController();
    let isHeld = true;
    let cancelLimit: (() => void) | undefined;
    const end = () => {
      if (!isHeld) return;
      isHeld = false;
      cancelLimit?.();
      this.held = undefined;
      const next = this.waiters.shift();
      if (next !== undefined) next.grant(this.lend(next.claim));
    };
    const beginLimit = (limitMs: number) => {
      cancelLimit?.();
      held.endsAtMs = clock.now() + limitMs;
      cancelLimit = clock.after(limitMs, () => {
        expiry.abort();
        end();
      });
    };
    if (claim.limitMs !== undefined) beginLimit(claim.limitMs);
    return {
      release: end,
      get isHeld() {
        return isHeld;
      },
      signal: expiry.signal,
      renew() {
        if (isHeld && claim.limitMs !== undefined) beginLimit(claim.limitMs);
        return isHeld;
      },
    };
  }
}
