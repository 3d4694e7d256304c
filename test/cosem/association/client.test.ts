import { describe, expect, it } from "vitest";
import {
  type AssociationRejected,
  type AttributeDescriptor,
  createClientAssociation,
  createMemoryCounters,
  type Data,
  fromHex,
  logicalName,
  noKeys,
  Secret,
  SymmetricKey,
  toHex,
} from "../../../cosem/index.js";
import { fixtureRows } from "../../support/dlms-fixture.js";
import { createLoopback } from "../../support/dlms-loopback.js";

const attribute = (classId: number, name: string, attributeIndex: number): AttributeDescriptor => ({
  classId,
  logicalName: logicalName(name),
  attributeIndex,
  selectiveAccess: undefined,
});
const profile = attribute(7, "1-0:99.1.0*255", 2);
const counter = attribute(1, "0-0:96.1.0*255", 2);
const text = attribute(1, "0-0:96.1.1*255", 2);
const secret = new Secret(new TextEncoder().encode("12345678"));
const key = new SymmetricKey(new Uint8Array(16));
const longBytes = Uint8Array.from({ length: 300 }, (_, index) => index & 0xff);
const rows: Data = { type: "array", value: fixtureRows.map((value) => ({ type: "structure", value })) };

describe("what the client sends", () => {
  it("is what other clients send: AARQ without and with password, RLRQ", () => {
    const proposedConformance = 0x001e5d;
    const plain = createClientAssociation({ proposedConformance });
    expect(plain.open().map((event) => event.kind === "send" && toHex(event.apdu))).toEqual([
      "601da109060760857405080101be10040e01000000065f1f0400001e5dffff",
    ]);
    const low = createClientAssociation({ proposedConformance, password: secret });
    expect(low.open().map((event) => event.kind === "send" && toHex(event.apdu))).toEqual([
      "6036a1090607608574050801018a0207808b0760857405080201ac0a80083132333435363738be10040e01000000065f1f0400001e5dffff",
    ]);
    expect(low.release().map((event) => event.kind === "send" && toHex(event.apdu))).toEqual(["6203800100"]);
  });

  it("goes in the recorded blocks where the server's PDU is short", async () => {
    const { client, trace } = createLoopback({}, { maxReceivePduSize: 128 });
    await client.open();
    expect(await client.set(text, { type: "octet-string", value: longBytes })).toBe(0);
    const sent = trace.filter((one) => one.direction === ">" && one.apdu[0] === 0xc1).map((one) => toHex(one.apdu));
    expect(sent.map((apdu) => apdu.length / 2)).toEqual([128, 128, 85]);
    expect(sent[0]?.startsWith("c102c100010000600101ff020000000000016d0982012c000102")).toBe(true);
    expect(sent[2]?.startsWith("c103c101000000034ce0e1e2")).toBe(true);
    expect(await client.get(text)).toEqual({ kind: "data", data: { type: "octet-string", value: longBytes } });
  });
});

describe("reading", () => {
  it.each([20, 64, 128, 1024, 0])("puts a profile together from blocks of a PDU of %i", async (maxReceivePduSize) => {
    const { client, trace } = createLoopback({ maxReceivePduSize });
    await client.open();
    expect(await client.get(profile)).toEqual({ kind: "data", data: rows });
    const longest = Math.max(
      ...trace
        .filter((one) => one.direction === "<")
        .slice(1)
        .map((one) => one.apdu.length),
    );
    if (maxReceivePduSize !== 0) expect(longest).toBeLessThanOrEqual(maxReceivePduSize);
  });

  it("reads a list with a stream and an error in it, in blocks", async () => {
    const { client } = createLoopback({ maxReceivePduSize: 64 });
    await client.open();
    const results = await client.getList([attribute(1, "0-0:96.99.0*255", 2), profile, counter, profile]);
    const value = { kind: "data", data: rows };
    expect(results).toEqual([
      { kind: "error", error: 4 },
      value,
      { kind: "data", data: { type: "double-long-unsigned", value: 0 } },
      value,
    ]);
  });

  it("selects by entry", async () => {
    const { client } = createLoopback();
    await client.open();
    const entry = (value: number): Data => ({ type: "double-long-unsigned", value });
    const column = (value: number): Data => ({ type: "long-unsigned", value });
    const parameters: Data = { type: "structure", value: [entry(1), entry(2), column(3), column(0)] };
    const result = await client.get({ ...profile, selectiveAccess: { selector: 2, parameters } });
    expect(result.kind === "data" && result.data).toEqual({
      type: "array",
      value: [0, 10].map((value) => ({ type: "structure", value: [column(value)] })),
    });
  });
});

