/** Ciphered associations: what is let in, how answers go out. The client's side is the protection that the vectors prove. */
import { describe, expect, it } from "vitest";
import {
  createAssociation,
  decodeAare,
  decodeGeneralBlock,
  decodeGetResponse,
  fromHex,
  generateKeyPair,
  type KeyRing,
  SymmetricKey,
  securityPolicyBit,
  securityPolicyFromVersion0,
  toHex,
} from "../../../cosem/index.js";
import {
  createServerLink,
  plainAarq,
  type SecuredPair,
  type ServerLink,
  securedPair,
} from "../../support/server-link.js";

const getName = "c001c1000100002a0000ff0200";
const name = "c401c100091045584d30303030303030303030303031";
const getProfile = "c001c100070100630100ff0200";
const authenticatedEncryption = securityPolicyFromVersion0(3);
const notAllowed = "d80101";
const notSupported = "d80102";
const decipheringError = "d80105";

interface Opened extends SecuredPair {
  readonly link: ServerLink;
}

async function opened(
  securityPolicy: number,
  aarq: Parameters<SecuredPair["client"]["aarq"]>[0] = {},
  options: Parameters<typeof createServerLink>[0] = {},
  keys: Parameters<typeof securedPair>[1] = {},
): Promise<Opened> {
  const pair = securedPair(securityPolicy, keys);
  const client = { applicationContext: 3, security: () => pair.security, ...options.client } as const;
  const link = createServerLink({ ...options, client });
  const aare = decodeAare(fromHex(await link.one(pair.client.aarq(aarq))));
  expect(aare.result).toBe(0);
  if (aarq.bits !== 0) pair.client.open(toHex(aare.userInformation ?? new Uint8Array(0)));
  return { ...pair, link };
}

describe("security policy", () => {
  it("version 0 asks the same of requests and responses", () => {
    expect([0, 1, 2, 3].map(securityPolicyFromVersion0)).toEqual([0, 0x24, 0x48, 0x6c]);
  });

  it("of requests: less is refused and moves no counter", async () => {
    const { client, link } = await opened(authenticatedEncryption);
    expect(await link.one(getName)).toBe(notAllowed);
    expect(await link.one(client.close(getName, "glo", 4))).toBe(notSupported);
    expect(await link.one(client.close(getName, "glo", 8))).toBe(notSupported);
    expect(client.open(await link.one(client.close(getName)))).toBe(name);
  });

  it("none: a request comes as the client likes and is answered in kind", async () => {
    const { client, link } = await opened(0);
    expect(await link.one(getName)).toBe(name);
    for (const bits of [4, 8, 12]) {
      for (const form of ["glo", "generalGlo"] as const) {
        expect(client.open(await link.one(client.close(getName, form, bits)))).toBe(name);
        expect(client.lastStyle()).toBe(`${form} ${bits}`);
      }
    }
  });

  it("of responses alone: a plain request gets a protected answer", async () => {
    const policy = securityPolicyBit.authenticatedResponse | securityPolicyBit.encryptedResponse;
    const { client, link } = await opened(policy);
    expect(client.open(await link.one(getName))).toBe(name);
    expect(client.lastStyle()).toBe("glo 12");
    client.open(await link.one(client.close(getName, "generalGlo", 4)));
    expect(client.lastStyle()).toBe("generalGlo 12");
  });

  it("counts from the next message on when it is strengthened", async () => {
    const { client, link, security } = await opened(0);
    expect(await link.one(getName)).toBe(name);
    security.securityPolicy = authenticatedEncryption;
    expect(await link.one(getName)).toBe(notAllowed);
    expect(client.open(await link.one(client.close(getName)))).toBe(name);
  });

  it("refuses an AARQ that is less protected, as an AARE", async () => {
    for (const bits of [0, 4, 8]) {
      const { client, security } = securedPair(authenticatedEncryption);
      const link = createServerLink({ client: { applicationContext: 3, security: () => security } });
      const aare = decodeAare(fromHex(await link.one(client.aarq({ bits }))));
      expect([aare.result, aare.diagnostic.value, aare.userInformation]).toEqual([1, 1, undefined]);
    }
  });
});

