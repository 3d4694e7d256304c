/** Client and server link against each other on a line that loses, and the server's finer points. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createHdlcClient,
  createHdlcServer,
  fromHex,
  type HdlcClientEvent,
  type HdlcParameters,
  type HdlcServerEvent,
  hdlcAddress,
  toHex,
} from "../../../../cosem/index.js";
import { frameHex } from "../../../support/hdlc-frames.js";
import { stationUnderTest } from "../../../support/hdlc-station.js";

interface Line {
  /** Lengths of requests; each answer is twice as long and begins with the request's number. */
  readonly lengths: readonly number[];
  /** Which frames, counted over both directions, do not arrive. */
  readonly lost: ReadonlySet<number>;
  readonly client: HdlcParameters;
  readonly server: HdlcParameters;
}

/** Runs a dialogue in time that is counted; @returns the requests served and the answers that came, as numbers. */
function dialogue({ lengths, lost, client, server }: Line) {
  const served: number[] = [];
  const answered: number[] = [];
  let now = 0;
  let frames = 0;
  const station = createHdlcServer({
    parameters: server,
    physicalDevice: 16,
    hasDevice: () => true,
    maxApduBytes: 5000,
    interOctetTimeoutMs: 100,
    inactivityTimeoutMs: 0,
  });
  const link = createHdlcClient({
    clientSap: 16,
    server: hdlcAddress(1),
    parameters: client,
    retries: 1000,
    responseTimeoutMs: 500,
  });
  let remaining = lengths.map((length, index) => ({ index, length }));

  function request(): void {
    const [next, ...rest] = remaining;
    if (next === undefined) return;
    remaining = rest;
    fromClient(link.send(new Uint8Array(next.length).fill(next.index), now));
  }

  function fromClient(events: readonly HdlcClientEvent[]): void {
    for (const event of events) {
      if (event.kind === "send" && !lost.has(frames++)) fromServer(station.receive(event.bytes, now));
      if (event.kind === "connected") request();
      if (event.kind === "apdu") {
        answered.push(event.apdu[0] as number);
        request();
      }
      if (event.kind === "disconnected") throw new Error(event.reason);
    }
  }

  function fromServer(events: readonly HdlcServerEvent[]): void {
    for (const event of events) {
      if (event.kind === "send" && !lost.has(frames++)) fromClient(link.receive(event.bytes, now));
      if (event.kind !== "request") continue;
      served.push(event.apdu[0] as number);
      station.respond(event.link, new Uint8Array(event.apdu.length * 2).fill(event.apdu[0] as number));
      fromServer(station.processed(event.link));
    }
  }

  fromClient(link.connect(now));
  while (answered.length < lengths.length && now < 10_000_000) {
    now = link.nextDeadline() ?? 10_000_000;
    fromClient(link.expire(now));
  }
  return { served, answered };
}

const parameters = fc.record({
  maxInfoTransmit: fc.integer({ min: 32, max: 200 }),
  maxInfoReceive: fc.integer({ min: 32, max: 200 }),
  windowTransmit: fc.integer({ min: 1, max: 7 }),
  windowReceive: fc.integer({ min: 1, max: 7 }),
});

describe("client and server link", () => {
  it("carry each request and each answer once and in order, whatever frames are lost", () => {
    fc.assert(
      fc.property(
        fc.record({
          lengths: fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 12 }),
          lost: fc.uniqueArray(fc.nat({ max: 200 }), { maxLength: 120 }).map((numbers) => new Set(numbers)),
          client: parameters,
          server: parameters,
        }),
        (line) => {
          const wanted = line.lengths.map((_, index) => index);
          expect(dialogue(line)).toEqual({ served: wanted, answered: wanted });
        },
      ),
      { numRuns: 300 },
    );
  });
});

const snrm = "7ea007032393bf327e";
const toServer = { destination: "03", source: "23" };
const toClient = { destination: "23", source: "03" };
const octet = (value: number) => value.toString(16).padStart(2, "0");
const request = (sendNumber: number, receiveNumber: number, poll = 0x10, apdu = "c0") =>
  frameHex({
    ...toServer,
    control: octet((receiveNumber << 5) | poll | (sendNumber << 1)),
    information: `e6e600${apdu}`,
  });
const answer = (sendNumber: number, receiveNumber: number, apdu: string) =>
  frameHex({
    ...toClient,
    control: octet((receiveNumber << 5) | 0x10 | (sendNumber << 1)),
    information: `e6e700${apdu}`,
  });
const supervisory = (addresses: typeof toServer, code: number, receiveNumber: number) =>
  frameHex({ ...addresses, control: octet((receiveNumber << 5) | 0x10 | code) });
const poll = (receiveNumber: number) => supervisory(toServer, 1, receiveNumber);
const notReady = (receiveNumber: number) => supervisory(toServer, 5, receiveNumber);

