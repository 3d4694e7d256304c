/** READ, WRITE and their faults at the server, byte by byte; APPL_DATA_SN_N1 to N3 of the conformance families by name. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createShortNames, decodeAare, decodeData, fromHex, Secret, toHex } from "../../../cosem/index.js";
import { shortNameTranscripts } from "../../support/dlms-transcripts.js";
import { createServerLink, type ServerLink, securedPair } from "../../support/server-link.js";

const aarq = (conformance = "1c1b20", pduSize = "ffff") =>
  `601da109060760857405080102be10040e01000000065f1f0400${conformance}${pduSize}`;

const octets = "091045584d30303030303030303030303031";
const readName = "050102fd08";
const nameRead = `0c0100${octets}`;

async function opened(
  conformance?: string,
  pduSize?: string,
  options: Parameters<typeof createServerLink>[0] = {},
): Promise<ServerLink> {
  const link = createServerLink({ ...options, client: { applicationContext: 2, ...options.client } });
  expect(decodeAare(fromHex(await link.one(aarq(conformance, pduSize)))).result).toBe(0);
  return link;
}

/** The base name of an object, from the list at FA08. */
async function baseNameOf(link: ServerLink, classId: number, logicalName: string): Promise<number> {
  const answer = decodeData(fromHex((await link.one("050102fa08")).slice(6)));
  const elements = answer.type === "array" ? answer.value : [];
  for (const element of elements) {
    const [baseName, ofClass, , name] = element.type === "structure" ? element.value : [];
    const isIt =
      ofClass?.type === "long-unsigned" &&
      ofClass.value === classId &&
      name?.type === "octet-string" &&
      toHex(name.value) === logicalName;
    if (isIt && baseName?.type === "long") return baseName.value & 0xffff;
  }
  throw new Error(`no ${logicalName} in the list`);
}

const hex16 = (value: number) => value.toString(16).padStart(4, "0");

function recordedAnswer(name: string, index: number): string {
  const answers = shortNameTranscripts.find((transcript) => transcript.name === name)?.steps ?? [];
  return answers.filter(({ direction }) => direction === "<")[index]?.apdu ?? "";
}

describe("opening with short names", () => {
  it("negotiates services of short names alone, and gives FA00 as vaa-name", async () => {
    const link = createServerLink({ client: { applicationContext: 2 } });
    const answer = await link.one(aarq("ffffff"));
    // 3c1b20: general-block-transfer, read, write, unconfirmed-write, blocks both ways, lists, reports, parameters.
    expect(answer.slice(-28)).toBe("0800065f1f04003c1b200400fa00");
  });

  it("refuses a proposal of services of logical names alone: incompatible conformance", async () => {
    const link = createServerLink({ client: { applicationContext: 2 } });
    expect(await link.one(aarq("00001d"))).toMatch(/0e010602$/);
  });

  it("refuses an AARQ with logical names, and READ where nothing is open", async () => {
    const link = createServerLink({ client: { applicationContext: 2 } });
    expect(decodeAare(fromHex(await link.one(aarq().replace("80102be", "80101be")))).diagnostic.value).toBe(2);
    expect(await link.one(readName)).toBe("d80101");
  });
});

describe("APPL_DATA_SN", () => {
  it("N1: answers READs of names that are there, refuses others and malformed ones", async () => {
    const link = await opened();
    expect(await link.one("050102fa00")).toBe("0c010009060000280000ff");
    expect(await link.one("0501020003")).toBe("0c010104");
    expect(await link.one("0501020105")).toBe("0c010104");
    // Between the attributes and the methods of the Clock, and a method's name without parameters.
    expect(await link.one("0501020448")).toBe("0c010104");
    expect(await link.one("0501020228")).toBe("0c010103");
    for (const broken of ["05", "050102fa", "050109fa00", "0502" + "02fa00", "050103fa00", "050102fa0000"]) {
      expect(await link.one(broken)).toBe("0e050000");
    }
    expect(await link.one(readName)).toBe(nameRead);
  });

  it("N2: refuses WRITEs to names that are not there, without right, of a wrong type, and malformed ones", async () => {
    const link = await opened();
    expect(await link.one("060102000301" + "1105")).toBe("0d010104");
    expect(await link.one("060102fa0001" + "0906000000000000")).toBe("0d010103");
    expect(await link.one("060102010801" + "1105")).toBe("0d01010c");
    // More than the object takes.
    expect(await link.one("060102010801" + "06ffffffff")).toBe("0d01010d");
    for (const broken of [
      "06",
      "060102fa",
      "0601020108",
      "060102010802" + "1105" + "1105",
      "060102010801" + "110500",
    ]) {
      expect(await link.one(broken)).toBe("0e060000");
    }
    expect(await link.one("0501020108")).toBe("0c01000600000000");
  });

  it("N3: refuses services of logical names and unknown ones, and the association goes on", async () => {
    const link = await opened();
    for (const request of [
      "c001c1000100002a0000ff0200",
      "c101c1000100006001" + "00ff02001105",
      "55010203",
      "18000000",
    ]) {
      expect(await link.one(request)).toBe("d80102");
    }
    expect(await link.one(readName)).toBe(nameRead);
  });
});

