/**
 * Readings by number and time, blocks and rows as one: the older are in blocks, the newer are rows, and no number is in
 * both. A caller's transaction sees each reading once, whatever is compacted meanwhile.
 */
import type { ReadingRow } from "../ports/index.js";
import { BlockCache, type CachedBlock } from "./block-cache.js";
import { type BlockRow, type Bounds, blockColumns, prepareOpenBlock } from "./block-table.js";
import type { Connection } from "./database.js";
import { type CheckedRow, checkedRow, readingColumns } from "./row-checksum.js";

/** The + keeps the planner on the primary key. */
const rowsOfBounds = `
  FROM readings WHERE meter_id = ? AND number BETWEEN ? AND ? AND +read_at_ms BETWEEN ? AND ?`;
/** From the block that holds the first number on: blocks of a meter do not overlap. */
const blocksOfBounds = `
  FROM reading_blocks INDEXED BY reading_blocks_of_meter
  WHERE meter_id = :meterId AND first_number <= :toNumber AND last_number >= :fromNumber
    AND to_ms >= :fromMs AND from_ms <= :toMs`;
/** Blocks found at a time: most pages need one or two. */
const blocksAtATime = 4;

type RowParameters = [meterId: number, fromNumber: number, toNumber: number, fromMs: number, toMs: number];
const parametersOf = ({ meterId, fromNumber, toNumber, fromMs, toMs }: Bounds): RowParameters => [
  meterId,
  fromNumber,
  toNumber,
  fromMs,
  toMs,
];

export interface Page {
  readonly limit: number;
  readonly offset: number;
  readonly descending: boolean;
}

export interface HistoryReader {
  /** @throws StoreError `corrupt` where a block in the range is damaged */
  page(bounds: Bounds, page: Page): readonly ReadingRow[];
  /** @throws StoreError `corrupt` */
  count(bounds: Bounds): number;
}

