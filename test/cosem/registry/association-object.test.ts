import { describe, expect, it } from "vitest";
import {
  type ArrayStream,
  type AssociationSession,
  type CosemObject,
  createAssociation,
  createAssociationObject,
  createLogicalDevice,
  createManagementClient,
  createObject,
  createPublicClient,
  createSapAssignment,
  type Data,
  DataClass,
  decodeData,
  fromHex,
  logicalName,
  nullData,
  refused,
} from "../../../cosem/index.js";
import {
  dataOf,
  elementsOf,
  ldnObject,
  management,
  meter,
  principalOf,
  registerObject,
  registryOf,
  streamOf,
  target,
} from "./fixture.js";

/** The session of services.json, get-association-attributes: client 17, LLS, proposed conformance 00 1E 5D. */
const session: AssociationSession = {
  clientSap: 17,
  serverSap: 1,
  applicationContextName: [2, 16, 756, 5, 8, 1, 1],
  authenticationMechanismName: [2, 16, 756, 5, 8, 2, 1],
  conformance: 0x001e5d,
  maxReceivePduSize: 1024,
  maxSendPduSize: 65535,
  dlmsVersionNumber: 6,
  isAuthenticationPending: false,
};

const all = createAssociation({ name: "all", clientSap: 17, rules: [{ access: "declared" }] });
const client = principalOf(all, session);

async function collect(stream: ArrayStream): Promise<readonly Data[]> {
  const elements: Data[] = [];
  for (let piece = await stream.next(); piece !== undefined; piece = await stream.next()) elements.push(...piece);
  return elements;
}

describe("the current association", () => {
  const device = management([createAssociationObject()]);
  const registry = registryOf(device);
  const read = (index: number, principal = client) =>
    registry.read(target(device, "15:0-0:40.0.0*255", index), principal);

  /** services.json, get-association-attributes. */
  it.each([
    [3, "02020f11120001"],
    [4, "090760857405080101"],
    [5, "02060418001e5d12040012ffff11060f000900"],
    [6, "090760857405080201"],
    [8, "1602"],
    [9, "090600002b0000ff"],
  ])("answers attribute %i from the caller's session", (index, hex) => {
    expect(dataOf(read(index))).toEqual(decodeData(fromHex(hex)));
  });

  it("never answers the secret", () => expect(read(7)).toBe(refused.readWriteDenied));

  it("is pending until authentication is complete, and not associated without a session", () => {
    const pending = principalOf(all, { ...session, isAuthenticationPending: true });
    expect(dataOf(read(8, pending))).toEqual({ type: "enum", value: 1 });
    expect(dataOf(read(8, principalOf(all)))).toEqual({ type: "enum", value: 0 });
    expect(dataOf(read(3, principalOf(all)))).toEqual(decodeData(fromHex("02020f11120001")));
  });

  it("takes a new secret where a function is given", () => {
    const secrets: Uint8Array[] = [];
    const settable = createAssociationObject({
      setSecret(secret) {
        secrets.push(secret);
        return undefined;
      },
    });
    const own = management([settable]);
    const at = target(own, "15:0-0:40.0.0*255", 7);
    expect(registryOf(own).write(at, { type: "octet-string", value: fromHex("3132") }, client)).toEqual({ ok: true });
    expect(secrets).toEqual([fromHex("3132")]);
    expect(registryOf(own).read(at, client)).toBe(refused.readWriteDenied);
  });
});

