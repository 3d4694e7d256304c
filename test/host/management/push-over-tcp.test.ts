import { createSocket } from "node:dgram";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createWrapperDecoder,
  type Data,
  decodeDataNotification,
  logicalName,
  logicalNameToBytes,
  type WrapperFrame,
} from "../../../cosem/index.js";
import { type DlmsSession, openDlms } from "../../support/dlms-session.js";
import { Cleanup, until, when } from "../../support/gateway-process.js";
import { LeapingClock } from "../../support/leaping-clock.js";
import { ownerOf } from "../../support/owner.js";
import { type InProcessGateway, startInProcess } from "../../support/running-gateway.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const events = "0-4:25.9.0*255";
const frauds = "0-8:25.9.0*255";
const installation = "0-7:25.9.0*255";
const startMs = Date.UTC(2026, 10, 23, 10, 0, 0);

let gateway: InProcessGateway;
let clock: LeapingClock;
let client: DlmsSession;
let folder: string;

async function start(): Promise<void> {
  clock = new LeapingClock(startMs);
  gateway = cleanup.add(await startInProcess({ clock: { timeZone: "UTC" } }, {}, folder, { clock }));
  client = await openDlms(gateway.dlmsPort, 1, { sap: 1, password: gateway.password });
  const session = client;
  cleanup.after(() => session.close());
}

beforeEach(async () => {
  folder = cleanup.folder();
  await start();
});

const attribute = (setup: string, attributeIndex: number) => ({
  classId: 40,
  logicalName: logicalName(setup),
  attributeIndex,
  selectiveAccess: undefined,
});
const set = (setup: string, index: number, value: Data) => client.connection.client.set(attribute(setup, index), value);
const zero: Data = { type: "integer", value: 0 };
async function invoke(classId: number, obis: string, parameter: Data = zero): Promise<number> {
  const method = { classId, logicalName: logicalName(obis), methodIndex: 1 };
  return (await client.connection.client.invoke(method, parameter)).result;
}
const destination = (service: number, port: number, message = 0): Data => ({
  type: "structure",
  value: [
    { type: "enum", value: service },
    { type: "octet-string", value: new TextEncoder().encode(`127.0.0.1:${port}`) },
    { type: "enum", value: message },
  ],
});

