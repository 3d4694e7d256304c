/**
 * Mutated wireless telegrams without end, the same ones for the same seed: link formats A, B and without CRCs, extended
 * link I-IV (also encrypted), AFL (also in fragments, with MAC), every transport header, security modes 0, 5 and 7,
 * compact and format frames. Layers are laid and encrypted here, so that changes reach what lies behind a key.
 */
import { createCipheriv } from "node:crypto";
import { DecodeError, fromHex, toHex } from "../../cosem/codec/bytes.js";
import {
  AesKey,
  applyCtr,
  cmac,
  decodeApplication,
  decodeWireless,
  decodeWirelessFrame,
  derivation,
  deriveKey,
  encodeWirelessFrame,
  explainTelegram,
  FragmentReassembler,
  inspectWireless,
  RememberedFormats,
  wirelessCrc,
} from "../../src/mbus/index.js";
import { examples, wirelessVectors } from "../mbus/wireless/support/vectors.js";
import { joined, Mutator } from "./mutated-bytes.js";
import { expectCover } from "./mutated-telegrams.js";

interface Seed {
  readonly bytes: Uint8Array;
  readonly key: Uint8Array | undefined;
}

const keyBytes = fromHex("000102030405060708090a0b0c0d0e0f");
const otherKey = fromHex("0f0e0d0c0b0a09080706050403020100");
const link = fromHex("9315785634123303");
const controls = [0x44, 0x44, 0x46, 0x47, 0x48, 0x08, 0x18, 0x06, 0x00, 0x53, 0x5b];
const formats = ["A", "B", "removed"] as const;
const limits = { messages: 8, bytesPerMessage: 4000, timeoutMs: 1000 };
const mostFormats = 20;
/** Control information fields of every transport header, and some that are refused. */
const longHeads = [0x72, 0x76, 0x73, 0x6b, 0x6f, 0x75, 0x8b, 0x80, 0x6c, 0xc3];
const shortHeads = [0x7a, 0x7a, 0x7b, 0x6a, 0x6e, 0x74, 0x8a, 0x7d];
const noHeads = [0x78, 0x78, 0x79, 0x69, 0x70, 0x71, 0xa2, 0x51];

const le = (value: number, length: number) => Uint8Array.from({ length }, (_, index) => (value >>> (8 * index)) & 0xff);
const crcBytes = (bytes: Uint8Array) => le(wirelessCrc(bytes), 2);

export class WirelessRun {
  frames = 0;
  decoded = 0;
  encrypted = 0;
  authenticated = 0;
  fragments = 0;
  formatFrames = 0;
  compact = 0;
  readonly refusals = new Map<string, number>();
  private readonly mutator: Mutator;
  private readonly seeds: readonly Seed[];
  /** Records of the corpus in plain. */
  private readonly records: readonly Uint8Array[];
  private formats = new RememberedFormats(mostFormats);
  private readonly reassembler = new FragmentReassembler(limits);
  private readonly keys = new Map<Uint8Array, AesKey>();
  private nowMs = 0;

  constructor(seed: number) {
    this.mutator = new Mutator(seed);
    // A few proprietary ones of the corpus end in half a byte.
    this.seeds = [...wirelessVectors, ...examples.filter(({ wired }) => wired !== true)]
      .filter(({ hex }) => hex.length % 2 === 0)
      .map(({ hex, key }) => ({ bytes: fromHex(hex), key: key === null ? undefined : fromHex(key) }));
    this.records = this.seeds.flatMap((seed) => recordsOf(seed));
  }

  /** One frame more, or the fragments of one message; throws on the first that breaks a rule. */
  step(): void {
    const { mutator } = this;
    switch (mutator.dice.roll(4)) {
      case 0: {
        const seed = mutator.one(this.seeds);
        this.check(this.changed(seed.bytes), seed.key);
        return;
      }
      case 1: {
        const seed = mutator.one(this.seeds);
        this.check(this.reframed(seed.bytes), seed.key);
        return;
      }
      default:
        this.layered();
    }
  }

  private changed(bytes: Uint8Array): Uint8Array {
    const donors = this.seeds.map((seed) => seed.bytes);
    return this.mutator.mutated(bytes, 1 + this.mutator.dice.roll(4), donors, 300);
  }