describe("a named association's object", () => {
  const publicClient = createPublicClient({ associationInstance: 2 });
  const managementClient = createManagementClient();
  const objects = [
    createAssociationObject(),
    createAssociationObject({ association: managementClient, instance: 1 }),
    createAssociationObject({ association: publicClient, instance: 2 }),
  ];
  const device = management(objects);
  const registry = registryOf(device);
  const read = (object: string, index: number, principal: typeof client) =>
    registry.read(target(device, object, index), principal);

  it("shows the session to its own client only", () => {
    const manager = principalOf(managementClient, { ...session, clientSap: 1 });
    expect(dataOf(read("0-0:40.0.1*255", 8, manager))).toEqual({ type: "enum", value: 2 });
    expect(dataOf(read("0-0:40.0.2*255", 8, manager))).toEqual({ type: "enum", value: 0 });
    expect(dataOf(read("0-0:40.0.2*255", 3, manager))).toEqual(decodeData(fromHex("02020f10120001")));
  });

  it("lists what its own client may see, whoever asks", () => {
    const manager = principalOf(managementClient, session);
    const seenBySelf = dataOf(read("0-0:40.0.2*255", 2, principalOf(publicClient)));
    expect(dataOf(read("0-0:40.0.2*255", 2, manager))).toEqual(seenBySelf);
    expect(dataOf(read("0-0:40.0.0*255", 2, principalOf(publicClient)))).toEqual(seenBySelf);
    expect(elementsOf(seenBySelf).length).toBe(3);
    expect(read("0-0:40.0.1*255", 2, principalOf(publicClient))).toBe(refused.readWriteDenied);
  });

  it("needs association and instance together", () => {
    expect(() => createAssociationObject({ instance: 1 })).toThrow(RangeError);
    expect(() => createAssociationObject({ association: all })).toThrow(RangeError);
    expect(() => createAssociationObject({ association: all, instance: 256 })).toThrow(RangeError);
  });
});

describe("object_list", () => {
  const current = createAssociationObject({
    objectListSelectors: [],
  });
  const ldn = ldnObject("EXM0000000000001");
  const register = registerObject("8-0:1.0.0*255", 103000);
  const device = createLogicalDevice({ name: "A", sap: 1, kind: "management", objects: [current, ldn, register] });
  const registry = registryOf(device);
  const list = target(device, "15:0-0:40.0.0*255", 2);

  /** Elements of services.json, get-object-list-one-pdu. */
  const elements = [
    "020412000f110109060000280000ff0202010902030f0116010002030f0216010002030f0316010002030f0416010002030f0516010002030f0616010002030f0716000002030f0816010002030f09160100010202020f01160102020f021600",
    "02041200011100090600002a0000ff0202010202030f0116010002030f021601000100",
    "0204120003110009060800010000ff0202010302030f0116010002030f0216010002030f03160100010102020f011600",
  ];

  it("has the bytes of an independent server", () => {
    expect(dataOf(registry.read(list, client))).toEqual({
      type: "array",
      value: elements.map((hex) => decodeData(fromHex(hex))),
    });
  });

  it("offers no selector where the instance has none", () => {
    expect(registry.read(list, client, { selector: 1, parameters: nullData })).toBe(refused.readWriteDenied);
  });

  it("shows write rights, and selectors that are offered", () => {
    const writable = createObject(DataClass, logicalName("0-0:96.1.0*255"), {
      attributes: { value: { get: () => nullData, set: () => undefined } },
    });
    const own = createLogicalDevice({
      name: "A",
      sap: 1,
      kind: "management",
      objects: [createAssociationObject(), writable],
    });
    const value = elementsOf(dataOf(registryOf(own).read(target(own, "0-0:40.0.0*255", 2), client)));
    expect(value[1]).toEqual(
      decodeData(fromHex("0204120001110009060000600100ff0202010202030f0116010002030f021603000100")),
    );
    const objectList = decodeData(fromHex("02030f02160101040f010f020f030f04"));
    expect(JSON.stringify(value[0])).toContain(JSON.stringify(objectList));
  });
});

