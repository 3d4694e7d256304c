/** What the DLMS doors turn away: each told once in the log with its peer, and counted. */
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  type CosemObject,
  createLogicalDevice,
  createObject,
  DataClass,
  encodeWrapperFrame,
  fromHex,
  logicalName,
  type Registry,
  Secret,
  toHex,
} from "../../../cosem/index.js";
import {
  createDlmsView,
  createFailedAssociations,
  createHdlcView,
  createRefusalCounters,
  type DlmsClient,
  type DlmsLimits,
  type HdlcView,
} from "../../../src/views/dlms/index.js";
import { channelPair } from "../../support/channel-pair.js";
import { createDlmsFixture, type DlmsFixture } from "../../support/dlms-fixture.js";
import { frameHex } from "../../support/hdlc-frames.js";
import { manualClock } from "../../support/manual-clock.js";
import { recordingLogger } from "../../support/recording-logger.js";
import { systemClock } from "../../support/system-clock.js";

const aarq = "601da109060760857405080101be10040e01000000065f1f0400001e5dffff";
/** Low level security, password `guess678`. */
const wrongPassword =
  "6036a1090607608574050801018a0207808b0760857405080201ac0a80086775657373363738be10040e01000000065f1f0400001e5dffff";
const getName = "c001c1000100002a0000ff0200";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanups.splice(0).reverse()) await cleanUp();
});

function clientsOf(fixture: DlmsFixture): readonly DlmsClient[] {
  const secret = new Secret(new TextEncoder().encode("12345678"));
  return [
    { clientSap: 16, association: fixture.association(16), mechanism: 0 },
    { clientSap: 1, association: fixture.association(1), mechanism: 1, secret },
  ];
}