  /** The upper layers changed, in a sound frame of any format. */
  private reframed(bytes: Uint8Array): Uint8Array {
    try {
      const frame = decodeWirelessFrame(bytes);
      return this.framed(frame.address.octets, this.changed(frame.bytes.subarray(10)));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return bytes;
    }
  }

  private framed(address: Uint8Array, data: Uint8Array): Uint8Array {
    const { mutator } = this;
    const control = mutator.one(controls);
    return encodeWirelessFrame({ control, address, data: data.subarray(0, 240), format: mutator.one(formats) });
  }

  /** Records behind transport, AFL and extended link, each laid here; then, sometimes, changed on the way. */
  private layered(): void {
    const { mutator } = this;
    const { dice } = mutator;
    const original = mutator.one(this.records);
    const records = mutator.mutated(original, dice.roll(3), this.records, 180);
    const { transport, counter } = this.transport(records);
    const kind = dice.roll(8);
    const pieces =
      kind < 4 ? [transport] : kind < 6 ? [withMac(transport, counter)] : this.inFragments(transport, counter);
    const tampered = dice.roll(4) === 0;
    const isWhole = pieces.length === 1;
    // CI, AFLL and FCL are not under the MAC, nor is the key information behind MCL.
    const placeIn = (piece: Uint8Array): number => {
      if (kind < 4) return dice.roll(piece.length);
      const place = 4 + dice.roll(piece.length - 6);
      return place === 4 ? place : place + 2;
    };
    for (const piece of pieces) {
      const sent = tampered ? changedAt(piece, placeIn(piece), 1 + dice.roll(255)) : piece;
      const frame = this.framed(link, this.extended(sent));
      const isAuthentic = this.check(frame, dice.roll(20) === 0 ? otherKey : keyBytes);
      // A MAC of 8 bytes: no change passes by chance.
      if (isWhole && tampered && kind < 6 && isAuthentic) throw new Error(`changed and authentic: ${toHex(frame)}`);
    }
  }

  private transport(records: Uint8Array): { transport: Uint8Array; counter: Uint8Array } {
    const { mutator } = this;
    const { dice } = mutator;
    const counter = le(dice.roll(1000), 4);
    const access = dice.roll(256);
    const head = dice.roll(5);
    const data = this.compactOrFormat(records);
    if (head === 0) return { transport: joined(Uint8Array.of(data.noHead), data.bytes), counter };
    const isLong = head < 3;
    const code = isLong ? data.longHead : data.shortHead;
    const address = isLong ? joined(link.subarray(2, 6), link.subarray(0, 2), link.subarray(6)) : new Uint8Array();
    const mode = mutator.one([0, 5, 5, 7, 7, dice.roll(32)]);
    if (mode !== 5 && mode !== 7) {
      const word = le((mode << 8) | dice.roll(256), 2);
      const plainWord = mode === 0 ? le(0, 2) : word;
      return {
        transport: joined(Uint8Array.of(code), address, Uint8Array.of(access, 0), plainWord, data.bytes),
        counter,
      };
    }
    const padded = joined(Uint8Array.of(0x2f, 0x2f), data.bytes.subarray(0, 200));
    const whole = joined(padded, new Uint8Array((16 - (padded.length % 16)) % 16).fill(0x2f));
    const blocks = whole.length / 16;
    const vector = mode === 5 ? joined(link, new Uint8Array(8).fill(access)) : new Uint8Array(16);
    const key = mode === 5 ? keyBytes : derivedBytes(derivation.encryption, counter);
    const cipher = createCipheriv("aes-128-cbc", key, vector).setAutoPadding(false);
    const ciphertext = Uint8Array.from(cipher.update(whole));
    const word = (mode << 8) | (blocks << 4);
    // Configuration field extension of mode 7: key derivation 1 in bits 4-5.
    const extension = mode === 7 ? Uint8Array.of(0x10) : new Uint8Array();
    const transport = joined(
      Uint8Array.of(code),
      address,
      Uint8Array.of(access, 0),
      le(word, 2),
      extension,
      ciphertext,
    );
    return { transport, counter };
  }

