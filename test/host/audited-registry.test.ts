import { afterEach, expect, it } from "vitest";
import { type Data, logicalName } from "../../cosem/index.js";
import { openDlms } from "../support/dlms-session.js";
import { Cleanup } from "../support/gateway-process.js";
import { ownerOf } from "../support/owner.js";
import { startInProcess } from "../support/running-gateway.js";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

it("each write and method over DLMS, done or refused, is an audit entry without the value; so is a wrong password", async () => {
  const folder = cleanup.folder();
  const gateway = cleanup.add(await startInProcess({}, {}, folder, { isWebOpen: false }));
  const management = await openDlms(gateway.dlmsPort, 1, { sap: 1, password: gateway.password });
  const publicClient = await openDlms(gateway.dlmsPort, 1);
  await expect(openDlms(gateway.dlmsPort, 1, { sap: 1, password: "not-the-password" })).rejects.toThrow();
  const attribute = (classId: number, obis: string, attributeIndex: number) => ({
    classId,
    logicalName: logicalName(obis),
    attributeIndex,
    selectiveAccess: undefined,
  });
  const secret: Data = {
    type: "structure",
    value: [
      { type: "enum", value: 0 },
      { type: "octet-string", value: new TextEncoder().encode("very-secret-9:4059") },
      { type: "enum", value: 0 },
    ],
  };
  const push = attribute(40, "0-4:25.9.0*255", 3);
  expect(await management.connection.client.set(push, secret)).toBe(0);
  // read-write-denied; object-undefined.
  expect(await publicClient.connection.client.set(push, secret)).not.toBe(0);
  expect(await management.connection.client.set(attribute(1, "0-0:99.99.99*255", 2), secret)).toBe(4);
  const method = { classId: 9, logicalName: logicalName("0-0:10.0.108*255"), methodIndex: 1 };
  const script: Data = { type: "long-unsigned", value: 0 };
  expect((await management.connection.client.invoke(method, script)).result).toBe(0);
  await management.close();
  await publicClient.close();

  const { body } = await ownerOf(folder)("GET", "/audit?limit=50");
  const entries = body["entries"] as {
    user: string;
    role: string;
    door: string;
    action: string;
    target: string;
    result: string;
    peer: string;
  }[];
  const told = entries.map(({ role, door, action, target, result }) =>
    [role, door, action, target.replace(/^[^/]*\//, ""), result].join(" ").trim(),
  );
  expect(told.toReversed()).toEqual([
    "none dlms association.open client 1 refused",
    "management dlms objects.write 40:0-4:25.9.0*255/3 done",
    "public dlms objects.write 40:0-4:25.9.0*255/3 refused",
    "management dlms objects.write 1:0-0:99.99.99*255/2 failed",
    "management dlms objects.invoke 9:0-0:10.0.108*255 method 1 done",
  ]);
  expect(entries.every(({ peer }) => peer.startsWith("127.0.0.1"))).toBe(true);
  expect(JSON.stringify(body)).not.toContain("very-secret-9");
});
