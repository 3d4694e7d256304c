import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError } from "../../cosem/codec/bytes.js";
import { compileLayout, decodeApplication, matchesLayout, packPayload } from "../../src/mbus/index.js";
import { applicationData, wiredVectors } from "../mbus/application/support/vectors.js";

const seeds = wiredVectors().flatMap(({ hex }) => {
  const data = applicationData(hex);
  return data === undefined ? [] : [data];
});
const numRuns = 3000;

/** Any bytes give a value or a DecodeError, and the layout compiler thinks the same of them. */
function expectValueOrDecodeError(data: Uint8Array): void {
  const payload = packPayload([data]);
  let refused: unknown;
  try {
    const telegram = decodeApplication(data);
    for (const record of telegram.records) expect(record.endOffset).toBeLessThanOrEqual(data.length);
  } catch (error) {
    refused = error;
  }
  if (refused === undefined) {
    expect(matchesLayout(compileLayout(payload), payload)).toBe(true);
    return;
  }
  expect(refused).toBeInstanceOf(DecodeError);
  expect(() => compileLayout(payload)).toThrow(DecodeError);
}

describe("the M-Bus application layer", () => {
  it("gives a value or a DecodeError for any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 260 }), expectValueOrDecodeError), { numRuns });
  });

  it("gives a value or a DecodeError for any records behind any header", () => {
    const start = fc.constantFrom("72", "76", "7a", "78", "73", "77", "70", "6e", "6f", "71", "79", "7b");
    const body = fc.uint8Array({ maxLength: 120 });
    fc.assert(
      fc.property(start, body, (controlInformation, bytes) => {
        expectValueOrDecodeError(Uint8Array.of(Number.parseInt(controlInformation, 16), ...bytes));
      }),
      { numRuns },
    );
  });

  it("gives a value or a DecodeError for changed, cut and lengthened telegrams", () => {
    const edit = fc.tuple(fc.nat(), fc.nat({ max: 255 }), fc.constantFrom("set", "drop", "insert"));
    const seed = fc.nat({ max: seeds.length - 1 });
    fc.assert(
      fc.property(
        seed,
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        fc.nat({ max: 300 }),
        (index, edits, length) => {
          const bytes = [...(seeds[index] ?? [])];
          for (const [place, byte, action] of edits) {
            const at = place % (bytes.length + 1);
            if (action === "set") bytes[Math.min(at, bytes.length - 1)] = byte;
            else bytes.splice(at, action === "drop" ? 1 : 0, ...(action === "drop" ? [] : [byte]));
          }
          expectValueOrDecodeError(Uint8Array.from(bytes.slice(0, length)));
        },
      ),
      { numRuns },
    );
  });

  it("refuses or reads each telegram cut at every byte", () => {
    for (const seed of seeds) {
      for (let length = 0; length < seed.length; length++) expectValueOrDecodeError(seed.slice(0, length));
    }
  });
});