  /** What stands behind the header: records as they are, the same as a compact frame, their format, or anything. */
  private compactOrFormat(records: Uint8Array) {
    const { mutator } = this;
    const kind = mutator.dice.roll(10);
    if (kind > 2) return { noHead: 0x78, shortHead: 0x7a, longHead: 0x72, bytes: records };
    if (kind === 0) {
      // Their format was heard before, in most cases.
      if (mutator.dice.roll(4) > 0) this.orRefused(() => this.formats.learnBytes(headersOf(records)), false);
      const values = joined(crcBytes(headersOf(records)), crcBytes(records), valuesOf(records));
      return { noHead: 0x79, shortHead: 0x7b, longHead: 0x73, bytes: values };
    }
    if (kind === 1) {
      const headers = headersOf(records).subarray(0, 200);
      const format = joined(Uint8Array.of(headers.length + 2), crcBytes(headers), headers);
      return { noHead: 0x69, shortHead: 0x6a, longHead: 0x6b, bytes: format };
    }
    return {
      noHead: mutator.one(noHeads),
      shortHead: mutator.one(shortHeads),
      longHead: mutator.one(longHeads),
      bytes: records,
    };
  }

  private inFragments(transport: Uint8Array, counter: Uint8Array): readonly Uint8Array[] {
    const { dice } = this.mutator;
    const message = withMac(transport, counter);
    const header = message.subarray(0, message.length - transport.length);
    const size = 1 + dice.roll(transport.length);
    const parts: Uint8Array[] = [];
    for (let at = 0; at < transport.length && parts.length < 6; at += size) {
      const isLast = at + size >= transport.length;
      const id = parts.length + 1;
      const more = isLast ? 0 : 0x40;
      // The first carries the fields of the message, the others their number alone.
      const layer =
        id === 1
          ? joined(header.subarray(0, 2), Uint8Array.of(id, (header[3] as number) | more), header.subarray(4))
          : Uint8Array.of(0x90, 2, id, more);
      parts.push(joined(layer, transport.subarray(at, at + size)));
    }
    // Lost, doubled, or in another order.
    const place = dice.roll(parts.length);
    const fate = dice.roll(24);
    if (fate < 3) parts.splice(place, 1);
    else if (fate < 6) parts.splice(place, 0, parts[place] as Uint8Array);
    else if (fate < 8) parts.reverse();
    return parts;
  }

  private extended(data: Uint8Array): Uint8Array {
    const { dice } = this.mutator;
    const kind = dice.roll(8);
    const head = Uint8Array.of(dice.roll(256), dice.roll(256));
    const address = link.slice();
    if (kind === 1) return joined(Uint8Array.of(0x8c), head, data);
    if (kind === 2) return joined(Uint8Array.of(0x8e), head, address, data);
    if (kind < 3 || kind > 5) return data;
    const isLong = kind === 4;
    const encryption = this.mutator.one([0, 1, 1, 1, dice.roll(8)]);
    const session = ((encryption << 29) | dice.roll(0x1fffffff)) >>> 0;
    const payload = joined(crcBytes(data), data);
    const block = new Uint8Array(16);
    block.set(address);
    block[8] = (head[0] as number) & ~0x12;
    block.set(le(session, 4), 9);
    const sent = encryption === 1 ? applyCtr(this.aes(keyBytes), block, payload) : payload;
    const place = isLong ? address : new Uint8Array();
    return joined(Uint8Array.of(isLong ? 0x8f : 0x8d), head, place, le(session, 4), sent);
  }

  private aes(key: Uint8Array): AesKey {
    const known = this.keys.get(key) ?? new AesKey(key);
    this.keys.set(key, known);
    return known;
  }

