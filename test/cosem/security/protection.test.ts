/** Forms that no record shows, sizes, counters, and bytes of any kind. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  answerForm,
  authenticatedEncryption,
  createMemoryCounters,
  createProtection,
  decodeGeneralCiphering,
  decodeGeneralSigning,
  fromHex,
  type GeneralKeyChoice,
  generalHeader,
  generateKeyPair,
  type InvocationCounters,
  type KeyRing,
  type Protection,
  type ProtectionForm,
  protectionBit,
  type SecuritySuite,
  SymmetricKey,
  simpleForms,
  suiteAlgorithms,
  toHex,
} from "../../../cosem/index.js";

const clientTitle = fromHex("4558430000000001");
const serverTitle = fromHex("45584d0000000001");
const transactionId = fromHex("0000000000000007");
const getRequest = fromHex("c001c1000100002a0000ff0200");

interface Pair {
  readonly client: Protection;
  readonly server: Protection;
}

/** Both ends with keys of every kind; `counters` of the client can be put in. */
function pair(suite: SecuritySuite, clientCounters: InvocationCounters = createMemoryCounters(1)): Pair {
  let seed = 1;
  const random = (count: number) => new Uint8Array(count).fill(seed++ % 250);
  const { keyLength, curve } = suiteAlgorithms[suite];
  const symmetric = () => new SymmetricKey(random(keyLength));
  const keys = { unicast: symmetric(), broadcast: symmetric(), dedicated: symmetric() };
  const authenticationKey = symmetric();
  const masterKey = symmetric();
  const pairs = curve === undefined ? [] : [1, 2, 3, 4].map(() => generateKeyPair(curve, random));
  const [clientSigning, serverSigning, clientAgreement, serverAgreement] = pairs;
  const shared = { suite, encryptionKey: (which: keyof typeof keys) => keys[which], authenticationKey, masterKey };
  const clientKeys: KeyRing = {
    ...shared,
    ownSigningKey: clientSigning,
    peerSigningKey: serverSigning?.publicKey,
    ownAgreementKey: clientAgreement,
    peerAgreementKey: serverAgreement?.publicKey,
  };
  const serverKeys: KeyRing = {
    ...shared,
    ownSigningKey: serverSigning,
    peerSigningKey: clientSigning?.publicKey,
    ownAgreementKey: serverAgreement,
    peerAgreementKey: clientAgreement?.publicKey,
  };
  const side = (keyRing: KeyRing, ownTitle: Uint8Array, peerTitle: Uint8Array, counters: InvocationCounters) =>
    createProtection({ keys: keyRing, counters, ownTitle, peerTitle, random });
  return {
    client: side(clientKeys, clientTitle, serverTitle, clientCounters),
    server: side(serverKeys, serverTitle, clientTitle, createMemoryCounters(100)),
  };
}

const header = generalHeader(transactionId, clientTitle, serverTitle);
const signing = (inner: ProtectionForm | undefined) => ({ kind: "generalSigning", header, inner }) as const;
const general = (key: GeneralKeyChoice): ProtectionForm => ({ kind: "generalCiphering", header, key });
const wrapped: GeneralKeyChoice = { kind: "wrapped", reuse: undefined };

const formsOfSuite0: readonly (readonly [string, ProtectionForm])[] = [
  ["glo", simpleForms.glo],
  ["ded", simpleForms.ded],
  ["general-glo", simpleForms.generalGlo],
  ["general-ded", simpleForms.generalDed],
  ["general-ciphering without key info", general({ kind: "none" })],
  ["general-ciphering, unicast key", general({ kind: "unicast" })],
  ["general-ciphering, wrapped key", general(wrapped)],
];
const formsWithCurves: readonly (readonly [string, ProtectionForm])[] = [
  ["general-ciphering, one pass", general({ kind: "onePass" })],
  ["general-ciphering, static", general({ kind: "static" })],
  ["glo inside general-signing", signing(simpleForms.glo)],
  ["general-ded inside general-signing", signing(simpleForms.generalDed)],
  ["general-ciphering inside general-signing", signing(general({ kind: "static" }))],
  ["general-signing inside general-glo", { kind: "generalGlo", inner: signing(undefined) }],
  [
    "general-signing inside general-ciphering",
    { kind: "generalCiphering", header, key: wrapped, inner: signing(undefined) },
  ],
];
const cases = ([0, 1, 2] as const).flatMap((suite) =>
  [...formsOfSuite0, ...(suite === 0 ? [] : formsWithCurves)].map(([name, form]) => [suite, name, form] as const),
);
const protections = [protectionBit.authenticated, protectionBit.encrypted, authenticatedEncryption];

