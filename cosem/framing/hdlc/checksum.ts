/** The 16-bit check sequence of HDLC (ISO/IEC 13239; polynomial x^16 + x^12 + x^5 + 1, least significant bit first). */

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >> 1) ^ 0x8408 : value >> 1;
  return value;
});

/** Over `bytes` from `start` to before `end`. On the wire its low octet goes first. */
export function hdlcChecksum(bytes: Uint8Array, start: number, end: number): number {
  let value = 0xffff;
  for (let index = start; index < end; index++) {
    value = (value >> 8) ^ (table[(value ^ (bytes[index] as number)) & 0xff] as number);
  }
  return value ^ 0xffff;
}
