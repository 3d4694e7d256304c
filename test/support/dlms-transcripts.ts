/** Reading test/transcripts/*.json, and the servers that must give the same bytes. */
import { readFileSync } from "node:fs";
import {
  type AssociationSecurity,
  type AuthenticationMechanism,
  createKeyStore,
  createMemoryCounters,
  createProtection,
  createWrapperDecoder,
  decodeGetResponse,
  emptyKeyStoreState,
  encodeAarq,
  encodeInitiateRequest,
  encodeWrapperFrame,
  fromHex,
  isProtectedTag,
  isSecuritySuite,
  type KeyStore,
  Secret,
  SymmetricKey,
  securityPolicyFromVersion0,
  toHex,
} from "../../cosem/index.js";
import type { DlmsClient } from "../../src/views/dlms/index.js";
import type { DlmsFixture } from "./dlms-fixture.js";
import { testFile } from "./repository.js";
import { bytesOf, contextOf, type SecurityTranscript } from "./security-transcripts.js";
import { recordedShortNameClient } from "./short-name-fixture.js";

export interface TranscriptStep {
  readonly direction: ">" | "<";
  /** Hex: wrapper header and APDU. */
  readonly bytes: string;
  readonly apdu: string;
  readonly says?: string;
}

export interface Transcript {
  readonly name: string;
  readonly about: string;
  readonly transport: "wrapper" | "hdlc" | "none";
  readonly clientSap: number;
  readonly serverSap: number;
  readonly parameters: SecurityTranscript["parameters"];
  readonly steps: readonly TranscriptStep[];
}

function load(name: string): readonly Transcript[] {
  const all = JSON.parse(readFileSync(testFile(`transcripts/${name}.json`), "utf8")) as Transcript[];
  return all.filter(({ steps }) => steps.length > 0);
}

/** Without ciphering and high level security. */
export const transcripts: readonly Transcript[] = ["services", "acse"].flatMap(load);

/** general-ciphering begins without an AARQ: it is opened beforehand, without protection. */
const withoutAarq: readonly Transcript[] = load("general-ciphering");

export const securedTranscripts: readonly Transcript[] = [
  ...["acse-security", "ciphered", "java-client"].flatMap(load),
  ...withoutAarq,
];

export const blockTranscripts: readonly Transcript[] = load("gbt");

/** Short names. */
export const shortNameTranscripts: readonly Transcript[] = load("sn");

/** What the server of these exchanges was set up to want where the client wanted something else. */
const serverWants: Readonly<Record<string, Partial<DlmsClient>>> = {
  "reject-authentication-required": { mechanism: 1 },
  "reject-mechanism-not-recognised": { mechanism: 5 },
  "reject-context-ciphered-wanted": { applicationContext: 3 },
  "reject-context-sn-wanted": { applicationContext: 2 },
};

/** System title of the recorded server. */
export const transcriptSystemTitle = fromHex("45584d0000000001");

const mechanisms: Readonly<Record<string, AuthenticationMechanism>> = {
  none: 0,
  low: 1,
  "high-md5": 3,
  "high-sha1": 4,
  "high-gmac": 5,
  "high-sha256": 6,
  "high-ecdsa": 7,
};

const policies: Readonly<Record<string, number>> = {
  none: 0,
  authentication: 1,
  encryption: 2,
  "authentication+encryption": 3,
};

export function maxReceivePduSizeOf({ parameters }: Transcript): number {
  const size = parameters["serverMaxReceivePduSize"];
  return typeof size === "number" ? size : 1024;
}

/** The client as the recorded server knew it: password 12345678 where it uses one and none is told. */
export function transcriptClient(transcript: Transcript, fixture: DlmsFixture): DlmsClient {
  const { auth, policy } = transcript.parameters;
  const isSecuredHdlc = transcript.transport === "hdlc" && String(auth).startsWith("high");
  const isSecured = isSecuredHdlc || securedTranscripts.includes(transcript);
  // An exchange without its AARQ is opened in plain: the policy cannot demand more.
  const bits = withoutAarq.includes(transcript) ? 0 : securityPolicyFromVersion0(policies[policy ?? "none"] ?? 0);
  const isCiphered = isSecured && (bits !== 0 || withoutAarq.includes(transcript));
  const security = isSecured ? securityOf(transcript, bits) : undefined;
  fixture.keyStore = keyStoreOf(transcript, bits);
  return {
    clientSap: transcript.clientSap,
    association: fixture.association(transcript.clientSap),
    mechanism: mechanisms[auth ?? "none"] ?? 0,
    secret: new Secret(
      (isSecured ? bytesOf(transcript, "password") : undefined) ?? new TextEncoder().encode("12345678"),
    ),
    applicationContext: isCiphered ? 3 : 1,
    ...(security === undefined ? {} : { security: () => security }),
    ...(shortNameTranscripts.includes(transcript) ? shortNamed(transcript) : {}),
    ...serverWants[transcript.name],
  };
}

function shortNamed({ clientSap }: Transcript) {
  return { applicationContext: 2, association: recordedShortNameClient(clientSap) } as const;
}

