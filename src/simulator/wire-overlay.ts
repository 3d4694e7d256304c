/**
 * What a master's UART makes of answers that several slaves give at once: the bits of all are laid over one another (a
 * 0 wins, silence is 1), and the receiver looks for start bits in what comes of it.
 */
import { parityOf } from "./parity.js";

/** One slave's answer, `startMs` after the request has left the line. */
export interface TimedAnswer {
  readonly startMs: number;
  readonly bytes: Uint8Array;
}

/** One byte as received; `endMs` is when its stop bit is over. */
export interface ReceivedByte {
  readonly byte: number;
  readonly endMs: number;
}

const bitsPerByte = 11;

export function receivedBytes(answers: readonly TimedAnswer[], baudRate: number): readonly ReceivedByte[] {
  const bitMs = 1000 / baudRate;
  const [only, ...others] = answers;
  if (only === undefined) return [];
  if (others.length === 0) {
    const endOf = (index: number) => only.startMs + (index + 1) * bitsPerByte * bitMs;
    return [...only.bytes].map((byte, index) => ({ byte, endMs: endOf(index) }));
  }
  return sampled(overlaid(answers, bitMs), bitMs);
}

/** The line's level bit by bit, from time 0. */
function overlaid(answers: readonly TimedAnswer[], bitMs: number): Uint8Array {
  const ends = answers.map(({ startMs, bytes }) => Math.round(startMs / bitMs) + bytes.length * bitsPerByte);
  const line = new Uint8Array(Math.max(...ends) + bitsPerByte).fill(1);
  for (const { startMs, bytes } of answers) {
    let at = Math.round(startMs / bitMs);
    for (const byte of bytes) {
      line[at] = 0;
      for (let bit = 0; bit < 8; bit++) if (((byte >> bit) & 1) === 0) line[at + 1 + bit] = 0;
      if (parityOf(byte) === 0) line[at + 9] = 0;
      at += bitsPerByte;
    }
  }
  return line;
}

function sampled(line: Uint8Array, bitMs: number): readonly ReceivedByte[] {
  const received: ReceivedByte[] = [];
  for (let at = 0; at + bitsPerByte <= line.length; at++) {
    if (line[at] !== 0) continue;
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) byte |= (line[at + 1 + bit] ?? 1) << bit;
    // Wrong parity and a missing stop bit do not stop a byte: drivers hand it on all the same.
    received.push({ byte, endMs: (at + bitsPerByte) * bitMs });
    at += bitsPerByte - 1;
  }
  return received;
}