describe("the wrapper's door", () => {
  async function start(limits: Partial<DlmsLimits> = {}, clock = systemClock) {
    const fixture = createDlmsFixture();
    const logger = recordingLogger();
    const view = createDlmsView({
      registry: fixture.registry,
      clients: clientsOf(fixture),
      host: "127.0.0.1",
      port: 0,
      failures: createFailedAssociations({ failuresPerMinute: 2, firstHoldMs: 600_000, longestHoldMs: 600_000 }),
      limits,
      logger,
      clock,
    });
    await view.start();
    cleanups.push(() => view.stop());
    return { view, logger };
  }

  function dial(port: number) {
    const socket = connect(port, "127.0.0.1");
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    socket.on("error", () => socket.destroy());
    socket.resume();
    cleanups.push(() => socket.destroy());
    return { socket, closed };
  }

  async function ask(socket: Socket, apdu: string, clientSap: number): Promise<string> {
    const answer = new Promise<Buffer>((resolve) => socket.once("data", resolve));
    socket.write(encodeWrapperFrame({ sourceWPort: clientSap, destinationWPort: 1, apdu: fromHex(apdu) }));
    return toHex(await answer).slice(16);
  }

  it("counts refused associations by their reason, who is held back, and requests that were not taken", async () => {
    const { view, logger } = await start();
    expect(view.counters.all()).toEqual([]);
    const { socket } = dial(view.port);
    expect(await ask(socket, aarq, 99)).toMatch(/^61/);
    expect(await ask(socket, getName, 16)).toBe("d80101");
    expect(await ask(socket, getName, 16)).toBe("d80101");
    expect(await ask(socket, aarq, 1)).toMatch(/^61/);
    for (let time = 0; time < 3; time++) expect(await ask(socket, wrongPassword, 1)).toMatch(/^61/);
    for (let time = 0; time < 4; time++) expect(await ask(socket, aarq, 16)).toMatch(/^61.*a203020101/);
    expect(view.counters.all()).toEqual([
      { what: "association", reason: "unknownClient", count: 1 },
      { what: "request", reason: "no association is open", count: 2 },
      { what: "association", reason: "mechanismRequired", count: 1 },
      { what: "association", reason: "wrongPassword", count: 3 },
      { what: "association", reason: "heldBack", count: 4 },
    ]);
    const peer = `127.0.0.1:${socket.localPort}`;
    const warnings = logger.lines.filter(({ level }) => level === "warn");
    expect(warnings.every(({ fields }) => fields["peer"] === peer)).toBe(true);
    expect(warnings.map(({ message }) => message)).toEqual([
      "association refused",
      "request rejected",
      ...Array.from({ length: 4 }, () => "association refused"),
      "held back after too many failed authentications",
    ]);
  });

  it("counts connections of too many, too long, or no frames", async () => {
    const clock = manualClock();
    const { view, logger } = await start({ maxConnections: 1, halfFrameTimeoutMs: 5000 }, clock);
    for (const header of ["0002001000010005", "000100100001ffff"]) {
      const { socket, closed } = dial(view.port);
      socket.write(fromHex(header));
      await closed;
    }
    const half = dial(view.port);
    half.socket.write(fromHex("00010010"));
    while (view.connectionCount === 0) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all(Array.from({ length: 3 }, () => dial(view.port).closed));
    while (view.connectionCount > 0) await clock.advance(1000);
    await half.closed;
    expect(view.counters.all()).toEqual([
      { what: "connection", reason: "unsupportedVersion", count: 1 },
      { what: "connection", reason: "lengthOverLimit", count: 1 },
      { what: "connection", reason: "too many connections", count: 3 },
      { what: "connection", reason: "half a frame", count: 1 },
    ]);
    const told = logger.lines.filter(({ message }) => /^connection (refused|closed)$/.test(message));
    expect(told).toHaveLength(6);
    expect(told.every(({ fields }) => String(fields["peer"]).startsWith("127.0.0.1:"))).toBe(true);
  });

  it("takes 1,000 connections where nothing else is set, and shares its counters with other doors", async () => {
    const counters = createRefusalCounters();
    const { registry, association } = createDlmsFixture();
    const clients: readonly DlmsClient[] = [{ clientSap: 16, association: association(16), mechanism: 0 }];
    const logger = recordingLogger();
    const view = createDlmsView({
      registry,
      clients,
      host: "127.0.0.1",
      port: 0,
      counters,
      logger,
      clock: systemClock,
    });
    await view.start();
    cleanups.push(() => view.stop());
    const kept = await Promise.all(Array.from({ length: 1000 }, () => opened(dial(view.port).socket)));
    while (view.connectionCount < 1000) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all(Array.from({ length: 5 }, () => dial(view.port).closed));
    expect(counters.all()).toEqual([{ what: "connection", reason: "too many connections", count: 5 }]);
    const [first] = kept;
    expect(first && (await ask(first, aarq, 16))).toMatch(/^61.*a203020100/);
  });

  const opened = (socket: Socket) => new Promise<Socket>((resolve) => socket.once("connect", () => resolve(socket)));
});

