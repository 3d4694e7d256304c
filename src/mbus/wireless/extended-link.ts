/**
 * Extended link layer, CI 8C to 8F: communication control, access number, receiver's address and encryption by AES-CTR.
 *
 *   8C I: CC ACC    8D II: CC ACC SN4 CRC2    8E III: CC ACC M2 A6    8F IV: CC ACC M2 A6 SN4 CRC2
 * @see EN 13757-4, extended link layer
 */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import { addressBytes, linkAddress, type WirelessAddress } from "./address.js";
import { type AesKey, applyCtr } from "./aes.js";
import { crc16 } from "./crc.js";
import type { KeyLookup } from "./keys.js";
import { readDoubleWord, readWord } from "./little-endian.js";

export interface ExtendedLink {
  readonly controlInformation: number;
  readonly communicationControl: number;
  readonly accessNumber: number;
  /** Address in III and IV. */
  readonly address: WirelessAddress | undefined;
  /** Session number with its encryption bits; undefined in I and III. */
  readonly sessionNumber: number | undefined;
  /** Offset of the payload CRC in II and IV, of the next CI field in I and III. */
  readonly payloadOffset: number;
}

const layer = "extended link";
/** Hop count: the telegram came through a repeater. */
export const hopBit = 0x10;
/** Repeated access: a repeater answers for the meter. */
export const repeatedAccessBit = 0x02;
const sessionBytes = 4;
const crcBytes = 2;

interface Shape {
  readonly hasAddress: boolean;
  readonly hasSession: boolean;
}

const shapes: ReadonlyMap<number, Shape> = new Map([
  [0x8c, { hasAddress: false, hasSession: false }],
  [0x8d, { hasAddress: false, hasSession: true }],
  [0x8e, { hasAddress: true, hasSession: false }],
  [0x8f, { hasAddress: true, hasSession: true }],
]);

export function isExtendedLink(controlInformation: number): boolean {
  return shapes.has(controlInformation);
}

/**
 * @param offset  of a CI field 8C to 8F
 * @throws DecodeError `truncated`
 */
export function parseExtendedLink(bytes: Uint8Array, offset: number): ExtendedLink {
  const controlInformation = bytes[offset] as number;
  const shape = shapes.get(controlInformation) as Shape;
  let next = offset + 3;
  const length = (shape.hasAddress ? addressBytes : 0) + (shape.hasSession ? sessionBytes + crcBytes : 0);
  if (next + length > bytes.length) throw new DecodeError("truncated", bytes.length, layer);
  const address = shape.hasAddress ? linkAddress(bytes, next) : undefined;
  if (shape.hasAddress) next += addressBytes;
  const sessionNumber = shape.hasSession ? readDoubleWord(bytes, next) : undefined;
  if (shape.hasSession) next += sessionBytes;
  return {
    controlInformation,
    communicationControl: bytes[offset + 1] as number,
    accessNumber: bytes[offset + 2] as number,
    address,
    sessionNumber,
    payloadOffset: next,
  };
}

/** Encryption of the payload: session number bits 29-31; 0 none, 1 AES-CTR, others reserved. */
export function encryptionOf(link: ExtendedLink): number {
  return link.sessionNumber === undefined ? 0 : link.sessionNumber >>> 29;
}

/**
 * Opens the payload in place, where there is a session number.
 * @returns offset of the next CI field
 * @throws DecodeError `keyRequired`, `wrongKey` (payload CRC after decryption), `badChecksum` (payload CRC of plain
 *   data), `unsupportedSecurityMode`
 */
export function openExtendedLink(
  bytes: Uint8Array,
  link: ExtendedLink,
  sender: WirelessAddress,
  keyFor: KeyLookup,
): number {
  const { payloadOffset } = link;
  if (link.sessionNumber === undefined) return payloadOffset;
  const encryption = encryptionOf(link);
  if (encryption > 1) {
    throw new DecodeError("unsupportedSecurityMode", payloadOffset, layer, `encryption ${encryption} is reserved`);
  }
  if (encryption === 0) {
    if (!hasPayloadCrc(bytes, payloadOffset)) throw new DecodeError("badChecksum", payloadOffset, layer, "payload CRC");
  } else {
    decryptPayload(bytes, link, link.sessionNumber, sender, keyFor);
  }
  return payloadOffset + crcBytes;
}

function decryptPayload(
  bytes: Uint8Array,
  link: ExtendedLink,
  sessionNumber: number,
  sender: WirelessAddress,
  keyFor: KeyLookup,
): void {
  // The layer's own address where it has one. Other decoders take the sender's all the same: the payload CRC decides.
  const addresses = link.address === undefined ? [sender] : [link.address, sender];
  const { payloadOffset } = link;
  let tried = false;
  for (const address of addresses) {
    const key = keyFor(address, { layer: "extendedLink", keyId: 0, keyVersion: 0 });
    if (key === undefined) continue;
    tried = true;
    const counter = initialBlock(link.communicationControl, sessionNumber, address);
    const plain = decrypted(key, counter, bytes, payloadOffset);
    if (!hasPayloadCrc(plain, 0)) continue;
    bytes.set(plain, payloadOffset);
    return;
  }
  const reason = tried ? "wrongKey" : "keyRequired";
  throw new DecodeError(reason, payloadOffset, layer, tried ? "payload CRC after decryption" : "AES-CTR");
}

function decrypted(key: AesKey, counter: Uint8Array, bytes: Uint8Array, offset: number): Uint8Array {
  return applyCtr(key, counter, bytes.subarray(offset));
}

/** M2 A6 CC SN4 FN2 BC1, without the bits of CC that repeaters change; FN is 0, and BC counts the AES blocks. */
function initialBlock(communicationControl: number, sessionNumber: number, address: WirelessAddress): Uint8Array {
  const block = new Uint8Array(16);
  block.set(address.octets);
  block[8] = communicationControl & ~(hopBit | repeatedAccessBit);
  for (let index = 0; index < sessionBytes; index++) block[9 + index] = (sessionNumber >>> (8 * index)) & 0xff;
  return block;
}

function hasPayloadCrc(bytes: Uint8Array, offset: number): boolean {
  return readWord(bytes, offset) === crc16(bytes, offset + crcBytes);
}
