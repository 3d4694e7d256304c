/** The four passes of high level authentication, and what a second AARQ does to an open association. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { decodeAare, encodeAarq, fromHex, Secret, toHex } from "../../../cosem/index.js";
import { clientTitle, createServerLink, plainAarq, type ServerLink, securedPair } from "../../support/server-link.js";

const secretText = "Secret1234567890";
const secret = new Secret(new TextEncoder().encode(secretText));
const challenge = fromHex("303132333435363738393a3b3c3d3e3f");
const getName = "c001c1000100002a0000ff0200";
const name = "c401c100091045584d30303030303030303030303031";
const status = "c001c1000f0000280000ff0800";
const notAllowed = "d80101";

function highAarq(mechanism: number, parts: { readonly challenge?: Uint8Array; readonly title?: Uint8Array } = {}) {
  return encodeAarq({
    hasProtocolVersion1: true,
    applicationContextName: [2, 16, 756, 5, 8, 1, 1],
    callingApTitle: parts.title,
    callingAeQualifier: undefined,
    callingAeInvocationId: undefined,
    requiresAuthentication: true,
    mechanismName: [2, 16, 756, 5, 8, 2, mechanism],
    callingAuthenticationValue: parts.challenge ?? challenge,
    userInformation: fromHex("01000000065f1f0400001e5dffff"),
  });
}

const md5 = (octets: Uint8Array) => createHash("md5").update(octets).update(secretText).digest("hex");
const passThree = (value: string) =>
  `c301c1000f0000280000ff010109${(value.length / 2).toString(16).padStart(2, "0")}${value}`;

/** Passes 1 and 2. @returns the server's challenge */
async function begin(link: ServerLink, serverSap = 1): Promise<Uint8Array> {
  const aare = decodeAare(fromHex(await link.one(highAarq(3), serverSap)));
  expect([aare.result, aare.diagnostic.value, aare.mechanismName?.at(-1)]).toEqual([0, 14, 3]);
  return aare.respondingAuthenticationValue ?? new Uint8Array(0);
}

async function finish(link: ServerLink, stoc: Uint8Array, serverSap = 1): Promise<void> {
  const answer = await link.one(passThree(md5(stoc)), serverSap);
  expect(answer).toBe(`c701c10001000910${md5(challenge)}`);
}

const highClient = { mechanism: 3, secret } as const;

describe("four passes", () => {
  it("allow nothing but pass 3 and the release in between", async () => {
    const link = createServerLink({ client: highClient });
    const stoc = await begin(link);
    const access = "d94000000100010100010000" + "2a0000ff020100";
    const otherMethod = "c301c1000f0000280000ff0200";
    const otherObject = `c301c1000f0000280001ff010109100${"0".repeat(31)}`;
    const inList = `c303c101000f0000280000ff01010910${md5(stoc)}`;
    for (const request of [
      getName,
      "c101c100010000600100ff02000600001267",
      access,
      otherMethod,
      otherObject,
      inList,
      "e0010001000000",
    ]) {
      expect(await link.one(request)).toBe(notAllowed);
    }
    await finish(link, stoc);
    expect(await link.one(getName)).toBe(name);
    // association_status 2: associated.
    expect(await link.one(status)).toBe("c401c1001602");
  });

  it("end with the first wrong answer: no second guess at the same challenge", async () => {
    const link = createServerLink({ client: highClient });
    const stoc = await begin(link);
    expect(await link.one(passThree("00".repeat(16)))).toBe("c701c10300");
    expect(await link.one(passThree(md5(stoc)))).toBe(notAllowed);
    expect(await link.one(getName)).toBe(notAllowed);
    expect(link.logger.lines.some(({ fields }) => fields?.["reason"] === "authenticationFailed")).toBe(true);
  });

  it("have a fresh challenge each time, and no answer to an old one", async () => {
    const link = createServerLink({ client: highClient });
    const first = await begin(link);
    const second = await begin(link);
    expect(toHex(second)).not.toBe(toHex(first));
    expect(await link.one(passThree(md5(first)))).toBe("c701c10300");
  });

  it("are released while they are pending", async () => {
    const link = createServerLink({ client: highClient });
    const stoc = await begin(link);
    expect(await link.one("6203800100")).toBe("6303800100");
    expect(await link.one(passThree(md5(stoc)))).toBe(notAllowed);
  });

  it("give no answer to an unconfirmed pass 3, and open all the same", async () => {
    const link = createServerLink({ client: highClient });
    const stoc = await begin(link);
    expect(await link.one(passThree(md5(stoc)).replace("c301c1", "c30181"))).toBe("");
    expect(await link.one(getName)).toBe(name);
  });

  it("take challenges of 8 to 64 octets, and none that is our own", async () => {
    for (const [octets, result] of [
      [7, 1],
      [8, 0],
      [64, 0],
      [65, 1],
    ] as const) {
      const link = createServerLink({ client: highClient });
      const aare = decodeAare(fromHex(await link.one(highAarq(3, { challenge: new Uint8Array(octets).fill(1) }))));
      expect([aare.result, aare.diagnostic.value]).toEqual([result, result === 0 ? 14 : 13]);
    }
    // This server's chance gives 5a throughout.
    const { security } = securedPair(0);
    const link = createServerLink({ client: { ...highClient, security: () => security } });
    const same = new Uint8Array(16).fill(0x5a);
    expect(decodeAare(fromHex(await link.one(highAarq(3, { challenge: same })))).result).toBe(1);
  });

  it("want the title of the client for GMAC, SHA-256 and ECDSA, and know which titles there are", async () => {
    for (const mechanism of [5, 6, 7] as const) {
      const { security } = securedPair(0);
      const client = { mechanism, secret, security: () => security };
      const diagnosticOf = async (title: Uint8Array | undefined, known = security) => {
        const link = createServerLink({ client: { ...client, security: () => known } });
        const parts = title === undefined ? {} : { title };
        return decodeAare(fromHex(await link.one(highAarq(mechanism, parts)))).diagnostic.value;
      };
      expect(await diagnosticOf(undefined)).toBe(3);
      expect(await diagnosticOf(fromHex("45584300000001"))).toBe(3);
      expect(await diagnosticOf(security.ownTitle)).toBe(3);
      const strict = { ...security, peerTitle: undefined, keys: () => undefined };
      const link = createServerLink({ client: { ...client, security: () => strict } });
      const aare = decodeAare(fromHex(await link.one(highAarq(mechanism, { title: clientTitle }))));
      expect(aare.diagnostic.value).toBe(3);
      expect(await diagnosticOf(clientTitle)).toBe(14);
    }
  });

  it("do not know mechanism 2: each maker has its own", async () => {
    const link = createServerLink({ client: { mechanism: 2, secret } });
    expect(decodeAare(fromHex(await link.one(highAarq(2)))).diagnostic.value).toBe(11);
  });

  it("are given up after the time of inactivity", async () => {
    const link = createServerLink({ client: highClient });
    const stoc = await begin(link);
    link.associations.expire(600_000);
    expect(await link.one(passThree(md5(stoc)))).toBe(notAllowed);
  });
});

