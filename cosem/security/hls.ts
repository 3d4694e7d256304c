/**
 * High level authentication: the value f(challenge) that each side sends in pass 3 (client) and pass 4 (server), and
 * its check (IEC 62056-5-3, clause 5, HLS mechanisms). Both directions are the same functions with the roles turned:
 * `own` is who runs the code. Mechanism 2 has no public algorithm and is refused.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { gmac, gmacFits, systemTitleLength, tagLength } from "./gcm.js";
import type { InvocationCounters, KeyRing } from "./key-ring.js";
import type { Secret } from "./secret.js";
import { signOctets, verifyOctets } from "./signature.js";
import { type SecuritySuite, securityControlBit } from "./suite.js";

export const hlsMechanism = { md5: 3, sha1: 4, gmac: 5, sha256: 6, ecdsa: 7 } as const;
export type HlsMechanism = (typeof hlsMechanism)[keyof typeof hlsMechanism];

/** True for 3 to 7: mechanism 2 is each maker's own. */
export function isHlsMechanism(mechanism: number): mechanism is HlsMechanism {
  return mechanism >= hlsMechanism.md5 && mechanism <= hlsMechanism.ecdsa;
}

/** True where the AARQ has to bring the title of the client: GMAC, SHA-256, ECDSA. */
export function needsSystemTitle(mechanism: number): boolean {
  return mechanism >= hlsMechanism.gmac;
}

export interface HlsExchange {
  readonly mechanism: HlsMechanism;
  /** Of MD5, SHA-1 and SHA-256. */
  readonly secret: Secret | undefined;
  /** Of GMAC (unicast and authentication key) and ECDSA (signing keys). */
  readonly keys: KeyRing;
  readonly counters: InvocationCounters;
  /** 8 octets; empty is allowed for MD5 and SHA-1. */
  readonly ownTitle: Uint8Array;
  readonly peerTitle: Uint8Array;
  /** The challenge that we sent. */
  readonly ownChallenge: Uint8Array;
  /** The challenge that the peer sent. */
  readonly peerChallenge: Uint8Array;
}

export type HlsAnswer =
  | { readonly ok: true; readonly value: Uint8Array }
  | { readonly ok: false; readonly reason: "unknownKey" | "counterExhausted" };

export type HlsCheck = { readonly ok: true } | { readonly ok: false; readonly reason: "unknownKey" | "wrongAnswer" };

const minChallenge = 8;
const maxChallenge = 64;

/** @returns undefined where both challenges may be used; equal ones would let the peer hand our own answer back */
export function challengeFault(own: Uint8Array, peer: Uint8Array): "badLength" | "equalChallenges" | undefined {
  for (const { length } of [own, peer]) if (length < minChallenge || length > maxChallenge) return "badLength";
  return own.length === peer.length && timingSafeEqual(own, peer) ? "equalChallenges" : undefined;
}

/** f(challenge of the peer): what we send to prove who we are. GMAC takes one of our counters. */
export function answerChallenge(exchange: HlsExchange): HlsAnswer {
  switch (exchange.mechanism) {
    case hlsMechanism.gmac:
      return answerGmac(exchange);
    case hlsMechanism.ecdsa: {
      const key = exchange.keys.ownSigningKey;
      return key === undefined ? missing : { ok: true, value: signOctets(key, signedByUs(exchange)) };
    }
    default: {
      const value = digest(
        exchange,
        exchange.ownTitle,
        exchange.peerTitle,
        exchange.peerChallenge,
        exchange.ownChallenge,
      );
      return value === undefined ? missing : { ok: true, value };
    }
  }
}

