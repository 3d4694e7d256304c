/** The logical devices of the gateway as DESIGN.md lists them, over DLMS and REST. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AttributeDescriptor, type Data, logicalName } from "../../cosem/index.js";
import type { CosemObjectDetail } from "../../src/views/rest/contract.js";
import { type DlmsSession, openDlms } from "../support/dlms-session.js";
import { until, when } from "../support/gateway-process.js";
import { listRights } from "../support/object-rights.js";
import { type InProcessGateway, startInProcess } from "../support/running-gateway.js";

/** DESIGN.md, "The management device has", with class ids; F is 255. */
const managementObjects = [
  "17:0-0:41.0.0",
  "15:0-0:40.0.0",
  "15:0-0:40.0.1",
  "15:0-0:40.0.16",
  "8:0-0:1.0.0",
  "1:0-0:42.0.0",
  "1:0-0:43.1.0",
  "64:0-0:43.0.0",
  "1:0-0:96.1.0",
  "1:1-0:0.2.0",
  "1:1-1:0.2.8",
  "1:0-0:96.128.0",
  "1:0-128:1.0.0",
  "1:1-128:0.0.0",
  "1:0-0:96.11.0",
  "1:0-0:96.11.1",
  "1:0-128:96.11.0",
  "1:0-128:96.11.1",
  "7:0-0:99.98.0",
  "7:0-0:99.98.1",
  "40:0-4:25.9.0",
  "40:0-8:25.9.0",
  "40:0-7:25.9.0",
  "1:0-0:96.1.4",
  "22:0-0:15.0.6",
  "9:0-0:10.0.110",
  "9:0-0:10.0.108",
  "9:0-128:10.0.0",
  "22:0-128:15.0.0",
  "22:0-128:15.0.1",
  "22:0-128:15.0.2",
  "22:0-128:15.0.3",
  "22:0-128:15.0.4",
  "74:0-1:24.6.0",
  "74:0-2:24.6.0",
  "74:0-3:24.6.0",
  "1:0-128:96.20.0",
  "41:0-0:25.0.0",
  "42:0-0:25.1.0",
  "48:0-0:25.7.0",
  "43:0-0:25.2.0",
  "100:0-0:25.10.0",
  "18:0-0:44.0.0",
  "21:0-0:16.1.0",
];

const at = (classId: number, name: string, attributeIndex: number): AttributeDescriptor => ({
  classId,
  logicalName: logicalName(name),
  attributeIndex,
  selectiveAccess: undefined,
});
const long = (value: number): Data => ({ type: "long-unsigned", value });
const octets = (data: Data | number) =>
  typeof data === "object" && data.type === "octet-string" ? new TextDecoder().decode(data.value) : data;
const ldn = at(1, "0-0:42.0.0*255", 2);
const channel = at(1, "0-128:1.0.0*255", 2);
/** The first meter of the demo. */
const firstMeter = "FIN230062070223";
const success = 0;

