/** Whatever comes in an association with short names: an answer that can be read, or none, and the server goes on. */
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  apduTag,
  createClientAssociation,
  decodeConfirmedServiceError,
  decodeExceptionResponse,
  decodeReadResponse,
  decodeWriteResponse,
  fromHex,
} from "../../cosem/index.js";
import { shortNameTranscripts } from "../support/dlms-transcripts.js";
import { createServerLink } from "../support/server-link.js";

const aarq = fromHex("601da109060760857405080102be10040e01000000065f1f04001c1b200050");
const stepsOf = (direction: ">" | "<") =>
  shortNameTranscripts.flatMap(({ steps }) =>
    steps.filter((step) => step.direction === direction).map(({ apdu }) => fromHex(apdu)),
  );
/** Those of the collection, and blocks both ways. */
const requests = [
  ...stepsOf(">").filter((apdu) => apdu[0] === 0x05 || apdu[0] === 0x06),
  ...["0501050001", "05010600000104" + "0202fd08", "05010601000203" + "020108", "06010700000101" + "0904" + "01020108"],
  ...["06010701000201" + "0906" + "010600000007", "160102010801" + "0600000001", "050104fa580009021122"],
].map((request) => (typeof request === "string" ? fromHex(request) : request));

type Mutation =
  | { readonly at: number; readonly byte: number }
  | { readonly cut: number }
  | { readonly add: Uint8Array };

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ at: fc.nat(130), byte: fc.nat(255) }),
  fc.record({ cut: fc.nat(40) }),
  fc.record({ add: fc.uint8Array({ minLength: 1, maxLength: 8 }) }),
);

function mutate(apdu: Uint8Array, change: Mutation): Uint8Array {
  if ("cut" in change) return apdu.slice(0, Math.min(apdu.length, change.cut));
  if ("add" in change) return Uint8Array.from([...apdu, ...change.add]);
  const changed = Uint8Array.from(apdu);
  if (changed.length > 0) changed[change.at % changed.length] = change.byte;
  return changed;
}

const mutatedOf = (samples: readonly Uint8Array[]) =>
  fc
    .tuple(fc.nat(samples.length - 1), fc.array(mutation, { maxLength: 3 }))
    .map(([index, changes]) => changes.reduce(mutate, samples[index] ?? aarq));

/** @throws DecodeError for an answer that is none */
function readAnswer(answer: Uint8Array): void {
  switch (answer[0]) {
    case apduTag.readResponse:
      decodeReadResponse(answer);
      return;
    case apduTag.writeResponse:
      decodeWriteResponse(answer);
      return;
    case apduTag.confirmedServiceError:
      decodeConfirmedServiceError(answer);
      return;
    case apduTag.exceptionResponse:
      decodeExceptionResponse(answer);
      return;
    default:
      expect([apduTag.aare, apduTag.rlre]).toContain(answer[0]);
  }
}

it("answers mutated requests within the PDU, and serves the next", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(mutatedOf(requests), { minLength: 1, maxLength: 12 }), async (apdus) => {
      const link = createServerLink({ client: { applicationContext: 2 }, isStreamed: true });
      await link.ask(aarq);
      for (const apdu of apdus) {
        const answers = (await link.ask(apdu)).map(fromHex);
        expect(answers.length).toBeLessThanOrEqual(1);
        for (const answer of answers) {
          readAnswer(answer);
          expect(answer.length).toBeLessThanOrEqual(0x50);
        }
      }
      expect(link.logger.lines.filter(({ level }) => level === "error")).toEqual([]);
      await link.ask(aarq);
      expect(await link.one("050102fa00")).toBe("0c010009060000280000ff");
    }),
    { numRuns: 1500 },
  );
});

it("leaves the client in order, whatever answers it gets", () => {
  const answers = [...stepsOf("<").filter((apdu) => apdu[0] === 0x0c || apdu[0] === 0x0d)];
  const aare = fromHex("6129a109060760857405080102a203020100a305a103020100be10040e0800065f1f04001c1b20004cfa00");
  fc.assert(
    fc.property(fc.array(mutatedOf(answers), { maxLength: 6 }), fc.boolean(), (apdus, isWrite) => {
      const client = createClientAssociation({ applicationContext: 2 });
      client.open();
      client.receive(aare);
      const variable = { variableName: 0x0208, parameterizedAccess: undefined };
      const ask = () =>
        isWrite
          ? client.write([variable], [{ type: "octet-string", value: new Uint8Array(200) }])
          : client.read([variable]);
      ask();
      for (const apdu of apdus) {
        const isOver = client.receive(apdu).some(({ kind }) => kind !== "send" && kind !== "notified");
        if (isOver) ask();
      }
      expect(client.state).toBe("open");
    }),
    { numRuns: 3000 },
  );
});