describe("what was not negotiated", () => {
  it("is refused: the services", async () => {
    const onlyWrite = await opened("080000");
    expect(await onlyWrite.one(readName)).toBe("0e050302");
    const onlyRead = await opened("100000");
    expect(await onlyRead.one("060102010801" + "0600000005")).toBe("0e060302");
    expect(await onlyRead.ask("160102010801" + "0600000005")).toEqual([]);
    expect(await onlyRead.one("0501020108")).toBe("0c01000600000000");
  });

  it("is refused: lists, parameters, blocks", async () => {
    const link = await opened("180000");
    expect(await link.one("0502" + "02fd08" + "020108")).toBe("0e050302");
    expect(await link.one("0602" + "020108" + "020108" + "02" + "0600000001" + "0600000002")).toBe("0e060302");
    expect(await link.one("050104030802" + "0204060000000306000000061200011200" + "00")).toBe("0c010103");
    expect(await link.one("0501050001")).toBe("0e050302");
    expect(await link.one("05010600000104" + "0102fd08")).toBe("0e050302");
    expect(await link.one("060107000001" + "01" + "090101")).toBe("0e060302");
  });

  it("is an answer longer than a PDU without blocks: each variable is refused", async () => {
    const link = await opened("1c0320", "0040");
    expect(await link.one("0501020308")).toBe("0c01010e");
    expect(await link.one("0502" + "02fd08" + "020308")).toBe("0c02010e010e");
  });
});

describe("lists and methods", () => {
  it("fail item by item", async () => {
    const link = await opened();
    expect(await link.one("0503" + "020105" + "020108" + "02fd08")).toBe(`0c03${"0104"}${"000600000000"}00${octets}`);
    const writes = "0603" + "020108" + "02fd08" + "020108" + "03" + "0600000001" + "0900" + "0600000002";
    expect(await link.one(writes)).toBe("0d03" + "00" + "0103" + "00");
    expect(await link.one("0501020108")).toBe("0c01000600000002");
    expect(await link.one("0500")).toBe("0c00");
  });

  it("call a method by READ with parameters or by WRITE", async () => {
    const link = await opened();
    const execute = hex16((await baseNameOf(link, 9, "00000a006aff")) + 0x20);
    expect(await link.one(`050104${execute}00120001`)).toBe("0c010000");
    expect(await link.one(`050104${execute}00120003`)).toBe("0c01010d");
    expect(await link.one(`060102${execute}01120002`)).toBe("0d0100");
    expect(await link.one(`060102${execute}01120003`)).toBe("0d01010d");
    expect(await link.one(`060102${execute}011101`)).toBe("0d01010c");
  });

  it("do not answer an unconfirmed WRITE, and do it", async () => {
    const link = await opened();
    expect(await link.ask("160102010801" + "060000002a")).toEqual([]);
    expect(await link.one("0501020108")).toBe("0c0100060000002a");
    for (const silent of ["16", "160102fa", "1601020108011105", "160107000001" + "01" + "090101"]) {
      expect(await link.ask(silent)).toEqual([]);
    }
    expect(await link.one("0501020108")).toBe("0c0100060000002a");
  });

  it("read_by_logicalname gives what is permitted, null-data for the rest", async () => {
    const link = await opened();
    const wanted = (classId: string, name: string, index: string) => `020312${classId}0906${name}0f${index}`;
    const list = [
      wanted("0003", "0800010000ff", "02"),
      wanted("0003", "0800010000ff", "00"),
      wanted("0003", "0800990000ff", "02"),
    ];
    const register = "09060800010000ff" + "0600019258" + "02020ffd160d";
    expect(await link.one(`050104fa30000103${list.join("")}`)).toBe(
      `0c01000103${"0600019258"}${`0203${register}`}${"00"}`,
    );
  });
});