describe("the server link", () => {
  it("repeats an answer that was lost when the request is repeated, without serving it again", () => {
    const server = stationUnderTest({}, () => ["c4"]);
    server.feed(snrm);
    expect(server.feed(request(0, 0))).toEqual([answer(0, 1, "c4")]);
    expect(server.feed(request(0, 0))).toEqual([answer(0, 1, "c4")]);
    expect(server.feed(poll(0))).toEqual([answer(0, 1, "c4")]);
    expect(server.feed(poll(1))).toEqual([supervisory(toClient, 1, 1)]);
    expect(server.log.filter((line) => line.startsWith("request"))).toHaveLength(1);
  });

  it("answers an unconfirmed request by RR alone", () => {
    const server = stationUnderTest({}, () => []);
    server.feed(snrm);
    expect(server.feed(request(0, 0))).toEqual([supervisory(toClient, 1, 1)]);
  });

  it("is silent without the poll bit, and sends nothing to a client that is not ready", () => {
    const server = stationUnderTest({}, () => ["c4"]);
    server.feed(snrm);
    expect(server.feed(request(0, 0, 0))).toEqual([]);
    expect(server.feed(notReady(0))).toEqual([supervisory(toClient, 1, 1)]);
    expect(server.feed(poll(0))).toEqual([answer(0, 1, "c4")]);
    expect(server.feed(frameHex({ ...toServer, control: "83" }))).toEqual([]);
    expect(server.feed(frameHex({ ...toServer, control: "43" }))).toEqual([]);
    expect(server.feed(request(1, 1))).toEqual([answer(1, 2, "c4")]);
  });

  it("lets a repeated request wait for its answer, and says RR to one that polls meanwhile", () => {
    const links: number[] = [];
    const server = stationUnderTest({}, (_, link) => {
      links.push(link);
      return undefined;
    });
    server.feed(snrm);
    expect(server.feed(request(0, 0))).toEqual([]);
    expect(server.feed(request(0, 0))).toEqual([]);
    expect(server.feed(poll(0))).toEqual([supervisory(toClient, 1, 1)]);
    expect(server.feed(poll(0))).toEqual([supervisory(toClient, 1, 1)]);
    const [link = 0] = links;
    server.station.respond(link, fromHex("c4"));
    expect(server.station.processed(link)).toEqual([]);
    expect(server.feed(poll(0))).toEqual([answer(0, 1, "c4")]);
  });

  it("gives an answer that comes late to the link that asked, not to its successor", () => {
    const links: number[] = [];
    const server = stationUnderTest({}, (_, link) => {
      links.push(link);
      return undefined;
    });
    server.feed(snrm);
    server.feed(request(0, 0));
    server.feed(snrm);
    const [link = 0] = links;
    server.station.respond(link, fromHex("c4"));
    expect(server.station.processed(link)).toEqual([]);
    expect(server.feed(poll(0))).toEqual([supervisory(toClient, 1, 0)]);
    expect(server.log).toContain("disconnected 17 1 reset");
  });

  it("says RNR while too many requests wait", () => {
    const links: number[] = [];
    const server = stationUnderTest({}, (_, link) => {
      links.push(link);
      return undefined;
    });
    server.feed(snrm);
    for (let number = 0; number < 8; number++) expect(server.feed(request(number & 7, 0, 0))).toEqual([]);
    expect(links).toHaveLength(7);
    expect(server.feed(poll(0))).toEqual([supervisory(toClient, 5, 7)]);
    server.station.processed(links[0] as number);
    expect(server.feed(poll(0))).toEqual([supervisory(toClient, 1, 7)]);
  });

  it("says RNR to a client that asks on and on and takes no answer", () => {
    const server = stationUnderTest({}, () => ["c4"]);
    server.feed(snrm);
    for (let number = 0; number < 8; number++) server.feed(request(number & 7, 0, 0));
    for (let number = 0; number < 100; number++) server.feed(request(number & 7, 0, 0));
    expect(server.log.filter((line) => line.startsWith("request"))).toHaveLength(8);
    expect(server.feed(notReady(0))).toEqual([supervisory(toClient, 5, 0)]);
    expect(server.feed(poll(0))).toEqual([answer(0, 0, "c4")]);
    expect(server.feed(request(0, 1))).toEqual([answer(1, 1, "c4")]);
  });

  it("throws away a message with another LLC header, or too long, and says which", () => {
    const server = stationUnderTest({ maxApduBytes: 200 });
    server.feed(snrm);
    const other = frameHex({ ...toServer, control: "10", information: "e6e700c0" });
    expect(server.feed(other)).toEqual([supervisory(toClient, 1, 1)]);
    expect(server.log.at(-1)).toBe("discarded llc");
    const long = (control: string) =>
      frameHex({ ...toServer, control, information: "e6e600".padEnd(256, "0"), isSegmented: true });
    expect(server.feed(long("12"))).toEqual([supervisory(toClient, 1, 2)]);
    expect(server.feed(long("14"))).toEqual([frameHex({ ...toClient, control: "97", information: "146004" })]);
    expect(server.log.at(-1)).toBe("discarded overLimit");
  });

  it("refuses by DM a set-up that cannot be read, and links beyond its limit", () => {
    const server = stationUnderTest({ maxLinks: 1 });
    const dm = (source: string) => frameHex({ destination: source, source: "03", control: "1f" });
    expect(server.feed(frameHex({ ...toServer, control: "93", information: "81801205" }))).toEqual([dm("23")]);
    expect(server.feed(frameHex({ ...toServer, control: "93", information: "00" }))).toEqual([dm("23")]);
    server.feed(snrm);
    expect(server.feed(frameHex({ destination: "03", source: "25", control: "93" }))).toEqual([dm("25")]);
    expect(server.log).toEqual(["connected 17 1"]);
  });

  it("does not let a broadcast or a calling-station address open or end anything, unless it dials out", () => {
    const server = stationUnderTest();
    server.feed(snrm);
    for (const destination of ["ff", "02ff", "fe23", "0002feff", "fefefeff", "02fd", "0002fefd"]) {
      expect(server.feed(frameHex({ destination, source: "23", control: "53" }))).toEqual([]);
    }
    for (const source of ["01", "ff"]) {
      expect(server.feed(frameHex({ destination: "03", source, control: "93" }))).toEqual([]);
    }
    expect(server.log.filter((line) => line.startsWith("disconnected"))).toEqual([]);
    const dialling = stationUnderTest({ answersCallingStation: true });
    const [ua = ""] = dialling.feed(frameHex({ destination: "02fd", source: "23", control: "93" }));
    expect(ua.slice(6, 14)).toBe("2302fd73");
  });
});