describe("selective access to object_list", () => {
  const device = management([createAssociationObject(), registerObject("8-0:1.0.0*255", 1)]);
  const registry = registryOf(device);
  const select = (selector: number, hex: string) =>
    registry.read(target(device, "0-0:40.0.0*255", 2), client, { selector, parameters: decodeData(fromHex(hex)) });

  it("1 leaves the rights out", () => {
    expect(dataOf(select(1, "00"))).toEqual(
      decodeData(
        fromHex(
          "0103" +
            "02031200011100090600002a0000ff" +
            "020312000f110109060000280000ff" +
            "0203120003110009060800010000ff",
        ),
      ),
    );
  });

  it("2 selects by class", () => {
    expect(dataOf(select(2, "0101120003"))).toEqual(decodeData(fromHex("01010203120003110009060800010000ff")));
    expect(dataOf(select(2, "0100"))).toEqual({ type: "array", value: [] });
  });

  it("3 selects by object, with rights", () => {
    const value = elementsOf(
      dataOf(select(3, "010202021200010906" + "00002a0000ff" + "02021200030906" + "0000000000ff")),
    );
    expect(value).toEqual([
      decodeData(fromHex("02041200011100090600002a0000ff0202010202030f0116010002030f021601000100")),
    ]);
  });

  it("4 gives one element, and refuses an object that is not there", () => {
    expect(dataOf(select(4, "02021200010906" + "00002a0000ff"))).toEqual(
      decodeData(fromHex("02041200011100090600002a0000ff0202010202030f0116010002030f021601000100")),
    );
    expect(select(4, "02021200030906" + "0000000000ff")).toBe(refused.scopeOfAccessViolated);
  });

  it("refuses parameters of another type", () => {
    expect(select(1, "0f00")).toBe(refused.typeUnmatched);
    expect(select(2, "120003")).toBe(refused.typeUnmatched);
    expect(select(4, "0100")).toBe(refused.typeUnmatched);
    expect(select(5, "00")).toBe(refused.readWriteDenied);
  });
});

describe("long lists", () => {
  const many = Array.from({ length: 300 }, (_, index) =>
    registerObject(`8-0:1.${index % 250}.${index >> 7}*255`, index),
  );

  it("of objects are streamed with the same elements", async () => {
    const device = management([createAssociationObject(), ...many]);
    const stream = streamOf(registryOf(device).read(target(device, "0-0:40.0.0*255", 2), client));
    expect(stream.count).toBe(302);
    const elements = await collect(stream);
    expect(elements).toHaveLength(302);
    expect(elements[2]).toEqual(
      decodeData(
        fromHex("0204120003110009060800010000ff0202010302030f0116010002030f0216010002030f03160100010102020f011600"),
      ),
    );
    expect(await stream.next()).toBeUndefined();
  });

  it("of devices are streamed as they were when the reading began", async () => {
    const registry = registryOf();
    const gateway = management([createSapAssignment(registry)]);
    registry.addDevice(gateway);
    const meters = Array.from({ length: 1000 }, (_, index) => meter(16 + index, `M${index}`));
    for (const device of meters) registry.addDevice(device);
    const stream = streamOf(registry.read(target(gateway, "0-0:41.0.0*255", 2), client));
    for (const device of meters.slice(0, 500)) registry.removeDevice(device);
    expect(stream.count).toBe(1001);
    const elements = await collect(stream);
    expect(elements).toHaveLength(1001);
    // {SAP 16, "M0"}
    expect(elements[1]).toEqual(decodeData(fromHex("020212001009024d30")));
  });

  it("end when the reader stops early", async () => {
    const device = management([createAssociationObject(), ...many]);
    const stream = streamOf(registryOf(device).read(target(device, "0-0:40.0.0*255", 2), client));
    await stream.next();
    stream.close();
    stream.close();
    expect(await stream.next()).toBeUndefined();
  });
});

describe("SAP assignment", () => {
  it("has the bytes of an independent server", () => {
    const registry = registryOf();
    const gateway = management([createSapAssignment(registry) satisfies CosemObject]);
    registry.addDevice(gateway);
    registry.addDevice(meter(2, "EXM0000000000002"));
    /** services.json, get-sap-list. */
    const hex = "01020202120001091045584d303030303030303030303030310202120002091045584d30303030303030303030303032";
    expect(dataOf(registry.read(target(gateway, "17:0-0:41.0.0*255", 2), client))).toEqual(decodeData(fromHex(hex)));
  });
});