function closed(end: Protection, apdu: Uint8Array, form: ProtectionForm, protection: number): Uint8Array {
  const result = end.protect(apdu, form, protection);
  if (!result.ok) throw new Error(result.reason);
  return result.apdu;
}

describe("request and answer in one form", () => {
  it.each(cases)("suite %i, %s", (suite, _name, form) => {
    const { client, server } = pair(suite);
    const isSigned = JSON.stringify(form).includes("generalSigning");
    for (const protection of protections) {
      const request = server.unprotect(closed(client, getRequest, form, protection));
      if (!request.ok) throw new Error(request.reason);
      expect(toHex(request.apdu)).toBe(toHex(getRequest));
      expect(request.protection).toBe(protection | (isSigned ? protectionBit.signed : 0));
      expect(request.title).toEqual(clientTitle);
      const answer = client.unprotect(closed(server, fromHex("c401c1001101"), answerForm(request.form), protection));
      expect(answer).toMatchObject({ ok: true, title: serverTitle });
    }
  });

  it.each(cases)("suite %i, %s: the longest plain APDU fits, one octet more does not", (suite, _name, form) => {
    const { client } = pair(suite);
    for (const protection of protections) {
      for (const maxLength of [320, 384, 385, 386, 387, 388, 700, 1024, 65_535]) {
        const longest = client.maxPlainLength(form, protection, maxLength);
        const plain = (length: number) => new Uint8Array(length).fill(0xc4);
        expect(closed(client, plain(longest), form, protection).length).toBeLessThanOrEqual(maxLength);
        expect(closed(client, plain(longest + 1), form, protection).length).toBeGreaterThan(maxLength);
      }
    }
  });

  it.each([128, 129, 130, 145, 146, 147, 148, 149, 150, 255, 256, 257, 258, 259, 260, 275, 276, 277, 278])(
    "glo in %i octets is filled",
    (maxLength) => {
      const { client } = pair(0);
      const longest = client.maxPlainLength(simpleForms.glo, authenticatedEncryption, maxLength);
      const length = (plain: number) =>
        closed(client, new Uint8Array(plain).fill(0xc4), simpleForms.glo, authenticatedEncryption).length;
      expect(length(longest)).toBeLessThanOrEqual(maxLength);
      expect(length(longest + 1)).toBeGreaterThan(maxLength);
    },
  );
});

describe("signatures", () => {
  it("a signature alone is enough where it is asked for, and is not encryption", () => {
    const { client, server } = pair(1);
    const signed = closed(client, getRequest, signing(undefined), 0);
    expect(server.unprotect(signed, protectionBit.signed)).toMatchObject({
      ok: true,
      protection: 16,
      counter: undefined,
    });
    expect(server.unprotect(signed, protectionBit.authenticated)).toMatchObject({ reason: "tooWeak" });
    signed[signed.length - 70] = (signed[signed.length - 70] ?? 0) ^ 1;
    expect(server.unprotect(signed)).toMatchObject({ reason: "badSignature" });
  });

  it("nesting ends after one ciphering and one signature", () => {
    const { client, server } = pair(1);
    const twice = () => closed(client, closed(client, getRequest, simpleForms.glo, 12), simpleForms.generalGlo, 12);
    expect(server.unprotect(twice())).toMatchObject({ reason: "wrongService" });
    const signedTwice = closed(client, closed(client, getRequest, signing(undefined), 0), signing(undefined), 0);
    expect(server.unprotect(signedTwice)).toMatchObject({ reason: "wrongService" });
    const around = closed(client, twice(), signing(undefined), 0);
    expect(server.unprotect(around)).toMatchObject({ reason: "wrongService" });
  });

  it("a general-ciphering for another recipient is refused", () => {
    const { client, server } = pair(1);
    const elsewhere = generalHeader(transactionId, clientTitle, fromHex("45584d0000000002"));
    const form: ProtectionForm = { kind: "generalCiphering", header: elsewhere, key: { kind: "unicast" } };
    expect(server.unprotect(closed(client, getRequest, form, 12))).toMatchObject({ reason: "unknownTitle" });
  });
});

