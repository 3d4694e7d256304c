/** Hands out `count` fresh random octets. */
export type RandomBytes = (count: number) => Uint8Array;