describe("a second AARQ in an open association", () => {
  it("changes nothing while it is refused or unproven, and takes over once pass 3 was right", async () => {
    const link = createServerLink({ client: highClient });
    await finish(link, await begin(link));
    const refused = decodeAare(fromHex(await link.one(plainAarq())));
    expect(refused.diagnostic.value).toBe(12);
    expect(await link.one(getName)).toBe(name);
    const stoc = await begin(link);
    expect(await link.one(getName)).toBe(name);
    expect(await link.one(passThree("00".repeat(16)))).toBe("c701c10300");
    expect(await link.one(getName)).toBe(name);
    expect(await link.one(passThree(md5(stoc)))).toBe("c701c10300");
    await finish(link, await begin(link));
    expect(await link.one(getName)).toBe(name);
  });

  it("to another logical device: the old one stays until the client has proven itself there", async () => {
    const link = createServerLink({ client: highClient });
    await finish(link, await begin(link));
    const stoc = await begin(link, 2);
    expect(await link.one(getName)).toBe(name);
    expect(await link.one(getName, 2)).toBe(notAllowed);
    await finish(link, stoc, 2);
    expect(await link.one(getName)).toBe(notAllowed);
    expect(await link.one(status, 2)).toBe("c401c1001602");
  });
});

it("pass 4 goes out whole where pass 3 came so, though an earlier request came in blocks", async () => {
  const link = createServerLink({ client: highClient });
  const withBlocks = (aarq: Uint8Array) => fromHex(toHex(aarq).replace("5f1f0400001e5d", "5f1f0400201e5d"));
  const stocOf = async () =>
    decodeAare(fromHex(await link.one(withBlocks(highAarq(3))))).respondingAuthenticationValue ?? new Uint8Array(0);
  await finish(link, await stocOf());
  expect((await link.one(`e081000100000d${getName}`)).slice(14)).toBe(name);
  await finish(link, await stocOf());
});

describe("users", () => {
  /** calling-AE-invocation-id in front of the user-information. */
  const withUser = (id: string) => `6022a109060760857405080101a9030201${id}be10040e01000000065f1f0400001e5dffff`;

  it("open an association that has a user list only where they are on it", async () => {
    const link = createServerLink({ client: { isUserPermitted: (userId) => userId === 5 } });
    expect(decodeAare(fromHex(await link.one(withUser("04")))).diagnostic.value).toBe(6);
    expect(decodeAare(fromHex(await link.one(plainAarq()))).diagnostic.value).toBe(6);
    expect(decodeAare(fromHex(await link.one(withUser("05")))).result).toBe(0);
  });
});
