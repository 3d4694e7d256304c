import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { connectHdlc, openHdlc } from "../../conformance/index.js";
import { fromHex, logicalName, toHex } from "../../cosem/index.js";
import { openHdlcPort, serveHdlcLine } from "../../src/host/hdlc-door.js";
import type { ByteChannel } from "../../src/ports/index.js";
import type { SerialChannel, SerialOptions } from "../../src/transport/index.js";
import { createRefusalCounters } from "../../src/views/dlms/index.js";
import { channelPair } from "../support/channel-pair.js";
import { hdlcDoorParts } from "../support/hdlc-settings.js";
import { manualClock } from "../support/manual-clock.js";
import { recordingLogger } from "../support/recording-logger.js";
import { systemClock } from "../support/system-clock.js";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

const name = { classId: 1, logicalName: logicalName("0-0:42.0.0*255"), attributeIndex: 2, selectiveAccess: undefined };
const target = { clientSap: 16, serverSap: 1 };

/** Serial lines in memory: what was opened, and the far ends. */
function lines() {
  const opened: SerialOptions[] = [];
  const rates: number[] = [];
  const far: ByteChannel[] = [];
  const open = async (options: SerialOptions): Promise<SerialChannel> => {
    opened.push(options);
    const [near, other] = channelPair();
    far.push(other);
    return {
      listen: (listener) => near.listen(listener),
      write: (bytes) => near.write(bytes),
      close: () => near.close(),
      setBaudRate: async (rate) => {
        rates.push(rate);
      },
    };
  };
  return { opened, rates, far, open };
}

