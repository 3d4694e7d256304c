/**
 * Key agreement and signed ephemeral keys of the DLMS UA's Green Book (edition 8, annex of examples): the client
 * 4D4D4D0000BC614E and the server 4D4D4D0000000001. The authentication key of the general-ciphering example is not
 * among what is public, so its text is checked and its tag is not.
 */
import { describe, expect, it } from "vitest";
import {
  agreeOnePass,
  type CurvePrivateKey,
  type CurvePublicKey,
  checkSignedEphemeralKey,
  decodeGeneralCiphering,
  deriveKeyOctets,
  encodeGeneralCiphering,
  fromHex,
  openText,
  privateKeyFromScalar,
  publicKeyFromPoint,
  sharedSecret,
  toHex,
} from "../../../cosem/index.js";

const clientTitle = fromHex("4d4d4d0000bc614e");
const serverTitle = fromHex("4d4d4d0000000001");

function point(hex: string): CurvePublicKey {
  const key = publicKeyFromPoint("P-256", fromHex(hex));
  if (key === undefined) throw new Error("not on the curve");
  return key;
}

function scalar(hex: string): CurvePrivateKey {
  const key = privateKeyFromScalar("P-256", fromHex(hex));
  if (key === undefined) throw new Error("out of range");
  return key;
}

const clientSigning = point(
  "baaffde06a8cb1c9dae8d94023c601dbbb249254ba22edd827e820bca2bcc64362fbb83d86a82b87bb8b7161d2aab5521911a946b97a284a90f7785cd9047d25",
);
const serverSigning = point(
  "933acf15b03a9248e029b2787fb52a0aecaf635f07c42a0019fb3197e38f8f549a125ea36781b0ca96be89a0e1fe2cf9b7361ed48b3c5e24592b9c0f4edd31d1",
);

describe("C(2e, 0s), key_agreement of Security setup", () => {
  const clientPoint =
    "2914d60e10ab705f62ed6cc349d7cb99b9ab3f3978e59278c7af595b3af987941372dab6d5af1fa867e134167e6f23de664a6693e05f43414611058d1b48f894";
  const clientSignature =
    "06f0607702aa0e2435a183e2f6b1ecd19629712e389a213610c03f77b2590860ea840af5c3fa1f2bcdf055d4744e9a01ce9a0e55026bcaa4eebeb764ced64bb3";

  it("the key id is signed in front of the public key", () => {
    const keyData = fromHex(clientPoint + clientSignature);
    expect(checkSignedEphemeralKey(clientSigning, 0, keyData)).toMatchObject({ ok: true });
    expect(checkSignedEphemeralKey(clientSigning, 1, keyData)).toEqual({ ok: false, reason: "badSignature" });
    expect(checkSignedEphemeralKey(clientSigning, undefined, keyData)).toEqual({ ok: false, reason: "badSignature" });
  });

  // A key derived from it that circulates (E025CA6F…) was made with 60857406080300, an algorithm id of no edition.
  it("gives the shared secret", () => {
    const server = scalar("34a8c23a34dbb519d09b245754c85a6cfe05d14a063efa5aa41545aa8241efae");
    expect(toHex(sharedSecret(server, point(clientPoint)))).toBe(
      "c1cf8fe7891aef3617d7190795e61fe6c24efc3cca2e08469bad1a225ce6ea08",
    );
  });
});