/** A head-end that listens. */
async function listener() {
  const frames: WrapperFrame[] = [];
  const server = createServer((socket) => {
    const decoder = createWrapperDecoder(65_535);
    socket.on("data", (bytes) => frames.push(...decoder.push(bytes)));
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanup.after(() => new Promise((resolve) => server.close(resolve)));
  return {
    port: (server.address() as AddressInfo).port,
    frames,
    pushed: (count: number) =>
      until("a push", () => when(frames.length >= count)).then(() => notificationOf(frames[count - 1])),
  };
}

function notificationOf(frame: WrapperFrame | undefined) {
  if (frame === undefined) throw new Error("no frame");
  const { body, dateTime, longInvokeIdAndPriority } = decodeDataNotification(frame.apdu);
  if (body.type !== "structure") throw new Error(`a body of ${body.type}`);
  const { sourceWPort, destinationWPort } = frame;
  return { cells: body.value, dateTime, longInvokeIdAndPriority, sourceWPort, destinationWPort };
}

const text = (cell: Data | undefined) =>
  cell?.type === "octet-string" || cell?.type === "visible-string"
    ? Buffer.from(cell.value as Uint8Array).toString("latin1")
    : JSON.stringify(cell);

describe("Push setups of the gateway", () => {
  it("send name, setup, time and newest event by push(), from their own SAP to that of the head-end", async () => {
    const head = await listener();
    expect(await set(events, 3, destination(0, head.port))).toBe(0);
    expect(await set(events, 9, { type: "integer", value: 16 })).toBe(0);
    expect(await invoke(40, events)).toBe(0);
    const { cells, sourceWPort, destinationWPort, dateTime } = await head.pushed(1);
    expect({ sourceWPort, destinationWPort }).toEqual({ sourceWPort: 1, destinationWPort: 16 });
    // 2026-11-23, a Monday, 10:00; deviation 0, status of a good clock.
    expect(Buffer.from(dateTime).toString("hex")).toMatch(/^07ea0b17010a00..(..)000000$/);
    expect(cells).toHaveLength(5);
    expect(text(cells[0])).toBe(text((await client.get(1, "0-0:42.0.0*255", 2)) as Data));
    expect(cells[1]).toEqual({ type: "octet-string", value: logicalNameToBytes(logicalName(events)) });
    expect(cells[3]).toEqual(await client.get(1, "0-0:96.11.0*255", 2));
  });

  it("send by themselves on an event, and once more for the next one", async () => {
    const head = await listener();
    await set(events, 3, destination(0, head.port));
    await set(frauds, 3, destination(0, (await listener()).port));
    // 1102: the clock was set.
    const setTo = (hour: number): Data => ({
      type: "octet-string",
      value: Uint8Array.of(0x07, 0xea, 0x0b, 0x17, 0x01, hour, 0, 0, 0, 0, 0, 0),
    });
    const time = {
      classId: 8,
      logicalName: logicalName("0-0:1.0.0*255"),
      attributeIndex: 2,
      selectiveAccess: undefined,
    };
    expect(await client.connection.client.set(time, setTo(11))).toBe(0);
    // What else happened meanwhile is sent too, each once, in its order.
    const codes = () => head.frames.map((frame) => (notificationOf(frame).cells[3] as { value: number }).value);
    await until("the event", () => when(codes().includes(1102)));
    // The same within a minute is no entry of its own.
    await clock.leapTo(clock.now() + 61_000);
    expect(await client.connection.client.set(time, setTo(12))).toBe(0);
    await until("the event again", () => when(codes().filter((code) => code === 1102).length === 2));
    const ids = head.frames.map((frame) => notificationOf(frame).longInvokeIdAndPriority);
    expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index));
  });

  it("send by a script, over UDP too", async () => {
    const socket = createSocket("udp4");
    cleanup.after(() => new Promise<void>((resolve) => socket.close(() => resolve())));
    const datagrams: Buffer[] = [];
    socket.on("message", (bytes) => datagrams.push(bytes));
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    await set(frauds, 3, destination(1, socket.address().port));
    expect(await invoke(9, "0-0:10.0.108*255", { type: "long-unsigned", value: 102 })).toBe(0);
    const datagram = await until("a datagram", () => datagrams[0]);
    const { cells } = notificationOf(createWrapperDecoder(65_535).push(datagram)[0]);
    expect(cells[1]).toEqual({ type: "octet-string", value: logicalNameToBytes(logicalName(frauds)) });
    const scripts = (await client.get(9, "0-0:10.0.108*255", 2)) as Data;
    expect(JSON.stringify(scripts)).toContain('"value":102');
  });

  it("send the meter list three minutes after it changed", async () => {
    const head = await listener();
    await set(installation, 3, destination(0, head.port));
    const draft = { interfaceName: "building-a", addressingMode: "primary", primaryAddress: 77 };
    const added = await ownerOf(folder)("POST", "/meter-list", draft);
    expect(added.status, JSON.stringify(added.body)).toBe(200);
    await clock.leapTo(clock.now() + 2 * 60_000);
    expect(head.frames).toEqual([]);
    await clock.leapTo(clock.now() + 61_000);
    const { cells } = await head.pushed(1);
    expect(cells[1]).toEqual({ type: "octet-string", value: logicalNameToBytes(logicalName(installation)) });
    expect(cells[3]).toMatchObject({ type: "structure" });
  });

  it("try again as often as they say where nobody listens, and keep what was written over a restart", async () => {
    const head = await listener();
    const { port } = head;
    await set(events, 3, destination(0, port));
    await client.close();
    await gateway.stop();
    await start();
    expect(await invoke(40, events)).toBe(0);
    await head.pushed(1);

    await set(events, 3, destination(0, 1));
    await set(events, 6, { type: "unsigned", value: 2 });
    await set(events, 7, { type: "long-unsigned", value: 60 });
    expect(await invoke(40, events)).toBe(0);
    const given = () => gateway.log.filter(({ message }) => message === "push not sent");
    await until("both repetitions", async () => {
      await clock.leapTo(clock.now() + 60_000);
      return when(given().length > 0);
    });
    expect(given()[0]?.fields).toMatchObject({ setup: events, destination: "127.0.0.1:1" });
    expect(String(given()[0]?.fields?.["cause"])).toContain("127.0.0.1:1");
  });

  it("refuse push() where they cannot send, and say why in the log", async () => {
    // Nothing written yet; an FTP destination; XML; a text that is no address.
    expect(await invoke(40, events)).toBe(2);
    await set(events, 3, destination(2, 4059));
    expect(await invoke(40, events)).toBe(2);
    await set(events, 3, destination(0, 4059, 1));
    expect(await invoke(40, events)).toBe(2);
    await set(events, 3, destination(0, 0));
    expect(await invoke(40, events)).toBe(2);
    const refusals = gateway.log.filter(({ message }) => message === "push refused");
    expect(refusals.map(({ fields }) => fields?.["problem"])).toEqual([
      "it has no destination yet: write attribute 3",
      "it goes by TCP (0) or UDP (1) alone",
      "it is sent as A-XDR (0) alone",
      "its destination is no text such as 192.0.2.1:4059",
    ]);
  });
});
