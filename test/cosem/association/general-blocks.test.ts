import { describe, expect, it } from "vitest";
import {
  type AssociationEvent,
  createServerAssociation,
  type Data,
  fromHex,
  offeredConformance,
  toHex,
} from "../../../cosem/index.js";
import { plainAarq } from "../../support/server-link.js";

/** PDU size 32 of the client: blocks of 23 octets, as a header takes up to 9. */
function opened(options: { readonly pduSize?: string; readonly conformance?: string; readonly max?: number } = {}) {
  const machine = createServerAssociation({
    policy: {
      clientSap: 1,
      serverSap: 1,
      applicationContext: 1,
      mechanism: 0,
      secret: undefined,
      conformance: offeredConformance,
      maxReceivePduSize: 64,
      maxSendPduSize: 65_535,
      systemTitle: undefined,
    },
    inactivityTimeoutMs: 0,
    maxAssembledBytes: options.max ?? 200,
    blockWindow: 4,
  });
  machine.receive(fromHex(plainAarq(options.conformance ?? "201e5d", options.pduSize ?? "0020")), 0);
  return machine;
}

const hexOf = (events: readonly AssociationEvent[]) =>
  events.flatMap((event) => (event.kind === "send" ? [toHex(event.apdu)] : []));
const kindsOf = (events: readonly AssociationEvent[]) => events.map(({ kind }) => kind);

const get = fromHex("c001c1000100002a0000ff0200");
const octets = (length: number) => Uint8Array.from({ length }, (_, index) => index);
/** c4 01 c1 00 09 64 and 100 octets: 106, which is 4 blocks of 23 and one of 14. */
const answer = { kind: "data", data: { type: "octet-string", value: octets(100) } } as const;
const whole = `c401c1000964${toHex(octets(100))}`;
const piece = (number: number) => whole.slice((number - 1) * 46, number * 46);
/** An acknowledgement alone: last, no streaming, a window, the client's own number, the server's last good block. */
const ack = (own: number, good: number, window = 1) =>
  fromHex(
    `e0${(0x80 | window).toString(16)}${own.toString(16).padStart(4, "0")}${good.toString(16).padStart(4, "0")}00`,
  );

function answered(machine: ReturnType<typeof opened>) {
  machine.receive(get, 0);
  return hexOf(machine.respondGet([answer], 0));
}

