import fc from "fast-check";
import { expect, it } from "vitest";
import {
  apduTag,
  createServerAssociation,
  decodeAccessResponse,
  decodeActionResponse,
  decodeGetResponse,
  decodeSetResponse,
  fromHex,
  offeredConformance,
} from "../../cosem/index.js";
import { AssociationLink } from "../../src/views/dlms/association-link.js";
import { createDlmsFixture } from "../support/dlms-fixture.js";
import { transcripts } from "../support/dlms-transcripts.js";
import { recordingLogger } from "../support/recording-logger.js";
import { systemClock } from "../support/system-clock.js";

const aarq = fromHex("601da109060760857405080101be10040e01000000065f1f0400001e5d0080");
const requests = transcripts.flatMap((transcript) =>
  transcript.steps.filter((step) => step.direction === ">").map((step) => fromHex(step.apdu)),
);

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

const mutated = fc
  .tuple(fc.nat(requests.length - 1), fc.array(mutation, { maxLength: 3 }))
  .map(([index, changes]) => changes.reduce(mutate, requests[index] ?? aarq));

function server() {
  const fixture = createDlmsFixture({ isStreamed: true });
  const device = fixture.registry.deviceBySap(1);
  if (device === undefined) throw new Error("the fixture has SAP 1");
  const logger = recordingLogger();
  const sent: Uint8Array[] = [];
  const link = new AssociationLink({
    client: { clientSap: 16, association: fixture.association(16), mechanism: 0 },
    device,
    machine: createServerAssociation({
      policy: {
        clientSap: 16,
        serverSap: 1,
        applicationContext: 1,
        mechanism: 0,
        secret: undefined,
        conformance: offeredConformance,
        maxReceivePduSize: 1024,
        maxSendPduSize: 65_535,
        systemTitle: undefined,
      },
      inactivityTimeoutMs: 0,
      maxAssembledBytes: 4096,
    }),
    peer: "fuzz",
    registry: fixture.registry,
    logger,
    clock: systemClock,
    send: (apdu) => sent.push(apdu.slice()),
    onRefused: () => undefined,
    onRejected: () => undefined,
  });
  return { link, sent, logger };
}

/** Whatever goes out can be read by the standard's grammar. */
function expectWellFormed(apdu: Uint8Array): void {
  if (apdu[0] === apduTag.getResponse) decodeGetResponse(apdu);
  else if (apdu[0] === apduTag.setResponse) decodeSetResponse(apdu);
  else if (apdu[0] === apduTag.actionResponse) decodeActionResponse(apdu);
  else if (apdu[0] === apduTag.accessResponse) decodeAccessResponse(apdu);
  else expect([apduTag.aare, apduTag.rlre, apduTag.exceptionResponse]).toContain(apdu[0]);
}

it("mutated requests are answered once or not at all, and never throw", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(mutated, { minLength: 1, maxLength: 12 }), async (apdus) => {
      const { link, sent, logger } = server();
      await link.receive(aarq, 0);
      for (const apdu of apdus) {
        sent.length = 0;
        await link.receive(apdu, 0);
        expect(sent.length).toBeLessThanOrEqual(1);
        for (const answer of sent) expectWellFormed(answer);
      }
      expect(logger.lines.filter((line) => line.level === "error")).toEqual([]);
    }),
    { numRuns: 1500 },
  );
});
