/** What the DLMS doors turned away since the start, by reason; the log names the peers. */

/** A connection, an AARQ, or an APDU that could not be taken. */
export type RefusedThing = "connection" | "association" | "request";

export interface RefusalCount {
  readonly what: RefusedThing;
  /** One of a closed list, e.g. `too many connections`, `wrongPassword`, `heldBack`. */
  readonly reason: string;
  readonly count: number;
}

export interface RefusalCounters {
  count(what: RefusedThing, reason: string): void;
  /** Those that are not 0, in the order in which they first came. */
  all(): readonly RefusalCount[];
}

/** Shared by all DLMS doors. */
export function createRefusalCounters(): RefusalCounters {
  const counts = new Map<string, { readonly what: RefusedThing; readonly reason: string; count: number }>();
  return {
    count(what, reason) {
      const key = `${what} ${reason}`;
      const known = counts.get(key);
      if (known === undefined) counts.set(key, { what, reason, count: 1 });
      else known.count += 1;
    },
    all: () => [...counts.values()].map((each) => ({ ...each })),
  };
}
