/** The blocks looked at last, decoded as far as somebody asked: pages of one profile come back to the same block. */
import type { ReadingRow } from "../ports/index.js";
import type { OpenBlock } from "./block/index.js";
import { answeringDamage, type BlockRow } from "./block-table.js";

export interface CachedBlock {
  readonly row: BlockRow;
  readonly opened: OpenBlock;
  /** All rows, once more than a few were asked for. */
  all: readonly ReadingRow[] | undefined;
}

const mostCached = 8;
/** Decoding so few costs less than all of them. */
const few = 8;

export class BlockCache {
  private readonly open: (block: BlockRow) => OpenBlock;
  /** The one used last at the end. */
  private readonly cached = new Map<number, CachedBlock>();

  constructor(open: (block: BlockRow) => OpenBlock) {
    this.open = open;
  }

  /** @throws StoreError `corrupt` */
  get(row: BlockRow): CachedBlock {
    const known = this.cached.get(row.id);
    this.cached.delete(row.id);
    const block = known ?? { row, opened: this.open(row), all: undefined };
    this.cached.set(row.id, block);
    for (const id of this.cached.keys()) {
      if (this.cached.size <= mostCached) break;
      this.cached.delete(id);
    }
    return block;
  }

  /** @param places  of the rows wanted, in the order wanted @throws StoreError `corrupt` */
  rows(block: CachedBlock, places: readonly number[]): readonly ReadingRow[] {
    const { opened, row } = block;
    if (block.all === undefined && places.length <= few) {
      return places.flatMap((place) => answeringDamage(row, () => opened.rows(place, place + 1)));
    }
    block.all ??= answeringDamage(row, () => opened.rows(0, opened.count));
    const { all } = block;
    return places.flatMap((place) => all[place] ?? []);
  }
}
