/** Times on the wire, in milliseconds (EN 13757-2: 8E1, 11 bits a byte). */

const bitsPerByte = 11;
/** At least this many bit times of silence between two telegrams. */
const idleBits = 33;

export function transmissionMs(byteCount: number, baudRate: number): number {
  return (byteCount * bitsPerByte * 1000) / baudRate;
}

export function idleGapMs(baudRate: number): number {
  return (idleBits * 1000) / baudRate;
}

/** A slave answers no sooner than 11 bit times and no later than 330 bit times + 50 ms after the request. */
export function answerWindowMs(baudRate: number): { readonly earliest: number; readonly latest: number } {
  return { earliest: (11 * 1000) / baudRate, latest: (330 * 1000) / baudRate + 50 };
}
