/** The payload of a reading: its telegrams, each as its length (2 bytes, big-endian) and its data from the CI field on. */
import { DecodeError } from "../../../cosem/codec/bytes.js";

const layer = "mbus payload";

/** @throws RangeError for a telegram of more than 65,535 bytes */
export function packPayload(telegrams: readonly Uint8Array[]): Uint8Array {
  const length = telegrams.reduce((total, telegram) => total + 2 + telegram.length, 0);
  const payload = new Uint8Array(length);
  let offset = 0;
  for (const telegram of telegrams) {
    if (telegram.length > 0xffff) throw new RangeError(`telegram of ${telegram.length} bytes`);
    payload[offset] = telegram.length >> 8;
    payload[offset + 1] = telegram.length & 0xff;
    payload.set(telegram, offset + 2);
    offset += 2 + telegram.length;
  }
  return payload;
}

/**
 * The telegrams as views into `payload`.
 * @throws DecodeError `truncated`
 */
export function unpackPayload(payload: Uint8Array): Uint8Array[] {
  const telegrams: Uint8Array[] = [];
  let offset = 0;
  while (offset < payload.length) {
    const end = telegramEnd(payload, offset);
    if (end < 0) throw new DecodeError("truncated", offset, layer);
    telegrams.push(payload.subarray(offset + 2, end));
    offset = end;
  }
  return telegrams;
}

/** End of the telegram whose length stands at `offset`; -1 when the payload ends before it. */
export function telegramEnd(payload: Uint8Array, offset: number): number {
  if (offset + 2 > payload.length) return -1;
  const end = offset + 2 + (((payload[offset] as number) << 8) | (payload[offset + 1] as number));
  return end > payload.length ? -1 : end;
}