describe("the HDLC door of the settings", () => {
  it("serves on its TCP port, in what the settings allow", async () => {
    const parts = hdlcDoorParts(
      "{ enabled: true, host: 127.0.0.1, port: 0, maxInfo: 200, window: 2, physicalDevice: 300 }",
      systemClock,
    );
    const door = await openHdlcPort(parts);
    cleanups.push(() => door.stop());
    const wanted = { maxInfoTransmit: 2030, maxInfoReceive: 2030, windowTransmit: 7, windowReceive: 7 };
    const address = { ...target, host: "127.0.0.1", port: door.port, physicalDevice: 300 };
    const connection = await connectHdlc({ ...address, parameters: wanted });
    cleanups.push(() => connection.close());
    expect(connection.parameters).toEqual({
      maxInfoTransmit: 200,
      maxInfoReceive: 200,
      windowTransmit: 2,
      windowReceive: 2,
    });
    await connection.client.open();
    expect((await connection.client.get(name)).kind).toBe("data");
  });

  it("turns connections beyond the limit away, tells of each and counts it", async () => {
    const logger = recordingLogger();
    const counters = createRefusalCounters();
    const parts = hdlcDoorParts("{ enabled: true, host: 127.0.0.1, port: 0 }, maxConnections: 1", systemClock, logger);
    const door = await openHdlcPort({ ...parts, counters });
    cleanups.push(() => door.stop());
    const first = await connectHdlc({ ...target, host: "127.0.0.1", port: door.port });
    cleanups.push(() => first.close());
    for (let time = 0; time < 2; time++) {
      const further = connect(door.port, "127.0.0.1");
      further.resume();
      await new Promise<void>((resolve) => further.once("close", () => resolve()));
    }
    const reason = "too many connections";
    expect(counters.all()).toEqual([{ what: "connection", reason, count: 2 }]);
    const told = logger.lines.filter(({ message }) => message === "connection refused");
    expect(told.map(({ fields }) => fields)).toEqual(
      Array.from({ length: 2 }, () => ({ peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/), reason, layer: "hdlc" })),
    );
  });

  it("serves its line, and opens it again when it was lost", async () => {
    const clock = manualClock();
    const logger = recordingLogger();
    const { opened, far, open } = lines();
    const parts = hdlcDoorParts("{ serial: { path: /dev/line, baudRate: 19200, parity: even } }", clock, logger);
    cleanups.push(serveHdlcLine(parts, "/dev/line", open));
    await clock.advance(0);
    expect(opened).toEqual([{ path: "/dev/line", baudRate: 19_200, parity: "even" }]);
    const [line] = far;
    await line?.close();
    await clock.advance(9999);
    expect(opened).toHaveLength(1);
    await clock.advance(1);
    expect(opened).toHaveLength(2);
    expect(logger.lines.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
      "HDLC line lost",
    ]);
    const again = far[1];
    if (again === undefined) throw new Error("no line");
    const connection = await openHdlc(again, target);
    await connection.client.open();
    expect((await connection.client.get(name)).kind).toBe("data");
  });

  it("says once why a line cannot be opened, and goes on trying", async () => {
    const clock = manualClock();
    const logger = recordingLogger();
    let tries = 0;
    const open = async (): Promise<SerialChannel> => {
      tries++;
      throw new Error("there is no such device");
    };
    const stop = serveHdlcLine(hdlcDoorParts("{ serial: { path: /dev/none } }", clock, logger), "/dev/none", open);
    await clock.advance(30_000);
    expect(tries).toBe(4);
    expect(logger.lines.filter(({ level }) => level === "warn")).toEqual([
      {
        level: "warn",
        message: "HDLC line not opened",
        fields: { path: "/dev/none", cause: "there is no such device" },
      },
    ]);
    await stop();
    expect(clock.waiting).toBe(0);
  });

  it("begins with the sign-on of an optical head, and again when the link has ended", async () => {
    const clock = manualClock();
    const { opened, rates, far, open } = lines();
    const parts = hdlcDoorParts("{ serial: { path: /dev/head, baudRate: 9600, opticalStart: true } }", clock);
    cleanups.push(serveHdlcLine(parts, "/dev/head", open));
    await clock.advance(0);
    expect(opened).toEqual([{ path: "/dev/head", baudRate: 300, parity: "none" }]);
    const [head] = far;
    if (head === undefined) throw new Error("no line");
    let heard = "";
    head.listen({
      received(bytes) {
        heard += toHex(bytes);
      },
      closed: () => undefined,
    });
    const says = async (hex: string, milliseconds: number): Promise<string> => {
      heard = "";
      await head.write(fromHex(hex));
      await clock.advance(milliseconds);
      return heard;
    };
    for (let round = 0; round < 2; round++) {
      // "/?123!" as in the test of the sign-on; the answer is "/XYZ5\2GATEWAY" CR LF.
      const identified = Buffer.from(fromHex(await says("af3fb1b233218d0a", 200)).map((octet) => octet & 0x7f));
      expect(identified.toString("latin1")).toBe("/XYZ5\\2GATEWAY\r\n");
      expect(await says("06b235b28d0a", 200)).toBe("06b235b28d0a");
      expect(rates.splice(0)).toEqual([9600]);
      const ua = await says("7ea0070321930f017e", 1);
      expect(ua.slice(6, 12)).toBe("210373");
      await clock.advance(60_000);
      expect((await says("7ea00703215303c77e", 1)).slice(6, 12)).toBe("210373");
      await clock.advance(1000);
      expect(rates.splice(0)).toEqual([300]);
    }
  });

  it("goes back to the sign-on when no link follows it", async () => {
    const clock = manualClock();
    const { rates, far, open } = lines();
    const parts = hdlcDoorParts("{ serial: { path: /dev/head, opticalStart: true } }", clock);
    cleanups.push(serveHdlcLine(parts, "/dev/head", open));
    await clock.advance(0);
    await far[0]?.write(fromHex("af3f218d0a"));
    await clock.advance(200);
    await far[0]?.write(fromHex("06b235b28d0a"));
    await clock.advance(200);
    expect(rates).toEqual([9600]);
    await clock.advance(120_000);
    expect(rates).toEqual([9600, 300]);
  });
});
