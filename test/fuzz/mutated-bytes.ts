/** Changes to bytes, the same for the same seed. */
import { Dice } from "./mutated-telegrams.js";

/** Bytes that mean something in an APDU: tags, choices, lengths, control bytes, conformance, ends of ranges. */
const loadedBytes = [
  0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x08, 0x09, 0x0f, 0x10, 0x13, 0x16, 0x18, 0x1f, 0x20, 0x21, 0x28, 0x30,
  0x3f, 0x40, 0x60, 0x62, 0x7f, 0x80, 0x81, 0x82, 0x84, 0x8a, 0x8b, 0x90, 0xa1, 0xa6, 0xac, 0xbe, 0xc0, 0xc1, 0xc3,
  0xc8, 0xc9, 0xcb, 0xd0, 0xd9, 0xdb, 0xdc, 0xdd, 0xdf, 0xe0, 0xfe, 0xff,
];

export class Mutator {
  readonly dice: Dice;

  constructor(seed: number) {
    this.dice = new Dice(seed);
    // Small seeds begin with small numbers.
    for (let warm = 0; warm < 20; warm++) this.dice.roll(2);
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.dice.roll(choices.length)] as T;
  }

  /** Changed `times` times; never longer than `longest`. */
  mutated(bytes: Uint8Array, times: number, donors: readonly Uint8Array[], longest = 2000): Uint8Array {
    let changed = bytes;
    for (let time = 0; time < times; time++) changed = this.once(changed, donors);
    return changed.length > longest ? changed.subarray(0, longest) : changed;
  }

  private once(bytes: Uint8Array, donors: readonly Uint8Array[]): Uint8Array {
    const { dice } = this;
    const place = bytes.length === 0 ? 0 : dice.roll(bytes.length);
    switch (dice.roll(9)) {
      case 0:
        return bytes.subarray(0, place);
      case 1:
        return joined(bytes.subarray(0, place), bytes.subarray(place + 1 + dice.roll(4)));
      case 2:
        return joined(
          bytes.subarray(0, place),
          Uint8Array.from({ length: 1 + dice.roll(4) }, () => dice.roll(256)),
          bytes.subarray(place),
        );
      case 3: {
        const donor = this.one(donors);
        return joined(bytes.subarray(0, place), donor.subarray(dice.roll(donor.length || 1)));
      }
      case 4: {
        // A part twice.
        const end = place + dice.roll(20);
        return joined(bytes.subarray(0, end), bytes.subarray(place));
      }
      case 5:
        return this.withByte(bytes, place, (bytes[place] ?? 0) ^ (1 << dice.roll(8)));
      case 6:
        return this.withByte(bytes, place, dice.roll(256));
      default:
        return this.withByte(bytes, place, this.one(loadedBytes));
    }
  }

  private withByte(bytes: Uint8Array, place: number, value: number): Uint8Array {
    const copy = Uint8Array.from(bytes);
    if (copy.length > 0) copy[place] = value;
    return copy;
  }
}

export function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
