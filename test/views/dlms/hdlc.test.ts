import { afterEach, describe, expect, it } from "vitest";
import { connectHdlc, type HdlcConnection, NoAnswer, openHdlc } from "../../../conformance/index.js";
import { createHdlcDecoder, encodeHdlcFrame, fromHex, logicalName, Secret } from "../../../cosem/index.js";
import type { ByteChannel } from "../../../src/ports/index.js";
import { connectTcp, listenTcp, type TcpServer } from "../../../src/transport/index.js";
import type { HdlcView } from "../../../src/views/dlms/index.js";
import { channelPair } from "../../support/channel-pair.js";
import { createHdlcDoor, frameInWords, hdlcDoorTranscripts } from "../../support/hdlc-door.js";
import type { HdlcTranscript } from "../../support/hdlc-frames.js";
import { frameHex } from "../../support/hdlc-frames.js";
import { manualClock } from "../../support/manual-clock.js";
import { systemClock } from "../../support/system-clock.js";

const [first] = hdlcDoorTranscripts;
if (first === undefined) throw new Error("hdlc.json is empty");
const transcript: HdlcTranscript = first;

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

/** Frames that arrive on a channel, one after the other. */
function framesOf(channel: ByteChannel) {
  const decoder = createHdlcDecoder();
  const arrived: Uint8Array[] = [];
  let wake: (() => void) | undefined;
  channel.listen({
    received(bytes) {
      for (const one of decoder.push(bytes)) if (one.kind === "frame") arrived.push(encodeHdlcFrame(one.frame));
      wake?.();
    },
    closed: () => wake?.(),
  });
  return async (): Promise<Uint8Array> => {
    for (;;) {
      const frame = arrived.shift();
      if (frame !== undefined) return frame;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

async function expectRecorded({ steps }: HdlcTranscript, channel: ByteChannel): Promise<void> {
  const next = framesOf(channel);
  for (const step of steps) {
    if (step.direction === ">") await channel.write(fromHex(step.bytes));
    else expect(frameInWords(await next())).toBe(frameInWords(fromHex(step.bytes)));
  }
}

async function listen(view: HdlcView): Promise<TcpServer> {
  view.start();
  const server = await listenTcp({
    host: "127.0.0.1",
    port: 0,
    maxConnections: 10,
    accept: (channel, peer) => view.serve(channel, peer),
  });
  cleanups.push(() => server.close());
  cleanups.push(() => view.stop());
  return server;
}

describe("recorded HDLC dialogues", () => {
  it("are all here", () => {
    expect(hdlcDoorTranscripts).toHaveLength(14);
  });

  it.each(hdlcDoorTranscripts)("$name in memory", async (one) => {
    const [near, far] = channelPair();
    createHdlcDoor(one, manualClock()).serve(far, "memory");
    await expectRecorded(one, near);
  });

  it.each(hdlcDoorTranscripts)("$name over TCP", async (one) => {
    const { port } = await listen(createHdlcDoor(one, systemClock));
    const channel = await connectTcp({ host: "127.0.0.1", port });
    cleanups.push(() => channel.close());
    await expectRecorded(one, channel);
  });
});

describe("the HDLC door", () => {
  const target = { host: "127.0.0.1", clientSap: 17, serverSap: 1 };
  const low = { password: new Secret(new TextEncoder().encode("12345678")) };
  const ldn = { classId: 1, logicalName: logicalName("0-0:42.0.0*255"), attributeIndex: 2, selectiveAccess: undefined };

  async function open(view: HdlcView, more = {}): Promise<HdlcConnection> {
    const { port } = await listen(view);
    const connection = await connectHdlc({ ...target, port, ...more }, low);
    cleanups.push(() => connection.close());
    return connection;
  }

  it("serves our client in windows and long segments, in each address length", async () => {
    const parameters = { maxInfoTransmit: 512, maxInfoReceive: 300, windowTransmit: 7, windowReceive: 3 };
    const { port } = await listen(createHdlcDoor(transcript, systemClock, { parameters }));
    for (const addressLength of [1, 2, 4] as const) {
      const address = addressLength === 1 ? {} : { addressLength, physicalDevice: 17 };
      const wanted = { maxInfoTransmit: 2030, maxInfoReceive: 64, windowTransmit: 7, windowReceive: 7 };
      const connection = await connectHdlc({ ...target, port, ...address, parameters: wanted }, low);
      cleanups.push(() => connection.close());
      expect(connection.parameters).toEqual({
        maxInfoTransmit: 300,
        maxInfoReceive: 64,
        windowTransmit: 3,
        windowReceive: 7,
      });
      await connection.client.open();
      const profile = {
        classId: 7,
        logicalName: logicalName("1-0:99.1.0*255"),
        attributeIndex: 2,
        selectiveAccess: undefined,
      };
      const rows = await connection.client.get(profile);
      expect(rows).toMatchObject({ kind: "data", data: { type: "array" } });
      await connection.client.release();
      await connection.close();
    }
  });

  it("drops the association with the link: after SNRM, DISC or silence nothing is open", async () => {
    const connection = await open(createHdlcDoor(transcript, systemClock));
    const notAssociated = "d80101";
    await connection.client.open();
    expect(await connection.client.get(ldn)).toBeDefined();
    await connection.openLink();
    expect(Buffer.from(await connection.exchange(fromHex("c001c1000100002a0000ff0200"))).toString("hex")).toBe(
      notAssociated,
    );
    await connection.closeLink();
    await connection.openLink();
    expect(Buffer.from(await connection.exchange(fromHex("c001c1000100002a0000ff0200"))).toString("hex")).toBe(
      notAssociated,
    );
  });

  it("ends a silent link by its own clock", async () => {
    const clock = manualClock();
    const [near, far] = channelPair();
    createHdlcDoor(transcript, clock, { linkInactivityTimeoutMs: 5000 }).serve(far, "memory");
    const next = framesOf(near);
    const [snrm, ua, aarq, aare, get, , disc] = transcript.steps.map(({ bytes }) => fromHex(bytes));
    for (const [request, answer] of [
      [snrm, ua],
      [aarq, aare],
    ]) {
      await near.write(request as Uint8Array);
      expect(frameInWords(await next())).toBe(frameInWords(answer as Uint8Array));
    }
    await clock.advance(4999);
    await clock.advance(1);
    await near.write(get as Uint8Array);
    expect(JSON.parse(frameInWords(await next()))[1]).toEqual({ kind: "DM", isPoll: true });
    await near.write(disc as Uint8Array);
    expect(JSON.parse(frameInWords(await next()))[1]).toEqual({ kind: "DM", isPoll: true });
    expect(clock.waiting).toBe(0);
  });

  it("does not answer unconfirmed frames, to one or to all, and opens nothing for them", async () => {
    const connection = await open(createHdlcDoor(transcript, systemClock), { opensLink: false });
    const aarq = transcript.steps[2]?.apdu ?? "";
    const information = `e6e600${aarq}`;
    for (const destination of ["03", "ff", "02ff", "fefefeff"]) {
      connection.sendBytes(fromHex(frameHex({ destination, source: "23", control: "13", information })));
      connection.sendBytes(fromHex(frameHex({ destination: "ff", source: "23", control: "93" })));
    }
    await connection.openLink();
    expect(await connection.nextHdlcFrame()).toMatchObject({ control: { kind: "UA" } });
    await expect(connection.nextHdlcFrame(50)).rejects.toThrow(NoAnswer);
  });

  it("serves two clients of one line, each on its link", async () => {
    const [near, far] = channelPair();
    createHdlcDoor(transcript, systemClock).serve(far, "memory");
    const connection = await openHdlc(near, target, low);
    cleanups.push(() => connection.close());
    await connection.client.open();
    // Client 1 sets a link up beside it.
    connection.sendBytes(fromHex(frameHex({ destination: "03", source: "03", control: "93" })));
    expect(await connection.client.get(ldn)).toBeDefined();
  });
});
