/** CRC-16/EN-13757: polynomial 3D65h, start 0, complemented; blocks of the link layer, ELL payloads, compact frames. */

const polynomial = 0x3d65;

const table = Uint16Array.from({ length: 256 }, (_, index) => {
  let crc = index << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ polynomial;
  return crc & 0xffff;
});

/** CRC of the bytes from `start` to before `end`. */
export function crc16(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0;
  for (let index = start; index < end; index++) {
    crc = ((crc << 8) & 0xffff) ^ (table[(crc >> 8) ^ (bytes[index] as number)] as number);
  }
  return ~crc & 0xffff;
}
