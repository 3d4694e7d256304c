export interface CompactionLimits {
  /** The newest readings of a meter that stay rows; at least 1. */
  readonly openRows: number;
  /** Further rows that make a step worth while; at least 1. */
  readonly batchRows: number;
  /** Readings of a full block. */
  readonly blockRows: number;
}

/**
 * Full blocks are five days of quarter hours and more: large enough to code well, small enough that one value in one
 * is found far below a millisecond.
 */
export const defaultCompaction: CompactionLimits = { openRows: 64, batchRows: 512, blockRows: 1024 };
