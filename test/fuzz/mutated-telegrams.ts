/** Mutated telegrams without end, the same ones for the same seed, and what must hold for each: for fuzz and soak. */
import { DecodeError } from "../../cosem/codec/bytes.js";
import {
  compileLayout,
  type DecodedTelegram,
  decodeApplication,
  type ExplainedField,
  expandProfile,
  explainApplication,
  type Layout,
  matchesLayout,
  packPayload,
  readSlots,
} from "../../src/mbus/index.js";
import { readouts } from "../mbus/application/support/vectors.js";

/** A small generator (xorshift32): quick, and the same run every time. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 1;
  }

  /** 0 to `sides` - 1. */
  roll(sides: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % sides;
  }
}

interface Seed {
  readonly bytes: Uint8Array;
  readonly layout: Layout;
}

/** Bytes that mean something to the decoder: special DIFs, extension VIFs, LVARs, record errors, profiles. */
const loadedBytes = [
  0x0f, 0x1f, 0x2f, 0x3f, 0x7f, 0xca, 0xf7, 0x0d, 0x8d, 0xfb, 0xfd, 0x7c, 0xfc, 0xff, 0x13, 0x1e, 0x93, 0xc9, 0xef,
  0xf6,
];
const maxBytes = 260;

/** Mutates the vectors' readouts and checks each; throws on the first that breaks a rule. */
export class MutationRun {
  decoded = 0;
  refused = 0;
  readByLayout = 0;
  private readonly dice: Dice;
  private readonly seeds: readonly Seed[];

  constructor(seed: number) {
    this.dice = new Dice(seed);
    this.seeds = readouts().map(({ data }) => ({ bytes: data, layout: compileLayout(packPayload([data])) }));
  }

  /** One telegram more. */
  step(): void {
    const seed = this.seeds[this.dice.roll(this.seeds.length)] as Seed;
    const bytes = this.mutated(seed.bytes);
    const telegram = this.decode(bytes);
    const payload = packPayload([bytes]);
    if (matchesLayout(seed.layout, payload)) this.compareWithLayout(seed.layout, payload, telegram, bytes);
    expectCover(explainApplication(bytes).fields, 0, bytes.length, bytes);
  }

  private mutated(original: Uint8Array): Uint8Array {
    let bytes: Uint8Array = original.slice();
    for (let edits = this.dice.roll(4); edits >= 0; edits--) bytes = this.edited(bytes);
    return bytes.subarray(0, maxBytes);
  }

  private edited(bytes: Uint8Array): Uint8Array {
    const { dice } = this;
    const place = dice.roll(bytes.length + 1);
    switch (dice.roll(8)) {
      case 0:
        return bytes.slice(0, place);
      case 1:
        return Uint8Array.of(...bytes.subarray(0, place), ...bytes.subarray(place + 1));
      case 2:
        return Uint8Array.of(...bytes.subarray(0, place), dice.roll(256), ...bytes.subarray(place));
      case 3: {
        const other = (this.seeds[dice.roll(this.seeds.length)] as Seed).bytes;
        return Uint8Array.of(...bytes.subarray(0, place), ...other.subarray(dice.roll(other.length)));
      }
      case 4:
      case 5:
        if (place < bytes.length) bytes[place] = loadedBytes[dice.roll(loadedBytes.length)] as number;
        return bytes;
      case 6:
        if (place < bytes.length) bytes[place] = (bytes[place] as number) ^ (1 << dice.roll(8));
        return bytes;
      default:
        if (place < bytes.length) bytes[place] = dice.roll(256);
        return bytes;
    }
  }

  private decode(bytes: Uint8Array): DecodedTelegram | undefined {
    try {
      const telegram = decodeApplication(bytes);
      this.decoded++;
      for (const record of telegram.records) expandProfile(telegram.records, record);
      return telegram;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.refused++;
      return undefined;
    }
  }

  private compareWithLayout(
    layout: Layout,
    payload: Uint8Array,
    telegram: DecodedTelegram | undefined,
    bytes: Uint8Array,
  ): void {
    this.readByLayout++;
    if (telegram === undefined) throw new Error(`a layout fits what the decoder refuses: ${hexOf(bytes)}`);
    const values = readSlots(layout, payload);
    const same =
      values.length === telegram.records.length &&
      values.every((value, index) => {
        return text(value) === text(telegram.records[index]?.value);
      });
    if (!same) throw new Error(`layout and decoder differ: ${hexOf(bytes)}`);
  }
}

const text = (value: unknown) =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

export function expectCover(fields: readonly ExplainedField[], start: number, end: number, bytes: Uint8Array): void {
  let next = start;
  for (const field of fields) {
    if (field.offset !== next || field.length <= 0) throw new Error(`a gap in the explanation of ${hexOf(bytes)}`);
    if (field.children.length > 0) expectCover(field.children, next, next + field.length, bytes);
    next += field.length;
  }
  if (next !== end) throw new Error(`the explanation ends at ${next} of ${hexOf(bytes)}`);
}