  /** @returns whether the telegram was given as authentic */
  private check(bytes: Uint8Array, key: Uint8Array | undefined): boolean {
    const { dice } = this.mutator;
    this.frames += 1;
    this.nowMs += dice.roll(400);
    if (this.frames % 5000 === 0) this.formats = new RememberedFormats(mostFormats);
    const copy = bytes.slice();
    const aes = key === undefined ? undefined : this.aes(key);
    this.orRefused(() => inspectWireless(bytes), false);
    const result = this.orRefused(() => {
      const { formats: known, reassembler: fragments, nowMs } = this;
      return decodeWireless(bytes, { keyFor: () => aes, formats: known, fragments, nowMs });
    }, true);
    if (result?.kind === "fragment") this.fragments += 1;
    if (result?.kind === "format") this.formatFrames += 1;
    if (result?.kind === "telegram") {
      this.decoded += 1;
      if (result.security.isEncrypted) this.encrypted += 1;
      if (result.security.isAuthenticated) this.authenticated += 1;
      if ([0x73, 0x79, 0x7b].includes(result.telegram.controlInformation)) this.compact += 1;
      if (
        dice.roll(8) === 0 &&
        text(decodeApplication(result.applicationData).records) !== text(result.telegram.records)
      ) {
        throw new Error(`what is stored reads otherwise: ${toHex(bytes)}`);
      }
    }
    if (dice.roll(4) === 0) {
      const { fields } = explainTelegram(bytes, { isWireless: true, key });
      expectCover(fields, 0, bytes.length, bytes);
    }
    if (!copy.every((byte, index) => byte === bytes[index])) throw new Error(`bytes were changed: ${toHex(copy)}`);
    if (this.formats.size > mostFormats) throw new Error(`${this.formats.size} formats are remembered`);
    if (this.reassembler.pending > limits.messages) throw new Error(`${this.reassembler.pending} messages wait`);
    return result?.kind === "telegram" && result.security.isAuthenticated;
  }

  private orRefused<T>(action: () => T, isCounted: boolean): T | undefined {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (isCounted) this.refusals.set(error.reason, (this.refusals.get(error.reason) ?? 0) + 1);
      return undefined;
    }
  }
}

const derived = new Map<string, Uint8Array>();
/** KDF-A by its definition: CMAC(K, DC | MCR | id4 | 07 seven times). */
function derivedBytes(constant: number, counter: Uint8Array): Uint8Array {
  const name = `${constant}/${counter.join()}`;
  const known = derived.get(name);
  if (known !== undefined) return known;
  const message = joined(Uint8Array.of(constant), counter, link.subarray(2, 6), new Uint8Array(7).fill(7));
  const key = cmac(new AesKey(keyBytes), message).slice(0, 16);
  // 1000 counters and two constants: it does not grow without end.
  derived.set(name, key);
  return key;
}

/** An AFL of one piece: MCL, KI, MCR, MAC of 8 bytes. */
function withMac(transport: Uint8Array, counter: Uint8Array): Uint8Array {
  const control = 0x25;
  const information = Uint8Array.of(0x10, 0x00);
  const macKey = deriveKey(new AesKey(keyBytes), derivation.mac, counter, link);
  const mac = cmac(macKey, joined(Uint8Array.of(control), counter, transport)).slice(0, 8);
  const fields = joined(Uint8Array.of(0x00, 0x2e, control), information, counter, mac);
  return joined(Uint8Array.of(0x90, fields.length), fields, transport);
}

function changedAt(bytes: Uint8Array, place: number, change: number): Uint8Array {
  return bytes.with(place, (bytes[place] as number) ^ change);
}

/** The records of a seed in plain, as far as it can be read. */
function recordsOf({ bytes, key }: Seed): Uint8Array[] {
  try {
    const aes = key === undefined ? undefined : new AesKey(key);
    const result = decodeWireless(bytes, { keyFor: () => aes });
    return result.kind === "telegram" ? [result.applicationData.slice(13)] : [];
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return [];
  }
}

function parts(records: Uint8Array) {
  try {
    return decodeApplication(joined(Uint8Array.of(0x78), records)).records;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return [];
  }
}

const headersOf = (records: Uint8Array) => joined(...parts(records).map(({ header }) => header));

/** Behind each header all that belongs to it, an LVAR too. */
function valuesOf(records: Uint8Array): Uint8Array {
  const values = parts(records).map(({ headerOffset, header, endOffset }) => {
    // One byte stands in front of the records: the CI field.
    return records.subarray(headerOffset + header.length - 1, endOffset - 1);
  });
  return joined(...values);
}

const text = (value: unknown) =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));
