/**
 * Profile cme3100 against the table of the CMe3100 DLMS Plugin User's Manual v1.8 (as PRODUCT.md E7 and DLMS.md (c)
 * quote it), read over DLMS.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Data, logicalName, logicalNameToBytes, toHex } from "../../cosem/index.js";
import { type DlmsSession, openDlms } from "../support/dlms-session.js";
import { type ListedRights, listRights } from "../support/object-rights.js";
import { type InProcessGateway, startInProcess } from "../support/running-gateway.js";

/** Logical name, class, rights of the public client (16), rights of the management client (1). */
const managementObjects = `
  0-0:41.0.0     17  R   R
  0-0:40.0.0     15  R   RW
  0-0:1.0.0       8  R   RW
  0-0:42.0.0      1  R   R
  0-0:43.1.0      1  R   R
  0-128:1.0.0     1  -   RW
  1-128:0.0.0     1  -   R
  0-0:96.1.0      1  -   R
  1-0:0.2.0       1  -   R
  1-1:0.2.8       1  -   R
  0-0:96.128.0    1  -   R
  0-0:96.11.0     1  -   R
  0-128:96.11.0   1  -   R
  0-0:96.11.1     1  -   R
  0-128:96.11.1   1  -   R
  0-0:96.1.4      1  -   R
  0-0:99.98.0     7  -   R
  0-0:99.98.1     7  -   R
  0-4:25.9.0     40  -   R
  0-8:25.9.0     40  -   R
  0-7:25.9.0     40  -   R
  0-0:43.0.0     64  -   R`
  .trim()
  .split("\n")
  .map((line) => line.trim().split(/\s+/))
  .map(([name = "", classId = "", open = "", management = ""]) => ({ name, classId, open, management }));

/** RW where anything can be written, or done to the object's own state by a method. */
function lettersOf({ read, write, invoke, object }: ListedRights): string {
  const isChanged = write.length > 0 || (object.startsWith("15:") && invoke.length > 0);
  return `${read.length > 0 ? "R" : ""}${isChanged ? "W" : ""}`;
}

const tableOf = (rights: readonly ListedRights[]) =>
  rights.map((entry) => `${entry.object} ${lettersOf(entry)}`).toSorted();

const octets = (data: Data | number) =>
  typeof data === "object" && data.type === "octet-string" ? new TextDecoder().decode(data.value) : data;
const long = (value: number): Data => ({ type: "long-unsigned", value });