describe("writing and invoking", () => {
  it("writes a list, in blocks too", async () => {
    const { client } = createLoopback({}, { maxReceivePduSize: 64 });
    await client.open();
    const values: readonly Data[] = [
      { type: "double-long-unsigned", value: 5 },
      { type: "octet-string", value: longBytes },
    ];
    expect(await client.setList([counter, text], values)).toEqual([0, 0]);
    expect(await client.get(counter)).toEqual({ kind: "data", data: values[0] });
  });

  it("invokes one and several methods, with parameters in blocks", async () => {
    const { client } = createLoopback({}, { maxReceivePduSize: 64 });
    await client.open();
    const execute = { classId: 9, logicalName: logicalName("0-0:10.0.106*255"), methodIndex: 1 };
    const transfer = { classId: 18, logicalName: logicalName("0-0:44.0.0*255"), methodIndex: 2 };
    const script: Data = { type: "long-unsigned", value: 1 };
    expect((await client.invoke(execute, script)).result).toBe(0);
    const block: Data = {
      type: "structure",
      value: [
        { type: "double-long-unsigned", value: 0 },
        { type: "octet-string", value: longBytes },
      ],
    };
    expect((await client.invoke(transfer, block)).result).toBe(0);
    const responses = await client.invokeList([execute, transfer, execute], [script, block, undefined]);
    expect(responses.map((response) => response.result)).toEqual([0, 0, 12]);
  });
});

describe("refusals", () => {
  it("tells why the association was rejected", async () => {
    const { client } = createLoopback({ proposedDlmsVersionNumber: 5 });
    const error = await client.open().catch((caught: AssociationRejected) => caught);
    expect("rejection" in error && error.rejection.initiateError?.value).toBe(1);
    await expect(createLoopback({ password: secret }).client.open()).rejects.toThrow("user diagnostic 11");
  });

  it("tells of an exception, and goes on", async () => {
    const { client } = createLoopback({ proposedConformance: 0x000018 });
    await client.open();
    const method = { classId: 9, logicalName: logicalName("0-0:10.0.106*255"), methodIndex: 1 };
    await expect(client.invoke(method)).rejects.toThrow("service error 2");
    expect((await client.get(counter)).kind).toBe("data");
  });

  it("sends a list one by one where multiple references were not negotiated", async () => {
    const { client, trace } = createLoopback({ proposedConformance: 0x000018 });
    await client.open();
    expect(await client.setList([counter, text], [{ type: "null-data" }, { type: "null-data" }])).toHaveLength(2);
    const results = await client.getList([counter, text, attribute(1, "0-0:96.99.0*255", 2)]);
    expect(results.map(({ kind }) => kind)).toEqual(["data", "data", "error"]);
    const sent = trace.filter(({ direction }) => direction === ">").map(({ apdu }) => toHex(apdu.subarray(0, 2)));
    expect(sent).toEqual(["601d", "c101", "c101", "c001", "c001", "c001"]);
  });

  it("fails a request whose answer is of another kind, and one beside another", async () => {
    const association = createClientAssociation();
    association.open();
    association.receive(
      fromHex("6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400001e5d04000007"),
    );
    association.get([counter]);
    expect(() => association.get([counter])).toThrow("another request");
    expect(association.receive(fromHex("c501c100")).map((event) => event.kind)).toEqual(["failed"]);
    association.get([counter]);
    expect(association.receive(fromHex("c401c2001107")).map((event) => event.kind)).toEqual(["failed"]);
    association.get([counter]);
    expect(association.receive(fromHex("c402c1000000000200011100")).map((event) => event.kind)).toEqual(["failed"]);
  });

  it("fails what waits when the connection is lost", async () => {
    const { client } = createLoopback();
    const opening = client.open();
    client.fail(new Error("gone"));
    await expect(opening).rejects.toThrow("gone");
  });

  it("opens again after a release", async () => {
    const { client } = createLoopback();
    await client.open();
    await client.release();
    await expect(client.get(counter)).rejects.toThrow("no association is open");
    await client.open();
    expect((await client.get(counter)).kind).toBe("data");
  });
});