describe("C(1e, 1s), general-ciphering", () => {
  const serverAgreement = scalar("aad3fd0732e991cf52a74c66c1f2827ddc53522a2e0a169d7c4ffcc0fb5d6a4d");
  const apdu =
    "dd080102030405060708084d4d4d0000bc614e084d4d4d00000000010000010201018180c323c2bd45711de4688637d919f92e9d" +
    "b8fb2dfc213a88d21c9dc8dcba917d8170511de1badb360d50058f794b0960ae11fa28d392cff907a62d13e3357b1dc0b51be089" +
    "d0b682863b2217201e73a1a9031968a9b4121dcbc3281a69739af87429f5b3ac5471e7b6a04a2c0f2f8a25fd772a317df97fc546" +
    "3feac248eb8ab8be81eb3100000000f435069679270c5bf4425ee5777402a6c8d51c620eed52dbb188378b836e2857d5c053e6dd" +
    "f27fa87409aef502cd9618ae47017c010224fd109cc0beb21e742d44ab40cd11908743ec90ec8c40e221d517f72228e1a26e827f" +
    "43dc18ed27b5f458d66508b05a2a4cc6fed178c881afc3bc67064689be8bb41c80abb3c114a31f4cb03b8b64c7e0b4ce77b2399c" +
    "93347858888f92239713b38df01c4858245827a92ef334172ea636b31cbbdf2a96ad5d035f66aa38f1a2d97d4bba99622e6b5f18" +
    "789cecb2dfb3937d9f3e17f8b472098e6563238f37528374809836002aea6e7012d2adfaa7";
  const access =
    "d94000000000040100010000600100ff020100080000010000ff0202001400000d0000ff0702001400000d0000ff0804000001040203090100090cff" +
    "ffffffffffff00000000000901ff0203090101090cffffffffffffff00000000000901ff0203090102090cffffffffffffff0000000000" +
    "0901ff0203090103090cffffffffffffff00000000000901ff0104020809010011ff11ff11ff11ff11ff11ff11ff02080901011102110111" +
    "011101110111011101020809010211ff11ff11ff11ff11ff11ff11ff02080901031101110211021102110211021102";
  const ciphering = decodeGeneralCiphering(fromHex(apdu));
  const keyData = ciphering.keyInfo?.kind === "agreed" ? ciphering.keyInfo.keyData : new Uint8Array(0);

  it("is read, and written to the same octets", () => {
    expect(toHex(encodeGeneralCiphering(ciphering))).toBe(apdu);
    expect(ciphering.originatorSystemTitle).toEqual(clientTitle);
    expect(ciphering.recipientSystemTitle).toEqual(serverTitle);
  });

  it("the public key alone is signed, by the client and by the server", () => {
    expect(checkSignedEphemeralKey(clientSigning, undefined, keyData)).toMatchObject({ ok: true });
    const ofServer =
      "6439724714b47cd9cb988897d8424ab946dcd083d37a954637616011b9c2378773295f0f850d8dafd1bbe9fe666e53e4f097cd10b38b69622152724a90987444" +
      "e1ff47974a1f6931a6502f58147463f0e8cc517d47f55b0ac56dd8ac5c9d0e481934f2d90f9893016bd82b6e3ffe21ff1588f3278b4e9d98eb4fb62add64b380";
    expect(checkSignedEphemeralKey(serverSigning, undefined, fromHex(ofServer))).toMatchObject({ ok: true });
    expect(checkSignedEphemeralKey(serverSigning, 1, fromHex(ofServer))).toMatchObject({ ok: false });
  });

  it("the derived key deciphers the ACCESS request", () => {
    const ephemeral = checkSignedEphemeralKey(clientSigning, undefined, keyData);
    if (!ephemeral.ok) throw new Error(ephemeral.reason);
    const key = agreeOnePass(serverAgreement, ephemeral.key, clientTitle, serverTitle);
    expect(toHex(key.reveal())).toBe("59a71fd81c929a86a99438da17a66c05");
    // Its control byte without authentication, and without the tag.
    const content = ciphering.content.slice(0, -12);
    content[0] = 0x21;
    const keys = { encryptionKey: key, authenticationKey: undefined, title: clientTitle, header: undefined };
    expect(toHex(openText(content, keys) ?? new Uint8Array(0))).toBe(access);
  });

  it("the key of the answer has the titles turned", () => {
    const secret = fromHex("2b4302dc49790e2e78d990cfb52ed6e2f273dece441a2d95e4301b93812a9fac");
    const derived = deriveKeyOctets("P-256", secret, serverTitle, clientTitle);
    expect(toHex(derived)).toBe("f0184bda9466bfa4601a64a7ef46504a");
  });
});
