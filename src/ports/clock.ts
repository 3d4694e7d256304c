/** The moment, and waking up later. Tests hand in one that stands still. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Milliseconds that only ever grow, for time-outs. */
  monotonic(): number;
  /** Calls `task` once after `milliseconds`; the result cancels it. */
  after(milliseconds: number, task: () => void): () => void;
}
