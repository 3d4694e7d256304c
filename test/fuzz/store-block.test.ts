import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockError, encodeBlock, openBlock, openChecked } from "../../src/store/block/index.js";
import { simulatedReadings } from "../store/block/simulated-readings.js";

/** All of it, or the BlockError that says why not. */
function outcome(bytes: Uint8Array): string {
  try {
    const block = openChecked(bytes, 1);
    return `${block.rows(0, block.count).length} rows`;
  } catch (error) {
    if (error instanceof BlockError) return "BlockError";
    throw error;
  }
}

const blocks = (["multical601", "pollustat", "gwfMtk"] as const).map(
  (name) => encodeBlock(simulatedReadings(name, 40)) ?? new Uint8Array(),
);

describe("any bytes as a block", () => {
  it("give rows or a BlockError behind the checksum", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(outcome(bytes)).toMatch(/rows|BlockError/);
        expect(outcome(Uint8Array.of(1, ...bytes))).toMatch(/rows|BlockError/);
      }),
    );
  });

  it("made of a good block by changing and cutting it give rows or a BlockError", () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(fc.constantFrom(...blocks), fc.array(change, { maxLength: 6 }), fc.nat(), (block, changes, cut) => {
        const bytes = block.slice(0, cut % 5 === 0 ? cut % block.length : block.length - 4);
        for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        expect(outcome(bytes)).toMatch(/rows|BlockError/);
      }),
      { numRuns: Number(process.env["FUZZ_RUNS"] ?? 2000) },
    );
  });

  it("are refused by their checksum before anything is read", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(() => openBlock(bytes, 1)).toThrow(BlockError);
      }),
    );
  });
});