export function prepareHistoryReader(connection: Connection): HistoryReader {
  const rows = {
    ascending: connection.prepare<[...RowParameters, number, number], CheckedRow>(
      `SELECT ${readingColumns} ${rowsOfBounds} ORDER BY number LIMIT ? OFFSET ?`,
    ),
    descending: connection.prepare<[...RowParameters, number, number], CheckedRow>(
      `SELECT ${readingColumns} ${rowsOfBounds} ORDER BY number DESC LIMIT ? OFFSET ?`,
    ),
    count: connection.prepare<RowParameters, number>(`SELECT count(*) ${rowsOfBounds}`).pluck(),
  };
  const firstRow = connection
    .prepare<[number], number | null>("SELECT min(number) FROM readings WHERE meter_id = ?")
    .pluck();
  const blocks = {
    ascending: connection.prepare<[Bounds & { after: number }], BlockRow>(
      `SELECT ${blockColumns} ${blocksOfBounds} AND first_number > :after ORDER BY first_number LIMIT ${blocksAtATime}`,
    ),
    descending: connection.prepare<[Bounds & { before: number }], BlockRow>(
      `SELECT ${blockColumns} ${blocksOfBounds} AND first_number < :before
       ORDER BY first_number DESC LIMIT ${blocksAtATime}`,
    ),
  };
  const wholeBlocks = connection
    .prepare<[Bounds], number | null>(`
      SELECT sum(count) FROM reading_blocks INDEXED BY reading_blocks_of_meter
      WHERE meter_id = :meterId AND first_number >= :fromNumber AND last_number <= :toNumber
        AND from_ms >= :fromMs AND to_ms <= :toMs`)
    .pluck();
  const partBlocks = connection.prepare<[Bounds], BlockRow>(
    `SELECT ${blockColumns} ${blocksOfBounds}
     AND NOT (first_number >= :fromNumber AND last_number <= :toNumber AND from_ms >= :fromMs AND to_ms <= :toMs)`,
  );
  const startOfBlock = connection
    .prepare<[number, number], number | null>(
      "SELECT max(first_number) FROM reading_blocks WHERE meter_id = ? AND first_number <= ?",
    )
    .pluck();
  const cache = new BlockCache(prepareOpenBlock(connection));

  /** Blocks of the bounds in order, found a few at a time. */
  function* blocksOf(bounds: Bounds, descending: boolean): Generator<BlockRow> {
    let edge = descending ? Number.MAX_SAFE_INTEGER : (startOfBlock.get(bounds.meterId, bounds.fromNumber) ?? 0) - 1;
    for (;;) {
      const found = descending
        ? blocks.descending.all({ ...bounds, before: edge })
        : blocks.ascending.all({ ...bounds, after: edge });
      yield* found;
      const last = found[found.length - 1];
      if (last === undefined || found.length < blocksAtATime) return;
      edge = last.firstNumber;
    }
  }

  const fromBlocks = (bounds: Bounds, { limit, offset, descending }: Page): readonly ReadingRow[] => {
    const found: ReadingRow[] = [];
    let toSkip = offset;
    for (const block of blocksOf(bounds, descending)) {
      if (found.length >= limit) break;
      if (toSkip >= block.count && isWithin(block, bounds)) {
        toSkip -= block.count;
        continue;
      }
      const cached = cache.get(block);
      const matching = matchingRows(cached, bounds);
      if (descending) matching.reverse();
      const wanted = matching.slice(toSkip, toSkip + limit - found.length);
      toSkip = Math.max(0, toSkip - matching.length);
      for (const row of cache.rows(cached, wanted)) found.push(row);
    }
    return found;
  };

  const fromRows = (bounds: Bounds, { limit, offset, descending }: Page): readonly ReadingRow[] => {
    const statement = descending ? rows.descending : rows.ascending;
    return statement.all(...parametersOf(bounds), limit, offset).map(checkedRow);
  };

  return {
    page(bounds, page) {
      const { limit, offset, descending } = page;
      if (limit === 0) return [];
      const older = (of: Page) => fromBlocks(bounds, of);
      const newer = (of: Page) => fromRows(bounds, of);
      // Most readers want what is new: where all of it is rows, no block is looked for.
      const isInRows = bounds.fromNumber >= (firstRow.get(bounds.meterId) ?? Number.POSITIVE_INFINITY);
      if (isInRows) return newer(page);
      const [begin, then] = descending ? [newer, older] : [older, newer];
      const first = begin(page);
      if (first.length >= limit) return first;
      const skipped = first.length > 0 || offset === 0 ? offset : countOf(bounds, descending);
      const rest = then({ ...page, limit: limit - first.length, offset: Math.max(0, offset - skipped) });
      return first.length === 0 ? rest : [...first, ...rest];
    },
    count: (bounds) => countInBlocks(bounds) + (rows.count.get(...parametersOf(bounds)) ?? 0),
  };

  /** How many the first of the two holds, where the offset lies behind all of them. */
  function countOf(bounds: Bounds, descending: boolean): number {
    return descending ? (rows.count.get(...parametersOf(bounds)) ?? 0) : countInBlocks(bounds);
  }

  function countInBlocks(bounds: Bounds): number {
    let count = wholeBlocks.get(bounds) ?? 0;
    for (const block of partBlocks.all(bounds)) count += matchingRows(cache.get(block), bounds).length;
    return count;
  }
}

function isWithin(block: BlockRow, { fromNumber, toNumber, fromMs, toMs }: Bounds): boolean {
  return (
    block.firstNumber >= fromNumber && block.lastNumber <= toNumber && block.fromMs >= fromMs && block.toMs <= toMs
  );
}

/** Places of the rows that lie within the bounds, ascending. */
function matchingRows({ opened }: CachedBlock, { fromNumber, toNumber, fromMs, toMs }: Bounds): number[] {
  const { numbers, times, count } = opened;
  const places: number[] = [];
  for (let row = 0; row < count; row++) {
    const number = numbers[row] ?? 0;
    const time = times[row] ?? 0;
    if (number >= fromNumber && number <= toNumber && time >= fromMs && time <= toMs) places.push(row);
  }
  return places;
}