describe("counters", () => {
  it("stop at FFFFFFFF", () => {
    const { client, server } = pair(0, createMemoryCounters(0xffffffff));
    expect(server.unprotect(closed(client, getRequest, simpleForms.glo, 12))).toMatchObject({ counter: 0xffffffff });
    for (const form of [simpleForms.glo, simpleForms.ded, simpleForms.generalGlo]) {
      expect(client.protect(getRequest, form, 12)).toEqual({ ok: false, reason: "counterExhausted" });
    }
  });

  it("a peer at FFFFFFFF is told apart from a replay", () => {
    const { client, server } = pair(0, createMemoryCounters(0xffffffff));
    const last = closed(client, getRequest, simpleForms.glo, 12);
    server.unprotect(last);
    expect(server.unprotect(last)).toMatchObject({ reason: "counterExhausted", expectedCounter: undefined });
  });

  it("a dedicated key has a received line of its own, and never shares an IV with the global key", () => {
    const { client, server } = pair(0);
    const first = closed(client, getRequest, simpleForms.ded, 12);
    const second = client.protect(getRequest, simpleForms.glo, 12);
    expect(second).toMatchObject({ counter: 2 });
    expect(server.unprotect(first)).toMatchObject({ ok: true, counter: 1 });
    expect(server.unprotect(first)).toMatchObject({ reason: "replay", expectedCounter: 2 });
    expect(second.ok && server.unprotect(second.apdu)).toMatchObject({ ok: true });
  });

  it("the broadcast key has lines of its own and is not answered", () => {
    const { client, server } = pair(0);
    const everyone = { kind: "glo", isBroadcast: true } as const;
    const opened = server.unprotect(closed(client, getRequest, everyone, 12));
    expect(opened).toMatchObject({ ok: true, isBroadcast: true, counter: 1 });
    expect(client.protect(getRequest, simpleForms.glo, 12)).toMatchObject({ counter: 1 });
  });

  it("a wrapped key sent again with the same counter is a replay", () => {
    const { client, server } = pair(0);
    const sent = closed(client, getRequest, general(wrapped), 12);
    expect(server.unprotect(sent)).toMatchObject({ ok: true });
    expect(server.unprotect(sent)).toMatchObject({ reason: "replay" });
  });
});

describe("what cannot be protected", () => {
  it("has a reason", () => {
    const { client } = pair(0);
    const notification = fromHex("0f00000001000203");
    expect(client.protect(notification, simpleForms.glo, 12)).toEqual({ ok: false, reason: "noSuchForm" });
    expect(client.protect(getRequest, simpleForms.glo, 0)).toEqual({ ok: false, reason: "notProtected" });
    expect(client.protect(getRequest, signing(undefined), 0)).toEqual({ ok: false, reason: "unknownKey" });
    expect(client.protect(getRequest, general({ kind: "static" }), 12)).toEqual({ ok: false, reason: "unknownKey" });
  });
});

describe("bytes of any kind", () => {
  const { client, server } = pair(1);
  const valid = [...formsOfSuite0, ...formsWithCurves].map(([, form]) => closed(client, getRequest, form, 12));

  it("give a result, never an exception", () => {
    const tags = fc.constantFrom(0x21, 0x28, 0xc8, 0xcf, 0xd0, 0xdb, 0xdc, 0xdd, 0xdf, 0x00, 0xff);
    fc.assert(
      fc.property(tags, fc.uint8Array({ maxLength: 80 }), (tag, rest) => {
        expect(server.unprotect(Uint8Array.of(tag, ...rest)).ok).toBe(false);
      }),
      { numRuns: 3000 },
    );
    expect(server.unprotect(new Uint8Array(0))).toMatchObject({ reason: "malformed" });
  });

  it("cut or changed APDUs are refused, whatever octet is hit", () => {
    for (const apdu of valid) {
      const step = Math.max(1, Math.floor(apdu.length / 40));
      for (let index = 0; index < apdu.length; index += step) {
        const changed = new Uint8Array(apdu);
        changed[index] = (changed[index] ?? 0) ^ 0x11;
        const result = server.unprotect(changed, authenticatedEncryption);
        expect(result.ok).toBe(false);
        expect(server.unprotect(apdu.subarray(0, index)).ok).toBe(false);
      }
    }
    // None of it has moved a counter.
    for (const apdu of valid) expect(server.unprotect(apdu)).toMatchObject({ ok: true });
  });

  it("decoders throw DecodeError alone", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        for (const decode of [decodeGeneralCiphering, decodeGeneralSigning]) {
          for (const tag of [0xdd, 0xdf]) {
            try {
              decode(Uint8Array.of(tag, ...bytes));
            } catch (error) {
              expect(error).toHaveProperty("reason");
            }
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