describe("the client link", () => {
  const clientOptions = { clientSap: 17, server: hdlcAddress(1), retries: 1, responseTimeoutMs: 1000 };
  const sent = (events: readonly HdlcClientEvent[]) =>
    events.map((event) => (event.kind === "send" ? toHex(event.bytes) : event.kind));

  it("repeats SNRM, then gives up", () => {
    const link = createHdlcClient(clientOptions);
    expect(sent(link.connect(0))).toEqual([snrm]);
    expect(link.nextDeadline()).toBe(1000);
    expect(sent(link.expire(1000))).toEqual([snrm]);
    expect(link.expire(2000)).toEqual([{ kind: "disconnected", reason: "noAnswer" }]);
    expect(link.nextDeadline()).toBeUndefined();
    expect(() => link.send(fromHex("c0"), 0)).toThrow("no HDLC link");
  });

  it("polls a server that has its answer later", () => {
    const link = createHdlcClient(clientOptions);
    link.connect(0);
    link.receive(fromHex(frameHex({ ...toClient, control: "73" })), 0);
    expect(link.isConnected).toBe(true);
    expect(sent(link.send(fromHex("c0"), 0))).toEqual([request(0, 0)]);
    expect(sent(link.receive(fromHex(supervisory(toClient, 1, 1)), 10))).toEqual(["frame"]);
    expect(link.nextDeadline()).toBe(110);
    expect(sent(link.expire(110))).toEqual([poll(0)]);
    const events = link.receive(fromHex(answer(0, 1, "c4")), 120);
    expect(events.at(-1)).toEqual({ kind: "apdu", apdu: fromHex("c4") });
    expect(link.nextDeadline()).toBeUndefined();
  });

  it("asks for the further APDUs of one answer when it is told to", () => {
    const server = stationUnderTest({}, () => ["e001", "e002"]);
    const link = createHdlcClient(clientOptions);
    const apdus: string[] = [];
    const exchange = (events: readonly HdlcClientEvent[]): void => {
      for (const event of events) {
        if (event.kind === "apdu") apdus.push(toHex(event.apdu));
        if (event.kind !== "send") continue;
        for (const frame of server.feed(toHex(event.bytes))) exchange(link.receive(fromHex(frame), 0));
      }
    };
    expect(link.poll(0)).toEqual([]);
    exchange(link.connect(0));
    exchange(link.send(fromHex("e0"), 0));
    expect(apdus).toEqual(["e001"]);
    exchange(link.poll(0));
    expect(apdus).toEqual(["e001", "e002"]);
  });

  it("sends unconfirmed APDUs without a link", () => {
    const link = createHdlcClient(clientOptions);
    // UI without the poll bit.
    expect(sent(link.sendUnconfirmed(fromHex("c0")))).toEqual([
      frameHex({ ...toServer, control: "03", information: "e6e600c0" }),
    ]);
    expect(link.nextDeadline()).toBeUndefined();
  });

  it.each([
    ["refused", frameHex({ ...toClient, control: "1f" })],
    ["rejected", frameHex({ ...toClient, control: "97", information: "100008" })],
    ["protocol", supervisory(toClient, 1, 5)],
  ])("ends the link: %s", (reason, frame) => {
    const link = createHdlcClient(clientOptions);
    link.connect(0);
    link.receive(fromHex(frameHex({ ...toClient, control: "73" })), 0);
    link.send(fromHex("c0"), 0);
    expect(link.receive(fromHex(frame), 0).at(-1)).toEqual({ kind: "disconnected", reason });
    expect(link.isConnected).toBe(false);
  });
});