describe("long requests and answers", () => {
  it("send a READ in blocks that keep to the PDU, and together are the list of results", async () => {
    for (const isStreamed of [false, true]) {
      const link = await opened("1c1b20", "0050", { isStreamed });
      let answer = await link.one("0501020308");
      let list = "";
      for (let block = 1; ; block++) {
        expect(answer.length / 2).toBeLessThanOrEqual(0x50);
        expect(answer.slice(0, 6)).toBe("0c0102");
        expect(Number.parseInt(answer.slice(8, 12), 16)).toBe(block);
        list += answer.slice(14);
        if (answer.slice(6, 8) === "01") break;
        answer = await link.one(`050105${hex16(block)}`);
      }
      expect(`0c${list}`).toBe(recordedAnswer("read-profile-all", 1));
      expect(await link.one("0501050001")).toBe("0c010110");
    }
  });

  it("end a long READ at a wrong block number and at another request", async () => {
    const link = await opened("1c1b20", "0050");
    await link.one("0501020308");
    expect(await link.one("0501050002")).toBe("0c010113");
    expect(await link.one("0501050001")).toBe("0c010110");
    await link.one("0501020308");
    expect(await link.one(readName)).toBe(nameRead);
    expect(await link.one("0501050001")).toBe("0c010110");
  });

  it("take a READ in blocks", async () => {
    const link = await opened();
    expect(await link.one("05010600000104" + "0202fd08")).toBe("0c01030001");
    expect(await link.one("05010601000203" + "020108")).toBe(`0c0200${octets}000600000000`);
    expect(await link.one("05010601000203" + "020108")).toBe("0c010110");
    await link.one("05010600000104" + "0202fd08");
    expect(await link.one("05010601000303" + "020108")).toBe("0c010113");
    // What they make together is broken.
    expect(await link.one("05010601000103" + "0202fd")).toBe("0c0101fa");
  });

  it("take a WRITE in blocks", async () => {
    const link = await opened();
    expect(await link.one("06010700000101" + "0904" + "01020108")).toBe("0d01020001");
    expect(await link.one("06010701000201" + "0906" + "010600000007")).toBe("0d0100");
    expect(await link.one("0501020108")).toBe("0c01000600000007");
    expect(await link.one("06010701000201" + "0906" + "010600000007")).toBe("0d010112");
    await link.one("06010700000101" + "0904" + "01020108");
    expect(await link.one("06010701000301" + "0906" + "010600000008")).toBe("0d010113");
    expect(await link.one("06010701000101" + "0904" + "01020108")).toBe("0d0101fa");
    expect(await link.one("06010700000101" + "1105")).toBe("0e060000");
    expect(await link.one("0501020108")).toBe("0c01000600000007");
  });

  it("give up a WRITE in blocks that grows too long", async () => {
    const link = await opened("1c1b20", "ffff", { limits: { maxAssembledBytes: 6 } });
    expect(await link.one("06010700000101" + "0904" + "01020108")).toBe("0d01020001");
    expect(await link.one("06010701000201" + "0906" + "010600000007")).toBe("0d010111");
  });

  it("refuse a request longer than a PDU", async () => {
    const link = await opened("1c1b20", "ffff", { limits: { maxReceivePduSize: 20 } });
    expect(await link.one(`0601020108010914${"00".repeat(20)}`)).toBe("0e060301");
    expect(await link.one(`0508${"020108".repeat(8)}`)).toBe("0e050301");
    expect(await link.ask(`1601020108010914${"00".repeat(20)}`)).toEqual([]);
    expect(await link.one(readName)).toBe(nameRead);
  });

  it("use general-block-transfer where that was negotiated", async () => {
    const link = await opened("3c1b20", "0050");
    const [first] = await link.ask("0501020308");
    // 80 bytes: e0, control, number, acknowledged number, length, and the beginning of the read-response.
    expect(first?.slice(0, 2)).toBe("e0");
    expect(first).toContain("0c0100011802030" + "90c");
  });
});

