/**
 * Finds the numbers in rows of equal length without being told what they mean: of all ways to cut the bytes that change
 * into fields of one to four bytes, the one that codes shortest.
 */
import { planColumn } from "./column.js";
import { type Field, readField, widthOfNumbers } from "./field-values.js";

const widest = 4;
/** What a field costs beside its numbers. */
const fieldBits = 48;

/** Which bytes are not the same in all rows. */
export function changingBytes(rows: readonly Uint8Array[]): Uint8Array {
  const [first] = rows;
  const changes = new Uint8Array(first?.length ?? 0);
  if (first === undefined) return changes;
  for (const row of rows) {
    for (let at = 0; at < changes.length; at++) if (row[at] !== first[at]) changes[at] = 1;
  }
  return changes;
}

/** Whether a plan made for other rows says all there is to say about these. */
export function coversChanges(fields: readonly Field[], changes: Uint8Array): boolean {
  const covered = new Uint8Array(changes.length);
  for (const { offset, width } of fields) covered.fill(1, offset, offset + width);
  return changes.every((changed, at) => changed === 0 || covered[at] === 1);
}

/** Fields that cover every byte that changes, in order. */
export function planFields(rows: readonly Uint8Array[], changes: Uint8Array): readonly Field[] {
  const { length } = changes;
  // Cheapest way to say all bytes from here on, and the field it begins with.
  const bits = new Float64Array(length + 1);
  const chosen: (Field | undefined)[] = new Array(length);
  for (let offset = length - 1; offset >= 0; offset--) {
    if (changes[offset] === 0) {
      bits[offset] = bits[offset + 1] ?? 0;
      continue;
    }
    bits[offset] = Number.POSITIVE_INFINITY;
    for (let width = 1; width <= widest && offset + width <= length; width++) {
      // A field ends with a byte that changes: what is constant costs nothing by itself.
      if (changes[offset + width - 1] === 0) continue;
      for (const isDecimal of [false, true]) {
        const field = { offset, width, isDecimal };
        const values = readField(rows, field);
        if (values === undefined) continue;
        const whole = planColumn(values, widthOfNumbers(field)).bits + fieldBits + (bits[offset + width] ?? 0);
        if (whole >= (bits[offset] ?? 0)) continue;
        bits[offset] = whole;
        chosen[offset] = field;
      }
    }
  }
  const fields: Field[] = [];
  for (let offset = 0; offset < length; ) {
    const field = chosen[offset];
    if (changes[offset] === 0 || field === undefined) offset += 1;
    else {
      fields.push(field);
      offset += field.width;
    }
  }
  return fields;
}