/** Whether `value` is f(our challenge) as only the peer can make it. Compares in constant time. */
export function checkAnswer(exchange: HlsExchange, value: Uint8Array): HlsCheck {
  switch (exchange.mechanism) {
    case hlsMechanism.gmac:
      return checkGmac(exchange, value);
    case hlsMechanism.ecdsa: {
      const key = exchange.keys.peerSigningKey;
      if (key === undefined) return missing;
      return verifyOctets(key, signedByPeer(exchange), value) ? right : wrong;
    }
    default: {
      const due = digest(
        exchange,
        exchange.peerTitle,
        exchange.ownTitle,
        exchange.ownChallenge,
        exchange.peerChallenge,
      );
      if (due === undefined) return missing;
      return due.length === value.length && timingSafeEqual(due, value) ? right : wrong;
    }
  }
}

const missing = { ok: false, reason: "unknownKey" } as const;
const wrong = { ok: false, reason: "wrongAnswer" } as const;
const right = { ok: true } as const;

/** MD5, SHA-1: challenge || secret. SHA-256: secret || both titles, the maker's first || challenge answered || its own. */
function digest(
  { mechanism, secret }: HlsExchange,
  makerTitle: Uint8Array,
  otherTitle: Uint8Array,
  answered: Uint8Array,
  makersChallenge: Uint8Array,
): Uint8Array | undefined {
  if (secret === undefined) return undefined;
  if (mechanism === hlsMechanism.sha256) {
    const hash = createHash("sha256").update(secret.reveal()).update(makerTitle).update(otherTitle);
    return hash.update(answered).update(makersChallenge).digest();
  }
  const hash = createHash(mechanism === hlsMechanism.md5 ? "md5" : "sha1");
  return hash.update(answered).update(secret.reveal()).digest();
}

function signedByUs({ ownTitle, peerTitle, peerChallenge, ownChallenge }: HlsExchange): Uint8Array {
  return joined(ownTitle, peerTitle, peerChallenge, ownChallenge);
}

function signedByPeer({ ownTitle, peerTitle, peerChallenge, ownChallenge }: HlsExchange): Uint8Array {
  return joined(peerTitle, ownTitle, ownChallenge, peerChallenge);
}

/** GMAC: control byte || counter || tag over control byte || authentication key || challenge. */
function answerGmac({ keys, counters, ownTitle, peerChallenge }: HlsExchange): HlsAnswer {
  const encryptionKey = keys.encryptionKey("unicast");
  const authenticationKey = keys.authenticationKey;
  if (encryptionKey === undefined || authenticationKey === undefined) return missing;
  const counter = counters.next(encryptionKey, ownTitle);
  if (counter === undefined) return { ok: false, reason: "counterExhausted" };
  const control = gmacControl(keys.suite);
  const value = new Uint8Array(5 + tagLength);
  value[0] = control;
  new DataView(value.buffer).setUint32(1, counter);
  const covered = joined(authenticationKey.associatedData(control), peerChallenge);
  value.set(gmac(encryptionKey, ownTitle, counter, covered), 5);
  return { ok: true, value };
}

/**
 * The counter inside need not be greater than the last one: it stands in a message whose own counter, taken later, was
 * accepted just before, and the fresh challenge already rules out a replay. A greater one is remembered.
 */
function checkGmac({ keys, counters, peerTitle, ownChallenge }: HlsExchange, value: Uint8Array): HlsCheck {
  const encryptionKey = keys.encryptionKey("unicast");
  const authenticationKey = keys.authenticationKey;
  if (encryptionKey === undefined || authenticationKey === undefined) return missing;
  const control = gmacControl(keys.suite);
  if (value.length !== 5 + tagLength || value[0] !== control || peerTitle.length !== systemTitleLength) return wrong;
  const counter = new DataView(value.buffer, value.byteOffset).getUint32(1);
  const covered = joined(authenticationKey.associatedData(control), ownChallenge);
  if (!gmacFits(encryptionKey, peerTitle, counter, covered, value.subarray(5))) return wrong;
  const last = counters.lastReceived(encryptionKey, peerTitle);
  if (last === undefined || counter > last) counters.accept(encryptionKey, peerTitle, counter);
  return right;
}

function gmacControl(suite: SecuritySuite): number {
  return securityControlBit.authentication | suite;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
