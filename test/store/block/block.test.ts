import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReadingRow } from "../../../src/ports/index.js";
import { type SourceTelegramName, sourceTelegrams } from "../../../src/simulator/index.js";
import { BlockError, encodeBlock, openBlock } from "../../../src/store/block/index.js";
import { simulatedReadings } from "./simulated-readings.js";

const names = Object.keys(sourceTelegrams) as SourceTelegramName[];

function decoded(block: Uint8Array | undefined, meterId = 1): readonly ReadingRow[] {
  expect(block).toBeDefined();
  const opened = openBlock(block ?? new Uint8Array(), meterId);
  return opened.rows(0, opened.count);
}

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const time = fc.oneof(
  fc.integer({ min: -8.64e15, max: 8.64e15 }),
  fc.integer({ min: 1.7e12, max: 1.8e12 }),
  fc.constant(0),
);

/** Rows of a few lengths, which now and then repeat the one before with some bytes changed. */
const rows = fc
  .array(
    fc.record({
      gap: fc.oneof(
        { weight: 9, arbitrary: fc.constant(1) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 1e6 }) },
      ),
      readAtMs: time,
      layoutId: fc.constantFrom(1, 1, 1, 2, 77_000),
      clockStatus: fc.oneof(fc.constant(0), fc.constant(1), int32),
      length: fc.constantFrom(0, 9, 9, 9, 20),
      fresh: fc.uint8Array({ maxLength: 24 }),
      changes: fc.array(fc.tuple(fc.nat(19), fc.nat(255)), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 200 },
  )
  .map((parts) => {
    let number = 0;
    let before = new Uint8Array(20);
    return parts.map(({ gap, length, fresh, changes, ...row }): ReadingRow => {
      number += gap;
      const payload = fresh.length > 20 ? fresh : before.slice(0, length);
      for (const [at, byte] of changes) if (at < payload.length) payload[at] = byte;
      if (payload.length === 20) before = payload;
      return { meterId: 3, number, ...row, payload };
    });
  });

describe("a block", () => {
  it("gives any rows back byte for byte", () => {
    fc.assert(
      fc.property(rows, (original) => {
        expect(decoded(encodeBlock(original), 3)).toEqual(original);
      }),
    );
  });

  it("gives any part of its rows back", () => {
    fc.assert(
      fc.property(rows, fc.nat(), fc.nat(), (original, left, right) => {
        const opened = openBlock(encodeBlock(original) ?? new Uint8Array(), 3);
        const [from = 0, to = 0] = [left, right].map((end) => end % (original.length + 1)).sort((a, b) => a - b);
        expect(opened.rows(from, to)).toEqual(original.slice(from, to));
        expect([...opened.numbers]).toEqual(original.map(({ number }) => number));
        expect([...opened.times]).toEqual(original.map(({ readAtMs }) => readAtMs));
      }),
    );
  });

  it("that was planned with another block's fields still says all", () => {
    fc.assert(
      fc.property(rows, rows, (first, second) => {
        const plans = new Map();
        encodeBlock(first, plans);
        expect(decoded(encodeBlock(second, plans), 3)).toEqual(second);
      }),
    );
  });

  it.each(names)("of %s takes 25 bytes a reading or less and gives each telegram back", (name) => {
    const original = simulatedReadings(name, 1024);
    const block = encodeBlock(original) ?? new Uint8Array();
    expect(decoded(block)).toEqual(original);
    expect(block.length / original.length).toBeLessThanOrEqual(25);
  });

  it("is refused where a byte of it is another", () => {
    const block = encodeBlock(simulatedReadings("hydrometerHeat", 64)) ?? new Uint8Array();
    for (let at = 0; at < block.length; at++) {
      const damaged = block.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      expect(() => openBlock(damaged, 1)).toThrow(BlockError);
    }
    expect(() => openBlock(block.subarray(0, -1), 1)).toThrow(BlockError);
    expect(() => openBlock(new Uint8Array(), 1)).toThrow(BlockError);
  });

  it("is not made of rows that cannot be in one", () => {
    const [row] = simulatedReadings("gwfMtk", 1);
    if (row === undefined) throw new Error("no row");
    expect(encodeBlock([])).toBeUndefined();
    expect(encodeBlock([row, { ...row, number: row.number + 2 ** 31 }])).toBeUndefined();
    expect(encodeBlock([{ ...row, payload: new Uint8Array((1 << 24) + 1) }])).toBeUndefined();
  });
});