describe("what cannot be deciphered", () => {
  it("tells the expected counter of a replay, and the next one with a greater counter is taken", async () => {
    const { client, link } = await opened(authenticatedEncryption);
    const request = client.close(getName);
    client.open(await link.one(request));
    // The AARQ took 0, the request 1: 2 is the least that would do.
    expect(await link.one(request)).toBe("d8010600000002");
    expect(client.open(await link.one(client.close(getName)))).toBe(name);
  });

  it("refuses a wrong tag and keeps its counter where it was", async () => {
    const { client, link } = await opened(authenticatedEncryption);
    const forged = client.close(getName);
    forged.set([0xff, 0xff, 0xff, 0xff], 3);
    expect(await link.one(forged)).toBe(decipheringError);
    expect(client.open(await link.one(client.close(getName)))).toBe(name);
  });

  it("refuses a dedicated key that nobody brought, and another suite", async () => {
    const { client, link } = await opened(authenticatedEncryption);
    const asDedicated = client.close(getName);
    asDedicated[0] = 0xd0;
    expect(await link.one(asDedicated)).toBe(decipheringError);
    const otherSuite = client.close(getName);
    otherSuite[2] = 0x31;
    expect(await link.one(otherSuite)).toBe(notSupported);
  });

  it("refuses ciphered requests in an association without ciphering, and general forms that were not negotiated", async () => {
    const { client } = securedPair(0);
    const plain = createServerLink();
    await plain.one(plainAarq());
    expect(await plain.one(client.close(getName))).toBe(notSupported);
    const { client: secured, link } = await opened(0, { conformance: 0x001e5d });
    expect(await link.one(secured.close(getName, "generalGlo"))).toBe(notSupported);
    expect(secured.open(await link.one(secured.close(getName)))).toBe(name);
  });

  it("refuses what is no service inside", async () => {
    const { client, link } = await opened(authenticatedEncryption);
    for (const inner of ["6203800100", plainAarq(), "e081000100000102", "c401c10104"]) {
      expect(await link.one(client.close(inner, "generalGlo"))).toBe(notSupported);
    }
  });
});

describe("style of the answer", () => {
  it("is ded- for ded-, with a dedicated key from the ciphered initiate", async () => {
    const dedicatedKey = fromHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
    const { client, link } = await opened(authenticatedEncryption, { dedicatedKey });
    for (const form of ["ded", "generalDed", "glo"] as const) {
      expect(client.open(await link.one(client.close(getName, form)))).toBe(name);
      expect(client.lastStyle()).toBe(`${form} 12`);
    }
  });

  it("takes a dedicated key in a ciphered initiate alone, and of the suite's length", async () => {
    const [fitting, tooLong] = ["a0".repeat(16), "a0".repeat(32)].map(fromHex);
    for (const parts of [
      { bits: 0, dedicatedKey: fitting },
      { bits: 12, dedicatedKey: tooLong },
    ]) {
      const { client, security } = securedPair(0);
      const link = createServerLink({ client: { applicationContext: 3, security: () => security } });
      const request = { bits: parts.bits, dedicatedKey: parts.dedicatedKey ?? new Uint8Array(0) };
      expect(decodeAare(fromHex(await link.one(client.aarq(request)))).result).toBe(1);
    }
  });

  it("gives ACCESS, which has no glo- form, in general-glo", async () => {
    const { client, link } = await opened(authenticatedEncryption);
    const access = "d94000000100010100010000 2a0000ff020100".replace(" ", "");
    const answer = await link.one(client.close(access, "generalGlo"));
    expect(client.open(answer)).toBe("da40000001000001091045584d30303030303030303030303031010100");
  });

  it("never answers the broadcast key, and does what was asked", async () => {
    const { client, link } = await opened(0);
    const set = "c101c100010000600100ff02000600001267";
    expect(await link.one(client.close(set, { kind: "glo", isBroadcast: true }))).toBe("");
    expect(await link.one("c001c100010000600100ff0200")).toBe("c401c1000600001267");
    for (const broken of ["c101c1", "6203800100", "c009c100"]) {
      expect(await link.one(client.close(broken, { kind: "generalGlo", isBroadcast: true }))).toBe("");
    }
  });
});

