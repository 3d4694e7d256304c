/**
 * Wireless telegrams of security mode 5 decoded a second over those of the corpus, from the L field to every value;
 * sends Mode5Answer. Beside it the bare AES-CBC of the same blocks by node:crypto, and the AES as the decoder does it.
 */
import { createDecipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import { AesKey, decodeWireless, decodeWirelessFrame } from "../../../src/mbus/index.js";
import { decryptCbc } from "../../../src/mbus/wireless/aes.js";
import { testFile } from "../../support/repository.js";
import { passRate } from "./pass-rate.js";

export interface Mode5Answer {
  readonly perSecond: number;
  /** One decipher object for each telegram, as a plain program would have it. */
  readonly bareAesPerSecond: number;
  /** AES of the decoder alone, whose keys keep their contexts. */
  readonly ownAesPerSecond: number;
  readonly telegrams: number;
  readonly blocks: number;
  readonly records: number;
}

interface Item {
  readonly hex: string;
  readonly key: string | null;
  readonly telegram?: { readonly securityMode?: number; readonly layers: readonly string[] };
  readonly expect: { readonly kind?: string; readonly records?: readonly unknown[] };
}

interface Case {
  readonly bytes: Uint8Array;
  readonly keyBytes: Uint8Array;
  readonly key: AesKey;
  readonly vector: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** Behind L, C, M2, id4, V and T. */
const firstLayerOffset = 10;

/** Initialization vector and blocks of mode 5, EN 13757-7, 9: found here by hand, so that only AES is measured. */
function caseOf(item: Item): Case {
  const keyBytes = fromHex(item.key ?? "");
  const bytes = fromHex(item.hex);
  const frame = decodeWirelessFrame(bytes).bytes;
  const [first = ""] = item.telegram?.layers ?? [];
  const header = firstLayerOffset + (first === "8C" ? 3 : 0);
  const isLong = frame[header] === 0x72;
  const access = header + (isLong ? 9 : 1);
  const word = (frame[access + 2] ?? 0) | ((frame[access + 3] ?? 0) << 8);
  const from = access + 4;
  const count = (word >> 4) & 0x0f;
  const length = count === 15 ? (frame.length - from) & ~15 : count * 16;
  const vector = new Uint8Array(16).fill(frame[access] ?? 0);
  if (isLong) {
    // The long header has id4 before M2.
    vector.set(frame.subarray(header + 5, header + 7));
    vector.set(frame.subarray(header + 1, header + 5), 2);
    vector.set(frame.subarray(header + 7, header + 9), 6);
  } else {
    vector.set(frame.subarray(2, firstLayerOffset));
  }
  return { bytes, keyBytes, key: new AesKey(keyBytes), vector, ciphertext: frame.slice(from, from + length) };
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

const { items } = JSON.parse(readFileSync(testFile("vectors/mbus/corpus-wireless.json"), "utf8")) as {
  items: readonly Item[];
};
const cases = items
  .filter(({ key, telegram, expect }) => {
    const isReadable = (expect.kind ?? "wireless") === "wireless" && expect.records !== undefined;
    return isReadable && key !== null && telegram?.securityMode === 5;
  })
  .map(caseOf);

/** Every value is made. */
function decode(): number {
  let values = 0;
  for (const { bytes, key } of cases) {
    const result = decodeWireless(bytes, { keyFor: () => key });
    if (result.kind !== "telegram") throw new Error(`a telegram of the corpus is a ${result.kind}`);
    for (const { value } of result.telegram.records) if (value.kind !== "none") values++;
  }
  return values;
}

function bareAes(): number {
  let checked = 0;
  for (const { keyBytes, vector, ciphertext } of cases) {
    const plain = createDecipheriv("aes-128-cbc", keyBytes, vector).setAutoPadding(false).update(ciphertext);
    if (plain[0] === 0x2f && plain[1] === 0x2f) checked++;
  }
  return checked;
}

function ownAes(): number {
  let checked = 0;
  for (const { key, vector, ciphertext } of cases) {
    const plain = decryptCbc(key, vector, ciphertext);
    if (plain[0] === 0x2f && plain[1] === 0x2f) checked++;
  }
  return checked;
}

const rate = (pass: () => unknown) => passRate(cases.length, pass);

for (const pass of [bareAes, ownAes]) {
  if (pass() !== cases.length) throw new Error("the blocks measured are not those of the telegrams");
}
const answer: Mode5Answer = {
  perSecond: rate(decode),
  bareAesPerSecond: rate(bareAes),
  ownAesPerSecond: rate(ownAes),
  telegrams: cases.length,
  blocks: cases.reduce((total, { ciphertext }) => total + ciphertext.length / 16, 0),
  records: decode(),
};
process.send?.(answer);
