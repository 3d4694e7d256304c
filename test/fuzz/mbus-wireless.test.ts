import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecodeError, fromHex } from "../../cosem/codec/bytes.js";
import {
  AesKey,
  decodeApplication,
  decodeWireless,
  encodeWirelessFrame,
  FragmentReassembler,
  inspectWireless,
  isSecured,
  openWired,
  RememberedFormats,
} from "../../src/mbus/index.js";
import { examples, wirelessVectors } from "../mbus/wireless/support/vectors.js";

// A few proprietary ones of the corpus end in half a byte.
const seeds = [...wirelessVectors, ...examples.filter(({ wired }) => wired !== true)]
  .filter(({ hex }) => hex.length % 2 === 0)
  .map(({ hex, key }) => ({ bytes: fromHex(hex), key: key === null ? undefined : new AesKey(fromHex(key)) }));
const limits = { messages: 5, bytesPerMessage: 2000, timeoutMs: 1000 };
const numRuns = 3000;

/** Any bytes, any key: a result or a DecodeError; what is given out reads again alone; memories stay small. */
function expectResultOrDecodeError(bytes: Uint8Array, key: AesKey | undefined, memory = newMemory()): void {
  const copy = new Uint8Array(bytes);
  orDecodeError(() => inspectWireless(bytes));
  orDecodeError(() => {
    memory.nowMs += 100;
    const result = decodeWireless(bytes, { keyFor: () => key, ...memory });
    if (result.kind !== "telegram") return;
    expect(decodeApplication(result.applicationData).records).toEqual(result.telegram.records);
  });
  expect(bytes).toEqual(copy);
  expect(memory.formats.size).toBeLessThanOrEqual(20);
  expect(memory.fragments.pending).toBeLessThanOrEqual(limits.messages);
}

function newMemory() {
  return { formats: new RememberedFormats(20), fragments: new FragmentReassembler(limits), nowMs: 0 };
}

function orDecodeError(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
const key = fc.option(
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((octets) => new AesKey(octets)),
  { nil: undefined },
);

describe("wireless telegrams", () => {
  it("give a result or a DecodeError for any bytes and any key", () => {
    fc.assert(
      fc.property(bytes(300), key, (telegram, aes) => expectResultOrDecodeError(telegram, aes)),
      { numRuns },
    );
  });

  it("give a result or a DecodeError for any layers in a sound frame", () => {
    const layers = ["8c2000", "8d20000000000", "8f", "90", "900f002c25", "7a0000", "7a00000005", "7a0000f007", "72"]
      .concat(["7a0000ff2a1001", "79", "69", "6a", "6e", "74", "78", "86", "a2", "8a", "90020140", "90020200", ""])
      .map((hex) => fromHex(hex.length % 2 === 0 ? hex : `${hex}0`));
    const part = fc.oneof(fc.constantFrom(...layers), bytes(20));
    const memory = newMemory();
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), fc.constantFrom("A", "B", "removed"), key, (parts, format, aes) => {
        const data = Uint8Array.from(parts.flatMap((octets) => [...octets]));
        const address = Uint8Array.of(0x93, 0x15, data.length % 8, 0x56, 0x34, 0x12, 0x33, 0x03);
        expectResultOrDecodeError(encodeWirelessFrame({ control: 0x44, address, data, format }), aes, memory);
      }),
      { numRuns },
    );
  });

  it("give a result or a DecodeError for changed, cut and lengthened telegrams, with their keys and others", () => {
    const edit = fc.tuple(fc.nat(), fc.nat({ max: 255 }), fc.constantFrom("set", "drop", "insert"));
    const memory = newMemory();
    const seedIndex = fc.nat({ max: seeds.length - 1 });
    const edits = fc.array(edit, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(seedIndex, edits, fc.boolean(), key, (index, changes, keepsLength, otherKey) => {
        const seed = seeds[index];
        if (seed === undefined) return;
        const changed = [...seed.bytes];
        for (const [place, byte, action] of changes) {
          const at = place % (changed.length + 1);
          if (action === "set") changed[Math.min(at, changed.length - 1)] = byte;
          else changed.splice(at, action === "drop" ? 1 : 0, ...(action === "drop" ? [] : [byte]));
        }
        // With an L field that fits, the edits reach the upper layers.
        if (!keepsLength) changed[0] = Math.min(255, changed.length - 1);
        const telegram = Uint8Array.from(changed.slice(0, 256));
        expectResultOrDecodeError(telegram, seed.key, memory);
        expectResultOrDecodeError(telegram, otherKey, memory);
      }),
      { numRuns },
    );
  });

  it("cut at every byte, with L field and without, are refused or read", () => {
    for (const seed of seeds) {
      for (let length = 0; length < seed.bytes.length; length++) {
        const cut = seed.bytes.slice(0, length);
        expectResultOrDecodeError(cut, seed.key);
        if (length > 0) cut[0] = length - 1;
        expectResultOrDecodeError(cut, seed.key);
      }
    }
  });

  it("are not read with a wrong key where the message has a check", () => {
    const authenticated = seeds.filter(({ bytes: frame, key: right }) => {
      if (right === undefined) return false;
      try {
        const result = decodeWireless(frame, { keyFor: () => right });
        return result.kind === "telegram" && result.security.isEncrypted && result.security.isAuthenticated;
      } catch {
        return false;
      }
    });
    expect(authenticated.length).toBeGreaterThan(10);
    fc.assert(
      fc.property(
        fc.nat({ max: authenticated.length - 1 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (at, octets) => {
          const seed = authenticated[at];
          if (seed === undefined) return;
          const wrong = new AesKey(octets);
          expect(() => decodeWireless(seed.bytes, { keyFor: () => wrong })).toThrow(
            expect.objectContaining({ reason: expect.stringMatching(/^(wrongKey|badMac)$/) }),
          );
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("secured telegrams of wired meters", () => {
  it("give a telegram or a DecodeError for any bytes and any key", () => {
    const start = fc.constantFrom("90", "900f002c25", "72", "7a", "7a00000005", "72785634129315330300001005");
    fc.assert(
      fc.property(start, bytes(120), key, (head, rest, aes) => {
        const data = Uint8Array.of(...fromHex(head), ...rest);
        isSecured(data);
        orDecodeError(() => void openWired(data, { keyFor: () => aes, formats: new RememberedFormats(5) }));
      }),
      { numRuns },
    );
  });
});
