import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  type ArrayStream,
  createLogicalDevice,
  createObject,
  createWrapperDecoder,
  DataClass,
  encodeWrapperFrame,
  fromHex,
  logicalName,
  ProfileGeneric,
  Secret,
  toHex,
  type WrapperFrame,
} from "../../../cosem/index.js";
import type { Clock } from "../../../src/ports/index.js";
import { createDlmsView, type DlmsLimits, type DlmsView } from "../../../src/views/dlms/index.js";
import { createDlmsFixture } from "../../support/dlms-fixture.js";
import { manualClock } from "../../support/manual-clock.js";
import { recordingLogger } from "../../support/recording-logger.js";
import { systemClock } from "../../support/system-clock.js";

const aarq = fromHex("601da109060760857405080101be10040e01000000065f1f0400001e5dffff");
const accepted = "6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400001e5d04000007";
const rejected = "6117a109060760857405080101a203020101a305a103020101";
const getName = fromHex("c001c1000100002a0000ff0200");
const nameAnswer = "c401c100091045584d30303030303030303030303031";
const getProfile = fromHex("c001c100070100630100ff0200");

const running: DlmsView[] = [];
const sockets: Peer[] = [];

afterEach(async () => {
  for (const peer of sockets.splice(0)) peer.socket.destroy();
  await Promise.all(running.splice(0).map((view) => view.stop()));
});

async function start(options: { limits?: Partial<DlmsLimits>; clock?: Clock } = {}) {
  const fixture = createDlmsFixture({ isStreamed: true });
  const logger = recordingLogger();
  const view = createDlmsView({
    registry: fixture.registry,
    clients: [
      { clientSap: 16, association: fixture.association(16), mechanism: 0 },
      { clientSap: 1, association: fixture.association(1), mechanism: 1, secret: new Secret(Buffer.from("12345678")) },
      { clientSap: 2, association: fixture.association(2), mechanism: 1 },
    ],
    host: "127.0.0.1",
    port: 0,
    limits: options.limits ?? {},
    logger,
    clock: options.clock ?? systemClock,
  });
  await view.start();
  running.push(view);
  return { view, logger, registry: fixture.registry };
}

class Peer {
  readonly socket: Socket;
  readonly frames: WrapperFrame[] = [];
  readonly closed: Promise<void>;
  dataEvents = 0;
  private readonly decoder = createWrapperDecoder(65_535);
  private wake: () => void = () => undefined;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
    this.socket.on("error", () => this.socket.destroy());
    this.socket.on("data", (chunk) => {
      this.dataEvents += 1;
      this.frames.push(...this.decoder.push(chunk));
      this.wake();
    });
    sockets.push(this);
  }

  send(apdu: Uint8Array, clientSap = 16, serverSap = 1): void {
    this.socket.write(encodeWrapperFrame({ sourceWPort: clientSap, destinationWPort: serverSap, apdu }));
  }

  /** The answers so far, once there are `count`. */
  async answers(count: number): Promise<readonly string[]> {
    while (this.frames.length < count) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.frames.map((frame) => toHex(frame.apdu));
  }

  async ask(apdu: Uint8Array, clientSap = 16, serverSap = 1): Promise<string> {
    const count = this.frames.length + 1;
    this.send(apdu, clientSap, serverSap);
    return (await this.answers(count)).at(-1) ?? "";
  }
}

