/**
 * Whole numbers of one column as bytes, near their entropy: each number is a symbol (its magnitude, coarsely) and some
 * plain bits (the rest). Symbols are coded by range asymmetric numeral systems with the column's own frequencies, so
 * that what is nearly always the same costs nearly nothing; and one table look-up decodes each.
 *
 * Layout: symbol count; each symbol's gap and frequency; length of the coded symbols; coded symbols; plain bits.
 * A column of one symbol has no coded symbols at all. J. Duda, "Asymmetric numeral systems", arXiv 1311.2540.
 */
import { BlockError, type BlockReader, type BlockWriter } from "./block-bytes.js";

const scaleBits = 12;
const scale = 1 << scaleBits;
/** The coder's state stays at this or above, below 2^31, by giving away or taking in bytes. */
const lowest = 1 << 23;
/** Numbers below this are symbols by themselves. */
const plainSymbols = 16;
const mantissaBits = 2;
const symbolCount = 128;

/** Symbol of a number from 0 to 2^32 - 1. */
export function symbolOf(value: number): number {
  if (value >>> 4 === 0) return value;
  const exponent = 31 - Math.clz32(value);
  return plainSymbols + ((exponent - 4) << mantissaBits) + ((value >>> (exponent - mantissaBits)) & 3);
}

/** Plain bits that follow a symbol. */
const extraBitsOf = Uint8Array.from({ length: symbolCount }, (_, symbol) =>
  symbol < plainSymbols ? 0 : ((symbol - plainSymbols) >> mantissaBits) + 4 - mantissaBits,
);
/** The smallest number of a symbol, as its 32 bits. */
const floorOf = Int32Array.from({ length: symbolCount }, (_, symbol) =>
  symbol < plainSymbols ? symbol : (4 + ((symbol - plainSymbols) & 3)) << (extraBitsOf[symbol] ?? 0),
);

/** Bits that the numbers will take, about: what plans are weighed by. */
export class CostMeter {
  private readonly counts = new Uint32Array(symbolCount);
  private total = 0;

  add(value: number): void {
    const symbol = symbolOf(value);
    this.counts[symbol] = (this.counts[symbol] ?? 0) + 1;
    this.total += 1;
  }

  bits(): number {
    let bits = 16;
    for (let symbol = 0; symbol < symbolCount; symbol++) {
      const count = this.counts[symbol] ?? 0;
      if (count === 0) continue;
      bits += tableBitsASymbol + count * ((extraBitsOf[symbol] ?? 0) + Math.log2(this.total / count));
    }
    return bits;
  }

  clear(): void {
    this.counts.fill(0);
    this.total = 0;
  }
}
const tableBitsASymbol = 20;

/** @param values  numbers as their 32 bits, unsigned */
export function encodeSymbols(values: Uint32Array, into: BlockWriter): void {
  const counts = new Uint32Array(symbolCount);
  const symbols = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const symbol = symbolOf(values[index] ?? 0);
    symbols[index] = symbol;
    counts[symbol] = (counts[symbol] ?? 0) + 1;
  }
  const frequencies = normalized(counts, values.length);
  const used = frequencies.reduce((sum, frequency) => sum + (frequency > 0 ? 1 : 0), 0);
  into.varint(used);
  let previous = -1;
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    const frequency = frequencies[symbol] ?? 0;
    if (frequency === 0) continue;
    into.varint(symbol - previous - 1);
    if (used > 1) into.varint(frequency);
    previous = symbol;
  }
  if (used > 1) {
    const coded = encodeStates(symbols, frequencies);
    into.varint(coded.length);
    into.raw(coded);
  }
  writePlainBits(values, symbols, into);
}

/** Backwards, so that decoding goes forwards. */
function encodeStates(symbols: Uint8Array, frequencies: Uint16Array): Uint8Array {
  const starts = startsOf(frequencies);
  const room = new Uint8Array(symbols.length * 2 + 8);
  let at = room.length;
  let state = lowest;
  for (let index = symbols.length - 1; index >= 0; index--) {
    const symbol = symbols[index] ?? 0;
    const frequency = frequencies[symbol] ?? 0;
    const limit = (lowest >>> scaleBits) * 256 * frequency;
    while (state >= limit) {
      room[--at] = state & 0xff;
      state >>>= 8;
    }
    state = Math.floor(state / frequency) * scale + (state % frequency) + (starts[symbol] ?? 0);
  }
  for (let count = 0; count < 4; count++) {
    room[--at] = state & 0xff;
    state >>>= 8;
  }
  return room.subarray(at);
}

function writePlainBits(values: Uint32Array, symbols: Uint8Array, into: BlockWriter): void {
  let held = 0;
  let heldBits = 0;
  const put = (bits: number, count: number): void => {
    held |= bits << heldBits;
    heldBits += count;
    while (heldBits >= 8) {
      into.byte(held & 0xff);
      held >>>= 8;
      heldBits -= 8;
    }
  };
  for (let index = 0; index < values.length; index++) {
    const count = extraBitsOf[symbols[index] ?? 0] ?? 0;
    if (count === 0) continue;
    const value = values[index] ?? 0;
    const low = Math.min(count, 16);
    put(value & ((1 << low) - 1), low);
    if (count > 16) put((value >>> 16) & ((1 << (count - 16)) - 1), count - 16);
  }
  if (heldBits > 0) into.byte(held & 0xff);
}

