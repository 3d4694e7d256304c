/** Reading the protected exchanges of test/transcripts, with the keys that each side had. */
import { readFileSync } from "node:fs";
import {
  type CurveName,
  fromHex,
  type InvocationCounters,
  isSecuritySuite,
  type KeyRing,
  privateKeyFromScalar,
  publicKeyFromPoint,
  type SecurityContext,
  SymmetricKey,
  suiteAlgorithms,
} from "../../cosem/index.js";
import { testFile } from "./repository.js";

export interface SecurityStep {
  readonly direction: ">" | "<";
  /** Hex: wrapper header and APDU. */
  readonly bytes: string;
  /** Plain. */
  readonly apdu: string;
  readonly says?: string;
  readonly protection?: string;
  readonly initiate?: string;
}

export interface SecurityTranscript {
  readonly name: string;
  readonly transport: "wrapper" | "hdlc" | "none";
  readonly parameters: Readonly<Record<string, string | number | undefined>>;
  readonly steps: readonly SecurityStep[];
}

export type Side = "client" | "server";

export function securityTranscripts(file: string): readonly SecurityTranscript[] {
  return JSON.parse(readFileSync(testFile(`transcripts/${file}.json`), "utf8")) as SecurityTranscript[];
}

export function bytesOf(transcript: SecurityTranscript, name: string): Uint8Array | undefined {
  const value = transcript.parameters[name];
  return typeof value === "string" ? fromHex(value) : undefined;
}

export function senderOf(step: SecurityStep): Side {
  return step.direction === ">" ? "client" : "server";
}

/** The whole APDU as it was sent, behind the 8 octets of the wrapper. */
export function sentApdu(step: SecurityStep): Uint8Array {
  return fromHex(step.bytes).subarray(8);
}

/** What `side` needs for both directions. */
export function contextOf(
  transcript: SecurityTranscript,
  side: Side,
  counters: InvocationCounters,
  random: (count: number) => Uint8Array = (count) => new Uint8Array(count),
): SecurityContext {
  const peer = side === "client" ? "server" : "client";
  return {
    keys: keyRingOf(transcript, side),
    counters,
    ownTitle: bytesOf(transcript, `${side}SystemTitle`) ?? new Uint8Array(0),
    peerTitle: bytesOf(transcript, `${peer}SystemTitle`),
    random,
  };
}

function keyRingOf(transcript: SecurityTranscript, side: Side): KeyRing {
  const suite = transcript.parameters["suite"] ?? 0;
  if (typeof suite !== "number" || !isSecuritySuite(suite)) throw new Error(`no suite ${suite}`);
  const peer = side === "client" ? "server" : "client";
  const symmetric = (name: string) => {
    const octets = bytesOf(transcript, name);
    return octets === undefined ? undefined : new SymmetricKey(octets);
  };
  const curve = suiteAlgorithms[suite].curve ?? "P-256";
  const encryptionKeys = {
    unicast: symmetric("blockCipherKey"),
    broadcast: undefined,
    dedicated: symmetric("dedicatedKey"),
  };
  return {
    suite,
    encryptionKey: (which) => encryptionKeys[which],
    authenticationKey: symmetric("authenticationKey"),
    masterKey: symmetric("masterKey"),
    ownSigningKey: privateKey(transcript, curve, `${side}SigningPrivateKey`),
    peerSigningKey: publicKey(transcript, curve, `${peer}SigningPublicKey`),
    ownAgreementKey: privateKey(transcript, curve, `${side}AgreementPrivateKey`),
    peerAgreementKey: publicKey(transcript, curve, `${peer}AgreementPublicKey`),
  };
}

export function privateKey(transcript: SecurityTranscript, curve: CurveName, name: string) {
  const scalar = bytesOf(transcript, name);
  return scalar === undefined ? undefined : privateKeyFromScalar(curve, scalar);
}

export function publicKey(transcript: SecurityTranscript, curve: CurveName, name: string) {
  const point = bytesOf(transcript, name);
  return point === undefined ? undefined : publicKeyFromPoint(curve, point);
}

/** Counters that hand out one value again and again and remember nothing: for making recorded bytes again. */
export function fixedCounter(counter: number): InvocationCounters {
  return { next: () => counter, lastReceived: () => undefined, accept: () => undefined };
}
