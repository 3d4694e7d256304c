import fc from "fast-check";
import { expect, it } from "vitest";
import { fromHex, securityPolicyFromVersion0, toHex } from "../../cosem/index.js";
import { transcripts } from "../support/dlms-transcripts.js";
import { createServerLink, securedPair } from "../support/server-link.js";

const services = transcripts
  .flatMap(({ steps }) => steps.filter(({ direction }) => direction === ">").map(({ apdu }) => apdu))
  .filter((apdu) => /^(c0|c1|c3|d9)/.test(apdu));

type Step =
  | { readonly kind: "protected"; readonly form: "glo" | "generalGlo" | "generalDed" | "ded"; readonly bits: number }
  | { readonly kind: "blocks"; readonly size: number; readonly drop: number }
  | { readonly kind: "plain" };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("protected" as const),
    form: fc.constantFrom("glo" as const, "generalGlo" as const, "generalDed" as const, "ded" as const),
    bits: fc.constantFrom(4, 8, 12),
  }),
  fc.record({ kind: fc.constant("blocks" as const), size: fc.integer({ min: 1, max: 40 }), drop: fc.nat(6) }),
  fc.record({ kind: fc.constant("plain" as const) }),
);

const request = fc.record({
  step,
  service: fc.nat(services.length - 1),
  /** Octets changed before and behind the protection. */
  inner: fc.option(fc.tuple(fc.nat(60), fc.nat(255)), { freq: 2 }),
  outer: fc.option(fc.tuple(fc.nat(80), fc.nat(255)), { freq: 2 }),
});

function changed(apdu: Uint8Array, change: readonly [number, number] | null): Uint8Array {
  const copy = Uint8Array.from(apdu);
  if (change !== null && copy.length > 0) copy[change[0] % copy.length] = change[1];
  return copy;
}

/** Blocks of a request, one of them left out where `drop` names it; each but the last is marked as streaming. */
function inBlocks(apdu: Uint8Array, size: number, drop: number): readonly string[] {
  const blocks: string[] = [];
  for (let number = 1, start = 0; start < apdu.length; number++, start += size) {
    const data = apdu.subarray(start, start + size);
    const control = start + size >= apdu.length ? "82" : "42";
    const head = `e0${control}${number.toString(16).padStart(4, "0")}0000${data.length.toString(16).padStart(2, "0")}`;
    if (number !== drop) blocks.push(head + toHex(data));
  }
  return blocks;
}

it("whatever comes, a policy of both lets no answer out unprotected, and nothing throws", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(0, 3), fc.array(request, { maxLength: 10 }), async (policy, requests) => {
      const { security, client } = securedPair(securityPolicyFromVersion0(policy));
      const link = createServerLink({ isStreamed: true, client: { applicationContext: 3, security: () => security } });
      await link.one(client.aarq({ conformance: 0x601e5d, pduSize: 128, dedicatedKey: new Uint8Array(16).fill(7) }));
      for (const { step: how, service, inner, outer } of requests) {
        const plain = changed(fromHex(services[service] ?? "c0"), inner);
        let apdus: readonly (string | Uint8Array)[] = [plain];
        if (how.kind === "protected") {
          const form =
            /^(glo|ded)$/.test(how.form) && ![0xc0, 0xc1, 0xc3].includes(plain[0] ?? 0) ? "generalGlo" : how.form;
          apdus = [changed(client.close(toHex(plain), form, how.bits), outer)];
        } else if (how.kind === "blocks") {
          apdus = inBlocks(changed(client.close(toHex(plain), "generalGlo"), outer), how.size, how.drop);
        }
        for (const apdu of apdus) {
          for (const answer of await link.ask(apdu)) {
            expect(answer.length / 2).toBeLessThanOrEqual(128);
            if (policy === 3) expect(answer).toMatch(/^(d8|cc|cd|cf|d4|d5|d7|db|dc|e0)/);
          }
        }
      }
      expect(link.logger.lines.filter(({ level }) => level === "error")).toEqual([]);
    }),
    { numRuns: 400 },
  );
});