describe("an answer to a list", () => {
  const open = () => {
    const association = createClientAssociation();
    association.open();
    association.receive(
      fromHex("6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400001e1d00400007"),
    );
    return association;
  };

  it.each([
    ["c403c1010103", "fewer results"],
    ["c403c10301030103" + "0103", "more results"],
    ["c401c10103", "no list"],
    ["c402c101000000010003010103", "fewer results in a block"],
  ])("is refused: %s, %s", (answer) => {
    const association = open();
    association.get([counter, text]);
    const [event] = association.receive(fromHex(answer));
    expect(event?.kind === "failed" && event.error.message).toMatch(/results for 2 items/);
  });

  it("is one error for all where the transfer in blocks is broken off", () => {
    const association = open();
    association.get([counter, text]);
    // Long-get-aborted, 15.
    expect(association.receive(fromHex("c402c10100000001010f"))).toEqual([
      {
        kind: "gotten",
        results: [
          { kind: "error", error: 15 },
          { kind: "error", error: 15 },
        ],
      },
    ]);
    association.set([counter, text], [rows, rows]);
    // Long-set-aborted, 17, in a response without list.
    expect(association.receive(fromHex("c503c11100000001"))).toEqual([{ kind: "written", results: [17, 17] }]);
  });
});

describe("requests too long for the server's PDU", () => {
  const twenty = Array.from({ length: 20 }, () => counter);

  it("goes in parts where it is a list to read", async () => {
    const { client, trace } = createLoopback({}, { maxReceivePduSize: 64 });
    await client.open();
    expect(await client.getList(twenty)).toHaveLength(20);
    // c0 03 c1, a count and 5 items of 10 octets each are 54, 6 items are 64; halves of 20 are 10 and then 5.
    const sent = trace.filter(({ direction, apdu }) => direction === ">" && apdu[0] === 0xc0);
    expect(sent.map(({ apdu }) => apdu.length)).toEqual([54, 54, 54, 54]);
  });

  it("is cut by general-block-transfer where that was negotiated, though none is asked for", async () => {
    const { client, trace } = createLoopback({ proposedConformance: 0x201e1d }, { maxReceivePduSize: 64 });
    await client.open();
    expect(await client.getList(twenty)).toHaveLength(20);
    expect(trace.filter(({ direction, apdu }) => direction === ">" && apdu[0] === 0xe0).length).toBeGreaterThan(3);
    expect(
      Math.max(...trace.filter(({ direction }) => direction === ">").map(({ apdu }) => apdu.length)),
    ).toBeLessThanOrEqual(64);
  });

  it("is not sent where no blocks were negotiated, and the next request is", async () => {
    // SET and GET alone, then with ACCESS.
    const { client, trace } = createLoopback({ proposedConformance: 0x000058 }, { maxReceivePduSize: 64 });
    await client.open();
    const sent = trace.length;
    await expect(client.set(text, { type: "octet-string", value: longBytes })).rejects.toThrow(
      "a request of 317 bytes, where the server takes 64",
    );
    const specifications = twenty.map((one) => ({ kind: "get", attribute: one }) as const);
    const data = twenty.map((): Data => ({ type: "null-data" }));
    await expect(
      client.access({ longInvokeIdAndPriority: 0x4000_0001, dateTime: new Uint8Array(0), specifications, data }),
    ).rejects.toThrow("where the server takes 64");
    expect(trace).toHaveLength(sent);
    expect((await client.get(counter)).kind).toBe("data");
  });
});

describe("a ciphered association", () => {
  it("takes a plain notification for what it is, and the request goes on", () => {
    const association = createClientAssociation({
      security: {
        ownTitle: fromHex("4d4d4d0000000001"),
        peerTitle: fromHex("45584d0000000001"),
        keys: { ...noKeys, encryptionKey: () => key, authenticationKey: key },
        counters: createMemoryCounters(),
        random: (count) => new Uint8Array(count),
        protection: 0x0c,
      },
    });
    association.open();
    const plain = fromHex("0f00000001000600000007");
    expect(association.receive(plain)).toEqual([{ kind: "notified", apdu: plain, protection: 0 }]);
    expect(association.state).toBe("opening");
    // A plain answer is refused, an exception is not.
    expect(association.receive(fromHex("c401c1001107")).map(({ kind }) => kind)).toEqual(["failed"]);
    expect(association.receive(fromHex("d80101")).map(({ kind }) => kind)).toEqual(["exception"]);
  });
});