describe("profile cme3100", { timeout: 60_000 }, () => {
  let gateway: InProcessGateway;
  let management: DlmsSession;
  let meter: DlmsSession;

  beforeAll(async () => {
    gateway = await startInProcess({ profile: "cme3100" });
    await gateway.readAll();
    const client = { sap: 1, password: gateway.password };
    management = await openDlms(gateway.dlmsPort, 1, client);
    meter = await openDlms(gateway.dlmsPort, 16, client);
  }, 60_000);
  afterAll(async () => {
    await management?.close();
    await meter?.close();
    await gateway?.stop();
  });

  it("has the 22 management objects with the rights of the manual's table, and no other", async () => {
    expect(managementObjects).toHaveLength(22);
    const wanted = managementObjects.map(({ name, classId, management: rights }) => `${classId}:${name}*255 ${rights}`);
    expect(tableOf(await listRights(management))).toEqual(wanted.toSorted());
  });

  it("shows the public client five of them, to be read", async () => {
    const session = await openDlms(gateway.dlmsPort, 1);
    const wanted = managementObjects
      .filter(({ open }) => open !== "-")
      .map(({ name, classId, open }) => `${classId}:${name}*255 ${open}`);
    expect(wanted).toHaveLength(5);
    expect(tableOf(await listRights(session))).toEqual(wanted.toSorted());
    await session.close();
  });

  it("names itself with thirteen characters, and its system title after the same serial number", async () => {
    expect(octets(await management.get(1, "0-0:42.0.0*255", 2))).toBe("XXX0000000001");
    const title = await management.get(1, "0-0:96.1.0*255", 2);
    expect(typeof title === "object" && title.type === "octet-string" ? toHex(title.value) : title).toBe(
      "5858580000000001",
    );
  });

  it("lists the meters with their channels, which are their SAPs", async () => {
    const list = await management.get(1, "1-128:0.0.0*255", 2);
    if (typeof list === "number" || list.type !== "structure") throw new Error("no meter list");
    const [own, meters] = list.value;
    expect(own && octets(own)).toBe("XXX0000000001");
    expect(meters?.type === "array" && meters.value).toHaveLength(40);
    expect(meters?.type === "array" && meters.value[0]).toEqual({
      type: "structure",
      value: [{ type: "octet-string", value: new Uint8Array(Buffer.from("FIN230062070223")) }, long(16)],
    });
  });

  it("gives its address as one number", async () => {
    const address = await management.get(1, "0-0:96.128.0*255", 2);
    // 127.0.0.1, where the door listens.
    expect(address).toEqual({ type: "double-long-unsigned", value: 0x7f000001 });
  });

  it("has in a meter's device the gateway's name, profiles at 1-0, logs, and values as Register alone", async () => {
    const rights = await listRights(meter);
    const names = rights.map(({ object }) => object);
    for (const [classId, name] of [
      [1, "0-0:42.0.0"],
      [1, "0-0:43.1.0"],
      [1, "0-128:1.0.0"],
      [1, "0-128:96.1.0"],
      [1, "1-0:0.2.0"],
      [1, "0-128:96.1.1"],
      [1, "0-128:96.1.2"],
      [1, "0-0:96.11.0"],
      [1, "0-128:96.11.0"],
      [1, "0-0:96.11.1"],
      [1, "0-128:96.11.1"],
      [7, "1-0:98.1.0"],
      [7, "1-0:99.1.0"],
      [7, "1-0:99.2.0"],
      [7, "0-0:99.98.0"],
      [7, "0-0:99.98.1"],
      [40, "0-4:25.9.0"],
      [40, "0-8:25.9.0"],
      [40, "0-7:25.9.0"],
      [64, "0-0:43.0.0"],
      [3, "1-0:1.8.1"],
    ] as const) {
      expect(names).toContain(`${classId}:${name}*255`);
    }
    expect(names.filter((name) => /^(4|72|77):/.test(name))).toEqual([]);
    expect(octets(await meter.get(1, "0-128:96.1.0*255", 2))).toBe("XXX0000000001");
    expect(await meter.get(3, "1-0:1.8.1*255", 3)).toEqual({
      type: "structure",
      value: [
        { type: "integer", value: 1 },
        { type: "enum", value: 30 },
      ],
    });
    // object-class-inconsistent
    expect(await meter.get(4, "1-0:1.8.1*255", 2)).toBe(9);
    const writable = rights.filter(({ write }) => write.length > 0).map(({ object }) => object);
    expect(writable.toSorted()).toEqual(["1:0-128:1.0.0*255", "8:0-0:1.0.0*255"]);
    const setup = rights.find(({ object }) => object.startsWith("64:"));
    expect(setup?.invoke).toEqual([]);
  });

  it("has of a profile attributes 2, 3, 7 and 8, the last as the one before, and selector 1 alone", async () => {
    for (const name of ["1-0:98.1.0*255", "1-0:99.1.0*255", "1-0:99.2.0*255", "0-0:99.98.0*255"]) {
      const entry = (await listRights(meter)).find(({ object }) => object === `7:${name}`);
      expect(entry).toMatchObject({ read: [2, 3, 7, 8], write: [], selectors: [1] });
      expect(await meter.get(7, name, 8)).toEqual(await meter.get(7, name, 7));
      // read-write-denied
      expect(await meter.get(7, name, 4)).toBe(3);
      const byEntry = {
        selector: 2,
        parameters: {
          type: "structure",
          value: [
            { type: "double-long-unsigned", value: 1 },
            { type: "double-long-unsigned", value: 0 },
            long(1),
            long(0),
          ],
        } as Data,
      };
      const refused = await meter.connection.client.get({
        classId: 7,
        logicalName: logicalName(name),
        attributeIndex: 2,
        selectiveAccess: byEntry,
      });
      expect(refused).toEqual({ kind: "error", error: 3 });
    }
    const columns = await meter.get(7, "1-0:99.1.0*255", 3);
    const first = typeof columns === "object" && columns.type === "array" ? columns.value[0] : undefined;
    expect(first?.type === "structure" ? first.value.slice(0, 2) : first).toEqual([
      long(8),
      { type: "octet-string", value: logicalNameToBytes(logicalName("0-0:1.0.0*255")) },
    ]);
  });

  it("has an Association LN that shows itself alone, and Push setups of version 0", async () => {
    const list = await management.get(15, "0-0:40.0.0*255", 2);
    const versions = typeof list === "object" && list.type === "array" ? list.value : [];
    const pushes = versions.filter(
      (entry) => entry.type === "structure" && entry.value[0]?.type === "long-unsigned" && entry.value[0].value === 40,
    );
    expect(pushes.map((entry) => (entry.type === "structure" ? entry.value[1] : undefined))).toEqual(
      pushes.map(() => ({ type: "unsigned", value: 0 })),
    );
    expect(pushes).toHaveLength(3);
  });
});
