/** Every protected APDU of the transcripts: opened to the recorded plain text, and closed again to the recorded bytes. */
import { describe, expect, it } from "vitest";
import {
  createMemoryCounters,
  createProtection,
  decodeAare,
  decodeAarq,
  decodeRlre,
  decodeRlrq,
  fromHex,
  type Protection,
  protectionBit,
  tagLength,
  toHex,
  type Unprotected,
} from "../../../cosem/index.js";
import {
  bytesOf,
  contextOf,
  fixedCounter,
  type SecurityStep,
  type SecurityTranscript,
  securityTranscripts,
  senderOf,
  sentApdu,
} from "../../support/security-transcripts.js";

const files = ["acse-security", "ciphered", "general-ciphering", "java-client", "push", "recorded-c"];

/** user-information of an ACSE APDU, by the first byte. */
const userInformation: Readonly<Record<number, (apdu: Uint8Array) => Uint8Array | undefined>> = {
  96: (apdu) => decodeAarq(apdu).userInformation,
  97: (apdu) => decodeAare(apdu).userInformation,
  98: (apdu) => decodeRlrq(apdu).userInformation,
  99: (apdu) => decodeRlre(apdu).userInformation,
};

interface ProtectedStep {
  readonly step: SecurityStep;
  readonly protectedApdu: Uint8Array;
  readonly plain: string;
}

function protectedSteps(transcript: SecurityTranscript): readonly ProtectedStep[] {
  if (transcript.transport !== "wrapper") return [];
  return transcript.steps.flatMap((step) => {
    const apdu = sentApdu(step);
    if (step.protection !== undefined) return [{ step, protectedApdu: apdu, plain: step.apdu }];
    if (step.initiate === undefined) return [];
    return [{ step, protectedApdu: userInformation[apdu[0] ?? 0]?.(apdu) ?? apdu, plain: step.initiate }];
  });
}

/**
 * Signatures are random: where one stands, its octets do not count. It is the last thing of a general-signing APDU, and
 * in front of the content (a length octet, the content) in general-ciphering with an ephemeral key.
 */
function withoutSignature(apdu: Uint8Array, { form, apdu: plain, protection }: Unprotected, suite: unknown): string {
  const hex = toHex(apdu);
  const signatureLength = suite === 2 ? 96 : 64;
  if (form.kind === "generalSigning") return hex.slice(0, -2 * signatureLength);
  if (form.kind !== "generalCiphering" || form.key.kind !== "onePass") return hex;
  const contentLength = 1 + 5 + plain.length + ((protection & protectionBit.authenticated) === 0 ? 0 : tagLength);
  const end = hex.length - 2 * contentLength;
  return hex.slice(0, end - 2 * signatureLength) + hex.slice(end);
}

function open(receiver: Protection, { protectedApdu }: ProtectedStep): Unprotected {
  const opened = receiver.unprotect(protectedApdu);
  if (!opened.ok) throw new Error(`refused: ${opened.reason}`);
  return opened;
}

function closeAgain(transcript: SecurityTranscript, { step, plain }: ProtectedStep, opened: Unprotected): Uint8Array {
  const side = senderOf(step);
  const ephemeralKey = () => bytesOf(transcript, `${side}EphemeralPrivateKey`) ?? new Uint8Array(0);
  const sender = createProtection(contextOf(transcript, side, fixedCounter(opened.counter ?? 0), ephemeralKey));
  const closed = sender.protect(fromHex(plain), opened.form, opened.protection);
  if (!closed.ok) throw new Error(`refused: ${closed.reason}`);
  return closed.apdu;
}

let count = 0;

describe.each(files)("%s", (file) => {
  const exchanges = securityTranscripts(file)
    .map((transcript) => ({ transcript, steps: protectedSteps(transcript) }))
    .filter(({ steps }) => steps.length > 0);

  it.each(exchanges.map((exchange) => [exchange.transcript.name, exchange] as const))(
    "%s: deciphers to the recorded text and enciphers to the recorded bytes",
    (name, { transcript, steps }) => {
      const receivers = {
        client: createProtection(contextOf(transcript, "client", createMemoryCounters())),
        server: createProtection(contextOf(transcript, "server", createMemoryCounters())),
      };
      for (const one of steps) {
        const side = senderOf(one.step) === "client" ? "server" : "client";
        if (notOpened(name, one.step)) continue;
        const opened = open(receivers[side], one);
        expect(toHex(opened.apdu)).toBe(one.plain);
        const again = closeAgain(transcript, one, opened);
        const comparable = (apdu: Uint8Array) => withoutSignature(apdu, opened, transcript.parameters["suite"]);
        expect(comparable(again)).toBe(comparable(one.protectedApdu));
        expect(again.length).toBe(one.protectedApdu.length);
        count++;
      }
    },
  );
});

/** Refused on purpose, or a replay: see refusals.test.ts. */
function notOpened(name: string, step: SecurityStep): boolean {
  if (name === "reject-ciphered-initiate-bad-tag") return step.direction === ">";
  return step.says?.includes(" again") === true;
}

it("all of them were opened", () => {
  expect(count).toBe(924);
});
