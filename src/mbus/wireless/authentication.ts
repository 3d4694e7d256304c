/**
 * Authentication and fragmentation layer (AFL), CI 90: AFLL, FCL2, then the fields FCL names, in the order MCL1 KI2
 * MCR4 MAC ML2.
 * @see EN 13757-7, 6
 */
import { DecodeError } from "../../../cosem/codec/bytes.js";
import { readDoubleWord, readWord } from "./little-endian.js";

export const authenticationControlInformation = 0x90;

/** The layer of one frame. Fields a fragment lacks are undefined. */
export interface AuthenticationLayer {
  /** 0 in a message of one piece, otherwise counted from 1. */
  readonly fragmentId: number;
  readonly moreFragments: boolean;
  /** MCL: what the message has, and the kind of its MAC. */
  readonly messageControl: number | undefined;
  /** KI as sent: id and key derivation, version. */
  readonly keyInformation: Uint8Array | undefined;
  /** MCR as sent, 4 bytes. */
  readonly messageCounter: Uint8Array | undefined;
  readonly mac: Uint8Array | undefined;
  /** ML as sent: bytes of the whole message. */
  readonly messageLength: Uint8Array | undefined;
  /** Offset of what the layer carries. */
  readonly end: number;
}

export const authenticationLayerName = "authentication and fragmentation";

const fcl = {
  moreFragments: 0x4000,
  messageControl: 0x2000,
  messageLength: 0x1000,
  messageCounter: 0x0800,
  mac: 0x0400,
  keyInformation: 0x0200,
} as const;

function fail(reason: "truncated" | "badLength", offset: number, detail: string): never {
  throw new DecodeError(reason, offset, authenticationLayerName, detail);
}

/**
 * @param offset  of CI 90
 * @throws DecodeError `truncated` (AFLL past the end), `badLength` (fields and AFLL disagree)
 */
export function parseAuthentication(bytes: Uint8Array, offset: number): AuthenticationLayer {
  if (offset + 4 > bytes.length) fail("truncated", bytes.length, "no fragmentation control");
  const end = offset + 2 + (bytes[offset + 1] as number);
  if (end > bytes.length) fail("truncated", bytes.length, "AFLL past the end");
  const control = readWord(bytes, offset + 2);
  let next = offset + 4;
  const take = (bit: number, length: number): Uint8Array | undefined => {
    if ((control & bit) === 0) return undefined;
    if (next + length > end) fail("badLength", next, "AFLL too small for its fields");
    const from = next;
    next += length;
    // Not slice(): that of a Buffer is a view.
    return new Uint8Array(bytes.subarray(from, next));
  };
  const messageControl = take(fcl.messageControl, 1)?.[0];
  const keyInformation = take(fcl.keyInformation, 2);
  const messageCounter = take(fcl.messageCounter, 4);
  // Only the fragment with MCL says how long the MAC is; what no other field takes is the same.
  const lengthBytes = (control & fcl.messageLength) === 0 ? 0 : 2;
  const mac = take(fcl.mac, Math.max(0, end - next - lengthBytes));
  const messageLength = take(fcl.messageLength, 2);
  if (next !== end) fail("badLength", next, "AFLL larger than its fields");
  return {
    fragmentId: control & 0xff,
    moreFragments: (control & fcl.moreFragments) !== 0,
    messageControl,
    keyInformation,
    messageCounter,
    mac,
    messageLength,
    end,
  };
}

/** What authenticates a whole message, gathered from its fragments. */
export interface MessageAuthentication {
  readonly messageControl: number;
  readonly keyInformation: Uint8Array | undefined;
  readonly messageCounter: Uint8Array | undefined;
  readonly messageLength: Uint8Array | undefined;
  readonly mac: Uint8Array | undefined;
}

/** Bytes of an AES-CMAC by authentication type, MCL bits 0-3; 8 and 9 are GMACs, which no source shows in use. */
const macBytes: Readonly<Record<number, number>> = { 3: 2, 4: 4, 5: 8, 6: 12, 7: 16 };

/**
 * @param fragments  all of one message, in order
 * @throws DecodeError `unsupportedSecurityMode`, `badLength`
 */
export function messageAuthentication(fragments: readonly AuthenticationLayer[]): MessageAuthentication {
  const one = <Field>(pick: (layer: AuthenticationLayer) => Field | undefined): Field | undefined => {
    for (const fragment of fragments) {
      const field = pick(fragment);
      if (field !== undefined) return field;
    }
    return undefined;
  };
  const messageControl = one((layer) => layer.messageControl) ?? 0;
  const mac = one((layer) => layer.mac);
  const type = messageControl & 0x0f;
  if (mac !== undefined) {
    const wanted = macBytes[type];
    if (wanted === undefined) unsupported(`authentication type ${type}`);
    if (fragments.filter((layer) => layer.mac !== undefined).length > 1) unsupported("a MAC in each fragment");
    if (mac.length !== wanted) fail("badLength", 0, `a MAC of ${mac.length} bytes, ${wanted} announced`);
  } else if (type !== 0) {
    fail("badLength", 0, "a MAC is announced and not there");
  }
  return {
    messageControl,
    keyInformation: one((layer) => layer.keyInformation),
    messageCounter: one((layer) => layer.messageCounter),
    messageLength: one((layer) => layer.messageLength),
    mac,
  };
}

function unsupported(detail: string): never {
  throw new DecodeError("unsupportedSecurityMode", 0, authenticationLayerName, detail);
}

/** MCL | MCR | ML | transport layer: what the MAC is made of (OMS Vol. 2, AFL.MAC); fields not there are left out. */
export function authenticatedBytes(message: MessageAuthentication, transport: Uint8Array): Uint8Array {
  const fields = [message.messageCounter, message.messageLength];
  return Uint8Array.from([message.messageControl, ...fields.flatMap((field) => [...(field ?? [])]), ...transport]);
}

export function counterValue(counter: Uint8Array): number {
  return readDoubleWord(counter, 0);
}
