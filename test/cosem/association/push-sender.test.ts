import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  createMemoryCounters,
  createProtection,
  createPushSender,
  type Data,
  decodeData,
  decodeGeneralBlock,
  fromHex,
  type KeyRing,
  type PushProtectionForm,
  type PushProtectionParameters,
  privateKeyFromScalar,
  pushProtectionForm,
  type SecuritySuite,
  SymmetricKey,
  toHex,
} from "../../../cosem/index.js";
import { testFile } from "../../support/repository.js";

interface Exchange {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>> & { readonly suite: SecuritySuite };
  readonly steps: readonly { readonly bytes: string; readonly apdu: string }[];
}

const exchanges = JSON.parse(readFileSync(testFile("transcripts/push.json"), "utf8")) as readonly Exchange[];

/** What all DataNotifications of push.json carry. */
const body: Data = decodeData(
  fromHex("0203091045584d30303030303030303030303031090c07ea0b16ff0b000000ffc4000600019258"),
);
const time = fromHex("07ea0b16ff0b000000ffc400");
const ownTitle = fromHex("45584d0000000001");
const peerTitle = fromHex("4558430000000001");

function keyRing(part: Partial<KeyRing> & { readonly unicast?: string } = {}): KeyRing {
  const unicast = new SymmetricKey(fromHex(part.unicast ?? "000102030405060708090a0b0c0d0e0f"));
  return {
    suite: 0,
    encryptionKey: (which) => (which === "unicast" ? unicast : undefined),
    authenticationKey: new SymmetricKey(fromHex("d0d1d2d3d4d5d6d7d8d9dadbdcdddedf")),
    masterKey: undefined,
    ownSigningKey: undefined,
    peerSigningKey: undefined,
    ownAgreementKey: undefined,
    peerAgreementKey: undefined,
    ...part,
  };
}

function protectionWith(keys: KeyRing, firstOwn = 7) {
  return createProtection({
    keys,
    counters: createMemoryCounters(firstOwn),
    ownTitle,
    peerTitle,
    random: (count) => new Uint8Array(count).fill(0x11),
  });
}

const plain = { ownSap: 1, clientSap: 102, protectionForm: "plain", maxPduSize: 1024, firstInvokeId: 1 } as const;
/** The library sets both high bits (push.json, README). */
const asRecorded = { isConfirmed: true, isHighPriority: true };

describe("a plain DataNotification", () => {
  it.each([
    ["data-notification-plain", {}],
    ["data-notification-plain-time", { dateTime: time }],
  ])("has the bytes of %s, and its ports", (name, options) => {
    const sender = createPushSender(plain);
    const made = sender.apdus(sender.message(body, { ...asRecorded, ...options }));
    if (!made.ok) throw new Error(made.reason);
    const step = exchanges.find((exchange) => exchange.name === name)?.steps[0];
    expect(made.apdus.map(toHex)).toEqual([step?.apdu]);
    // Wrapper: version, source, destination.
    expect([made.sourceSap, made.destinationSap]).toEqual([1, 0x66]);
    expect(step?.bytes.startsWith("000100010066")).toBe(true);
  });

  it("asks for no confirmation unless it is told to", () => {
    const sender = createPushSender(plain);
    expect(sender.message(body).longInvokeIdAndPriority).toBe(0x00000001);
    expect(sender.message(body, { isHighPriority: true }).longInvokeIdAndPriority).toBe(0x80000002);
  });

  it("counts its long-invoke-ids over 24 bits, for the next sender too", () => {
    const sender = createPushSender({ ...plain, firstInvokeId: 0xffffff });
    expect(sender.message(body, { isConfirmed: true }).longInvokeIdAndPriority).toBe(0x40ffffff);
    expect(sender.nextInvokeId).toBe(0);
    expect(sender.message(body).longInvokeIdAndPriority).toBe(0);
  });

  it("takes the client's confirmation by its id", () => {
    const sender = createPushSender(plain);
    expect(sender.received(fromHex("10c000000100"))).toBe(1);
    expect(sender.received(fromHex("10c0ab"))).toBeUndefined();
    expect(sender.received(fromHex("0f0000000100"))).toBeUndefined();
  });

  it("goes out in blocks where it is too long, none of which is acknowledged", () => {
    const sender = createPushSender({ ...plain, maxPduSize: 20 });
    const message = sender.message(body);
    const made = sender.apdus(message);
    if (!made.ok) throw new Error(made.reason);
    const blocks = made.apdus.map(decodeGeneralBlock);
    expect(made.apdus.every(({ length }) => length <= 20)).toBe(true);
    expect(blocks.map(({ blockNumber }) => blockNumber)).toEqual(blocks.map((_, index) => index + 1));
    expect(blocks.map(({ blockNumberAck }) => blockNumberAck)).toEqual(blocks.map(() => 0));
    expect(blocks.map(({ lastBlock }) => lastBlock)).toEqual(blocks.map((_, index) => index === blocks.length - 1));
    expect(toHex(Uint8Array.from(blocks.flatMap(({ data }) => [...data])))).toBe(toHex(message.apdu));
    const tiny = createPushSender({ ...plain, maxPduSize: 9 });
    expect(tiny.apdus(tiny.message(body))).toEqual({ ok: false, reason: "tooLong" });
  });
});

