/** The even parity bit of a byte. */
export function parityOf(byte: number): number {
  let bits = byte;
  bits ^= bits >> 4;
  bits ^= bits >> 2;
  bits ^= bits >> 1;
  return bits & 1;
}