describe("one connection", () => {
  it("answers what comes in one segment in one segment, in order, ports swapped", async () => {
    const { view } = await start();
    const peer = new Peer(view.port);
    await peer.ask(aarq);
    peer.dataEvents = 0;
    const request = encodeWrapperFrame({ sourceWPort: 16, destinationWPort: 1, apdu: getName });
    peer.socket.write(Buffer.concat(Array.from({ length: 20 }, () => request)));
    expect((await peer.answers(21)).slice(1)).toEqual(Array.from({ length: 20 }, () => nameAnswer));
    expect(peer.dataEvents).toBe(1);
    expect(peer.frames[1]).toMatchObject({ sourceWPort: 1, destinationWPort: 16 });
  });

  it("keeps the order where an answer must be waited for", async () => {
    const { view } = await start();
    const peer = new Peer(view.port);
    await peer.ask(aarq);
    peer.send(getProfile);
    peer.send(getName);
    peer.send(getProfile);
    peer.send(getName);
    const answers = await peer.answers(5);
    expect(answers.map((answer) => answer.slice(0, 12))).toEqual([
      "6129a1090607",
      "c401c1000118",
      nameAnswer.slice(0, 12),
      "c401c1000118",
      nameAnswer.slice(0, 12),
    ]);
  });

  it("does not mix the answers of connections that wait at once", async () => {
    const { view } = await start();
    const peers = Array.from({ length: 8 }, () => new Peer(view.port));
    await Promise.all(peers.map((peer) => peer.ask(aarq)));
    for (let turn = 0; turn < 5; turn++) {
      const answers = await Promise.all(peers.map((peer) => peer.ask(turn % 2 === 0 ? getProfile : getName)));
      expect(new Set(answers).size).toBe(1);
    }
    expect(peers.every((peer) => peer.frames.length === 6)).toBe(true);
  });

  it("keeps an association for each client", async () => {
    const { view } = await start();
    const peer = new Peer(view.port);
    const withPassword = fromHex(
      "6036a1090607608574050801018a0207808b0760857405080201ac0a80083132333435363738be10040e01000000065f1f0400001e5dffff",
    );
    expect(await peer.ask(aarq)).toBe(accepted);
    expect(await peer.ask(getName, 1)).toBe("d80101");
    expect(await peer.ask(withPassword, 1)).toBe(accepted);
    expect(await peer.ask(fromHex("6203800100"), 1)).toBe("6303800100");
    expect(await peer.ask(getName, 1)).toBe("d80101");
    expect(await peer.ask(getName)).toBe(nameAnswer);
  });

  it("moves a client to another logical device once the new association is open", async () => {
    const { view } = await start();
    const peer = new Peer(view.port);
    await peer.ask(aarq);
    expect(await peer.ask(getName, 16, 2)).toBe("d80101");
    expect(await peer.ask(fromHex("601da109060760857405080101be10040e01000000055f1f0400001e5dffff"), 16, 2)).toMatch(
      /^611f/,
    );
    expect(await peer.ask(getName)).toBe(nameAnswer);
    expect(await peer.ask(aarq, 16, 2)).toBe(accepted);
    expect(await peer.ask(getName)).toBe("d80101");
    expect(await peer.ask(fromHex("c001c1000f0000280000ff0300"), 16, 2)).toBe("c401c10002020f10120002");
  });

  it("refuses unknown clients, unknown logical devices, and a client whose password is not set", async () => {
    const { view, logger } = await start();
    const peer = new Peer(view.port);
    expect(await peer.ask(aarq, 0x66)).toBe(rejected);
    expect(await peer.ask(aarq, 16, 99)).toBe(rejected);
    const emptyPassword =
      "602ea1090607608574050801018a0207808b0760857405080201ac028000be10040e01000000065f1f0400001e5dffff";
    expect(await peer.ask(fromHex(emptyPassword), 2)).toBe("6117a109060760857405080101a203020101a305a10302010d");
    const refusals = logger.lines.filter((line) => line.message === "association refused");
    expect(refusals.map((line) => line.fields["reason"])).toEqual(["unknownClient", "unknownServer", "wrongPassword"]);
    expect(refusals.every((line) => String(line.fields["peer"]).startsWith("127.0.0.1:"))).toBe(true);
  });
});

describe("limits", () => {
  it("answers what stood before a header that cannot be one, then closes and says why once", async () => {
    const { view, logger } = await start();
    const peer = new Peer(view.port);
    await peer.ask(aarq);
    const good = encodeWrapperFrame({ sourceWPort: 16, destinationWPort: 1, apdu: getName });
    peer.socket.write(Buffer.concat([good, fromHex("0002001000010005")]));
    await peer.closed;
    expect(peer.frames.map((frame) => toHex(frame.apdu)).at(-1)).toBe(nameAnswer);
    expect(logger.lines.filter((line) => line.level === "warn").map((line) => line.fields["reason"])).toEqual([
      "unsupportedVersion",
    ]);
  });

  it("refuses a length beyond the limit by its header alone", async () => {
    const { view, logger } = await start();
    const peer = new Peer(view.port);
    peer.socket.write(fromHex("000100100001ffff"));
    await peer.closed;
    expect(logger.lines.some((line) => line.fields["reason"] === "lengthOverLimit")).toBe(true);
  });

  it("gives up half a frame, and a silent connection, after their time", async () => {
    const clock = manualClock();
    const { view, logger } = await start({ clock, limits: { halfFrameTimeoutMs: 5000, inactivityTimeoutMs: 60_000 } });
    const half = new Peer(view.port);
    await half.ask(aarq);
    half.socket.write(fromHex("00010010000100"));
    const silent = new Peer(view.port);
    await silent.ask(aarq);
    await clock.advance(4000);
    expect(view.connectionCount).toBe(2);
    await clock.advance(3000);
    await half.closed;
    expect(view.connectionCount).toBe(1);
    await clock.advance(60_000);
    await silent.closed;
    expect(
      logger.lines.filter((line) => line.message === "connection closed").map((line) => line.fields["reason"]),
    ).toEqual(["half a frame", "inactivity"]);
  });

  it("turns away connections beyond the limit, and serves the others", async () => {
    const { view, logger } = await start({ limits: { maxConnections: 3 } });
    const peers = Array.from({ length: 3 }, () => new Peer(view.port));
    await Promise.all(peers.map((peer) => peer.ask(aarq)));
    const further = Array.from({ length: 20 }, () => new Peer(view.port));
    await Promise.all(further.map((peer) => peer.closed));
    expect(await peers[0]?.ask(getName)).toBe(nameAnswer);
    expect(logger.lines.filter((line) => line.fields["reason"] === "too many connections")).toHaveLength(20);
  });

  it("does not read on from a peer that does not read, and answers all once it does", async () => {
    const { view } = await start();
    const peer = new Peer(view.port);
    await peer.ask(aarq);
    peer.socket.pause();
    const request = encodeWrapperFrame({
      sourceWPort: 16,
      destinationWPort: 1,
      apdu: fromHex("c001c1000f0000280000ff0200"),
    });
    const count = 12_000;
    peer.socket.write(Buffer.concat(Array.from({ length: count }, () => request)));
    const before = process.memoryUsage().arrayBuffers;
    await new Promise((resolve) => setTimeout(resolve, 400));
    // All answers together are 11 MB; the server keeps only a few of them.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(6_000_000);
    peer.socket.resume();
    const answers = await peer.answers(count + 1);
    expect(answers).toHaveLength(count + 1);
  });
});