const protections: Readonly<Record<string, number>> = {
  authentication: 4,
  encryption: 8,
  "authentication+encryption": 12,
};
const generalGlo = exchanges.filter(({ name }) => name.startsWith("data-notification-general-glo"));

describe("a protected DataNotification", () => {
  it.each(generalGlo.map((exchange) => [exchange.name, exchange] as const))("has the bytes of %s", (name, exchange) => {
    const { parameters } = exchange;
    const keys = keyRing({
      suite: parameters.suite,
      unicast: parameters["blockCipherKey"] ?? "",
      authenticationKey: new SymmetricKey(fromHex(parameters["authenticationKey"] ?? "")),
    });
    const policy = protections[parameters["policy"] ?? ""] ?? 0;
    const protectionForm = pushProtectionForm([], policy, ownTitle);
    if (protectionForm === undefined) throw new Error("no form");
    const sender = createPushSender({ ...plain, protectionForm, protection: protectionWith(keys) });
    const made = sender.apdus(
      sender.message(body, { ...asRecorded, ...(name.endsWith("-time") ? { dateTime: time } : {}) }),
    );
    if (!made.ok) throw new Error(made.reason);
    expect(made.apdus.map(toHex)).toEqual([exchange.steps[0]?.bytes.slice(16)]);
  });

  const byPolicy: PushProtectionForm = { form: { kind: "generalGlo" }, protection: 12 };

  it("keeps its id over retries, under a fresh counter each time", () => {
    const sender = createPushSender({ ...plain, protectionForm: byPolicy, protection: protectionWith(keyRing()) });
    const message = sender.message(body);
    const attempts = [1, 2, 3].map(() => {
      const made = sender.apdus(message);
      if (!made.ok) throw new Error(made.reason);
      return made.apdus[0] ?? fromHex("");
    });
    // db 08 title, one length octet, security control, counter
    expect(attempts.map((apdu) => toHex(apdu.subarray(10, 16)))).toEqual([
      "3e3000000007",
      "3e3000000008",
      "3e3000000009",
    ]);
    const client = createProtection({
      keys: keyRing(),
      counters: createMemoryCounters(),
      ownTitle: peerTitle,
      peerTitle: ownTitle,
      random: (count) => new Uint8Array(count),
    });
    const plainTexts = attempts.map((apdu) => {
      const opened = client.unprotect(apdu);
      return opened.ok ? toHex(opened.apdu) : opened.reason;
    });
    expect(new Set(plainTexts)).toEqual(new Set([toHex(message.apdu)]));
  });

  it("is not sent where there is no protection, no counter or no key left", () => {
    const send = (protection?: ReturnType<typeof createProtection>) => {
      const sender = createPushSender({ ...plain, protectionForm: byPolicy, protection });
      return sender.apdus(sender.message(body));
    };
    expect(send()).toEqual({ ok: false, reason: "noProtection" });
    expect(send(protectionWith(keyRing(), 0x1_0000_0000))).toEqual({ ok: false, reason: "counterExhausted" });
    expect(send(protectionWith(keyRing({ encryptionKey: () => undefined })))).toMatchObject({ ok: false });
  });

  it("takes no confirmation that is less protected", () => {
    const sender = createPushSender({ ...plain, protectionForm: byPolicy, protection: protectionWith(keyRing()) });
    const client = createProtection({
      keys: keyRing(),
      counters: createMemoryCounters(1),
      ownTitle: peerTitle,
      peerTitle: ownTitle,
      random: (count) => new Uint8Array(count),
    });
    const confirmation = fromHex("104000000100");
    const sealed = (bits: number) => {
      const made = client.protect(confirmation, { kind: "generalGlo" }, bits);
      if (!made.ok) throw new Error(made.reason);
      return made.apdu;
    };
    expect(sender.received(confirmation)).toBeUndefined();
    expect(sender.received(sealed(4))).toBeUndefined();
    expect(sender.received(sealed(12))).toBe(1);
  });
});

type KeyInfo = PushProtectionParameters["protectionOptions"]["keyInfo"]["options"];
const empty = fromHex("");

function element(protectionType: 0 | 1 | 2 | 3, options: KeyInfo = { choice: "identified", value: 0 }) {
  return {
    protectionType,
    protectionOptions: {
      transactionId: fromHex("0102"),
      originatorSystemTitle: empty,
      recipientSystemTitle: peerTitle,
      otherInformation: empty,
      keyInfo: { options },
    },
  } satisfies PushProtectionParameters;
}