describe("the logical devices", { timeout: 60_000 }, () => {
  let folder: string;
  let gateway: InProcessGateway;
  let management: DlmsSession;

  const client = () => ({ sap: 1, password: gateway.password });
  const session = (sap: number) => openDlms(gateway.dlmsPort, sap, client());

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "gateway-test-"));
    gateway = await startInProcess({}, {}, folder);
    await gateway.readAll();
    management = await session(1);
  }, 60_000);
  afterAll(async () => {
    await management?.close();
    await gateway?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("has in the management device what the design lists, and channels besides", async () => {
    const objects = await management.objectList();
    const own = objects.filter((object) => !/:24\.[1239]\./.test(object));
    expect(own.toSorted()).toEqual(managementObjects.map((object) => `${object}*255`).toSorted());
    const channels = objects.filter((object) => /^72:/.test(object));
    expect(channels).toEqual(Array.from({ length: 40 }, (_, index) => `72:0-${index + 1}:24.1.0*255`));
  });

  it("shows each meter once more as a channel with the same values", async () => {
    const meter = await session(16);
    const identity: (Data | number)[] = [];
    for (const index of [2, 6, 7, 8, 9]) identity.push(await management.get(72, "0-1:24.1.0*255", index));
    // FIN23006207, version 23h, medium 2; on the first bus.
    expect(identity).toEqual([
      { type: "octet-string", value: Uint8Array.of(0, 1, 24, 6, 0, 255) },
      { type: "double-long-unsigned", value: 0x23006207 },
      // F, I, N as 5 bits each: 6, 9, 14.
      long(6 * 1024 + 9 * 32 + 14),
      { type: "unsigned", value: 0x23 },
      { type: "unsigned", value: 2 },
    ]);
    for (const index of [2, 3, 4, 5]) {
      expect(await management.get(4, "0-1:24.2.1*255", index)).toEqual(await meter.get(4, "1-0:1.8.1*255", index));
    }
    const rows = await management.get(7, "0-1:24.3.0*255", 2);
    const same = await meter.get(7, "1-0:99.1.0*255", 2);
    const cells = (data: Data | number) =>
      typeof data === "object" && data.type === "array" && data.value[0]?.type === "structure"
        ? data.value[0].value
        : [];
    expect(cells(rows).length).toBeGreaterThan(3);
    // All but the quality, which the meter itself has in its third column.
    const own = cells(same).toSpliced(2, 1);
    expect(cells(rows)).toEqual(own.slice(0, cells(rows).length));
    // A wired meter has no diagnostic of its reception, and channel 41 no meter.
    expect(await management.get(77, "0-1:24.9.0*255", 2)).toBe(4);
    expect(await management.get(72, "0-41:24.1.0*255", 2)).toBe(4);
    await meter.close();
  });

  it("has in a meter's device its identification, client, logs and three profiles at its own medium", async () => {
    const meter = await session(16);
    const objects = await meter.objectList();
    for (const object of [
      "72:0-0:24.1.0",
      "1:1-0:0.0.0",
      "1:0-0:96.5.0",
      "7:0-0:99.98.0",
      "7:1-0:99.1.0",
      "7:1-0:99.2.0",
      "7:1-0:98.1.0",
      "1:0-128:96.1.0",
      "1:0-0:43.1.0",
      "1:0-128:1.0.0",
    ]) {
      expect(objects).toContain(`${object}*255`);
    }
    expect(new Set(objects).size).toBe(objects.length);
    expect(octets(await meter.get(1, "0-128:96.1.0*255", 2))).toBe("XXX00000001");
    expect(await meter.get(1, "0-128:96.1.1*255", 2)).toEqual({ type: "visible-string", value: "FIN" });
    await meter.close();
  });

  it("answers every readable attribute of every object with a value", async () => {
    for (const sap of [1, 16, 40]) {
      const open = await session(sap);
      const refusals: string[] = [];
      for (const { object, read } of await listRights(open)) {
        const colon = object.indexOf(":");
        for (const index of read) {
          const value = await open.get(Number(object.slice(0, colon)), object.slice(colon + 1), index);
          if (typeof value === "number") refusals.push(`${object}/${index}: ${value}`);
        }
      }
      expect(refusals).toEqual([]);
      await open.close();
    }
  });

  it("moves an association to the selected channel until it ends", async () => {
    const open = await session(1);
    const { client: dlms } = open.connection;
    expect(await open.get(1, "0-128:1.0.0*255", 2)).toEqual(long(1));
    expect(await dlms.set(channel, long(16))).toBe(success);
    expect(octets(await open.get(1, "0-0:42.0.0*255", 2))).toBe(firstMeter);
    expect(await open.get(1, "0-128:1.0.0*255", 2)).toEqual(long(16));
    expect(typeof (await open.get(4, "1-0:1.8.1*255", 2))).toBe("object");
    // scope-of-access-violated where there is no such device, type-unmatched for another type: it stays where it is.
    expect(await dlms.set(channel, long(999))).toBe(13);
    expect(await dlms.set(channel, { type: "unsigned", value: 1 })).toBe(12);
    expect(octets(await open.get(1, "0-0:42.0.0*255", 2))).toBe(firstMeter);
    expect(await dlms.set(channel, long(1))).toBe(success);
    expect(octets(await open.get(1, "0-0:42.0.0*255", 2))).toBe("XXX00000001");
    await dlms.set(channel, long(17));
    await dlms.release();
    await dlms.open();
    expect(octets(await open.get(1, "0-0:42.0.0*255", 2))).toBe("XXX00000001");
    await open.close();
  });

  it("reads what else came in the request that selects a channel from the old one", async () => {
    const open = await session(1);
    const { client: dlms } = open.connection;
    const test = at(1, "0-0:96.1.4*255", 2);
    expect(await dlms.setList([channel, test], [long(16), long(7)])).toEqual([success, success]);
    const [name] = await dlms.getList([ldn, ldn]);
    expect(name?.kind === "data" && octets(name.data)).toBe(firstMeter);
    await open.close();
  });

  it("lets the public client select no channel", async () => {
    const open = await openDlms(gateway.dlmsPort, 1);
    expect(await open.connection.client.set(channel, long(16))).toBe(3);
    expect(octets(await open.get(1, "0-0:42.0.0*255", 2))).toBe("XXX00000001");
    await open.close();
  });

  it("shows the same objects over REST, under the same addresses", async () => {
    const detail = async (address: string) => {
      const answer = await fetch(`${gateway.origin}/api/v1/objects/${address}`);
      expect(answer.status).toBe(200);
      return (await answer.json()) as CosemObjectDetail;
    };
    expect(await detail("gateway/1-128:0.0.0*255")).toMatchObject({ classId: 1 });
    expect(await detail("gateway/0-1:24.1.0*255")).toMatchObject({ classId: 72 });
    expect(await detail(`${firstMeter}/1-0:99.2.0*255`)).toMatchObject({ classId: 7 });
  });

  it("moves the gateway's own clock where a head-end sets it", async () => {
    const { client: dlms } = management.connection;
    const time = at(8, "0-0:1.0.0*255", 2);
    const now = await management.get(8, "0-0:1.0.0*255", 2);
    if (typeof now === "number" || now.type !== "octet-string") throw new Error("no time");
    expect(await dlms.set(time, now)).toBe(success);
    const nextYear = new Uint8Array(now.value);
    nextYear[1] = (nextYear[1] ?? 0) + 1;
    expect(await dlms.set(time, { type: "octet-string", value: nextYear })).toBe(success);
    const moved = await management.get(8, "0-0:1.0.0*255", 2);
    expect(typeof moved !== "number" && moved.type === "octet-string" && moved.value.slice(0, 2)).toEqual(
      nextYear.slice(0, 2),
    );
    expect(gateway.log.some(({ message }) => message === "the clock was set")).toBe(true);
    expect(await dlms.set(time, now)).toBe(success);
  });

  it("reads meters when a script or a channel's capture asks for it", async () => {
    const { client: dlms } = management.connection;
    const cycles = () => gateway.log.filter(({ message }) => message === "readout cycle ended").length;
    const before = cycles();
    const script = { classId: 9, logicalName: logicalName("0-0:10.0.110*255"), methodIndex: 1 };
    expect(await dlms.invoke(script, long(1))).toMatchObject({ result: success });
    await until("the readout of the script", () => when(cycles() > before), 30_000);
    // scope-of-access-violated: there is no script 2
    expect(await dlms.invoke(script, long(2))).toMatchObject({ result: 13 });

    const number = async () => {
      const answer = await fetch(`${gateway.origin}/api/v1/meters?limit=1`);
      return ((await answer.json()) as { meters: { readingNumber: number }[] }).meters[0]?.readingNumber ?? 0;
    };
    const first = await number();
    const capture = { classId: 72, logicalName: logicalName("0-1:24.1.0*255"), methodIndex: 3 };
    expect(await dlms.invoke(capture, { type: "integer", value: 0 })).toMatchObject({ result: success });
    await until("the captured reading", async () => when((await number()) > first), 30_000);
    // The simulated meter acknowledges a SND_UD.
    const reset = { ...capture, methodIndex: 4 };
    expect(await dlms.invoke(reset, { type: "integer", value: 0 })).toMatchObject({ result: success });
    // temporary-failure, and told in the log
    const transfer = { ...capture, methodIndex: 8 };
    const wrapped = { type: "octet-string", value: new Uint8Array(24) } as const;
    expect(await dlms.invoke(transfer, wrapped)).toMatchObject({ result: 2 });
    expect(gateway.log.some(({ fields }) => fields["action"] === "transfer_key")).toBe(true);
  });

  it("keeps what was written to a Push setup over a restart", async () => {
    const retries = at(40, "0-4:25.9.0*255", 6);
    expect(await management.connection.client.set(retries, { type: "unsigned", value: 5 })).toBe(success);
    await management.close();
    await gateway.stop();
    gateway = await startInProcess({}, {}, folder);
    management = await session(1);
    expect(await management.get(40, "0-4:25.9.0*255", 6)).toEqual({ type: "unsigned", value: 5 });
  });

  it("notes in the fraud log an address that guesses passwords", async () => {
    for (let guess = 0; guess < 25; guess++) {
      await openDlms(gateway.dlmsPort, 1, { sap: 1, password: "wrong guess" }).catch(() => undefined);
    }
    await until(
      "the hold to end",
      async () => {
        const again = await session(1).catch(() => undefined);
        if (again === undefined) return undefined;
        expect(await again.get(1, "0-0:96.11.1*255", 2)).toEqual(long(2001));
        await again.close();
        return true;
      },
      30_000,
    );
  });
});