describe("secured short names", () => {
  const context = (aarqHex: string) => aarqHex.replace("60857405080103", "60857405080104");

  it("serve glo- forms of READ, WRITE and their errors", async () => {
    const { security, client } = securedPair(0x0c);
    const link = createServerLink({ client: { applicationContext: 4, security: () => security } });
    const aare = decodeAare(fromHex(await link.one(context(toHex(client.aarq({ conformance: 0x5c1b20 }))))));
    expect(aare.result).toBe(0);
    expect(client.open(toHex(aare.userInformation ?? new Uint8Array(0)))).toBe("0800065f1f04005c1b200400fa00");
    const read = await link.one(client.close(readName));
    expect(read.slice(0, 2)).toBe("2c");
    expect(client.open(read)).toBe(nameRead);
    const write = await link.one(client.close("060102010801" + "0600000005"));
    expect(write.slice(0, 2)).toBe("2d");
    expect(client.open(write)).toBe("0d0100");
    const error = await link.one(client.close("050102fa"));
    expect(error.slice(0, 2)).toBe("2e");
    expect(client.open(error)).toBe("0e050000");
    const general = await link.one(client.close("0501020108", "generalGlo"));
    expect(client.open(general)).toBe("0c01000600000005");
    expect(await link.ask(client.close("160102010801" + "0600000006"))).toEqual([]);
    expect(client.open(await link.one(client.close("0501020108")))).toBe("0c01000600000006");
    expect(await link.one(readName)).toBe("d80101");
  });

  it("keep blocks of a ciphered READ within the PDU", async () => {
    const { security, client } = securedPair(0x0c);
    const link = createServerLink({ client: { applicationContext: 4, security: () => security } });
    await link.one(context(toHex(client.aarq({ conformance: 0x1c1b20, pduSize: 0x60 }))));
    const answer = await link.one(client.close("0501020308"));
    expect(answer.length / 2).toBeLessThanOrEqual(0x60);
    expect(client.open(answer).slice(0, 12)).toBe("0c0102000001");
    const next = await link.one(client.close("0501050001"));
    expect(client.open(next).slice(0, 12)).toBe("0c0102000002");
  });

  it("authenticate by READ of reply_to_HLS_authentication, and nothing else is served before", async () => {
    const secret = new TextEncoder().encode("a shared secret!");
    const link = createServerLink({
      client: { applicationContext: 2, mechanism: 3, secret: new Secret(secret), clientSap: 17 },
    });
    const challenge = "0102030405060708090a0b0c0d0e0f10";
    const md5 = (octetsHex: string) => createHash("md5").update(fromHex(octetsHex)).update(secret).digest("hex");
    const request = `603ea1090607608574050801028a0207808b0760857405080203ac128010${challenge}be10040e01000000065f1f04001c1b20ffff`;
    for (const isRight of [false, true]) {
      const aare = decodeAare(fromHex(await link.one(request)));
      expect(aare.diagnostic.value).toBe(14);
      expect(await link.one(readName)).toBe("d80101");
      expect(await link.ask("160102010801" + "0600000005")).toEqual([]);
      const serverChallenge = toHex(aare.respondingAuthenticationValue ?? new Uint8Array(0));
      const reply = `050104fa58000910${md5(isRight ? serverChallenge : challenge)}`;
      expect(await link.one(reply)).toBe(isRight ? `0c01000910${md5(challenge)}` : "0c010103");
    }
    expect(await link.one(readName)).toBe(nameRead);
  });

  it("do not take pass 3 in the other referencing", async () => {
    const secret = new Secret(new TextEncoder().encode("a shared secret!"));
    const link = createServerLink({ client: { applicationContext: 2, mechanism: 3, secret, clientSap: 17 } });
    const challenge = "0102030405060708090a0b0c0d0e0f10";
    const aare = await link.one(
      `603ea1090607608574050801028a0207808b0760857405080203ac128010${challenge}be10040e01000000065f1f04001c1b20ffff`,
    );
    expect(decodeAare(fromHex(aare)).diagnostic.value).toBe(14);
    expect(await link.one(`c301c1000f0000280000ff01010910${challenge}`)).toBe("d80101");
  });
});

describe("a client with logical names", () => {
  it("is refused READ and WRITE as any unknown service", async () => {
    const link = createServerLink();
    await link.one("601da109060760857405080101be10040e01000000065f1f0400ffffffffff");
    expect(await link.one(readName)).toBe("d80102");
    expect(await link.one("c001c1000100002a0000ff0200")).toBe(`c401c100${octets}`);
  });
});

describe("Association SN", () => {
  it.each([
    [1, "01010203" + "0f011601" + "00"],
    [2, "01010203" + "0f011601" + "00"],
    [4, "01010203" + "0f011601" + "00"],
  ] as const)("version %i lists access rights by base name", async (version, first) => {
    const link = await opened("1c1b20", "ffff", { shortNames: createShortNames({ version }) });
    const rights = await link.one("050102fa10");
    expect(rights.slice(0, 8)).toBe("0c010001");
    // The first of the list has the lowest base name, 0100: Clock, as the list is ordered.
    expect(rights).toContain(`0203100100${first.replace("01010203", "01090203")}`);
    const list = await link.one("050102fa08");
    expect(list).toContain(`020410fa0012000c11${version.toString(16).padStart(2, "0")}09060000280000ff`);
  });

  it("gives security setup and users from version 2 and 3 on", async () => {
    const second = await opened("1c1b20", "ffff", { shortNames: createShortNames() });
    expect(await second.one("050102fa18")).toBe("0c010009060000" + "2b0000ff");
    expect(await second.one("050102fa20")).toBe("0c010104");
    const third = await opened("1c1b20", "ffff", { shortNames: createShortNames({ version: 3 }) });
    expect(await third.one("050102fa20")).toBe("0c01000100");
    expect(await third.one("050102fa28")).toBe("0c0100020211000a00");
  });

  it("refuses reply_to_HLS_authentication where no authentication is pending, and change_secret where it is not offered", async () => {
    const link = await opened();
    expect(await link.one("050104fa580009021122")).toBe("0c010103");
    expect(await link.one("050104fa400009021122")).toBe("0c010103");
  });
});
