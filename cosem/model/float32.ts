/**
 * The double that prints as the shortest decimal which gives this float32 again: 3197.69 where widening alone gives
 * 3197.690010070801. Every view shows a meter's float so, and they all show the same digits.
 * @param value  exactly a float32; NaN and infinities come back as they are
 */
export function nearestDecimal(value: number): number {
  if (value === 0) return value;
  // Six digits always fit a float32, nine always tell two of them apart (IEEE 754).
  for (let digits = 6; digits < 9; digits++) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === value) return decimal;
  }
  return Number(value.toPrecision(9));
}