/** Keys as Security setup has them, fresh for each dialogue: a transfer in one is not seen by the next. */
function keyStoreOf(transcript: Transcript, policy: number): KeyStore {
  const { suite } = transcript.parameters;
  const named = { unicast: "blockCipherKey", authentication: "authenticationKey", master: "masterKey" } as const;
  const keys = Object.entries(named).flatMap(([name, parameter]) => {
    const octets = bytesOf(transcript, parameter);
    return octets === undefined ? [] : [[name, new SymmetricKey(octets)] as const];
  });
  const isSuite = typeof suite === "number" && isSecuritySuite(suite);
  return createKeyStore({ ...emptyKeyStoreState(isSuite ? suite : 0, policy), keys: Object.fromEntries(keys) });
}

/** Keys, first counter, challenge and ephemeral key of the recorded server. */
function securityOf(transcript: Transcript, securityPolicy: number): AssociationSecurity {
  const firstCounter = transcript.parameters["serverInvocationCounter"];
  const counters = createMemoryCounters(typeof firstCounter === "number" ? firstCounter : 4096);
  const challenge = bytesOf(transcript, "serverChallenge") ?? new Uint8Array(16);
  const ephemeral = bytesOf(transcript, "serverEphemeralPrivateKey");
  const random = (count: number) => (count === challenge.length ? challenge : (ephemeral ?? new Uint8Array(count)));
  const { keys } = contextOf(transcript, "server", counters);
  const ownTitle = bytesOf(transcript, "serverSystemTitle") ?? transcriptSystemTitle;
  return { ownTitle, peerTitle: undefined, keys: () => keys, counters, random, securityPolicy };
}

/** What goes before the recorded requests: an AARQ in the ciphered context, itself without protection. */
export function preludeOf(transcript: Transcript): readonly string[] {
  if (!withoutAarq.includes(transcript)) return [];
  const aarq = encodeAarq({
    hasProtocolVersion1: true,
    applicationContextName: [2, 16, 756, 5, 8, 1, 3],
    callingApTitle: bytesOf(transcript, "clientSystemTitle"),
    callingAeQualifier: undefined,
    callingAeInvocationId: undefined,
    requiresAuthentication: false,
    mechanismName: undefined,
    callingAuthenticationValue: undefined,
    userInformation: encodeInitiateRequest({
      dedicatedKey: undefined,
      responseAllowed: true,
      proposedQualityOfService: undefined,
      proposedDlmsVersionNumber: 6,
      proposedConformance: 0x401e5d,
      clientMaxReceivePduSize: 0xffff,
    }),
  });
  const { clientSap: sourceWPort, serverSap: destinationWPort } = transcript;
  return [toHex(encodeWrapperFrame({ sourceWPort, destinationWPort, apdu: aarq }))];
}

/**
 * Frames in a form in which what is free does not count. Sizes of blocks are: their contents together are compared. ECDSA takes a random number: where it stands, protected answers are
 * opened as the client opens them, and a signature shows by its length alone (test/cosem/security verifies them).
 */
export function comparable(transcript: Transcript, frames: readonly string[]): readonly string[] {
  const hasFreeSizes = transcript.name.endsWith("-get-blocks");
  const isRandom = transcript.parameters["serverSigningPrivateKey"] !== undefined;
  if (!isRandom && !hasFreeSizes) return frames;
  const protection = createProtection(contextOf(transcript, "client", createMemoryCounters()));
  let blockData = "";
  const comparableFrames = frames.flatMap((frame) => {
    const apdu = fromHex(frame).subarray(8);
    if (!isProtectedTag(apdu[0])) return withoutPass4(frame.slice(16));
    const opened = protection.unprotect(apdu);
    if (!opened.ok) return frame;
    const style = `${opened.form.kind} ${opened.protection}`;
    if (hasFreeSizes && opened.apdu[0] === 0xc4) {
      const response = decodeGetResponse(opened.apdu);
      if (response.kind === "withDatablock") blockData += toHex(response.block.rawData);
      return [];
    }
    return `${style} ${withoutPass4(toHex(opened.apdu))}`;
  });
  return [...comparableFrames, blockData];
}

function withoutPass4(apdu: string): string {
  return apdu
    .replace(/^(c701..0001000940)(.{128})$/, "$1 signature")
    .replace(/^(c701..0001000960)(.{192})$/, "$1 signature");
}

/** Runs a dialogue: each request goes in, and the answers come out as hex of whole frames. */
export async function replay(
  transcript: Transcript,
  exchange: (request: Uint8Array) => Promise<Uint8Array>,
): Promise<readonly string[]> {
  for (const request of preludeOf(transcript)) await exchange(fromHex(request));
  const answers: string[] = [];
  for (const step of transcript.steps) {
    if (step.direction === ">") answers.push(toHex(await exchange(fromHex(step.bytes))));
  }
  return answers;
}

export function expectedAnswers(transcript: Transcript): readonly string[] {
  return transcript.steps.filter((step) => step.direction === "<").map((step) => step.bytes);
}

/** The only frame in `bytes`. */
export function onlyFrame(bytes: Uint8Array) {
  const [frame, ...more] = createWrapperDecoder(65_535).push(bytes);
  if (frame === undefined || more.length > 0) throw new Error("one frame expected");
  return frame;
}

export { encodeWrapperFrame };
