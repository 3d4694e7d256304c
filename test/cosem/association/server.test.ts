import { describe, expect, it } from "vitest";
import {
  type AssociationEvent,
  type AssociationPolicy,
  createServerAssociation,
  fromHex,
  offeredConformance,
  Secret,
  type ServerAssociationOptions,
  toHex,
} from "../../../cosem/index.js";

const policy: AssociationPolicy = {
  clientSap: 16,
  serverSap: 1,
  applicationContext: 1,
  mechanism: 0,
  secret: undefined,
  conformance: offeredConformance,
  maxReceivePduSize: 1024,
  maxSendPduSize: 65_535,
  systemTitle: undefined,
};

function machine(changes: Partial<AssociationPolicy> = {}, options: Partial<ServerAssociationOptions> = {}) {
  return createServerAssociation({
    policy: { ...policy, ...changes },
    inactivityTimeoutMs: 60_000,
    maxAssembledBytes: 1000,
    ...options,
  });
}

/** Events in short: what is sent as hex, else the kind. */
function short(events: readonly AssociationEvent[]): readonly string[] {
  return events.map((event) => {
    if (event.kind === "send") return toHex(event.apdu);
    if (event.kind === "refused" || event.kind === "closed") return `${event.kind} ${event.reason}`;
    return event.kind;
  });
}

/** conformance and PDU size of the client stand in the last five bytes. */
const aarq = (conformance = "001e5d", pdu = "ffff") =>
  fromHex(`601da109060760857405080101be10040e01000000065f1f0400${conformance}${pdu}`);

function opened(conformance?: string, pdu?: string, changes?: Partial<AssociationPolicy>) {
  const association = machine(changes);
  association.receive(aarq(conformance, pdu), 0);
  return association;
}

const getName = fromHex("c001c1000100002a0000ff0200");
const name = { kind: "data", data: { type: "unsigned", value: 7 } } as const;

describe("opening", () => {
  it("negotiates what both sides have", () => {
    const association = opened("001000", "0000");
    expect(association.session?.conformance).toBe(0x001000);
    expect(association.session?.maxSendPduSize).toBe(65_535);
  });

  it("rejects an ACSE version it does not have, as the provider", () => {
    const request = fromHex("602180020700a109060760857405080101be10040e01000000065f1f0400001e5dffff");
    expect(short(machine().receive(request, 0))).toEqual([
      "6117a109060760857405080101a203020101a305a203020102",
      "refused protocolVersion",
    ]);
  });

  it("takes an explicit version 1, a title, a user id and quality of service", () => {
    const acse = "80020780a109060760857405080101a60a04084142434445464748a903020105";
    const initiate = "01000001050" + "65f1f0400001e5dffff";
    expect(short(machine().receive(fromHex(`6033${acse}be11040f${initiate}`), 0))).toEqual([
      "opened",
      "6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400001e5d04000007",
    ]);
  });

  it("counts a mechanism without the authentication functional unit for nothing", () => {
    const password = "8b0760857405080201ac0780053132333435";
    const request = fromHex(`602fa109060760857405080101${password}be10040e01000000065f1f0400001e5dffff`);
    const association = machine({ mechanism: 1, secret: new Secret(new TextEncoder().encode("12345")) });
    expect(short(association.receive(request, 0)).at(-1)).toBe("refused mechanismRequired");
  });

  it("sends nothing where no answer is allowed, and opens nothing", () => {
    const request = fromHex("601ea109060760857405080101be11040f0100010000065f1f0400001e5dffff");
    const association = machine();
    expect(short(association.receive(request, 0))).toEqual(["refused unconfirmedAssociation"]);
    expect(association.session).toBeUndefined();
  });

  it.each(["60", "6003a10106", "6000", "601d", "6080"])("rejects what is no AARQ: %s", (hex) => {
    const association = machine();
    const [answer, refused] = short(association.receive(fromHex(hex), 0));
    expect(refused).toBe("refused malformedAarq");
    expect(answer).toBe("6117a109060760857405080101a203020101a305a103020101");
  });

  it("keeps the open association when another AARQ fails its checks", () => {
    const association = opened();
    const before = association.session;
    association.receive(aarq("000000"), 0);
    expect(association.session).toBe(before);
    expect(short(association.receive(getName, 0))).toEqual(["getRequested"]);
  });

  it("replaces the open association by one that passes", () => {
    const association = opened();
    expect(short(association.receive(aarq("001000"), 0)).slice(0, 2)).toEqual(["closed replaced", "opened"]);
    expect(association.session?.conformance).toBe(0x001000);
  });

  it("prints its password nowhere", () => {
    const secret = new Secret(new TextEncoder().encode("hunter22"));
    expect(`${secret} ${JSON.stringify({ secret })}`).toBe('[secret] {"secret":"[secret]"}');
  });
});