describe("the HDLC door", () => {
  const links = { destination: "03", source: "21" };
  const snrm = frameHex({ ...links, control: "93" });
  const information = (control: string, apdu: string) => frameHex({ ...links, control, information: `e6e600${apdu}` });

  /** A value that takes until `release` is called. */
  function slowObject(): { readonly object: CosemObject; release(): void } {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const object = createObject(DataClass, logicalName("0-0:96.1.2*255"), {
      attributes: {
        value: { getData: () => released.then(() => ({ ok: true, value: { type: "unsigned", value: 1 } }) as const) },
      },
    });
    return { object, release };
  }

  function start(registry: Registry, fixture: DlmsFixture, limits: Partial<DlmsLimits> = {}) {
    const clock = manualClock();
    const logger = recordingLogger();
    const view: HdlcView = createHdlcView({
      registry,
      clients: clientsOf(fixture),
      parameters: { maxInfoTransmit: 128, maxInfoReceive: 128, windowTransmit: 1, windowReceive: 1 },
      physicalDevice: 17,
      interOctetTimeoutMs: 1000,
      linkInactivityTimeoutMs: 120_000,
      limits,
      logger,
      clock,
    });
    const [near, far] = channelPair();
    view.serve(far, "memory:1");
    let received = "";
    let isClosed = false;
    near.listen({
      received: (bytes) => {
        received += toHex(bytes);
      },
      closed: () => {
        isClosed = true;
      },
    });
    const send = async (hex: string) => {
      received = "";
      await near.write(fromHex(hex));
      await clock.advance(0);
      return received;
    };
    return { view, logger, clock, send, isClosed: () => isClosed };
  }

  it("ends a connection with more than 1,000 events that wait for one answer, and counts it", async () => {
    const fixture = createDlmsFixture();
    const { object, release } = slowObject();
    const device = createLogicalDevice({ name: "EXM0000000000009", sap: 9, kind: "meter", objects: [object] });
    fixture.registry.addDevice(device);
    const at9 = { destination: "13", source: "21" };
    const { view, logger, send, isClosed } = start(fixture.registry, fixture);
    expect(await send(frameHex({ ...at9, control: "93" }))).not.toBe("");
    expect(await send(frameHex({ ...at9, control: "10", information: `e6e600${aarq}` }))).toContain("e6e700");
    const slow = "c001c1000100006001 02ff0200".replaceAll(" ", "");
    await send(frameHex({ ...at9, control: "32", information: `e6e600${slow}` }));
    // Unconfirmed requests need no turn of the link.
    const unconfirmed = frameHex({ ...at9, control: "03", information: `e6e600${slow}` });
    await send(unconfirmed.repeat(1000));
    expect(isClosed()).toBe(false);
    await send(unconfirmed.repeat(5));
    expect(isClosed()).toBe(true);
    release();
    await send("").catch(() => undefined);
    const reason = "more than can be worked on";
    expect(view.counters.all()).toEqual([{ what: "connection", reason, count: 1 }]);
    const warnings = logger.lines.filter(({ level }) => level === "warn");
    expect(warnings.map(({ fields }) => fields)).toEqual([{ peer: "memory:1", reason, layer: "hdlc" }]);
    expect(view.connectionCount).toBe(0);
  });

  it("counts refused associations and requests", async () => {
    const fixture = createDlmsFixture();
    const { view, send } = start(fixture.registry, fixture);
    await send(snrm);
    expect(await send(information("10", getName))).toContain("e6e700d80101");
    expect(await send(information("32", wrongPassword))).toContain("e6e70061");
    expect(view.counters.all().map(({ what, count }) => [what, count])).toEqual([
      ["request", 1],
      ["association", 1],
    ]);
  });

  it("holds a message that never ends to the longest APDU, and half a frame to its time", async () => {
    const fixture = createDlmsFixture();
    const { view, logger, send, clock } = start(fixture.registry, fixture);
    expect(await send(snrm)).not.toBe("");
    // Segments of 120 octets that never end: beyond 1,024 the link refuses (FRMR), and keeps none of them.
    let answer = "";
    for (let number = 0; number < 12 && !/97|17/.test(controlOf(answer)); number++) {
      const control = (((number % 8) << 1) | 0x10).toString(16).padStart(2, "0");
      answer = await send(frameHex({ ...links, control, information: "00".repeat(120), isSegmented: true }));
    }
    expect(controlOf(answer)).toBe("97");
    expect(view.counters.all()).toEqual([{ what: "request", reason: "overLimit", count: 1 }]);
    const told = logger.lines.filter(({ level }) => level === "warn").map(({ fields }) => fields);
    expect(told).toEqual([{ peer: "memory:1", reason: "overLimit", layer: "hdlc" }]);
    expect(await send(snrm)).not.toBe("");
    const whole = information("10", aarq);
    await send(whole.slice(0, 20));
    await clock.advance(1000);
    expect(await send(snrm)).not.toBe("");
    expect(await send(whole)).toContain("e6e70061");
  });

  /** Of a frame with two addresses of one octet. */
  const controlOf = (frame: string) => frame.slice(10, 12);
});
