/** Key wrap, key derivation, agreement and signatures against vectors that others made. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  agreeEphemeral,
  agreeOnePass,
  agreeStatic,
  checkSignedEphemeralKey,
  fromHex,
  generateKeyPair,
  makeSignedEphemeralKey,
  privateKeyFromScalar,
  publicKeyFromPoint,
  revealScalar,
  Secret,
  SymmetricKey,
  sharedSecret,
  signOctets,
  toHex,
  unwrapKey,
  verifyOctets,
  wrapKey,
} from "../../../cosem/index.js";
import { bytesOf, privateKey, publicKey, securityTranscripts } from "../../support/security-transcripts.js";

const key = (hex: string) => new SymmetricKey(fromHex(hex));

/** RFC 3394, clauses 4.1 to 4.6: key encrypting key, key data, wrapped. */
const rfc3394 = [
  [
    "000102030405060708090A0B0C0D0E0F",
    "00112233445566778899AABBCCDDEEFF",
    "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5",
  ],
  [
    "000102030405060708090A0B0C0D0E0F1011121314151617",
    "00112233445566778899AABBCCDDEEFF",
    "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D",
  ],
  [
    "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
    "00112233445566778899AABBCCDDEEFF",
    "64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7",
  ],
  [
    "000102030405060708090A0B0C0D0E0F1011121314151617",
    "00112233445566778899AABBCCDDEEFF0001020304050607",
    "031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2",
  ],
  [
    "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
    "00112233445566778899AABBCCDDEEFF0001020304050607",
    "A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1",
  ],
  [
    "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
    "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F",
    "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21",
  ],
] as const;

describe("key wrap", () => {
  it.each(rfc3394)("RFC 3394: %s wraps %s", (master, plain, wrapped) => {
    expect(toHex(wrapKey(key(master), key(plain)))).toBe(wrapped.toLowerCase());
    const unwrapped = unwrapKey(key(master), fromHex(wrapped));
    expect(unwrapped?.equals(key(plain))).toBe(true);
    const changed = fromHex(wrapped);
    changed[5] = (changed[5] ?? 0) ^ 1;
    expect(unwrapKey(key(master), changed)).toBeUndefined();
    expect(unwrapKey(key(master), changed.subarray(1))).toBeUndefined();
  });

  const transfers = securityTranscripts("ciphered").filter(({ parameters }) => "wrappedEncryptionKey" in parameters);
  it.each(transfers.map((transcript) => [transcript.name, transcript] as const))("%s", (_name, { parameters }) => {
    const master = key(String(parameters["masterKey"]));
    const pairs = [
      ["newGlobalUnicastEncryptionKey", "wrappedEncryptionKey"],
      ["newAuthenticationKey", "wrappedAuthenticationKey"],
    ] as const;
    for (const [plain, wrapped] of pairs) {
      expect(toHex(wrapKey(master, key(String(parameters[plain]))))).toBe(parameters[wrapped]);
    }
  });
});

describe("key agreement", () => {
  const all = securityTranscripts("general-ciphering");
  const curveOf = (suite: unknown) => (suite === 2 ? "P-384" : "P-256") as "P-384" | "P-256";

  const statics = all.filter(({ name }) => name.startsWith("agreed-key-static"));
  it.each(statics.map((transcript) => [transcript.name, transcript] as const))("%s", (_name, transcript) => {
    const curve = curveOf(transcript.parameters["suite"]);
    const transaction = bytesOf(transcript, "transactionId") ?? new Uint8Array(0);
    for (const [from, to, derived] of [
      ["client", "server", "derivedKeyRequest"],
      ["server", "client", "derivedKeyResponse"],
    ] as const) {
      const own = privateKey(transcript, curve, `${from}AgreementPrivateKey`);
      const peer = publicKey(transcript, curve, `${to}AgreementPublicKey`);
      if (own === undefined || peer === undefined) throw new Error("no keys");
      expect(toHex(sharedSecret(own, peer))).toBe(transcript.parameters["sharedSecret"]);
      const titles = [bytesOf(transcript, `${from}SystemTitle`), bytesOf(transcript, `${to}SystemTitle`)] as const;
      const agreed = agreeStatic(own, peer, titles[0] ?? fromHex(""), transaction, titles[1] ?? fromHex(""));
      expect(toHex(agreed.reveal())).toBe(transcript.parameters[derived]);
    }
  });

  const onePass = all.filter(({ name }) => name.startsWith("agreed-key-one-pass"));
  it.each(onePass.map((transcript) => [transcript.name, transcript] as const))("%s", (_name, transcript) => {
    const curve = curveOf(transcript.parameters["suite"]);
    for (const [from, to, which] of [
      ["client", "server", "Request"],
      ["server", "client", "Response"],
    ] as const) {
      const ephemeral = privateKey(transcript, curve, `${from}EphemeralPrivateKey`);
      const peer = publicKey(transcript, curve, `${to}AgreementPublicKey`);
      const own = privateKey(transcript, curve, `${to}AgreementPrivateKey`);
      const signer = publicKey(transcript, curve, `${from}SigningPublicKey`);
      if (!ephemeral || !peer || !own || !signer) throw new Error("no keys");
      expect(toHex(ephemeral.publicKey.point)).toBe(transcript.parameters[`${from}EphemeralPublicKey`]);
      expect(toHex(sharedSecret(ephemeral, peer))).toBe(transcript.parameters[`sharedSecret${which}`]);
      const titles = [bytesOf(transcript, `${from}SystemTitle`), bytesOf(transcript, `${to}SystemTitle`)] as const;
      const sent = agreeOnePass(ephemeral, peer, titles[0] ?? fromHex(""), titles[1] ?? fromHex(""));
      expect(toHex(sent.reveal())).toBe(transcript.parameters[`derivedKey${which}`]);
      // key-info: presence, choice, parameters 01 01, then key data behind its length of two octets
      const keyData = fromHex(String(transcript.parameters[`keyInfo${which}`])).subarray(6);
      const checked = checkSignedEphemeralKey(signer, undefined, keyData);
      if (!checked.ok) throw new Error(checked.reason);
      const received = agreeOnePass(own, checked.key, titles[0] ?? fromHex(""), titles[1] ?? fromHex(""));
      expect(received.equals(sent)).toBe(true);
      expect(checkSignedEphemeralKey(own.publicKey, undefined, keyData)).toEqual({ ok: false, reason: "badSignature" });
    }
  });

  it("C(2e, 0s): both sides get one key, another for wrapping, another with the titles turned", () => {
    let seed = 1;
    const random = (count: number) => new Uint8Array(count).fill(seed++);
    const titles = [fromHex("4558430000000001"), fromHex("45584d0000000001")] as const;
    const signing = [generateKeyPair("P-384", random), generateKeyPair("P-384", random)] as const;
    const client = makeSignedEphemeralKey(signing[0], 3, random);
    const server = makeSignedEphemeralKey(signing[1], 3, random);
    const atServer = checkSignedEphemeralKey(signing[0].publicKey, 3, client.keyData);
    const atClient = checkSignedEphemeralKey(signing[1].publicKey, 3, server.keyData);
    if (!atServer.ok || !atClient.ok) throw new Error("not signed");
    expect(checkSignedEphemeralKey(signing[0].publicKey, 0, client.keyData)).toMatchObject({ ok: false });
    const one = agreeEphemeral(client.ephemeralKey, atClient.key, ...titles, "wrap");
    expect(one.equals(agreeEphemeral(server.ephemeralKey, atServer.key, ...titles, "wrap"))).toBe(true);
    expect(one.length).toBe(32);
    expect(one.equals(agreeEphemeral(server.ephemeralKey, atServer.key, ...titles))).toBe(false);
    expect(one.equals(agreeEphemeral(server.ephemeralKey, atServer.key, titles[1], titles[0], "wrap"))).toBe(false);
  });
});