describe("services", () => {
  it("refuses a service that was not negotiated, and knows no association before one is open", () => {
    expect(short(opened("000008").receive(getName, 0))).toEqual(["d80102", "rejected"]);
    expect(short(machine().receive(getName, 0))).toEqual(["d80101", "rejected"]);
    expect(short(machine().receive(fromHex("6203800100"), 0))).toEqual(["d80101", "rejected"]);
    expect(short(opened().receive(new Uint8Array(0), 0))).toEqual(["d80102", "rejected"]);
  });

  it("refuses lists, blocks and selectors that were not negotiated", () => {
    const association = opened("00001d");
    expect(short(association.receive(fromHex("c003c1010001" + "00002a0000ff" + "0200"), 0))).toEqual([
      "d80102",
      "rejected",
    ]);
    expect(short(association.receive(fromHex("c103c101000000020100"), 0))).toEqual(["d80102", "rejected"]);
    expect(short(association.receive(fromHex("c304c1000900000a006aff0101000000010100"), 0))).toEqual([
      "d80102",
      "rejected",
    ]);
    const withoutSelector = opened("000019");
    expect(short(withoutSelector.receive(fromHex("c001c1000700006301" + "00ff020101" + "00"), 0))).toEqual([
      "c401c10103",
    ]);
  });

  it("refuses attribute 0 alone in a list", () => {
    const association = opened();
    const list = fromHex("c003c102000100002a0000ff0000000100002a0000ff0200");
    const [event] = association.receive(list, 0);
    expect(event?.kind === "getRequested" && event.attributes.length).toBe(1);
    expect(short(association.respondGet([name], 0))).toEqual(["c403c1020103001107"]);
  });

  it("refuses an APDU beyond the negotiated size", () => {
    const association = opened("001e5d", "ffff", { maxReceivePduSize: 16 });
    const request = fromHex("c101c100010000600100ff020009080000000000000000");
    expect(short(association.receive(request, 0))).toEqual(["d80104", "rejected"]);
  });

  it("answers nothing to an unconfirmed SET or ACTION, but does it", () => {
    const association = opened();
    expect(short(association.receive(fromHex("c10181000100006001" + "00ff02001101"), 0))).toEqual(["setRequested"]);
    expect(association.respondSet([0], 0)).toEqual([]);
    expect(short(association.receive(fromHex("c301810009" + "00000a006aff0101120001"), 0))).toEqual([
      "actionRequested",
    ]);
    expect(association.respondAction([{ result: 0, returned: undefined }], 0)).toEqual([]);
  });

  it("is busy until it is answered", () => {
    const association = opened();
    association.receive(getName, 0);
    expect(association.isBusy).toBe(true);
    expect(() => association.receive(getName, 0)).toThrow("an answer is owed");
  });

  it("says so where a value fits no PDU and blocks were not negotiated", () => {
    const association = opened("000010", "0014");
    association.receive(getName, 0);
    const long = { kind: "data", data: { type: "octet-string", value: new Uint8Array(40) } } as const;
    expect(short(association.respondGet([long], 0))).toEqual(["c401c1010e"]);
  });
});

