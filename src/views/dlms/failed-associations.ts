/**
 * Guessing costs time: an address from which too many authentications failed is held back, each time twice as long.
 * Only failed authentications count: a client with a wrong context or SAP guesses nothing.
 */

export interface FailedAssociationLimits {
  /** So many failures within a minute are let pass; 0: no address is ever held back. */
  readonly failuresPerMinute: number;
  /** The first time of being held back; each further one is twice as long. */
  readonly firstHoldMs: number;
  readonly longestHoldMs: number;
}

export const defaultFailedAssociationLimits: FailedAssociationLimits = {
  failuresPerMinute: 20,
  firstHoldMs: 1000,
  longestHoldMs: 300_000,
};

export interface FailedAssociations {
  /** @param clientSap  who it said it was @returns for how long the address is held back from now on; 0: not at all */
  failed(address: string, nowMs: number, clientSap?: number): number;
  /** What is left of it; 0: it may try. */
  heldBackMs(address: string, nowMs: number): number;
}

interface Record {
  windowStartMs: number;
  failures: number;
  holds: number;
  heldUntilMs: number;
}

const windowMs = 60_000;
/** Addresses remembered; the one that failed longest ago is forgotten first. */
const maxAddresses = 10_000;

/** Shared by all DLMS doors. Times are those of a clock that only grows. */
export function createFailedAssociations(
  limits: FailedAssociationLimits = defaultFailedAssociationLimits,
): FailedAssociations {
  const records = new Map<string, Record>();

  /** One that was quiet for longer than it was ever held back starts afresh. */
  const current = (address: string, nowMs: number): Record => {
    const known = records.get(address);
    const isForgiven = known === undefined || nowMs - known.windowStartMs > limits.longestHoldMs + windowMs;
    const record = isForgiven ? { windowStartMs: nowMs, failures: 0, holds: 0, heldUntilMs: 0 } : known;
    if (nowMs - record.windowStartMs > windowMs) {
      record.windowStartMs = nowMs;
      record.failures = 0;
    }
    return record;
  };

  return {
    failed(address, nowMs) {
      if (limits.failuresPerMinute === 0) return 0;
      const record = current(address, nowMs);
      records.delete(address);
      records.set(address, record);
      forgetOldest(records);
      record.failures += 1;
      if (record.failures <= limits.failuresPerMinute) return 0;
      const holdMs = Math.min(limits.longestHoldMs, limits.firstHoldMs * 2 ** record.holds);
      record.holds += 1;
      record.heldUntilMs = nowMs + holdMs;
      return holdMs;
    },
    heldBackMs: (address, nowMs) => Math.max(0, (records.get(address)?.heldUntilMs ?? 0) - nowMs),
  };
}

function forgetOldest(records: Map<string, Record>): void {
  if (records.size <= maxAddresses) return;
  for (const oldest of records.keys()) {
    records.delete(oldest);
    return;
  }
}
