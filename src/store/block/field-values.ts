/** A column's numbers in the rows' bytes: where they stand and how they are written. */

/** Some neighbouring bytes of every row, low byte first as M-Bus has it. */
export interface Field {
  readonly offset: number;
  /** 1 to 4 bytes. */
  readonly width: number;
  /** Each half byte is a decimal digit, in every row. */
  readonly isDecimal: boolean;
}

const decimalOf = Int8Array.from({ length: 256 }, (_, byte) =>
  (byte & 15) < 10 && byte >> 4 < 10 ? (byte >> 4) * 10 + (byte & 15) : -1,
);
const bcdOf = Uint8Array.from({ length: 100 }, (_, number) => (Math.floor(number / 10) << 4) | (number % 10));

/** Largest widths in bytes that a decimal field's differences need: as if it were a 32-bit number. */
export const widthOfNumbers = (field: Field): number => (field.isDecimal ? 4 : field.width);

/** @returns undefined where a row's bytes are not decimal digits */
export function readField(rows: readonly Uint8Array[], field: Field): Int32Array | undefined {
  const { offset, width, isDecimal } = field;
  const values = new Int32Array(rows.length);
  const shift = 32 - 8 * width;
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index];
    let value = 0;
    for (let at = width - 1; at >= 0; at--) {
      const byte = row?.[offset + at] ?? 0;
      if (isDecimal) {
        const pair = decimalOf[byte] ?? -1;
        if (pair < 0) return undefined;
        value = value * 100 + pair;
      } else value = (value << 8) | byte;
    }
    values[index] = isDecimal ? value : (value << shift) >> shift;
  }
  return values;
}

/**
 * Writes the numbers into rows of `length` bytes that follow each other.
 * @param from  the first row to write; `into` begins with it
 */
export function writeField(values: Int32Array, from: number, field: Field, into: Uint8Array, length: number): boolean {
  const { offset, width, isDecimal } = field;
  const most = 100 ** width;
  let at = offset;
  for (let index = from; index < values.length; index++, at += length) {
    let value = values[index] ?? 0;
    if (isDecimal && (value < 0 || value >= most)) return false;
    for (let byte = 0; byte < width; byte++) {
      if (isDecimal) {
        const rest = Math.floor(value / 100);
        into[at + byte] = bcdOf[value - rest * 100] ?? 0;
        value = rest;
      } else {
        into[at + byte] = value;
        value >>= 8;
      }
    }
  }
  return true;
}
