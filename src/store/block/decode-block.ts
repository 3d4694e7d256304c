import { crc32 } from "node:zlib";
import type { ReadingRow } from "../../ports/index.js";
import { BlockError, BlockReader } from "./block-bytes.js";
import {
  blockVersion,
  checksumBytes,
  type GroupHead,
  maxBlockBytes,
  maxBlockRows,
  maxGroups,
  numberBytes,
} from "./block-format.js";
import { readTimes } from "./block-times.js";
import { readColumn } from "./column.js";
import { type Field, widthOfNumbers, writeField } from "./field-values.js";
import { readPacked } from "./packed-bytes.js";

/** A block that was opened: numbers and times are known, payloads are decoded when asked for. */
export interface OpenBlock {
  readonly count: number;
  /** By row, ascending. */
  readonly numbers: Float64Array;
  readonly times: Float64Array;
  /**
   * Rows `from` to before `to`; their payloads are views of one piece of memory.
   * @throws BlockError
   */
  rows(from: number, to: number): readonly ReadingRow[];
}

/**
 * Opens a block of one meter.
 * @throws BlockError where it is damaged: the checksum is looked at before anything else
 */
export function openBlock(block: Uint8Array, meterId: number): OpenBlock {
  const length = block.length - checksumBytes;
  if (length < 1) throw new BlockError("the block is too short");
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  const bytes = block.subarray(0, length);
  if (view.getUint32(length, true) !== crc32(bytes)) throw new BlockError("the block's checksum is wrong");
  return openChecked(bytes, meterId);
}

/** As openBlock(), of bytes without their checksum: for the fuzzer, which must get past it. @throws BlockError */
export function openChecked(bytes: Uint8Array, meterId: number): OpenBlock {
  const from = new BlockReader(bytes);
  const version = from.byte();
  if (version !== blockVersion) throw new BlockError(`the block is of the unknown version ${version}`);
  const count = from.varint(maxBlockRows);
  const column = (): Int32Array => {
    const values = new Int32Array(count);
    readColumn(from, values, numberBytes, []);
    return values;
  };
  const first = from.varint(Number.MAX_SAFE_INTEGER);
  const numbers = Float64Array.from(column(), (offset) => first + offset);
  const times = readTimes(from, count);
  const clockStatuses = column();
  const heads = Array.from({ length: from.varint(maxGroups) }, (): GroupHead => {
    const layoutId = from.varint(2 ** 31 - 1);
    return { layoutId, length: from.varint(maxBlockBytes) };
  });
  const groupOf = column();
  const body = from.rest();
  const members = membersOf(groupOf, heads);

  return {
    count,
    numbers,
    times,
    rows(begin, end) {
      const payloads = readPayloads(new BlockReader(body), heads, members, begin, end);
      const rows: ReadingRow[] = [];
      for (let row = begin; row < end; row++) {
        const found = payloads[groupOf[row] ?? 0]?.next();
        if (found === undefined) throw new BlockError("a row has no payload");
        rows.push({
          meterId,
          number: numbers[row] ?? 0,
          readAtMs: times[row] ?? 0,
          layoutId: found.layoutId,
          clockStatus: clockStatuses[row] ?? 0,
          payload: found.payload,
        });
      }
      return rows;
    },
  };
}

/** Rows of each group, the loose ones last. */
function membersOf(groupOf: Int32Array, heads: readonly GroupHead[]): readonly Int32Array[] {
  const counts = new Int32Array(heads.length + 1);
  for (const group of groupOf) {
    if (group < 0 || group > heads.length) throw new BlockError("a row is of no group");
    counts[group] = (counts[group] ?? 0) + 1;
  }
  const bytes = heads.reduce((sum, { length }, index) => sum + length * (counts[index] ?? 0), 0);
  if (bytes > maxBlockBytes) throw new BlockError("the block's rows are too long");
  const members = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  for (const [row, group] of groupOf.entries()) {
    const at = counts[group] ?? 0;
    const of = members[group];
    if (of !== undefined) of[at] = row;
    counts[group] = at + 1;
  }
  return members;
}

interface FoundPayload {
  readonly layoutId: number;
  readonly payload: Uint8Array;
}

/** Hands out the payloads of a group, one after the other. */
interface PayloadRun {
  next(): FoundPayload | undefined;
}

/** For each group, its payloads from `begin` to before `end`; the loose ones last. */
function readPayloads(
  from: BlockReader,
  heads: readonly GroupHead[],
  members: readonly Int32Array[],
  begin: number,
  end: number,
): readonly PayloadRun[] {
  const groups = heads.map(({ layoutId, length }, index): PayloadRun => {
    const rows = members[index] ?? new Int32Array(0);
    const bytes = readGroup(from, length, firstAtLeast(rows, begin), firstAtLeast(rows, end));
    let at = 0;
    return {
      next() {
        if (at >= bytes.length) return undefined;
        at += length;
        return { layoutId, payload: bytes.subarray(at - length, at) };
      },
    };
  });
  const rows = members[heads.length] ?? new Int32Array(0);
  const loose = readLoose(from, rows.length);
  let at = firstAtLeast(rows, begin);
  if (!from.isAtEnd) throw new BlockError("the block is longer than it says");
  return [...groups, { next: () => loose[at++] }];
}

function firstAtLeast(rows: Int32Array, row: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] ?? 0) < row) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Columns are decoded up to `end`, because each number builds on those before it. */
function readGroup(from: BlockReader, length: number, begin: number, end: number): Uint8Array {
  const template = readPacked(from, maxBlockBytes);
  if (template.length !== length || length === 0) throw new BlockError("a template has another length than its rows");
  const rows = repeated(template, end - begin);
  const columns: Int32Array[] = [];
  const fieldCount = from.varint(length);
  let behind = 0;
  for (let index = 0; index < fieldCount; index++) {
    const offset = behind + from.varint(length);
    const kind = from.byte();
    const field: Field = { offset, width: kind & 7, isDecimal: kind >= 8 };
    behind = offset + field.width;
    if (kind > 15 || field.width < 1 || field.width > 4 || behind > length)
      throw new BlockError("a field is misplaced");
    const values = new Int32Array(end);
    readColumn(from, values, widthOfNumbers(field), columns);
    columns.push(values);
    if (!writeField(values, begin, field, rows, length)) throw new BlockError("a number has too many digits");
  }
  return rows;
}

function repeated(template: Uint8Array, count: number): Uint8Array {
  const { length } = template;
  const rows = new Uint8Array(length * count);
  if (count === 0) return rows;
  rows.set(template);
  for (let done = length; done < rows.length; done *= 2) rows.copyWithin(done, 0, Math.min(done, rows.length - done));
  return rows;
}

function readLoose(from: BlockReader, count: number): readonly FoundPayload[] {
  const headBytes = unpacked(from);
  const bytes = new BlockReader(unpacked(from));
  const heads = new BlockReader(headBytes);
  const rows = Array.from({ length: count }, (): FoundPayload => {
    const layoutId = heads.varint(2 ** 31 - 1);
    return { layoutId, payload: bytes.raw(heads.varint(maxBlockBytes)) };
  });
  if (!heads.isAtEnd || !bytes.isAtEnd) throw new BlockError("loose rows are longer than they say");
  return rows;
}

function unpacked(from: BlockReader): Uint8Array {
  const length = from.varint(maxBlockBytes);
  const bytes = readPacked(from, length);
  if (bytes.length !== length) throw new BlockError("packed bytes have another length than they say");
  return bytes;
}
