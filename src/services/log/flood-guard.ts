/**
 * Holds back what repeats itself (PRODUCT.md row 4): of one origin and text the first goes through, the others of the
 * time after it are counted. At its end one summary tells the count; what comes then is the first again.
 */
export interface HeldEntries<Entry> {
  /** The one that went through. */
  readonly first: Entry;
  /** How many were held back after it. */
  readonly count: number;
}

/** Different things held at once; past them the longest held is summed up early. */
const mostHeld = 10_000;

export class FloodGuard<Entry> {
  private readonly held = new Map<string, { readonly first: Entry; readonly untilMs: number; count: number }>();
  private holdMs: number;

  /** @param holdMs  0: nothing is held back */
  constructor(holdMs: number) {
    this.holdMs = holdMs;
  }

  /**
   * To be called after expire() of the same moment.
   * @param key  origin and text
   * @returns whether the entry goes through
   */
  admits(key: string, entry: Entry, nowMs: number): boolean {
    if (this.holdMs === 0) return true;
    const hold = this.held.get(key);
    if (hold !== undefined) {
      hold.count += 1;
      return false;
    }
    this.held.set(key, { first: entry, untilMs: nowMs + this.holdMs, count: 0 });
    return true;
  }

  /** From now on. @returns the holds that it ends, all of them: those that held something back */
  changeHold(holdMs: number): readonly HeldEntries<Entry>[] {
    const ended = this.expire(Number.POSITIVE_INFINITY);
    this.holdMs = holdMs;
    return ended;
  }

  /** Ends the holds whose time is over. @returns those that held something back */
  expire(nowMs: number): readonly HeldEntries<Entry>[] {
    const ended: HeldEntries<Entry>[] = [];
    // All holds last equally long: the map is in the order of their ends.
    for (const [key, { first, untilMs, count }] of this.held) {
      if (untilMs > nowMs && this.held.size <= mostHeld) break;
      this.held.delete(key);
      if (count > 0) ended.push({ first, count });
    }
    return ended;
  }

  /** When to call expire(); undefined: nothing is held. */
  nextDeadline(): number | undefined {
    for (const { untilMs } of this.held.values()) return untilMs;
    return undefined;
  }
}
