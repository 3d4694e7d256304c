/**
 * Wireless telegrams as meters send them, from plain records: without security, in security modes 5 and 7, or under
 * the extended link layer's AES-CTR; full, or compact for those who have heard a full one.
 * @see EN 13757-4 (extended link layer), EN 13757-7 (AFL, transport layer)
 */
import {
  AesKey,
  applyCtr,
  blockBytes,
  cmac,
  derivation,
  deriveKey,
  encodeWirelessFrame,
  wirelessCrc,
} from "../mbus/index.js";
import { compactOf } from "./compact-frame.js";

export const wirelessSecurities = ["none", "mode5", "mode7", "linkCtr"] as const;
export type WirelessSecurityKind = (typeof wirelessSecurities)[number];

export interface TelegramToSend {
  /** A plain telegram with long header: CI 72, id4 M2 V T, access number, status, word, records. */
  readonly plain: Uint8Array;
  readonly security: WirelessSecurityKind;
  readonly key: Uint8Array;
  readonly accessNumber: number;
  /** Grows with each telegram: message counter of mode 7, session of the extended link layer. */
  readonly counter: number;
  /** Values alone, their record headers by signature. */
  readonly isCompact: boolean;
}

const longHeaderBytes = 13;
const controlSendNoReply = 0x44;
const filler = 0x2f;
const macBytes = 8;

/** A frame without CRCs, from the L field on. */
export function encodeWirelessTelegram(telegram: TelegramToSend): Uint8Array {
  const { plain } = telegram;
  const address = Uint8Array.of(...plain.subarray(5, 7), ...plain.subarray(1, 5), ...plain.subarray(7, 9));
  const data = encoders[telegram.security](telegram, address);
  return encodeWirelessFrame({ control: controlSendNoReply, address, data, format: "removed" });
}

type Encoder = (telegram: TelegramToSend, address: Uint8Array) => Uint8Array;

const encoders: Readonly<Record<WirelessSecurityKind, Encoder>> = {
  none: (telegram) => Uint8Array.of(...shortHeader(telegram, 0), ...contentOf(telegram)),
  mode5(telegram, address) {
    const content = padded(contentOf(telegram));
    const initialization = Uint8Array.of(...address, ...new Uint8Array(8).fill(telegram.accessNumber & 0xff));
    const encrypted = encryptCbc(new AesKey(telegram.key), initialization, content);
    return Uint8Array.of(...shortHeader(telegram, 0x0500 | blocksOf(content)), ...encrypted);
  },
  mode7: encodeMode7,
  linkCtr: encodeLinkCtr,
};

function encodeMode7(telegram: TelegramToSend, address: Uint8Array): Uint8Array {
  const counter = littleEndian(telegram.counter);
  const key = new AesKey(telegram.key);
  const keyOf = (constant: number) => deriveKey(key, constant, counter, address);
  const content = padded(contentOf(telegram));
  const encrypted = encryptCbc(keyOf(derivation.encryption), new Uint8Array(blockBytes), content);
  const derivedByCounter = 0x10;
  const transport = Uint8Array.of(...shortHeader(telegram, 0x0700 | blocksOf(content)), derivedByCounter, ...encrypted);
  // A counter and a CMAC of 8 bytes, as the fragmentation control says too.
  const messageControl = 0x25;
  const mac = cmac(keyOf(derivation.mac), Uint8Array.of(messageControl, ...counter, ...transport));
  const authentication = [0x00, 0x2c, messageControl, ...counter, ...mac.subarray(0, macBytes)];
  return Uint8Array.of(0x90, authentication.length, ...authentication, ...transport);
}

function encodeLinkCtr(telegram: TelegramToSend, address: Uint8Array): Uint8Array {
  const payload = Uint8Array.of(telegram.isCompact ? 0x79 : 0x78, ...contentOf(telegram));
  const crc = wirelessCrc(payload);
  const communicationControl = 0x20;
  const aesCtr = 1 << 29;
  const session = littleEndian((telegram.counter & 0x1fffffff) | aesCtr);
  const initial = Uint8Array.of(...address, communicationControl, ...session, 0, 0, 0);
  const encrypted = applyCtr(new AesKey(telegram.key), initial, Uint8Array.of(crc & 0xff, crc >> 8, ...payload));
  return Uint8Array.of(0x8d, communicationControl, telegram.accessNumber & 0xff, ...session, ...encrypted);
}

function shortHeader({ plain, accessNumber, isCompact }: TelegramToSend, word: number): number[] {
  return [isCompact ? 0x7b : 0x7a, accessNumber & 0xff, plain[10] ?? 0, word & 0xff, word >> 8];
}

function contentOf({ plain, isCompact }: TelegramToSend): Uint8Array {
  const records = plain.subarray(longHeaderBytes);
  return isCompact ? compactOf(plain) : records;
}

/** 2F 2F, by which a key is known to be right, the data, and fillers to whole blocks. */
function padded(content: Uint8Array): Uint8Array {
  const length = Math.ceil((content.length + 2) / blockBytes) * blockBytes;
  const bytes = new Uint8Array(length).fill(filler);
  bytes.set(content, 2);
  return bytes;
}

/** Number of blocks in its place in the configuration word; 15 stands for all. */
function blocksOf(content: Uint8Array): number {
  return Math.min(15, content.length / blockBytes) << 4;
}

function encryptCbc(key: AesKey, initialization: Uint8Array, plain: Uint8Array): Uint8Array {
  const encrypted = new Uint8Array(plain.length);
  let before = initialization;
  for (let start = 0; start < plain.length; start += blockBytes) {
    const block = plain.slice(start, start + blockBytes);
    for (let index = 0; index < blockBytes; index++) block[index] = (block[index] ?? 0) ^ (before[index] ?? 0);
    before = key.encryptBlocks(block);
    encrypted.set(before, start);
  }
  return encrypted;
}

function littleEndian(value: number): Uint8Array {
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
}
