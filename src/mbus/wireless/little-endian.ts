/** Fields of the wireless layers: least significant byte first. The caller has checked that the bytes are there. */

export function readWord(bytes: Uint8Array, offset: number): number {
  return (bytes[offset] as number) | ((bytes[offset + 1] as number) << 8);
}

/** 0 to 4,294,967,295. */
export function readDoubleWord(bytes: Uint8Array, offset: number): number {
  return (readWord(bytes, offset) | (readWord(bytes, offset + 2) << 16)) >>> 0;
}
