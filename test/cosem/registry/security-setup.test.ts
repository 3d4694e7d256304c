import { createECDH, createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { BitString, fromBER, Sequence } from "asn1js";
import { describe, expect, it } from "vitest";
import {
  createAssociation,
  createKeyStore,
  createLogicalDevice,
  createSecuritySetup,
  type Data,
  decodeActionRequest,
  decodeData,
  emptyKeyStoreState,
  encodeData,
  fromHex,
  type KeyStore,
  type KeyStoreState,
  keyRingOf,
  privateKeyFromScalar,
  readCertificate,
  refused,
  type SecuritySuite,
  SymmetricKey,
  toHex,
} from "../../../cosem/index.js";
import { testFile } from "../../support/repository.js";
import { dataOf, methodTarget, principalOf, registryOf, target } from "./fixture.js";

const clientTitle = fromHex("4558430000000001");
const serverTitle = fromHex("45584d0000000001");
/** Within the validity of the test certificates (2026 to 2126, but for expired.hex: one day of November 2026). */
const now = Date.UTC(2027, 0, 1);

const all = createAssociation({ name: "all", clientSap: 1, rules: [{ access: "declared" }] });
const session = {
  clientSap: 1,
  serverSap: 1,
  applicationContextName: [],
  authenticationMechanismName: [],
  conformance: 0,
  maxReceivePduSize: 0,
  maxSendPduSize: 0,
  dlmsVersionNumber: 6,
  isAuthenticationPending: false,
  clientSystemTitle: clientTitle,
};

const der = (name: string) => fromHex(readFileSync(testFile(`vectors/certificates/${name}.hex`), "utf8").trim());
const certificate = (name: string) => {
  const read = readCertificate(der(name));
  if (read === undefined) throw new Error(`${name} is no certificate`);
  return read;
};
const scalar = (octet: number, length = 32) => new Uint8Array(length).fill(octet);
const octets = (value: Uint8Array): Data => ({ type: "octet-string", value });

function setup(part: Partial<KeyStoreState> = {}, version: 0 | 1 = 1, options = { takesUntrusted: false }) {
  const suite: SecuritySuite = part.suite ?? 1;
  const store = createKeyStore({ ...emptyKeyStoreState(suite), ...part });
  const object = createSecuritySetup({
    version,
    keyStore: () => store,
    serverSystemTitle: serverTitle,
    random: (count) => scalar(0x11, count),
    now: () => now,
    ...options,
  });
  const device = createLogicalDevice({ name: "A", sap: 1, kind: "management", objects: [object] });
  const registry = registryOf(device);
  const principal = principalOf(all, session);
  return {
    store,
    read: (index: number) =>
      toHex(encodeData(dataOf(registry.read(target(device, "0-0:43.0.0*255", index), principal)))),
    call: (index: number, parameters: Data | string) =>
      registry.invoke(
        methodTarget(device, "0-0:43.0.0*255", index),
        typeof parameters === "string" ? decodeData(fromHex(parameters)) : parameters,
        principal,
      ),
  };
}

const done = { ok: true, value: undefined };

describe("attributes of Security setup", () => {
  it("show policy, suite and titles", () => {
    const { read } = setup({ policy: 0x6c });
    expect([2, 3, 4, 5].map(read)).toEqual(["166c", "1601", "09084558430000000001", "090845584d0000000001"]);
  });

  it("show the policy of version 0", () => {
    expect(setup({ policy: 0x6c, suite: 0 }, 0).read(2)).toBe("1603");
    expect(setup({ policy: 0x24, suite: 0 }, 0).read(2)).toBe("1601");
  });

  it("list certificates with their fields as encoded", () => {
    const { read } = setup({ certificates: [certificate("client-signing"), certificate("root")] });
    // SEQUENCE { SET { SEQUENCE { 2.5.4.3, UTF8String } } }; DNS name in context tag 2.
    const name = (hex: string) => {
      const length = hex.length / 2;
      const octet = (value: number) => value.toString(16).padStart(2, "0");
      const attribute = `0603550403${"0c"}${octet(length)}${hex}`;
      return `09${octet(length + 13)}30${octet(length + 11)}31${octet(length + 9)}30${octet(length + 7)}${attribute}`;
    };
    const ascii = (text: string) => toHex(new TextEncoder().encode(text));
    const alternative = `3010820e${ascii("client.example")}`;
    expect(read(6)).toBe(
      "0102" +
        `02061601160009030080f1${name(ascii("TestRoot"))}${name(ascii("4558430000000001"))}0912${alternative}` +
        `020616021603090101${name(ascii("TestRoot"))}${name(ascii("TestRoot"))}0900`,
    );
  });

  it("are unavailable to a caller without keys", () => {
    const object = createSecuritySetup({
      keyStore: () => undefined,
      serverSystemTitle: serverTitle,
      random: (count) => new Uint8Array(count),
      now: () => now,
    });
    const device = createLogicalDevice({ name: "A", sap: 1, kind: "management", objects: [object] });
    const registry = registryOf(device);
    expect(registry.read(target(device, "0-0:43.0.0*255", 2), principalOf(all))).toBe(refused.objectUnavailable);
    expect(
      registry.invoke(methodTarget(device, "0-0:43.0.0*255", 4), { type: "enum", value: 0 }, principalOf(all)),
    ).toBe(refused.objectUnavailable);
    expect(dataOf(registry.read(target(device, "0-0:43.0.0*255", 4), principalOf(all)))).toEqual(octets(fromHex("")));
  });
});

const keys = {
  unicast: new SymmetricKey(scalar(1, 16)),
  authentication: new SymmetricKey(scalar(2, 16)),
  master: new SymmetricKey(scalar(3, 16)),
};

describe("security_activate", () => {
  it("strengthens and never weakens", () => {
    const { store, call } = setup({ policy: 0x24, keys });
    expect(call(1, "166c")).toEqual(done);
    expect(store.state.policy).toBe(0x6c);
    for (const weaker of ["1624", "1600", "1648"]) expect(call(1, weaker)).toBe(refused.otherReason);
    expect(call(1, "166c")).toEqual(done);
    expect(call(1, "166d")).toBe(refused.scopeOfAccessViolated);
    expect(call(1, "116c")).toBe(refused.typeUnmatched);
    expect(store.state.policy).toBe(0x6c);
  });

  it("takes the numbers of version 0", () => {
    const { store, call } = setup({ suite: 0, keys }, 0);
    expect(call(1, "1601")).toEqual(done);
    expect(store.state.policy).toBe(0x24);
    expect(call(1, "1602")).toBe(refused.otherReason);
    expect(call(1, "1603")).toEqual(done);
    expect(store.state.policy).toBe(0x6c);
    expect(call(1, "1604")).toBe(refused.scopeOfAccessViolated);
  });

  it("asks for no protection that the keys cannot give", () => {
    expect(setup({}).call(1, "1648")).toBe(refused.otherReason);
    expect(setup({ keys: { unicast: keys.unicast } }).call(1, "1624")).toBe(refused.otherReason);
    expect(setup({ keys }).call(1, "1690")).toBe(refused.otherReason);
  });
});

interface Exchange {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly steps: readonly { readonly direction: string; readonly apdu: string }[];
}

const exchanges = (
  JSON.parse(readFileSync(testFile("transcripts/ciphered.json"), "utf8")) as readonly Exchange[]
).filter(({ name }) => name.startsWith("key-transfer-suite"));

describe("key_transfer", () => {
  /** ciphered.json: each transfer and its answer, whatever was around them. */
  it.each(exchanges.map((exchange) => [exchange.name, exchange] as const))("answers as in %s", (_name, exchange) => {
    const { parameters } = exchange;
    const key = (name: string) => new SymmetricKey(fromHex(parameters[name] ?? ""));
    const present = {
      unicast: key("blockCipherKey"),
      authentication: key("authenticationKey"),
      master: key("masterKey"),
    };
    const { store, call } = setup({ suite: Number(parameters["suite"]) as SecuritySuite, keys: present });
    const before = keyRingOf(store, clientTitle);
    let transfers = 0;
    exchange.steps.forEach(({ direction, apdu }, index) => {
      if (direction !== ">" || !apdu.startsWith("c301") || apdu.slice(6, 10) !== "0040") return;
      const request = decodeActionRequest(fromHex(apdu));
      if (request.kind !== "normal" || request.parameters === undefined) throw new Error("not a transfer");
      const code = exchange.steps[index + 1]?.apdu.slice(6, 8);
      const answer = call(2, request.parameters);
      expect(answer).toEqual(code === "00" ? done : refused.otherReason);
      transfers += 1;
    });
    expect(transfers).toBeGreaterThan(1);
    expect(toHex(store.state.keys.unicast?.reveal() ?? fromHex(""))).toBe(parameters["newGlobalUnicastEncryptionKey"]);
    expect(toHex(store.state.keys.authentication?.reveal() ?? fromHex(""))).toBe(parameters["newAuthenticationKey"]);
    // The association that is open goes on with what it was opened with; the next one takes the new keys.
    expect(before.encryptionKey("unicast")).toBe(present.unicast);
    expect(keyRingOf(store, clientTitle).authenticationKey).toBe(store.state.keys.authentication);
  });

  /** RFC 3394, 4.1: this key wrapped with 000102…0f. */
  const wrapped = "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5";
  const master = new SymmetricKey(fromHex("000102030405060708090a0b0c0d0e0f"));
  const item = (keyId: string, hex = wrapped) => `020216${keyId}0918${hex}`;

  it.each([
    ["broadcast", "01"],
    ["master", "03"],
  ] as const)("takes the %s key", (which, keyId) => {
    const { store, call } = setup({ keys: { master } });
    expect(call(2, `0101${item(keyId)}`)).toEqual(done);
    expect(toHex(store.state.keys[which]?.reveal() ?? fromHex(""))).toBe("00112233445566778899aabbccddeeff");
  });

  it.each([
    [
      "a second key that is badly wrapped",
      `0102${item("00")}${item("02", wrapped.replace("1f", "1e"))}`,
      "otherReason",
    ],
    ["one key twice", `0102${item("00")}${item("00")}`, "otherReason"],
    ["an unknown key id", `0102${item("00")}${item("04")}`, "scopeOfAccessViolated"],
    ["a key of another length", `0102${item("00")}020216020908${wrapped.slice(0, 16)}`, "otherReason"],
    ["another type", "0900", "typeUnmatched"],
  ] as const)("takes none where there is %s", (_what, hex, refusal) => {
    const { store, call } = setup({ keys: { master } });
    expect(call(2, hex)).toBe(refused[refusal]);
    expect(store.state.keys).toEqual({ master });
  });

  it("wants a master key, and in version 0 transfers none", () => {
    expect(setup().call(2, `0101${item("00")}`)).toBe(refused.otherReason);
    expect(setup({ suite: 0, keys: { master } }, 0).call(2, `0101${item("03")}`)).toBe(refused.scopeOfAccessViolated);
  });
});

describe("key_agreement", () => {
  const own = privateKeyFromScalar("P-256", scalar(0x11));
  if (own === undefined) throw new Error("the scalar is fine");
  const agreeing = { keyPairs: { signing: own }, certificates: [certificate("client-signing")] };

  const point = (octet: number) => {
    const pair = createECDH("prime256v1");
    pair.setPrivateKey(scalar(octet));
    return new Uint8Array(pair.getPublicKey().subarray(1));
  };
  const jwk = (octet: number, isPrivate: boolean) => {
    const part = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
    const xy = { kty: "EC", crv: "P-256", x: part(point(octet).subarray(0, 32)), y: part(point(octet).subarray(32)) };
    return { key: isPrivate ? { ...xy, d: part(scalar(octet)) } : xy, format: "jwk" } as const;
  };
  /** The client's ephemeral key 51…51, signed with 31…31. */
  const offer = (keyId: number) => {
    const signed = Buffer.concat([Uint8Array.of(keyId), point(0x51)]);
    const key = createPrivateKey(jwk(0x31, true));
    return toHex(
      new Uint8Array(Buffer.concat([point(0x51), sign("sha256", signed, { key, dsaEncoding: "ieee-p1363" })])),
    );
  };
  const item = (keyId: number, data = offer(keyId)) => `0202160${keyId}098180${data}`;

  /** SHA-256(00000001 || Z || 2.16.756.5.8.3.n || client || server), first 16 octets; n = 0, for wrapping 2. */
  const expected = (algorithm: string) => {
    const pair = createECDH("prime256v1");
    pair.setPrivateKey(scalar(0x51));
    const secret = pair.computeSecret(Buffer.concat([Uint8Array.of(4), point(0x11)]));
    const hash = createHash("sha256").update(fromHex("00000001")).update(secret);
    const digest = hash
      .update(fromHex(`608574050803${algorithm}`))
      .update(clientTitle)
      .update(serverTitle)
      .digest();
    return toHex(new Uint8Array(digest.subarray(0, 16)));
  };

  it("agrees on keys with both ephemeral keys and answers signed", () => {
    const { store, call } = setup(agreeing);
    const answer = call(3, `0102${item(0)}${item(3)}`);
    if (answer instanceof Promise || !answer.ok || answer.value?.type !== "array") throw new Error("no keys");
    expect(toHex(store.state.keys.unicast?.reveal() ?? fromHex(""))).toBe(expected("00"));
    expect(toHex(store.state.keys.master?.reveal() ?? fromHex(""))).toBe(expected("02"));
    const second = encodeData(answer.value.value[1] ?? { type: "null-data" });
    expect(toHex(second.subarray(0, 7))).toBe("02021603098180");
    expect(second.subarray(7, 71)).toEqual(point(0x11));
    const signed = Buffer.concat([Uint8Array.of(3), point(0x11)]);
    const signerKey = { key: createPublicKey(jwk(0x11, false)), dsaEncoding: "ieee-p1363" } as const;
    expect(verify("sha256", signed, signerKey, second.subarray(71))).toBe(true);
  });

  it.each([
    [
      "a signature that is not the client's",
      `0101${item(
        0,
        offer(0).replace(/.$/, (last) => (last === "0" ? "1" : "0")),
      )}`,
    ],
    ["a signature for another key", `0101${item(0, offer(2))}`],
    ["one key twice", `0102${item(0)}${item(0)}`],
    ["a second that fails", `0102${item(0)}${item(2, "00".repeat(128))}`],
  ])("changes nothing for %s", (_what, hex) => {
    const { store, call } = setup(agreeing);
    expect(call(3, hex)).toBe(refused.otherReason);
    expect(store.state.keys).toEqual({});
  });

  it("wants the client's certificate and a key of its own", () => {
    expect(setup({ keyPairs: { signing: own } }).call(3, `0101${item(0)}`)).toBe(refused.otherReason);
    expect(setup({ certificates: [certificate("client-signing")] }).call(3, `0101${item(0)}`)).toBe(
      refused.otherReason,
    );
  });
});

describe("key pairs and certificates", () => {
  const trusting = { certificates: [certificate("root")] };
  const names = ({ state }: KeyStore) =>
    state.certificates.map(({ subject }) => Buffer.from(subject).toString("latin1").slice(13));

  it("a new pair waits for its certificate", () => {
    const former = privateKeyFromScalar("P-256", scalar(0x12));
    if (former === undefined) throw new Error("the scalar is fine");
    const { store, call } = setup({ ...trusting, keyPairs: { signing: former } });
    expect(call(4, "1600")).toEqual(done);
    expect(store.state.keyPairs.signing).toBe(former);
    // server-signing.hex certifies the scalar 11…11, which is what our source of chance gives.
    expect(call(6, octets(der("server-signing")))).toEqual(done);
    expect(store.state.keyPairs.signing?.publicKey.point).toEqual(certificate("server-signing").publicKey?.point);
    expect(store.state.newKeyPairs).toEqual({});
  });

  it.each([
    ["1600", "signing"],
    ["1601", "agreement"],
    ["1602", "tls"],
  ] as const)("code %s is the pair for %s", (code, kind) => {
    const { store, call } = setup();
    expect(call(4, code)).toEqual(done);
    expect(Object.keys(store.state.newKeyPairs)).toEqual([kind]);
  });

  it("are not for suite 0, nor of a kind that is none", () => {
    expect(setup({ suite: 0 }).call(4, "1600")).toBe(refused.otherReason);
    expect(setup().call(4, "1603")).toBe(refused.scopeOfAccessViolated);
    expect(setup({ ...trusting, suite: 0 }).call(6, octets(der("client-signing")))).toBe(refused.otherReason);
  });

  it.each([
    ["P-256", 1],
    ["P-384", 2],
  ] as const)("are requested in PKCS #10 on %s", (_curve, suite) => {
    const { store, call } = setup({ suite });
    expect(call(5, "1600")).toBe(refused.otherReason);
    call(4, "1600");
    const answer = call(5, "1600");
    if (answer instanceof Promise || !answer.ok || answer.value?.type !== "octet-string") throw new Error("no request");
    const request = fromBER(answer.value.value).result;
    if (!(request instanceof Sequence)) throw new Error("no sequence");
    const [info, , signature] = request.valueBlock.value;
    if (!(info instanceof Sequence) || !(signature instanceof BitString)) throw new Error("no request");
    const key = info.valueBlock.value[2]?.valueBeforeDecodeView ?? fromHex("");
    const publicKey = createPublicKey({ key: Buffer.from(key), format: "der", type: "spki" });
    const hash = suite === 1 ? "sha256" : "sha384";
    const signed = new Uint8Array(info.valueBeforeDecodeView);
    expect(verify(hash, signed, publicKey, signature.valueBlock.valueHexView)).toBe(true);
    expect(publicKey.export({ format: "jwk" }).x).toBe(
      store.state.newKeyPairs.signing?.publicKey.keyObject.export({ format: "jwk" }).x,
    );
    // UTF8String with the title in 16 hex digits.
    expect(toHex(signed)).toContain(`0c10${toHex(new TextEncoder().encode("45584D0000000001"))}`);
  });

  it("are taken where a known authority has signed them, below another too", () => {
    const { store, call } = setup(trusting);
    for (const name of ["client-signing", "client-agreement", "sub", "under-sub"]) {
      expect([name, call(6, octets(der(name)))]).toEqual([name, done]);
    }
    expect(call(6, octets(der("client-signing")))).toEqual(done);
    expect(names(store)).toEqual([
      "TestRoot",
      "4558430000000001",
      "4558430000000001",
      "TestSubAuthority",
      "4558430000000005",
    ]);
    const ring = keyRingOf(store, clientTitle);
    expect(ring.peerSigningKey?.point).toEqual(certificate("client-signing").publicKey?.point);
    expect(ring.peerAgreementKey?.point).toEqual(certificate("client-agreement").publicKey?.point);
  });

  it.each([
    ["signed by an unknown authority", der("untrusted")],
    ["below an authority that is not known yet", der("under-sub")],
    ["expired", der("expired")],
    ["on the curve of another suite", der("other-curve")],
    ["in our name for a key we have not got", der("server-foreign-key")],
    ["changed", der("client-signing").with(380, 0x55)],
    ["cut short", der("client-signing").subarray(0, 300)],
    ["followed by an octet", Uint8Array.of(...der("client-signing"), 0)],
    ["none", fromHex("3000")],
    ["empty", fromHex("")],
  ])("are refused where they are %s", (_what, octetsOfIt) => {
    const { store, call } = setup(trusting);
    expect(call(6, octets(octetsOfIt))).toBe(refused.otherReason);
    expect(store.state.certificates).toHaveLength(1);
  });

  it("are taken from anybody where the settings say so, but not out of date", () => {
    const { call } = setup({}, 1, { takesUntrusted: true });
    expect(call(6, octets(der("untrusted")))).toEqual(done);
    expect(call(6, octets(der("expired")))).toBe(refused.otherReason);
    expect(call(6, "0a00")).toBe(refused.typeUnmatched);
  });

  /** Issuer: SEQUENCE { SET { SEQUENCE { commonName, "TestRoot" } } }. */
  const issuer = "0915301331113" + "00f06035504030c0854657374526f6f74";
  const bySerial = `02021601020209030080f1${issuer}`;
  const byEntity = "020216000203160116000908" + "4558430000000001";

  it("are exported and removed by entity or by number", () => {
    for (const identification of [bySerial, byEntity]) {
      const { store, call } = setup({ certificates: [certificate("root"), certificate("client-signing")] });
      expect(call(7, identification)).toEqual({ ok: true, value: octets(der("client-signing")) });
      expect(call(8, identification)).toEqual(done);
      expect(names(store)).toEqual(["TestRoot"]);
      expect(call(7, identification)).toBe(refused.otherReason);
      expect(call(8, identification)).toBe(refused.otherReason);
    }
  });

  it("are not found where type and options disagree, and anchors are not removed", () => {
    const { store, call } = setup({ certificates: [certificate("root"), certificate("client-signing")] });
    expect(call(7, bySerial.replace("02021601", "02021600"))).toBe(refused.otherReason);
    expect(call(7, "120001")).toBe(refused.typeUnmatched);
    expect(call(8, `020216010202090101${issuer}`)).toBe(refused.readWriteDenied);
    expect(store.state.certificates).toHaveLength(2);
  });
});
