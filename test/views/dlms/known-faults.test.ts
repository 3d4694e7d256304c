/**
 * One test for each fault that users and transcripts tell of in other servers, as far as it concerns the server's side
 * of an association; the number in front names its place in the list it came from (u9n: u9n/dlms-cosem, java and net:
 * Gurux). Those of classes and of the client stand with them.
 */
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import {
  createAssociation,
  createPublicClient,
  decodeAare,
  decodeGetResponse,
  encodeDataNotification,
  encodeEventNotification,
  fromHex,
  logicalName,
  Secret,
  securityPolicyFromVersion0,
  toHex,
} from "../../../cosem/index.js";
import { createDlmsView } from "../../../src/views/dlms/index.js";
import { createDlmsFixture } from "../../support/dlms-fixture.js";
import { recordingLogger } from "../../support/recording-logger.js";
import { createServerLink, plainAarq, securedPair } from "../../support/server-link.js";
import { systemClock } from "../../support/system-clock.js";

const getName = "c001c1000100002a0000ff0200";
const name = "c401c100091045584d30303030303030303030303031";
const getProfile = "c001c100070100630100ff0200";
const contextInfo = "c001c1000f0000280000ff0500";
const lowAarq =
  "6036a1090607608574050801018a0207808b0760857405080201ac0a80083132333435363738be10040e01000000065f1f0400001e5dffff";
const password = new Secret(new TextEncoder().encode("12345678"));
const nothingOpen = "d80101";
const notServed = "d80102";

async function opened(conformance?: string, pduSize?: string, options: Parameters<typeof createServerLink>[0] = {}) {
  const link = createServerLink(options);
  expect(decodeAare(fromHex(await link.one(plainAarq(conformance, pduSize)))).result).toBe(0);
  return link;
}

async function ciphered(policy = 3, aarq: Parameters<ReturnType<typeof securedPair>["client"]["aarq"]>[0] = {}) {
  const { security, client } = securedPair(securityPolicyFromVersion0(policy));
  const link = createServerLink({ client: { applicationContext: 3, security: () => security } });
  const aare = decodeAare(fromHex(await link.one(client.aarq(aarq))));
  client.open(toHex(aare.userInformation ?? new Uint8Array(0)));
  return { link, client, aare };
}

describe("what users complain about", () => {
  it("u9n 79: user-information in a release where the association is ciphered, with the negotiated context, and nowhere else", async () => {
    const plain = await opened();
    expect(await plain.one("6215800100be10040e01000000065f1f0400001e5dffff")).toBe("6303800100");
    // Proposed with bits that nobody serves (0, 23 of 24 set): the negotiated ones stand in the answer.
    const { link, client } = await ciphered(3, { conformance: 0x7fffff });
    const initiate = client.close("01000000065f1f04007fffffffff");
    const rlre = await link.one(`6228800100be230421${toHex(initiate)}`);
    expect(rlre.slice(0, 18)).toBe("6328800100be230421");
    expect(client.open(rlre.slice(18))).toBe("0800065f1f0400601e5d04000007");
  });

  it("u9n 38, 51: a list has exactly one result an item, each by itself", async () => {
    const link = await opened();
    const unknown = "00010000606300ff0200";
    const list = `c003c103000100002a0000ff0200${unknown}00030800010000ff0200`;
    expect(await link.one(list)).toBe(`c403c103${name.slice(6)}010400060001${"9258"}`);
  });

  it("u9n 9: each service has its own blocks where general-block-transfer was not negotiated", async () => {
    const link = await opened("001e5d", "0080");
    expect((await link.one(getProfile)).slice(0, 18)).toBe("c402c1000000000100");
  });

  it("u9n 66: an object that is not in this association is not called unavailable", async () => {
    const association = createPublicClient();
    const link = await opened(undefined, undefined, { association, client: { clientSap: 16 } });
    expect(["c401c10103", "c401c10104"]).toContain(await link.one("c001c100030800010000ff0200"));
  });

  it("u9n 74: the association goes with its connection", async () => {
    const link = await opened();
    link.associations.close("connectionLost");
    expect(await link.one(getName)).toBe(nothingOpen);
    expect(decodeAare(fromHex(await link.one(plainAarq()))).result).toBe(0);
  });

  it("u9n 89: glo-, ded-, general-glo- and general-ded- for every service there is, answered in kind", async () => {
    const { link, client } = await ciphered(3, { dedicatedKey: fromHex("a0a1a2a3a4a5a6a7a8a9aaabacadaeaf") });
    const services = [
      [getName, name],
      ["c101c100010000600100ff02000600001267", "c501c100"],
      ["c301c1000900000a006aff0101120001", "c701c10000"],
    ] as const;
    for (const form of ["glo", "ded", "generalGlo", "generalDed"] as const) {
      for (const [request, answer] of services) {
        expect(client.open(await link.one(client.close(request, form)))).toBe(answer);
        expect(client.lastStyle()).toBe(`${form} 12`);
      }
    }
  });

  it("net 12: a ciphered context is not refused as an unknown one", async () => {
    const { aare } = await ciphered();
    expect([aare.result, aare.applicationContextName.at(-1)]).toEqual([0, 3]);
  });

  it("forum: a client whose counter is too low is told the one that is expected", async () => {
    const { link, client } = await ciphered();
    const first = client.close(getName);
    client.open(await link.one(first));
    expect(await link.one(first)).toBe("d8010600000002");
  });
});