describe("size of PDUs", () => {
  it.each(["glo", "generalGlo"] as const)(
    "blocks in %s keep to the client's size with all that protects them",
    async (form) => {
      for (const pduSize of [64, 128, 143, 144, 200, 300]) {
        const { client, link } = await opened(authenticatedEncryption, { pduSize, conformance: 0x401e5d });
        let data = "";
        let request = getProfile;
        for (;;) {
          const answer = await link.one(client.close(request, form));
          expect(answer.length / 2).toBeLessThanOrEqual(pduSize);
          const response = decodeGetResponse(fromHex(client.open(answer)));
          if (response.kind !== "withDatablock") throw new Error(`a ${response.kind}`);
          data += toHex(response.block.rawData);
          if (response.block.lastBlock) break;
          request = `c002c1${response.block.blockNumber.toString(16).padStart(8, "0")}`;
        }
        // Array of 24 rows of 3: 2 + 24 * (2 + 14 + 5 + 3) octets.
        expect(data.length / 2).toBe(2 + 24 * 24);
      }
    },
  );

  it("a ciphered answer goes through general-block-transfer whole where GET has no blocks of its own", async () => {
    const { client, link } = await opened(authenticatedEncryption, { pduSize: 128, conformance: 0x600e5d });
    let whole = "";
    let answer = await link.one(client.close(getProfile));
    for (let own = 1; ; own++) {
      expect(answer.length / 2).toBeLessThanOrEqual(128);
      const block = decodeGeneralBlock(fromHex(answer));
      whole += toHex(block.data);
      if (block.lastBlock) break;
      const number = own.toString(16).padStart(4, "0");
      answer = await link.one(`e081${number}${number}00`);
    }
    expect(client.open(whole).slice(0, 12)).toBe("c401c1000118");
    expect(client.lastStyle()).toBe("glo 12");
  });

  it("a ciphered request comes in blocks, and its answer goes out in one", async () => {
    const { client, link } = await opened(authenticatedEncryption, { conformance: 0x601e5d });
    const request = toHex(client.close(getName));
    const [first, second] = [request.slice(0, 30), request.slice(30)];
    expect(await link.one(`e00100010000${"0f"}${first}`)).toBe("e0880001000100");
    const rest = (second.length / 2).toString(16).padStart(2, "0");
    const block = decodeGeneralBlock(fromHex(await link.one(`e08100020000${rest}${second}`)));
    expect([block.lastBlock, block.blockNumber, block.blockNumberAck]).toEqual([true, 1, 2]);
    expect(client.open(toHex(block.data))).toBe(name);
  });

  it("refuses a plain request in blocks under a policy that wants more", async () => {
    const { link } = await opened(authenticatedEncryption, { conformance: 0x601e5d });
    expect(await link.one(`e081000100000d${getName}`)).toBe(notAllowed);
  });
});

describe("access rights", () => {
  const rule = (protection: number) =>
    createAssociation({
      name: "rights",
      clientSap: 1,
      rules: [{ logicalName: "0-0:42.0.0*255", access: "read", protection }, { access: "declared" }],
    });

  it("bits 2 to 4 want a request protected so, message by message", async () => {
    const { client, link } = await opened(0, {}, { association: rule(0x08) });
    expect(await link.one(getName)).toBe("c401c10103");
    expect(client.open(await link.one(client.close(getName, "glo", 4)))).toBe("c401c10103");
    expect(client.open(await link.one(client.close(getName, "glo", 8)))).toBe(name);
    expect(client.open(await link.one(client.close(getName, "glo", 12)))).toBe(name);
  });

  it("bits 5 to 7 protect the answer, however the request came", async () => {
    const { client, link } = await opened(0, {}, { association: rule(0x60) });
    expect(client.open(await link.one(getName))).toBe(name);
    expect(client.lastStyle()).toBe("glo 12");
    expect(client.open(await link.one(client.close(getName, "generalGlo", 8)))).toBe(name);
    expect(client.lastStyle()).toBe("generalGlo 12");
    expect(await link.one("c001c100010000600100ff0200")).toBe("c401c1000600000000");
  });

  it("in an association that can protect nothing such an attribute is denied", async () => {
    const link = createServerLink({ association: rule(0x20) });
    await link.one(plainAarq());
    expect(await link.one(getName)).toBe("c401c10103");
  });

  it("a list is answered as its strictest item wants it", async () => {
    const { client, link } = await opened(0, {}, { association: rule(0x20) });
    const list = "c003c102000100002a0000ff02000001000060 0100ff0200".replace(" ", "");
    expect(client.open(await link.one(list)).slice(0, 8)).toBe("c403c102");
    expect(client.lastStyle()).toBe("glo 4");
  });
});

