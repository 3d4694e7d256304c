/**
 * One column of whole numbers: what is expected of each (a constant, the one before, the line through the two before,
 * or the one before moved as another column moved) and how far off it was.
 */
import { BlockError, BlockReader, BlockWriter } from "./block-bytes.js";
import { CostMeter, decodeSymbols, encodeSymbols } from "./symbol-coder.js";

/** How a number is expected. Stored in blocks: never changed. */
export const Expect = { base: 0, previous: 1, line: 2, alike: 3 } as const;
export type Expect = (typeof Expect)[keyof typeof Expect];

/** How a column was coded, of the ways there are. */
export interface ColumnPlan {
  readonly expect: Expect;
  /** For `alike`: an earlier column of the block. */
  readonly like: number;
  readonly bits: number;
}

/** Zig-zag: small numbers of either sign become small numbers. */
const folded = (difference: number): number => ((difference << 1) ^ (difference >> 31)) >>> 0;
const unfolded = (value: number): number => (value >>> 1) ^ -(value & 1);

/**
 * @param width  bytes of the number: differences go round at its range
 * @param visit  gets each folded difference from what is expected, in order
 */
function eachDifference(
  values: Int32Array,
  width: number,
  expect: Expect,
  base: number,
  other: Int32Array | undefined,
  visit: (difference: number, index: number) => void,
): void {
  const shift = 32 - 8 * width;
  let previous = base;
  let before = base;
  let otherPrevious = other?.[0] ?? 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0;
    let expected = previous;
    if (expect === Expect.base) expected = base;
    else if (expect === Expect.line) expected = 2 * previous - before;
    else if (expect === Expect.alike) {
      const otherValue = other?.[index] ?? 0;
      expected = previous + otherValue - otherPrevious;
      otherPrevious = otherValue;
    }
    visit(folded(((value - expected) << shift) >> shift), index);
    before = previous;
    previous = value;
  }
}

function baseOf(values: Int32Array, expect: Expect): number {
  if (expect !== Expect.base) return values[0] ?? 0;
  const sorted = Int32Array.from(values).sort();
  return sorted[sorted.length >> 1] ?? 0;
}

const meter = new CostMeter();

/** Bits this column would take. */
export function costOf(values: Int32Array, width: number, expect: Expect, other?: Int32Array): number {
  meter.clear();
  eachDifference(values, width, expect, baseOf(values, expect), other, (difference) => meter.add(difference));
  return meter.bits();
}

/** The cheapest way. @param earlier  columns that this one may move like */
export function planColumn(values: Int32Array, width: number, earlier: readonly Int32Array[] = []): ColumnPlan {
  let best: ColumnPlan = { expect: Expect.previous, like: 0, bits: costOf(values, width, Expect.previous) };
  const offer = (expect: Expect, like: number, other?: Int32Array): void => {
    const bits = costOf(values, width, expect, other);
    if (bits < best.bits) best = { expect, like, bits };
  };
  offer(Expect.base, 0);
  offer(Expect.line, 0);
  for (const [like, other] of earlier.entries()) if (best.bits > values.length / 4) offer(Expect.alike, like, other);
  return best;
}

/** A column's bytes; readColumn() needs to be told count and width. */
export function writeColumn(
  values: Int32Array,
  width: number,
  plan: ColumnPlan,
  earlier: readonly Int32Array[],
  into: BlockWriter,
): void {
  const base = baseOf(values, plan.expect);
  const differences = new Uint32Array(values.length);
  eachDifference(values, width, plan.expect, base, earlier[plan.like], (difference, index) => {
    differences[index] = difference;
  });
  const coded = new BlockWriter();
  encodeSymbols(differences, coded);
  into.byte(plan.expect);
  if (plan.expect === Expect.alike) into.varint(plan.like);
  into.varint(folded(base));
  into.varint(coded.length);
  into.raw(coded.take());
}

const maxColumnBytes = 1 << 24;

/**
 * Decodes the first numbers of a column, as many as `values` has room for; the reader then stands behind the column.
 * @throws BlockError
 */
export function readColumn(from: BlockReader, values: Int32Array, width: number, earlier: readonly Int32Array[]): void {
  const expect = from.byte();
  const like = expect === Expect.alike ? from.varint(0xffff) : 0;
  const base = unfolded(from.varint(0xffffffff));
  const coded = from.raw(from.varint(maxColumnBytes));
  decodeSymbols(new BlockReader(coded), values);
  const shift = 32 - 8 * width;
  switch (expect) {
    case Expect.base:
      for (let index = 0; index < values.length; index++) {
        values[index] = ((base + unfolded(values[index] ?? 0)) << shift) >> shift;
      }
      return;
    case Expect.previous:
      sum(values, base, shift);
      return;
    case Expect.line:
      sumLine(values, base, shift);
      return;
    case Expect.alike: {
      const other = earlier[like];
      if (other === undefined || other.length < values.length) throw new BlockError("no such column to be like");
      sumAlike(values, base, shift, other);
      return;
    }
    default:
      throw new BlockError(`a column is coded in the unknown way ${expect}`);
  }
}

function sum(values: Int32Array, base: number, shift: number): void {
  let previous = base;
  for (let index = 0; index < values.length; index++) {
    previous = ((previous + unfolded(values[index] ?? 0)) << shift) >> shift;
    values[index] = previous;
  }
}

function sumLine(values: Int32Array, base: number, shift: number): void {
  let previous = base;
  let before = base;
  for (let index = 0; index < values.length; index++) {
    const value = ((2 * previous - before + unfolded(values[index] ?? 0)) << shift) >> shift;
    before = previous;
    previous = value;
    values[index] = value;
  }
}

function sumAlike(values: Int32Array, base: number, shift: number, other: Int32Array): void {
  let previous = base;
  let otherPrevious = other[0] ?? 0;
  for (let index = 0; index < values.length; index++) {
    const otherValue = other[index] ?? 0;
    previous = ((previous + otherValue - otherPrevious + unfolded(values[index] ?? 0)) << shift) >> shift;
    otherPrevious = otherValue;
    values[index] = previous;
  }
}