describe("the registry behind it", () => {
  it("is asked for no more of a stream once the connection is gone", async () => {
    const { view, registry } = await start();
    let closes = 0;
    let pulled = 0;
    const endless: ArrayStream = {
      type: "array-stream",
      count: 1_000_000,
      async next() {
        pulled += 1;
        return Array.from({ length: 100 }, () => ({ type: "double-long-unsigned", value: pulled }) as const);
      },
      close: () => {
        closes += 1;
      },
    };
    const buffer = createObject(ProfileGeneric, logicalName("1-0:99.2.0*255"), {
      attributes: {
        buffer: { getData: () => ({ ok: true, value: endless }) },
        captureObjects: [],
        capturePeriod: 0,
        sortMethod: 1,
        sortObject: undefined,
        entriesInUse: 0,
        profileEntries: 0,
      },
    });
    registry.addDevice(createLogicalDevice({ name: "EXM0000000000003", sap: 3, kind: "meter", objects: [buffer] }));
    const peer = new Peer(view.port);
    await peer.ask(fromHex("601da109060760857405080101be10040e01000000065f1f0400001e5d0400"), 16, 3);
    const first = await peer.ask(fromHex("c001c100070100630200ff0200"), 16, 3);
    expect(first.slice(0, 32)).toBe("c402c10000000001008203f001830f42");
    expect(pulled).toBe(3);
    await peer.ask(fromHex("c002c100000001"), 16, 3);
    expect(pulled).toBeLessThanOrEqual(5);
    peer.socket.destroy();
    await peer.closed;
    while (view.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(closes).toBe(1);
  });

  it("answers other-reason and logs where it fails, and goes on", async () => {
    const { view, registry, logger } = await start();
    const broken = createObject(DataClass, logicalName("0-0:96.1.2*255"), {
      attributes: {
        value: {
          get: () => {
            throw new Error("a bug");
          },
        },
      },
    });
    const later = createObject(DataClass, logicalName("0-0:96.1.3*255"), {
      attributes: { value: { get: () => Promise.reject(new Error("the store is gone")) } },
    });
    registry.addDevice(
      createLogicalDevice({ name: "EXM0000000000004", sap: 4, kind: "meter", objects: [broken, later] }),
    );
    const peer = new Peer(view.port);
    await peer.ask(aarq, 16, 4);
    expect(await peer.ask(fromHex("c001c100010000600102ff0200"), 16, 4)).toBe("c401c101fa");
    expect(await peer.ask(fromHex("c001c100010000600103ff0200"), 16, 4)).toBe("c401c101fa");
    expect(logger.lines.filter((line) => line.level === "error")).toHaveLength(2);
  });
});

describe("stopping", () => {
  it("ends all connections within a second, the one that does not read too", async () => {
    const { view } = await start();
    const idle = new Peer(view.port);
    await idle.ask(aarq);
    const deaf = new Peer(view.port);
    await deaf.ask(aarq);
    deaf.socket.pause();
    const request = encodeWrapperFrame({
      sourceWPort: 16,
      destinationWPort: 1,
      apdu: fromHex("c001c1000f0000280000ff0200"),
    });
    deaf.socket.write(Buffer.concat(Array.from({ length: 20_000 }, () => request)));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const began = performance.now();
    await view.stop();
    expect(performance.now() - began).toBeLessThan(1000);
    await idle.closed;
    expect(view.connectionCount).toBe(0);
    await view.stop();
  });

  it("tells of a port that is taken", async () => {
    const { view } = await start();
    const second = createDlmsView({
      registry: createDlmsFixture().registry,
      clients: [],
      host: "127.0.0.1",
      port: view.port,
      logger: recordingLogger(),
      clock: systemClock,
    });
    await expect(second.start()).rejects.toThrow("EADDRINUSE");
    await second.stop();
  });

  it.each([0, 127, 1.5])("refuses client SAP %s", (clientSap) => {
    const { registry, association } = createDlmsFixture();
    const clients = [{ clientSap, association: association(clientSap), mechanism: 0 as const }];
    const parts = { registry, clients, host: "127.0.0.1", port: 0, logger: recordingLogger(), clock: systemClock };
    expect(() => createDlmsView(parts)).toThrow("1 to 126");
  });
});