it("the rest of a long answer is not given to a weaker request than its beginning was", async () => {
  const { client, link } = await opened(0, { pduSize: 128 });
  const first = decodeGetResponse(fromHex(client.open(await link.one(client.close(getProfile)))));
  expect(first.kind).toBe("withDatablock");
  expect(await link.one("c002c100000001")).toBe(notAllowed);
  expect(client.open(await link.one(client.close("c002c100000001"))).slice(0, 18)).toBe("c402c1000000000200");
});

describe("release", () => {
  const initiate = "01000000065f1f0400401e5dffff";
  const rlrq = (userInformation: Uint8Array) =>
    `62${(5 + 2 + userInformation.length).toString(16).padStart(2, "0")}800100be${(userInformation.length + 2).toString(16).padStart(2, "0")}04${userInformation.length.toString(16).padStart(2, "0")}${toHex(userInformation)}`;

  it("needs as much protection as the policy wants, and a fresh counter", async () => {
    const { client, link } = await opened(authenticatedEncryption);
    expect(await link.one("6203800100")).toBe(notSupported);
    expect(await link.one(rlrq(fromHex(initiate)))).toBe(notSupported);
    expect(await link.one(rlrq(client.close(initiate, "glo", 4)))).toBe(notSupported);
    const stale = client.close(initiate);
    client.open(await link.one(client.close(getName)));
    // AARQ 0, two requests and the stale release before the last: 4 is due.
    expect(await link.one(rlrq(stale))).toBe("d8010600000004");
    const forged = client.close(initiate);
    forged.set([forged.at(-1) === 0 ? 1 : 0], forged.length - 1);
    expect(await link.one(rlrq(forged))).toBe(decipheringError);
    expect(client.open(await link.one(client.close(getName)))).toBe(name);
    const answer = await link.one(rlrq(client.close(initiate)));
    expect(answer.slice(0, 2)).toBe("63");
    expect(await link.one(client.close(getName))).toBe(notAllowed);
  });

  it("goes without protection where the policy wants none", async () => {
    const { link } = await opened(0);
    expect(await link.one("6203800100")).toBe("6303800100");
  });
});

describe("signed messages", () => {
  const curve = "P-256";
  let seed = 1;
  const pair = () => generateKeyPair(curve, (count) => new Uint8Array(count).fill(seed++));
  const [serverKey, clientKey] = [pair(), pair()];
  const symmetric = {
    unicast: new SymmetricKey(fromHex("000102030405060708090a0b0c0d0e0f")),
    authentication: new SymmetricKey(fromHex("d0d1d2d3d4d5d6d7d8d9dadbdcdddedf")),
  };
  const ring = (own: typeof serverKey, peer: typeof serverKey): KeyRing => ({
    suite: 1,
    encryptionKey: (which) => (which === "unicast" ? symmetric.unicast : undefined),
    authenticationKey: symmetric.authentication,
    masterKey: undefined,
    ownSigningKey: own,
    peerSigningKey: peer.publicKey,
    ownAgreementKey: undefined,
    peerAgreementKey: undefined,
  });
  const keys = { server: ring(serverKey, clientKey), client: ring(clientKey, serverKey) };
  const header = {
    transactionId: fromHex("0102030405060708"),
    originatorSystemTitle: fromHex("4558430000000001"),
    recipientSystemTitle: fromHex("45584d0000000001"),
    dateTime: new Uint8Array(0),
    otherInformation: new Uint8Array(0),
  };

  it("are answered signed, with the transaction's id and the titles turned", async () => {
    const { client, link } = await opened(0, {}, {}, keys);
    for (const [inner, bits] of [
      [undefined, 16],
      [{ kind: "glo" }, 28],
    ] as const) {
      const request = client.close(getName, { kind: "generalSigning", header, inner }, bits);
      const answer = await link.one(request);
      expect(answer.slice(0, 56)).toBe("df0801020304050607080845584d0000000001084558430000000001");
      expect(client.open(answer)).toBe(name);
      expect(client.lastStyle()).toBe(`generalSigning ${bits}`);
    }
  });

  it("are demanded and given by the policy's bits", async () => {
    const { client, link } = await opened(
      securityPolicyBit.signedRequest | securityPolicyBit.signedResponse,
      {},
      {},
      keys,
    );
    expect(await link.one(client.close(getName))).toBe(notSupported);
    const signed = client.close(getName, { kind: "generalSigning", header, inner: undefined }, 16);
    expect(client.open(await link.one(signed))).toBe(name);
    expect(client.lastStyle()).toBe("generalSigning 16");
  });
});