describe("answers in blocks", () => {
  it("sends one block a time until the client tells its window", () => {
    const machine = opened();
    expect(answered(machine)).toEqual([`e0040001000017${piece(1)}`]);
    expect(hexOf(machine.receive(ack(1, 1), 0))).toEqual([`e0040002000117${piece(2)}`]);
    expect(hexOf(machine.receive(ack(2, 2), 0))).toEqual([`e0040003000217${piece(3)}`]);
  });

  it("streams the blocks of a window: all but its last are marked, and the very last ends the transfer", () => {
    const machine = opened();
    answered(machine);
    expect(hexOf(machine.receive(ack(1, 1, 3), 0))).toEqual([
      `e0440002000117${piece(2)}`,
      `e0440003000117${piece(3)}`,
      `e0040004000117${piece(4)}`,
    ]);
    expect(hexOf(machine.receive(ack(2, 4, 3), 0))).toEqual([`e084000500020e${piece(5)}`]);
    expect(piece(1) + piece(2) + piece(3) + piece(4) + piece(5)).toBe(whole);
    expect(machine.receive(ack(3, 5, 3), 0)).toEqual([]);
  });

  it("sends lost blocks again from the one that the acknowledgement asks for", () => {
    const machine = opened();
    answered(machine);
    machine.receive(ack(1, 1, 3), 0);
    expect(hexOf(machine.receive(ack(2, 2, 3), 0))).toEqual([
      `e0440003000217${piece(3)}`,
      `e0440004000217${piece(4)}`,
      `e084000500020e${piece(5)}`,
    ]);
  });

  it("sends a single lost block alone to a client that asks with a window of one, and goes on behind it", () => {
    const machine = opened();
    answered(machine);
    machine.receive(ack(1, 1, 3), 0);
    expect(hexOf(machine.receive(ack(2, 2, 1), 0))).toEqual([`e0040003000217${piece(3)}`]);
    expect(hexOf(machine.receive(ack(3, 4, 3), 0))).toEqual([`e084000500030e${piece(5)}`]);
  });

  it("sends the last block again when it was lost", () => {
    const machine = opened();
    answered(machine);
    machine.receive(ack(1, 1, 63), 0);
    expect(hexOf(machine.receive(ack(2, 4, 63), 0))).toEqual([`e084000500020e${piece(5)}`]);
  });

  it("ends the transfer at an acknowledgement of blocks that were never sent", () => {
    const machine = opened();
    answered(machine);
    expect(hexOf(machine.receive(ack(1, 9), 0))).toEqual(["d80101"]);
    expect(hexOf(machine.receive(ack(1, 1), 0))).toEqual([]);
  });

  it("asks for no more of a stream than one window holds, and lets go of it at a new request", () => {
    const machine = opened();
    machine.receive(get, 0);
    const row: Data = { type: "octet-string", value: octets(8) };
    let asked = 0;
    let events = machine.respondGet([{ kind: "stream", count: 1_000_000 }], 0);
    const run = () => {
      while (kindsOf(events).includes("elementsWanted")) {
        asked += 1;
        events = machine.supply([row], 0);
      }
      return hexOf(events).length;
    };
    expect(run()).toBe(1);
    // 5 octets begin the array, 10 are a row: three rows are the fewest that show that no PDU of 28 and its header does.
    expect(asked).toBe(3);
    events = machine.receive(ack(1, 1, 4), 0);
    expect(run()).toBe(4);
    // 4 + 5 + 11 rows of 10 are more than five blocks of 23: the fifth is known not to be the last.
    expect(asked).toBe(11);
    expect(kindsOf(machine.receive(get, 0))).toEqual(["streamsReleased", "getRequested"]);
  });

  it("tells in an exception when a stream breaks off", () => {
    const machine = opened();
    machine.receive(get, 0);
    machine.respondGet([{ kind: "stream", count: 10 }], 0);
    expect(hexOf(machine.supply(undefined, 0))).toEqual(["c401c10102"]);
    machine.receive(get, 0);
    machine.respondGet([{ kind: "stream", count: 10 }], 0);
    machine.supply(
      [1, 2, 3, 4].map(() => ({ type: "octet-string", value: octets(8) })),
      0,
    );
    machine.receive(ack(1, 1, 4), 0);
    expect(hexOf(machine.supply(undefined, 0))).toEqual(["d80103"]);
  });

  it("lets a list of results that no PDU holds go out in blocks", () => {
    const machine = opened({ max: 4000 });
    const names = "000100002a0000ff0200".repeat(30);
    const values = "1101".repeat(30);
    const blocks = fromHex(`c104c11e${names}1e${values}`);
    const first = machine.receive(fromHex(`e0440001000037${toHex(blocks.subarray(0, 55))}`), 0);
    expect(first).toEqual([]);
    let events: readonly AssociationEvent[] = [];
    for (let number = 2, start = 55; start < blocks.length; number++, start += 55) {
      const data = blocks.subarray(start, start + 55);
      const control = start + 55 >= blocks.length ? "84" : "44";
      const head = `e0${control}${number.toString(16).padStart(4, "0")}0000${data.length.toString(16).padStart(2, "0")}`;
      events = machine.receive(fromHex(head + toHex(data)), 0);
    }
    expect(kindsOf(events)).toEqual(["setRequested"]);
    const sent = hexOf(machine.respondSet(new Array(30).fill(0), 0));
    // c5 05 c1 1e and 30 results: 34 octets, in blocks of 23 and 11; both fit the client's window of 4.
    expect(sent.map((apdu) => apdu.slice(14)).join("")).toBe(`c505c11e${"00".repeat(30)}`);
    expect(sent.map((apdu) => apdu.slice(2, 4))).toEqual(["44", "84"]);
  });
});