describe("what naive servers get wrong", () => {
  it("1: the negotiated conformance is what was proposed and is served, and nothing else is used", async () => {
    for (const [proposed, negotiated] of [
      ["000010", "000010"],
      ["00001d", "00001d"],
      ["ffffff", "201e5d"],
      ["001000", "001000"],
    ] as const) {
      const aare = decodeAare(fromHex(await createServerLink().one(plainAarq(proposed))));
      expect(toHex(aare.userInformation ?? new Uint8Array(0))).toBe(`0800065f1f0400${negotiated}04000007`);
    }
    const withoutBlocks = await opened("000010", "0080");
    expect(await withoutBlocks.one(getProfile)).toBe("c401c1010e");
    expect(await withoutBlocks.one("c101c100010000600100ff02000600001267")).toBe(notServed);
    expect(await withoutBlocks.one("c301c1000900000a006aff0101120001")).toBe(notServed);
    expect(await withoutBlocks.one("d940000001000101000100002a0000ff020100")).toBe(notServed);
    expect(await withoutBlocks.one("c003c101000100002a0000ff0200")).toBe(notServed);
  });

  it("2: the client's PDU size holds for the whole protected APDU; 0 is no limit, below 12 is refused", async () => {
    const { link, client } = await ciphered(3, { pduSize: 128 });
    const answer = await link.one(client.close(getProfile));
    expect(answer.length / 2).toBeLessThanOrEqual(128);
    expect(answer.length / 2).toBeGreaterThan(100);
    const unlimited = await opened(undefined, "0000");
    expect((await unlimited.one(getProfile)).length / 2).toBe(4 + 2 + 24 * 24);
    const short = decodeAare(fromHex(await createServerLink().one(plainAarq("001e5d", "000b"))));
    expect(toHex(short.userInformation ?? new Uint8Array(0))).toBe("0e010603");
  });

  it("3: a list longer than a PDU goes out in blocks of the list, a bad item in it by itself", async () => {
    const link = await opened("001e5d", "0080");
    const items = `${"00070100630100ff0200"}${"00010000606300ff0200"}${"000100002a0000ff0200"}`;
    let data = "";
    let request = `c003c103${items}`;
    for (;;) {
      const response = decodeGetResponse(fromHex(await link.one(request)));
      if (response.kind !== "withDatablock") throw new Error(`a ${response.kind}`);
      data += toHex(response.block.rawData);
      if (response.block.lastBlock) break;
      request = `c002c1${response.block.blockNumber.toString(16).padStart(8, "0")}`;
    }
    expect(data.slice(0, 8)).toBe("03000118");
    expect(data.slice(-42)).toBe(`0104${name.slice(6)}`);
  });

  it("4: a next block of nothing, with a wrong number, and behind a new request", async () => {
    const link = await opened("001e5d", "0080");
    expect(await link.one("c002c100000001")).toBe("c402c101000000010110");
    await link.one(getProfile);
    expect(await link.one("c002c100000007")).toBe("c402c101000000070113");
    await link.one(getProfile);
    expect(await link.one(getName)).toBe(name);
    expect(await link.one("c002c100000001")).toBe("c402c101000000010110");
  });

  it("5: a selector where none is offered is refused, not passed over", async () => {
    const link = await opened();
    expect(await link.one("c001c1000100002a0000ff02010100")).toBe("c401c10103");
  });

  it("6: undefined, of another class, denied, of another type and out of range are told apart", async () => {
    const link = await opened();
    expect(await link.one("c001c100010000606300ff0200")).toBe("c401c10104");
    expect(await link.one("c001c1000300002a0000ff0200")).toBe("c401c10109");
    expect(await link.one("c101c1000100002a0000ff020009024142")).toBe("c501c103");
    expect(await link.one("c101c100010000600100ff020009024142")).toBe("c501c10c");
    expect(await link.one("c101c100010000600100ff0200067fffffff")).toBe("c501c10d");
  });

  it("7: with a high level mechanism nothing is open before pass 3, and a wrong one keeps it closed", async () => {
    const link = createServerLink({ client: { mechanism: 3, secret: password } });
    const challenge = "303132333435363738393a3b3c3d3e3f";
    const aarq =
      "603ea1090607608574050801018a0207808b0760857405080203ac128010" +
      `${challenge}be10040e01000000065f1f0400001e5dffff`;
    const aare = decodeAare(fromHex(await link.one(aarq)));
    expect([aare.result, aare.diagnostic.value]).toEqual([0, 14]);
    expect(await link.one(getName)).toBe(nothingOpen);
    expect(await link.one(`c301c1000f0000280000ff01010910${challenge}`)).toBe("c701c10300");
    expect(await link.one(getName)).toBe(nothingOpen);
  });

  it("8: a counter must be greater, a forged message moves none, and plain is refused where the policy wants more", async () => {
    const { link, client } = await ciphered();
    const forged = client.close(getName);
    forged.set([0xff, 0xff, 0xff, 0xff], 3);
    expect(await link.one(forged)).toBe("d80105");
    const request = client.close(getName);
    expect(client.open(await link.one(request))).toBe(name);
    // AARQ 0, the forged one 1, the good one 2.
    expect(await link.one(request)).toBe("d8010600000003");
    expect(await link.one(getName)).toBe(nothingOpen);
  });

  it("9: a ciphered association is not released by less than its policy wants", async () => {
    const { link, client } = await ciphered();
    expect(await link.one("6203800100")).toBe(notServed);
    expect(client.open(await link.one(client.close(getName)))).toBe(name);
  });

  it("10: unknown clients and logical devices are rejected, and no client comes in with less than its mechanism", async () => {
    const link = createServerLink({ client: { mechanism: 1, secret: password } });
    expect(decodeAare(fromHex(await link.one(plainAarq()))).diagnostic.value).toBe(12);
    expect(decodeAare(fromHex(await link.one(lowAarq, 0x66))).result).toBe(1);
    expect(decodeAare(fromHex(await link.one(lowAarq))).result).toBe(0);
    const stranger = createServerLink();
    expect(stranger.associations.receive(0x66, 1, fromHex(plainAarq()), 0)).toBeUndefined();
    expect(await stranger.one(getName)).toBe(nothingOpen);
  });

  it("10: the public client sees the logical device name and the list of logical devices", async () => {
    const link = await opened(undefined, undefined, { association: createPublicClient(), client: { clientSap: 16 } });
    expect(await link.one(getName)).toBe(name);
    expect((await link.one("c001c100110000290000ff0200")).slice(0, 12)).toBe("c401c1000102");
  });

  it("11: context info, partners and status are those of the association that asks", async () => {
    const link = await opened("001c1d", "0200", { client: { clientSap: 7 } });
    // Conformance 001c1d, server takes 1024, client takes 512, version 6, quality 0, no ciphering info.
    expect(await link.one(contextInfo)).toBe("c401c10002060418001c1d1204001202001106" + "0f00" + "0900");
    expect(await link.one("c001c1000f0000280000ff0300")).toBe("c401c10002020f07120001");
    expect(await link.one("c001c1000f0000280000ff0800")).toBe("c401c1001602");
  });

  it("12: an APDU in many segments and many APDUs in one are all answered, in order, with the ports swapped", async () => {
    const fixture = createDlmsFixture();
    const view = createDlmsView({
      registry: fixture.registry,
      clients: [{ clientSap: 16, association: fixture.association(16), mechanism: 0 }],
      host: "127.0.0.1",
      port: 0,
      logger: recordingLogger(),
      clock: systemClock,
    });
    await view.start();
    const socket = connect(view.port, "127.0.0.1");
    try {
      const frame = (apdu: string) => `000100100001${(apdu.length / 2).toString(16).padStart(4, "0")}${apdu}`;
      const answers = new Promise<string>((resolve) => {
        let received = "";
        socket.on("data", (chunk) => {
          received += chunk.toString("hex");
          if (received.length >= wanted.length) resolve(received);
        });
      });
      const aare = "6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400001e5d04000007";
      const second = name.replace("c401c1", "c401c2");
      const wanted = [aare, name, second]
        .map((apdu) => `000100010010${(apdu.length / 2).toString(16).padStart(4, "0")}${apdu}`)
        .join("");
      for (const octet of fromHex(frame(plainAarq()))) {
        await new Promise((resolve) => socket.write(Uint8Array.of(octet), resolve));
      }
      socket.write(fromHex(frame(getName) + frame(getName.replace("c001c1", "c001c2"))));
      expect(await answers).toBe(wanted);
    } finally {
      socket.destroy();
      await view.stop();
    }
  });

  it("13: a notification's date-time is an octet-string with its length and no tag; an event has class, name and attribute", () => {
    // The bytes of test/transcripts/push.json.
    const body = { type: "double-long-unsigned", value: 103_000 } as const;
    const dateTime = fromHex("07ea0b16ff0b000000ffc400");
    const without = { longInvokeIdAndPriority: 1, dateTime: new Uint8Array(0), body };
    expect(toHex(encodeDataNotification(without))).toBe("0f00000001000600019258");
    expect(toHex(encodeDataNotification({ ...without, dateTime }))).toBe(
      "0f000000010c07ea0b16ff0b000000ffc4000600019258",
    );
    const attribute = { classId: 3, logicalName: logicalName("8-0:1.0.0*255"), attributeIndex: 2 };
    expect(toHex(encodeEventNotification({ time: undefined, attribute, value: body }))).toBe(
      "c20000030800010000ff020600019258",
    );
    const time = fromHex("07ea0b16070b000000ffc400");
    expect(toHex(encodeEventNotification({ time, attribute, value: body }))).toBe(
      "c2010c07ea0b16070b000000ffc40000030800010000ff020600019258",
    );
  });

  it("16: an AARQ that fails its checks harms no open association", async () => {
    const link = createServerLink({ client: { mechanism: 1, secret: password } });
    await link.one(lowAarq);
    const wrong = lowAarq.replace("3132333435363738", "3132333435363739");
    expect(decodeAare(fromHex(await link.one(wrong))).diagnostic.value).toBe(13);
    expect(await link.one("60")).not.toBe("");
    expect(await link.one(getName)).toBe(name);
  });

  it("17: a SET of a wrong type is refused and changes nothing, a structure for the clock's zone too", async () => {
    const link = await opened();
    const zone = "c001c100080000010000ff0300";
    const before = await link.one(zone);
    expect(await link.one("c101c100080000010000ff03000201100001")).not.toBe("c501c100");
    expect(await link.one(zone)).toBe(before);
    expect(await link.one("c101c100010000600100ff020002011100")).toBe("c501c10c");
    expect(await link.one("c001c100010000600100ff0200")).toBe("c401c1000600000000");
  });

  it("18: the answer to a failed ACTION is not given again to what comes after it", async () => {
    const link = await opened();
    expect(await link.one("c301c1000300000a006aff0101120001")).toBe("c701c10900");
    expect(await link.one(getName)).toBe(name);
    expect(await link.one("c301c2000900000a006aff0101120001")).toBe("c701c20000");
  });

  it("19: rights of one attribute differ from those of its neighbours, and bits 2 to 4 demand protection", async () => {
    const association = createAssociation({
      name: "bits",
      clientSap: 1,
      // Attribute 2 readable with an authenticated request, attribute 3 by anybody.
      rules: [{ classId: 3, access: "visible", attributes: { 2: 0x05, 3: 0x01 } }, { access: "declared" }],
    });
    const { security, client } = securedPair(0);
    const link = createServerLink({ association, client: { applicationContext: 3, security: () => security } });
    await link.one(client.aarq({ bits: 0 }));
    expect(await link.one("c001c100030800010000ff0200")).toBe("c401c10103");
    expect(await link.one("c001c100030800010000ff0300")).toBe("c401c10002020ffd160d");
    expect(client.open(await link.one(client.close("c001c100030800010000ff0200", "glo", 4)))).toBe(
      "c401c1000600019258",
    );
  });
});