describe("signatures", () => {
  /** RFC 6979, A.2.5 and A.2.6: private key, public key, signature of "sample" with the hash of the curve. */
  it.each([
    [
      "P-256",
      "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
      "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB67903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
      "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
    ],
    [
      "P-384",
      "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5",
      "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC138015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720",
      "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE4699EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8",
    ],
  ] as const)("RFC 6979 on %s", (curve, scalar, point, signature) => {
    const own = privateKeyFromScalar(curve, fromHex(scalar));
    if (own === undefined) throw new Error("no key");
    expect(toHex(own.publicKey.point)).toBe(point.toLowerCase());
    expect(toHex(revealScalar(own))).toBe(scalar.toLowerCase());
    const text = new TextEncoder().encode("sample");
    expect(verifyOctets(own.publicKey, text, fromHex(signature))).toBe(true);
    expect(verifyOctets(own.publicKey, text, signOctets(own, text))).toBe(true);
    expect(verifyOctets(own.publicKey, text, fromHex(signature).subarray(1))).toBe(false);
    expect(verifyOctets(own.publicKey, new Uint8Array(3), fromHex(signature))).toBe(false);
  });

  it("points off the curve, and scalars out of range, give no key", () => {
    expect(publicKeyFromPoint("P-256", new Uint8Array(64).fill(1))).toBeUndefined();
    expect(publicKeyFromPoint("P-256", new Uint8Array(64))).toBeUndefined();
    expect(publicKeyFromPoint("P-384", new Uint8Array(64))).toBeUndefined();
    expect(privateKeyFromScalar("P-256", new Uint8Array(32))).toBeUndefined();
    expect(privateKeyFromScalar("P-256", new Uint8Array(32).fill(255))).toBeUndefined();
    expect(privateKeyFromScalar("P-256", new Uint8Array(31).fill(1))).toBeUndefined();
  });
});

describe("secrets do not show", () => {
  const octets = fromHex("c0c1c2c3c4c5c6c7c8c9cacbcccdcecf");
  const scalar = fromHex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
  const curveKey = privateKeyFromScalar("P-256", scalar);
  it.each([
    ["SymmetricKey", new SymmetricKey(octets)],
    ["Secret", new Secret(octets)],
    ["CurvePrivateKey", curveKey],
  ])("%s: not as text, as JSON, in inspect, in keys or in an Error", (_name, secret) => {
    // What was used is shown too: caches must not leak.
    if (secret instanceof SymmetricKey) expect([secret.keyObject, secret.associatedData(0x30).length]).toBeTruthy();
    const shown = [
      `${secret}`,
      JSON.stringify({ secret }),
      inspect(secret, { depth: 9, showHidden: true }),
      inspect({ nested: [secret] }, { depth: 9, showHidden: true, customInspect: false }),
      String(new Error("failed", { cause: secret }).cause),
      JSON.stringify(Object.entries(secret ?? {})),
      JSON.stringify({ ...secret }),
    ].join("\n");
    const forms = [octets, scalar].flatMap((value) => [
      toHex(value),
      Buffer.from(value).toString("base64"),
      Buffer.from(value).toString("base64url"),
      [...value.subarray(0, 4)].join(","),
      [...value.subarray(0, 4)].join(", "),
      [...value.subarray(0, 4)].map((octet) => octet.toString(16)).join(" "),
    ]);
    for (const form of forms) expect(shown.toLowerCase()).not.toContain(form.toLowerCase());
  });

  it("a structured clone does not carry it", () => {
    expect(JSON.stringify(structuredClone({ ...new SymmetricKey(octets) }))).not.toContain("192");
  });
});