describe("requests in blocks", () => {
  const set = "c101c100010000600101ff020009101112131415161718191a1b1c1d1e1f20";
  const part = (from: number, to?: number) => set.slice(2 * from, to === undefined ? undefined : 2 * to);
  const block = (control: string, number: number, data: string) =>
    fromHex(
      `e0${control}${number.toString(16).padStart(4, "0")}0000${(data.length / 2).toString(16).padStart(2, "0")}${data}`,
    );

  it("acknowledges each window, takes the request, and answers in blocks too", () => {
    const machine = opened();
    expect(hexOf(machine.receive(block("01", 1, part(0, 10)), 0))).toEqual(["e0840001000100"]);
    const events = machine.receive(block("81", 2, part(10)), 0);
    expect(kindsOf(events)).toEqual(["setRequested"]);
    expect(hexOf(machine.respondSet([0], 0))).toEqual(["e08400010002" + "04c501c100"]);
  });

  it("keeps still in the middle of a window", () => {
    const machine = opened();
    expect(machine.receive(block("43", 1, part(0, 10)), 0)).toEqual([]);
    expect(machine.receive(block("43", 2, part(10, 20)), 0)).toEqual([]);
    expect(kindsOf(machine.receive(block("83", 3, part(20)), 0))).toEqual(["setRequested"]);
  });

  it("asks for a lost block by acknowledging the one before it", () => {
    const machine = opened();
    machine.receive(block("43", 1, part(0, 10)), 0);
    expect(hexOf(machine.receive(block("83", 3, part(20)), 0))).toEqual(["e0840001000100"]);
    expect(machine.receive(block("43", 2, part(10, 20)), 0)).toEqual([]);
    expect(kindsOf(machine.receive(block("83", 3, part(20)), 0))).toEqual(["setRequested"]);
  });

  it("takes a block that comes twice once", () => {
    const machine = opened();
    machine.receive(block("43", 1, part(0, 10)), 0);
    machine.receive(block("43", 2, part(10, 20)), 0);
    machine.receive(block("43", 2, part(10, 20)), 0);
    const events = machine.receive(block("83", 3, part(20)), 0);
    const value = events.flatMap((event) => (event.kind === "setRequested" ? event.values : []))[0];
    expect(value?.type === "octet-string" && toHex(value.value)).toBe("1112131415161718191a1b1c1d1e1f20");
  });

  it("begins anew with block 1", () => {
    const machine = opened();
    machine.receive(block("01", 1, "ffffff"), 0);
    machine.receive(block("01", 1, part(0, 10)), 0);
    expect(kindsOf(machine.receive(block("81", 2, part(10)), 0))).toEqual(["setRequested"]);
  });

  it("ends a request that grows beyond the limit, and frees what it held", () => {
    const machine = opened({ max: 100 });
    for (const number of [1, 2]) machine.receive(block("01", number, "00".repeat(50)), 0);
    expect(hexOf(machine.receive(block("01", 3, "00"), 0))).toEqual(["d80104"]);
    expect(hexOf(machine.receive(block("01", 4, "00"), 0))).toEqual(["d80101"]);
  });

  it("forgets an unfinished request when another comes, or the client gives it up with block 0", () => {
    const machine = opened();
    machine.receive(block("01", 1, part(0, 10)), 0);
    machine.receive(get, 0);
    expect(hexOf(machine.respondGet([{ kind: "error", error: 4 }], 0))).toEqual(["c401c10104"]);
    expect(hexOf(machine.receive(block("81", 2, part(10)), 0))).toEqual(["d80101"]);
    machine.receive(block("01", 1, part(0, 10)), 0);
    expect(machine.receive(block("81", 0, ""), 0)).toEqual([]);
    expect(hexOf(machine.receive(block("81", 2, part(10)), 0))).toEqual(["d80101"]);
  });

  it("takes services only: no AARQ, no release and no block comes in blocks", () => {
    for (const inner of ["6203800100", "e0810001000000", plainAarq()]) {
      const machine = opened();
      expect(hexOf(machine.receive(block("81", 1, inner), 0))).toEqual(["d80102"]);
      expect(machine.session).toBeDefined();
    }
  });

  it("sends nothing for an unconfirmed request", () => {
    const machine = opened();
    machine.receive(block("81", 1, set.replace("c101c1", "c10181")), 0);
    expect(machine.respondSet([0], 0)).toEqual([]);
  });
});

it("refuses blocks where they were not negotiated, and uses those of GET instead", () => {
  const machine = opened({ conformance: "001e5d" });
  expect(hexOf(machine.receive(ack(1, 1), 0))).toEqual(["d80102"]);
  machine.receive(get, 0);
  expect(hexOf(machine.respondGet([answer], 0))[0]?.slice(0, 18)).toBe("c402c1000000000100");
});