describe("blocks", () => {
  const elements = Array.from({ length: 4 }, (_, index) => ({ type: "unsigned", value: index }) as const);

  it("pulls a stream piece by piece, each block within the PDU", () => {
    const association = opened("001e5d", "0010");
    association.receive(getName, 0);
    expect(association.respondGet([{ kind: "stream", count: 8 }], 0)).toEqual([{ kind: "elementsWanted", index: 0 }]);
    // header 0108 and eight times 11xx: 18 bytes in blocks of 6
    expect(short(association.supply(elements.slice(0, 2), 0))).toEqual(["elementsWanted"]);
    expect(short(association.supply([...elements.slice(2), ...elements], 0))).toEqual([
      "c402c100000000010006010811001101",
    ]);
    expect(short(association.receive(fromHex("c002c100000001"), 0))).toEqual(["c402c100000000020006110211031100"]);
    expect(short(association.receive(fromHex("c002c100000002"), 0))).toEqual([
      "c402c101000000030006110111021103",
      "streamsReleased",
    ]);
  });

  it("breaks off with long-get-aborted when the stream ends early", () => {
    const association = opened("001e5d", "0010");
    association.receive(getName, 0);
    association.respondGet([{ kind: "stream", count: 100 }], 0);
    expect(short(association.supply([...elements, ...elements], 0))).toEqual(["c402c100000000010006016411001101"]);
    association.receive(fromHex("c002c100000001"), 0);
    expect(short(association.receive(fromHex("c002c100000002"), 0))).toEqual(["elementsWanted"]);
    expect(short(association.supply(undefined, 0))).toEqual(["c402c10100000003010f", "streamsReleased"]);
  });

  it("fails at once when the stream fails before anything was sent", () => {
    const association = opened();
    association.receive(getName, 0);
    association.respondGet([{ kind: "stream", count: 2 }], 0);
    expect(short(association.supply(undefined, 0))).toEqual(["c401c10102", "streamsReleased"]);
  });

  it("releases the streams of a transfer that another request ends", () => {
    const association = opened("001e5d", "0010");
    association.receive(getName, 0);
    association.respondGet([{ kind: "stream", count: 8 }], 0);
    association.supply([...elements, ...elements], 0);
    expect(short(association.receive(fromHex("c10181000100006001" + "00ff02001101"), 0))).toEqual([
      "streamsReleased",
      "setRequested",
    ]);
  });

  it("takes a SET with list in blocks", () => {
    const association = opened();
    const attributes = "02" + "000100006001" + "00ff0200" + "000100006001" + "01ff0200";
    const first = fromHex(`c105c1${attributes}000000000103021101`);
    expect(short(association.receive(first, 0))).toEqual(["c502c100000001"]);
    expect(short(association.receive(fromHex("c103c1010000000202" + "1102"), 0))).toEqual(["setRequested"]);
    expect(short(association.respondSet([0, 3], 0))).toEqual(["c504c102000300000002"]);
  });

  it("gives up blocks that come out of order, or make too much", () => {
    const association = opened();
    const first = "c102c100010000600101ff02000000000001";
    association.receive(fromHex(`${first}0109`), 0);
    expect(short(association.receive(fromHex("c103c100000000030100"), 0))).toEqual(["c503c11300000003"]);
    expect(short(association.receive(fromHex("c103c100000000020100"), 0))).toEqual(["c503c11200000002"]);
    association.receive(fromHex(`${first}8201f4${"00".repeat(500)}`), 0);
    const more = fromHex(`c103c100000000028201f5${"00".repeat(501)}`);
    expect(short(association.receive(more, 0))).toEqual(["c503c11100000002"]);
  });

  it("sends what an ACTION returns in blocks, and takes up no wrong number", () => {
    const association = opened("001e5d", "0010");
    association.receive(fromHex("c301c1000900000a006aff0101120001"), 0);
    const returned = { kind: "data", data: { type: "octet-string", value: fromHex("00010203040506070809") } } as const;
    // 00 01 00 09 0a and ten bytes, in blocks of 6
    expect(short(association.respondAction([{ result: 0, returned }], 0))).toEqual(["c702c1000000000106000100090a00"]);
    expect(short(association.receive(fromHex("c302c100000001"), 0))).toEqual(["c702c1000000000206010203040506"]);
    expect(short(association.receive(fromHex("c302c100000002"), 0))).toEqual(["c702c1010000000303070809"]);
    expect(short(association.receive(fromHex("c302c100000003"), 0))).toEqual(["c701c11000"]);
  });

  it("takes an ACTION with list, and in blocks with list", () => {
    const association = opened();
    const methods = `02${"000900000a006aff01".repeat(2)}`;
    expect(short(association.receive(fromHex(`c303c1${methods}0200120001`), 0))).toEqual(["actionRequested"]);
    const responses = [
      { result: 0, returned: undefined },
      { result: 3, returned: undefined },
    ];
    expect(short(association.respondAction(responses, 0))).toEqual(["c703c10200000300"]);
    expect(short(association.receive(fromHex(`c305c1${methods}0000000001020200`), 0))).toEqual(["c704c100000001"]);
    expect(short(association.receive(fromHex("c306c1010000000203" + "120001"), 0))).toEqual(["actionRequested"]);
    expect(short(association.respondAction(responses, 0))).toEqual(["c703c10200000300"]);
    expect(short(association.receive(fromHex("c306c1010000000203120001"), 0))).toEqual(["c701c11000"]);
  });
});

describe("time", () => {
  it("closes an association that is silent for too long", () => {
    const association = machine();
    expect(association.nextDeadline()).toBeUndefined();
    association.receive(aarq(), 1000);
    expect(association.nextDeadline()).toBe(61_000);
    expect(association.expire(60_999)).toEqual([]);
    expect(short(association.expire(61_000))).toEqual(["closed inactive"]);
    expect(association.session).toBeUndefined();
  });
});