describe("push_protection_parameters", () => {
  const header = {
    transactionId: fromHex("0102"),
    originatorSystemTitle: ownTitle,
    recipientSystemTitle: peerTitle,
    dateTime: empty,
    otherInformation: empty,
  };
  const kindOf = (options: KeyInfo) => {
    const made = pushProtectionForm([element(2, options)], 0, ownTitle);
    return made !== undefined && made !== "plain" && made.form.kind === "generalCiphering" ? made.form.key : made;
  };

  it("leave it to the policy where there are none", () => {
    expect(pushProtectionForm([], 0, ownTitle)).toBe("plain");
    expect(pushProtectionForm([], 12, ownTitle)).toEqual({ form: { kind: "generalGlo" }, protection: 12 });
    expect(pushProtectionForm([], 28, ownTitle)).toBeUndefined();
  });

  it("say the strength and the key", () => {
    expect(pushProtectionForm([element(0)], 0, ownTitle)).toEqual({
      form: { kind: "generalCiphering", header, key: { kind: "unicast" } },
      protection: 4,
    });
    expect([1, 2].map((type) => pushProtectionForm([element(type as 1 | 2)], 0, ownTitle))).toMatchObject([
      { protection: 8 },
      { protection: 12 },
    ]);
    expect(kindOf({ choice: "identified", value: 1 })).toEqual({ kind: "broadcast" });
    expect(kindOf({ choice: "wrapped", value: { keyCipheredData: empty } })).toEqual({ kind: "wrapped" });
    const wrappedKey = fromHex("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5");
    expect(kindOf({ choice: "wrapped", value: { keyCipheredData: wrappedKey } })).toEqual({
      kind: "wrapped",
      reuse: { kind: "wrapped", kekId: 0, wrappedKey },
    });
    expect(kindOf({ choice: "agreed", value: { keyParameters: fromHex("01") } })).toEqual({ kind: "onePass" });
    expect(kindOf({ choice: "agreed", value: { keyParameters: fromHex("02") } })).toEqual({ kind: "static" });
    expect(kindOf({ choice: "agreed", value: { keyParameters: fromHex("03") } })).toBeUndefined();
  });

  it("apply signature and ciphering in their order", () => {
    const signing = { kind: "generalSigning", header };
    const ciphering = { kind: "generalCiphering", header, key: { kind: "unicast" } };
    expect(pushProtectionForm([element(3)], 0, ownTitle)).toMatchObject({ form: signing, protection: 16 });
    expect(pushProtectionForm([element(3), element(2)], 0, ownTitle)).toMatchObject({
      form: { ...ciphering, inner: signing },
      protection: 28,
    });
    expect(pushProtectionForm([element(2), element(3)], 0, ownTitle)).toMatchObject({
      form: { ...signing, inner: ciphering },
      protection: 28,
    });
    expect(pushProtectionForm([element(2), element(2)], 0, ownTitle)).toBeUndefined();
  });

  it("do not get round the policy", () => {
    expect(pushProtectionForm([element(0)], 12, ownTitle)).toBeUndefined();
    expect(pushProtectionForm([element(2)], 12, ownTitle)).toMatchObject({ protection: 12 });
  });

  it.each([[element(2)], [element(2, { choice: "wrapped", value: { keyCipheredData: empty } })], [element(3)]])(
    "make messages that the client opens",
    (parameters) => {
      const [server, client] = [0x11, 0x31].map((octet) =>
        privateKeyFromScalar("P-256", new Uint8Array(32).fill(octet)),
      );
      if (server === undefined || client === undefined) throw new Error("the scalars are fine");
      const shared = { suite: 1, masterKey: new SymmetricKey(new Uint8Array(16).fill(9)) } as const;
      const protectionForm = pushProtectionForm([parameters], 0, ownTitle);
      if (protectionForm === undefined) throw new Error("no form");
      const protection = protectionWith(keyRing({ ...shared, ownSigningKey: server }));
      const sender = createPushSender({ ...plain, protectionForm, protection });
      const message = sender.message(body);
      const made = sender.apdus(message);
      if (!made.ok) throw new Error(made.reason);
      const receiver = createProtection({
        keys: keyRing({ ...shared, ownSigningKey: client, peerSigningKey: server.publicKey }),
        counters: createMemoryCounters(),
        ownTitle: peerTitle,
        peerTitle: ownTitle,
        random: (count) => new Uint8Array(count),
      });
      const opened = receiver.unprotect(made.apdus[0] ?? empty);
      expect(opened.ok && toHex(opened.apdu)).toBe(toHex(message.apdu));
    },
  );
});