describe("service classes and identifiers", () => {
  it("an unconfirmed SET or ACTION is done and not answered; ids and priorities come back as they came", async () => {
    const link = await opened();
    expect(await link.one("c1018f00010000600100ff02000600000042")).toBe("");
    expect(await link.one("c00145000100006001 00ff0200".replace(" ", ""))).toBe("c401450006" + "00000042");
    expect(await link.one("c30181000900000a006aff0101120001")).toBe("");
    expect(await link.one("c0014f000100002a0000ff0200")).toBe(`c4014f${name.slice(6)}`);
  });

  it("ACCESS breaks off at the first error where it is asked to, explains itself where it is asked to, or says nothing", async () => {
    const link = await opened();
    const list = "030100010000606300ff020200010000600100ff020100010000600100ff02";
    const data = "03000600000007" + "00";
    // Continue: the set and the get behind the unknown object are done.
    expect(await link.one(`d94000000100${list}${data}`)).toBe("da40000001000003000006" + "00000007" + "03010402000100");
    // Break (bit 29): neither is; other-reason stands in their places.
    const changed = data.replace("00000007", "00000008");
    expect(await link.one(`d96000000200${list}${changed}`)).toBe("da60000002000003000000" + "0301040" + "2fa01fa");
    expect(await link.one("c001c100010000600100ff0200")).toBe("c401c1000600000007");
    // Self-descriptive (bit 28): the specifications stand in front.
    const one = "010100010000600100ff02";
    expect(await link.one(`d95000000300${one}0100`)).toBe(`da500000030001${one}010600000007010100`);
    expect(await link.one(`d90000000400${one}0100`)).toBe("");
  });

  it("ACCESS with a selection reads a part of a profile, streamed or not", async () => {
    for (const isStreamed of [false, true]) {
      const link = await opened("201e5d", "ffff", { isStreamed });
      // Entry 2 alone, column 2 alone.
      const selection = "02020406000000020600000002120002120002";
      const answer = await link.one(`d94000000100010400070100630100ff02${selection}0100`);
      expect(answer).toBe("da4000000100000101010201060001871d010100");
    }
  });

  it("an access-response longer than a PDU goes through general-block-transfer, and is refused without it", async () => {
    const request = "d94000000100010100070100630100ff020100";
    for (const isStreamed of [false, true]) {
      const link = await opened("201e5d", "0080", { isStreamed });
      const first = await link.one(request);
      expect(first.slice(0, 14)).toBe("e0080001000077");
      const [second] = await link.ask("e0860001000100");
      expect(second?.slice(0, 14)).toBe("e0480002000177");
      const without = await opened("001e5d", "0080", { isStreamed });
      expect(await without.one(request)).toBe("d80104");
    }
  });
});
