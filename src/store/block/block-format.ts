/**
 * A block: readings of one meter, following each other by number, in columns.
 *
 *     version 1 · count · numbers · times · clock statuses · groups · group of each row · each group · loose rows · CRC-32
 *
 * A group are the rows of one layout and one length: a template (the bytes that stay the same), the fields, and a
 * column for each. What fits no group (few of a shape) is loose: layouts, lengths and bytes one behind the other.
 * Numbers are varints, columns as in column.ts, the CRC-32 (of zlib, low byte first) is over all before it.
 */
import type { Field } from "./field-values.js";

export const blockVersion = 1;
/** Rows of a block at most; the decoder holds no more. */
export const maxBlockRows = 1 << 16;
/** Bytes of all rows of a block at most. */
export const maxBlockBytes = 1 << 24;
export const maxGroups = 64;
/** Fewer rows of a shape are not worth a group. */
export const leastGroupRows = 8;
export const checksumBytes = 4;
export const numberBytes = 4;

/** Rows of one layout and one length. */
export interface GroupHead {
  readonly layoutId: number;
  readonly length: number;
}

/** Fields found for rows of a layout and length: kept from block to block, because finding them is dear. */
export type FieldPlans = Map<string, readonly Field[]>;
export const planKey = ({ layoutId, length }: GroupHead): string => `${layoutId}/${length}`;
