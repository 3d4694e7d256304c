/** Answers that were changed on the way: our client never throws, and takes no authenticated value that is not the server's. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../cosem/index.js";
import { replayAtClient } from "../support/client-replay.js";
import { securityTranscripts } from "../support/security-transcripts.js";
import "../support/fuzz-seed.js";

const handMade = /^(reject|refuse|hls-|exception|get-|set-datablock|access-)/;
const transcripts = ["acse-security", "ciphered", "java-client", "gbt", "services", "recorded-c"]
  .flatMap(securityTranscripts)
  .filter(({ name, steps, transport }) => transport === "wrapper" && steps.length > 0 && !handMade.test(name));

const change = fc.oneof(
  fc.record({ kind: fc.constant("octet" as const), at: fc.nat(4000), value: fc.nat(255) }),
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat(4000), value: fc.nat(255) }),
  fc.record({ kind: fc.constant("insert" as const), at: fc.nat(4000), value: fc.nat(255) }),
);

const changed = (bytes: Uint8Array, { kind, at, value }: { kind: string; at: number; value: number }): Uint8Array => {
  const place = at % bytes.length;
  const before = bytes.subarray(0, place);
  if (kind === "cut") return Uint8Array.from(before);
  return Uint8Array.from([...before, value, ...bytes.subarray(kind === "octet" ? place + 1 : place)]);
};

/** What the client was told, as text. */
const told = (outcome: ReturnType<typeof replayAtClient>): readonly string[] =>
  outcome.results
    .filter(({ kind }) => kind === "gotten" || kind === "accessed")
    .map((event) => JSON.stringify(event, (_, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value)));

describe("answers changed on the way", () => {
  it("throw nothing, and give no other value under authentication", () => {
    fc.assert(
      fc.property(fc.constantFrom(...transcripts), fc.nat(20), change, (transcript, which, how) => {
        const answers = transcript.steps.flatMap(({ direction }, index) => (direction === "<" ? [index] : []));
        const target = answers[which % answers.length];
        const outcome = replayAtClient(transcript, (bytes, index) => (index === target ? changed(bytes, how) : bytes));
        if (!String(transcript.parameters["policy"]).includes("authentication")) return;
        const genuine = new Set(told(replayAtClient(transcript)));
        expect(told(outcome).filter((value) => !genuine.has(value))).toEqual([]);
      }),
    );
  });

  it("throw nothing where they are any octets", () => {
    const heads = ["", "61", "63", "c4", "c5", "c7", "cc", "d8", "da", "db", "dd", "df", "e0", "0f", "c2"];
    fc.assert(
      fc.property(
        fc.constantFrom(...transcripts),
        fc.nat(20),
        fc.constantFrom(...heads),
        fc.uint8Array({ maxLength: 60 }),
        (transcript, which, head, octets) => {
          const answers = transcript.steps.flatMap(({ direction }, index) => (direction === "<" ? [index] : []));
          const target = answers[which % answers.length];
          replayAtClient(transcript, (bytes, index) =>
            index === target ? Uint8Array.from([...fromHex(head), ...octets]) : bytes,
          );
        },
      ),
    );
  });
});
