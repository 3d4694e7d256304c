/** Times of readings as whole steps of a schedule and how far off each was. */
import { BlockError, type BlockReader, type BlockWriter } from "./block-bytes.js";
import { planColumn, readColumn, writeColumn } from "./column.js";

const second = 1000;
/** Where no schedule fits: both halves of any time are numbers of 32 bits. */
const wholeRange = 2 ** 31;
const numberBytes = 4;

/** @param times  milliseconds, safe integers */
export function writeTimes(times: readonly number[], into: BlockWriter): void {
  const first = times[0] ?? 0;
  const isNear = times.every((time) => Number.isSafeInteger(time - first));
  const start = isNear ? first : 0;
  const unit = times.every((time) => (time - start) % 10 === 0) ? 10 : 1;
  const distances = times.map((time) => (time - start) / unit);
  const step = stepOf(distances, second / unit);
  const steps = Int32Array.from(distances, (distance) => Math.round(distance / step));
  const rest = Int32Array.from(distances, (distance, index) => distance - (steps[index] ?? 0) * step);
  into.signed(start);
  into.varint(unit);
  into.varint(step);
  for (const column of [steps, rest]) {
    writeColumn(column, numberBytes, planColumn(column, numberBytes), [], into);
  }
}

/** The usual distance of two readings in whole seconds. */
function stepOf(distances: readonly number[], secondsUnit: number): number {
  const apart = distances.slice(1).map((distance, index) => distance - (distances[index] ?? 0));
  const usual = apart.sort((left, right) => left - right)[apart.length >> 1] ?? 0;
  const step = Math.max(1, Math.round(usual / secondsUnit)) * secondsUnit;
  const fits = step < wholeRange && distances.every((distance) => Math.abs(distance / step) < wholeRange - 1);
  return fits ? step : wholeRange;
}

/** @throws BlockError */
export function readTimes(from: BlockReader, count: number): Float64Array {
  const start = from.signed();
  const unit = from.varint(10);
  const step = from.varint(wholeRange);
  const steps = new Int32Array(count);
  const rest = new Int32Array(count);
  readColumn(from, steps, numberBytes, []);
  readColumn(from, rest, numberBytes, []);
  const times = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    times[index] = start + ((steps[index] ?? 0) * step + (rest[index] ?? 0)) * unit;
  }
  if (!times.every(Number.isSafeInteger)) throw new BlockError("a time is out of range");
  return times;
}
