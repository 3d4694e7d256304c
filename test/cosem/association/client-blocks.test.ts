/** Our client in general-block-transfer: both ways, windows, numbers, and blocks that are lost. */
import { describe, expect, it } from "vitest";
import {
  type ClientEvent,
  createClientAssociation,
  type Data,
  fromHex,
  logicalName,
  toHex,
} from "../../../cosem/index.js";
import { fixtureRows } from "../../support/dlms-fixture.js";
import { createLoopback } from "../../support/dlms-loopback.js";

const attribute = (classId: number, name: string) => ({
  classId,
  logicalName: logicalName(name),
  attributeIndex: 2,
  selectiveAccess: undefined,
});
const profile = attribute(7, "1-0:99.1.0*255");
const text = attribute(1, "0-0:96.1.1*255");
const longBytes = Uint8Array.from({ length: 300 }, (_, index) => index & 0xff);
const rows: Data = { type: "array", value: fixtureRows.map((value) => ({ type: "structure", value })) };
/** Bit 2 of the conformance block is general-block-transfer (IEC 62056-5-3, 8.4): 0x200000 here. */
const proposedConformance = 0x201e1d;

describe("with our server", () => {
  it.each([
    [1, 64, 64],
    [3, 64, 40],
    [63, 32, 32],
    [4, 1024, 1024],
  ])("window %i, PDU of client %i and server %i", async (blockWindow, maxReceivePduSize, serverPdu) => {
    const { client, trace } = createLoopback(
      { sendsGeneralBlocks: true, blockWindow, maxReceivePduSize, proposedConformance },
      { maxReceivePduSize: serverPdu },
    );
    await client.open();
    expect(await client.set(text, { type: "octet-string", value: longBytes })).toBe(0);
    expect(await client.get(text)).toEqual({ kind: "data", data: { type: "octet-string", value: longBytes } });
    expect(await client.get(profile)).toEqual({ kind: "data", data: rows });
    expect(await client.getList([text, profile, text])).toHaveLength(3);
    const blocks = trace.slice(2);
    expect(new Set(blocks.map(({ apdu }) => apdu[0]))).toEqual(new Set([0xe0]));
    const longest = (direction: string) =>
      Math.max(...blocks.filter((one) => one.direction === direction).map(({ apdu }) => apdu.length));
    expect(longest(">")).toBeLessThanOrEqual(serverPdu);
    expect(longest("<")).toBeLessThanOrEqual(maxReceivePduSize);
  });
});

/** AARE that takes all of the above; server's PDU 40. */
const aare = "6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400201e1d00280007";

function opened(blockWindow: number, sendsGeneralBlocks = true) {
  const client = createClientAssociation({ sendsGeneralBlocks, blockWindow, proposedConformance });
  client.open();
  expect(client.receive(fromHex(aare)).map(({ kind }) => kind)).toEqual(["opened"]);
  return client;
}

const sent = (events: readonly ClientEvent[]) =>
  events.flatMap((event) => (event.kind === "send" ? [toHex(event.apdu)] : []));
/** c4 01 c1 00 09 06 and six octets, in three pieces of four. */
const pieces = ["c401c100", "09060102", "03040506"] as const;
const answer = {
  kind: "gotten",
  results: [{ kind: "data", data: { type: "octet-string", value: fromHex("010203040506") } }],
};
/** Tag, control, number, acknowledged, length, data. */
const block = (control: string, number: number, acknowledged: number, data: string) =>
  fromHex(
    `e0${control}${number.toString(16).padStart(4, "0")}${acknowledged.toString(16).padStart(4, "0")}${(data.length / 2).toString(16).padStart(2, "0")}${data}`,
  );

describe("numbers", () => {
  it("of acknowledgements go on behind the blocks of the request", () => {
    const client = opened(1);
    expect(sent(client.get([text]))).toEqual(["e0810001000" + "00dc001c100010000600101ff0200"]);
    // The server acknowledges block 1 of ours by its own first block: ours that follow are 2 and 3.
    expect(sent(client.receive(block("01", 1, 1, pieces[0])))).toEqual(["e0810002000100"]);
    expect(sent(client.receive(block("01", 2, 2, pieces[1])))).toEqual(["e0810003000200"]);
    expect(client.receive(block("81", 3, 3, pieces[2]))).toEqual([answer]);
  });

  it("of an answer may go on behind the server's acknowledgements", () => {
    const client = opened(1);
    // c1 01 c1, 9 octets of attribute, 00, 09 20 and 32 octets: 47, where 31 go into a PDU of 40.
    const [first] = sent(client.set([text], [{ type: "octet-string", value: longBytes.subarray(0, 32) }]));
    expect(first?.slice(0, 14)).toBe("e001000100001f");
    expect(sent(client.receive(block("81", 1, 1, "")))[0]?.slice(0, 14)).toBe("e0810002000110");
    expect(client.receive(block("81", 2, 2, "c501c100"))).toEqual([{ kind: "written", results: [0] }]);
  });

  it("takes an answer without blocks to a request in blocks", () => {
    const client = opened(1);
    client.get([text]);
    expect(client.receive(fromHex(pieces.join("")))).toEqual([answer]);
    expect(sent(client.get([text]))[0]?.slice(0, 12)).toBe("e08100010000");
  });
});

describe("lost blocks", () => {
  it("asks for the blocks from the gap on, at the end of the window", () => {
    const client = opened(3);
    client.get([text]);
    expect(client.receive(block("41", 1, 1, pieces[0]))).toEqual([]);
    // Block 2 is lost; 3 ends the window and the answer.
    expect(sent(client.receive(block("81", 3, 1, pieces[2])))).toEqual(["e0830002000100"]);
    expect(client.receive(block("41", 2, 2, pieces[1]))).toEqual([]);
    expect(client.receive(block("81", 3, 2, pieces[2]))).toEqual([answer]);
  });

  it("sends its own again from the one that the server asks for", () => {
    const client = opened(3);
    const whole = sent(client.set([text], [{ type: "octet-string", value: longBytes.subarray(0, 100) }]));
    expect(whole).toHaveLength(1);
    // The server has a window of 3: blocks 2 to 4 go out together, and 3 is lost on the way.
    const [two, three, four] = sent(client.receive(block("83", 1, 1, "")));
    expect(four?.slice(0, 4)).toBe("e083");
    const again = sent(client.receive(block("83", 2, 2, "")));
    expect(again.map((apdu) => apdu.slice(14))).toEqual([three?.slice(14), four?.slice(14)]);
    expect(two?.slice(4, 8)).toBe("0002");
    expect(client.receive(block("83", 3, 4, "c501c100"))).toEqual([{ kind: "written", results: [0] }]);
  });

  it("takes a block that comes twice once", () => {
    const client = opened(3);
    client.get([text]);
    client.receive(block("41", 1, 1, pieces[0]));
    client.receive(block("41", 2, 1, pieces[1]));
    client.receive(block("41", 2, 1, pieces[1]));
    expect(client.receive(block("81", 3, 1, pieces[2]))).toEqual([answer]);
  });
});

it("refuses blocks that were not negotiated", () => {
  const client = createClientAssociation({ sendsGeneralBlocks: true, proposedConformance });
  client.open();
  client.receive(fromHex("6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400001e1d00280007"));
  expect(sent(client.get([text]))).toEqual(["c001c100010000600101ff0200"]);
  expect(client.receive(block("81", 1, 0, pieces.join(""))).map(({ kind }) => kind)).toEqual(["failed"]);
});