/** Frequencies that add up to `scale`, none of a symbol that occurs being 0. */
function normalized(counts: Uint32Array, total: number): Uint16Array {
  const frequencies = new Uint16Array(symbolCount);
  let sum = 0;
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    const count = counts[symbol] ?? 0;
    if (count === 0) continue;
    const frequency = Math.max(1, Math.round((count * scale) / total));
    frequencies[symbol] = frequency;
    sum += frequency;
  }
  // The rounding error goes where it weighs least: to the most frequent.
  while (sum !== scale && total > 0) {
    let largest = 0;
    for (let symbol = 1; symbol < symbolCount; symbol++) {
      if ((frequencies[symbol] ?? 0) > (frequencies[largest] ?? 0)) largest = symbol;
    }
    const frequency = frequencies[largest] ?? 0;
    const change = sum < scale ? scale - sum : -Math.min(sum - scale, Math.max(1, frequency >> 2));
    frequencies[largest] = frequency + change;
    sum += change;
  }
  return frequencies;
}

function startsOf(frequencies: Uint16Array): Uint16Array {
  const starts = new Uint16Array(symbolCount);
  let sum = 0;
  for (let symbol = 0; symbol < symbolCount; symbol++) {
    starts[symbol] = sum;
    sum += frequencies[symbol] ?? 0;
  }
  return starts;
}

/** Reused by all columns: made anew it would be the dearest part of a column. One thread, never across a call. */
const slotSymbols = new Uint8Array(scale);

/**
 * Decodes the first numbers of a column, as many as `values` has room for.
 * @param from  the column's bytes and no others
 * @throws BlockError
 */
export function decodeSymbols(from: BlockReader, values: Int32Array): void {
  const used = from.varint(symbolCount);
  const frequencies = new Uint16Array(symbolCount);
  let symbol = -1;
  let sum = 0;
  for (let count = 0; count < used; count++) {
    symbol += from.varint(symbolCount - 1) + 1;
    if (symbol >= symbolCount) throw new BlockError("a symbol is out of range");
    const frequency = used === 1 ? scale : from.varint(scale - 1);
    if (frequency === 0 || sum + frequency > scale) throw new BlockError("the frequencies do not add up");
    frequencies[symbol] = frequency;
    slotSymbols.fill(symbol, sum, sum + frequency);
    sum += frequency;
  }
  if (values.length === 0) return;
  if (sum !== scale) throw new BlockError("the frequencies do not add up");
  if (used === 1) fillOne(from.rest(), symbol, values);
  else {
    const coded = from.raw(from.varint(maxCoded));
    decodeStates(coded, from.rest(), frequencies, values);
  }
}

const maxCoded = 1 << 24;

function fillOne(plain: Uint8Array, symbol: number, values: Int32Array): void {
  const floor = floorOf[symbol] ?? 0;
  const extra = extraBitsOf[symbol] ?? 0;
  if (extra === 0) {
    values.fill(floor);
    return;
  }
  const bits = new PlainBits(plain);
  for (let index = 0; index < values.length; index++) values[index] = floor + bits.take(extra);
  bits.check();
}

function decodeStates(coded: Uint8Array, plain: Uint8Array, frequencies: Uint16Array, values: Int32Array): void {
  if (coded.length < 4) throw new BlockError("a column ends too early");
  const starts = startsOf(frequencies);
  const bits = new PlainBits(plain);
  const { length } = coded;
  let at = 4;
  let state =
    (((coded[0] ?? 0) << 24) | ((coded[1] ?? 0) << 16) | ((coded[2] ?? 0) << 8) | (coded[3] ?? 0)) & 0x7fffffff;
  for (let index = 0; index < values.length; index++) {
    const slot = state & (scale - 1);
    const symbol = slotSymbols[slot] ?? 0;
    state = (frequencies[symbol] ?? 0) * (state >>> scaleBits) + slot - (starts[symbol] ?? 0);
    while (state < lowest) {
      if (at >= length) throw new BlockError("a column ends too early");
      state = (state << 8) | (coded[at++] ?? 0);
    }
    const extra = extraBitsOf[symbol] ?? 0;
    const floor = floorOf[symbol] ?? 0;
    values[index] = extra === 0 ? floor : floor + bits.take(extra);
  }
  bits.check();
}

/** Plain bits, low ones first. Past the end come zeros; check() tells. */
class PlainBits {
  private readonly bytes: Uint8Array;
  private at = 0;
  private held = 0;
  private heldBits = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  take(count: number): number {
    if (count <= 16) return this.few(count);
    const low = this.few(16);
    return low | (this.few(count - 16) << 16);
  }

  /** @throws BlockError where more bits were taken than there are */
  check(): void {
    if (this.at > this.bytes.length) throw new BlockError("a column ends too early");
  }

  private few(count: number): number {
    while (this.heldBits < count) {
      this.held |= (this.bytes[this.at] ?? 0) << this.heldBits;
      this.at += 1;
      this.heldBits += 8;
    }
    const value = this.held & ((1 << count) - 1);
    this.held >>>= count;
    this.heldBits -= count;
    return value;
  }
}
