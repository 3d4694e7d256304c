import { describe, expect, it } from "vitest";
import {
  type AccessRule,
  type AssociationUser,
  type AssociationVersion,
  createAdjustableAssociation,
  createAssociation,
  createAssociationObject,
  createLogicalDevice,
  createObject,
  type Data,
  DataClass,
  decodeData,
  fromHex,
  logicalName,
  nullData,
  type ObjectListChange,
  refused,
} from "../../../cosem/index.js";
import {
  dataOf,
  elementsOf,
  ldnObject,
  methodTarget,
  principalOf,
  registerObject,
  registryOf,
  target,
} from "./fixture.js";

/** Data 0-0:96.1.0 that can be read and written. */
const writable = createObject(DataClass, logicalName("0-0:96.1.0*255"), {
  attributes: { value: { get: () => nullData, set: () => undefined } },
});

/** Reading and writing the value asks for an authenticated and encrypted request (2 + 1 + 4 + 8 = 0f). */
const rules: readonly AccessRule[] = [
  { logicalName: "0-0:96.1.0*255", access: "declared", attributes: { 2: 0x0f } },
  { classId: 3, access: "declared", protection: 0x24 },
  { access: "declared" },
];

function objectList(version: AssociationVersion): readonly Data[] {
  const association = createAssociationObject({ version, objectListSelectors: [] });
  const objects = [association, writable, registerWithReset];
  const device = createLogicalDevice({ name: "A", sap: 1, kind: "management", objects });
  const client = principalOf(createAssociation({ name: "all", clientSap: 1, rules }));
  return elementsOf(dataOf(registryOf(device).read(target(device, "0-0:40.0.0*255", 2), client)));
}

const registerWithReset = registerObject("8-0:1.0.0*255", 1);

describe("object_list in each version", () => {
  /** structure(4){ long-unsigned 1, unsigned 0, 0-0:96.1.0, structure(2){ attributes, no methods } } */
  const data = (firstMode: string, valueMode: string) =>
    decodeData(
      fromHex(
        `0204 120001 1100 0906 0000600100ff 0202 0102 0203 0f01 16${firstMode} 00 0203 0f02 16${valueMode} 00 0100`.replaceAll(
          " ",
          "",
        ),
      ),
    );

  it.each([
    [0, "01", "03"],
    [1, "01", "06"],
    [2, "01", "06"],
    [3, "01", "0f"],
  ] as const)("version %i writes its own modes", (version, firstMode, valueMode) => {
    expect(objectList(version)[1]).toEqual(data(firstMode, valueMode));
  });

  it("names its version and its methods", () => {
    const first = elementsOf(objectList(3)[0] ?? nullData);
    expect(first[1]).toEqual({ type: "unsigned", value: 3 });
    // Methods: 1 with access, 2 listed without.
    expect(elementsOf(first[3] ?? nullData)[1]).toEqual(decodeData(fromHex("010202020f01160102020f021600")));
    const oldest = elementsOf(objectList(0)[0] ?? nullData);
    expect(elementsOf(oldest[3] ?? nullData)[1]).toEqual(decodeData(fromHex("010202020f01030102020f020300")));
  });

  it("adds the protection of a rule to what is allowed, and to nothing else", () => {
    // Register: read with 24, and method 1 that this instance does not allow.
    const rights = elementsOf(elementsOf(objectList(3)[2] ?? nullData)[3] ?? nullData);
    expect(rights[0]).toEqual(decodeData(fromHex("010302030f0116250002030f0216250002030f03162500")));
    expect(rights[1]).toEqual(decodeData(fromHex("010102020f011600")));
  });
});

describe("rules with bits", () => {
  it.each([{ protection: 256 }, { attributes: { 2: -1 } }, { methods: { 1: 1.5 } }])("refuse %j", (bits) => {
    const rule = { access: "declared", ...bits } as const;
    expect(() => createAssociation({ name: "x", clientSap: 1, rules: [rule] })).toThrow(RangeError);
  });

  it("never give what class and instance have not", () => {
    const all: AccessRule = { access: "declared", attributes: { 1: 0xff, 2: 0xff, 9: 0xff }, methods: { 1: 0xff } };
    const association = createAssociation({ name: "x", clientSap: 1, rules: [all] });
    const device = createLogicalDevice({ name: "A", sap: 1, kind: "management", objects: [registerWithReset] });
    expect(association.attributeAccess(device, registerWithReset, 2)).toBe(0xfd);
    expect(association.attributeAccess(device, registerWithReset, 9)).toBe(0);
    expect(association.methodAccess(device, registerWithReset, 1)).toBe(0);
  });
});

function changeable(version: AssociationVersion, own: readonly AccessRule[] = [{ access: "declared" }]) {
  const kept: (readonly ObjectListChange[])[] = [];
  const association = createAdjustableAssociation({
    association: createAssociation({ name: "reader", clientSap: 17, rules: [{ classId: 1, access: "read" }] }),
    changed: (changes) => {
      kept.push(changes);
      return undefined;
    },
  });
  const objects = [
    createAssociationObject({ version, mayChangeObjects: true, association, instance: 17 }),
    ldnObject("A"),
    writable,
    registerWithReset,
  ];
  const device = createLogicalDevice({ name: "A", sap: 16, kind: "meter", objects });
  const registry = registryOf(device);
  const manager = principalOf(createAssociation({ name: "manager", clientSap: 1, rules: own }));
  const call = (index: number, hex: string) =>
    registry.invoke(methodTarget(device, "0-0:40.0.17*255", index), decodeData(fromHex(hex)), manager);
  return { association, device, kept, call };
}

/** Register 8-0:1.0.0: attribute 2 readable with authenticated request and response, in version 3. */
const addRegister = "0204120003110009060800010000ff02020101" + "02030f02162500" + "0100";
const addRegisterV1 = "0204120003110009060800010000ff02020101" + "02030f02160400" + "0100";
const removeData = "02041200011100090600" + "00600100ff" + "020201000100";

describe("add_object and remove_object", () => {
  it("change what the association sees, once they are kept", () => {
    const { association, device, kept, call } = changeable(3);
    expect(association.isVisible(device, registerWithReset)).toBe(false);
    expect(call(3, addRegister)).toEqual({ ok: true, value: undefined });
    expect(association.attributeAccess(device, registerWithReset, 2)).toBe(0x25);
    expect(association.attributeAccess(device, registerWithReset, 3)).toBe(0);
    expect(call(4, removeData)).toEqual({ ok: true, value: undefined });
    expect(association.isVisible(device, writable)).toBe(false);
    expect(kept.at(-1)).toEqual([
      { sap: 16, classId: 3, logicalName: "8-0:1.0.0*255", rights: { attributes: { 2: 0x25 }, methods: {} } },
      { sap: 16, classId: 1, logicalName: "0-0:96.1.0*255", rights: undefined },
    ]);
    const again = createAdjustableAssociation({ association, changes: kept.at(-1) ?? [], changed: () => undefined });
    expect(again.isVisible(device, writable)).toBe(false);
    expect(again.attributeAccess(device, registerWithReset, 2)).toBe(0x25);
  });

  it("read the modes of versions 1 and 2: authenticated is an authenticated request", () => {
    const { association, device, call } = changeable(1);
    expect(call(3, addRegisterV1)).toEqual({ ok: true, value: undefined });
    expect(association.attributeAccess(device, registerWithReset, 2)).toBe(0x05);
  });

  it("give nobody more than the caller has, nor for less protection", () => {
    const weak = changeable(3, [
      { classId: 15, access: "declared" },
      { access: "read", attributes: { 3: 0 }, protection: 0x08 },
    ]);
    const writeToo = addRegister.replace("0f021625", "0f031601");
    expect(weak.call(3, writeToo)).toBe(refused.readWriteDenied);
    expect(weak.association.changes).toEqual([]);
    expect(weak.call(3, addRegister)).toEqual({ ok: true, value: undefined });
    expect(weak.association.attributeAccess(weak.device, registerWithReset, 2)).toBe(0x2d);
  });

  it.each([
    ["an object that is not there", 3, addRegister.replace("0800010000ff", "0800090000ff"), "objectUndefined"],
    ["another version", 3, addRegister.replace("1200031100", "1200031109"), "objectClassInconsistent"],
    ["a mandatory object", 4, removeData.replace("600100ff", "2a0000ff"), "readWriteDenied"],
    ["an association", 4, "020412000f11030906" + "0000280011ff" + "020201000100", "objectUnavailable"],
    ["an object that is not listed", 4, addRegister, "objectUnavailable"],
    ["another type", 3, "1200", "typeUnmatched"],
  ] as const)("refuse %s", (_what, index, hex, refusal) => {
    const { association, call } = changeable(3);
    const parameters = hex === "1200" ? "120000" : hex;
    expect(call(index, parameters)).toBe(refused[refusal]);
    expect(association.changes).toEqual([]);
  });

  it("change nothing where it cannot be kept, or the association cannot be changed", () => {
    const association = createAdjustableAssociation({
      association: createAssociation({ name: "reader", clientSap: 17, rules: [] }),
      changed: () => refused.temporaryFailure,
    });
    const fixed = createAssociation({ name: "fixed", clientSap: 18, rules: [] });
    const objects = [
      createAssociationObject({ version: 3, mayChangeObjects: true, association, instance: 17 }),
      createAssociationObject({ version: 3, mayChangeObjects: true, association: fixed, instance: 18 }),
      registerWithReset,
    ];
    const device = createLogicalDevice({ name: "A", sap: 16, kind: "meter", objects });
    const manager = principalOf(createAssociation({ name: "m", clientSap: 1, rules: [{ access: "declared" }] }));
    const call = (name: string) =>
      registryOf(device).invoke(methodTarget(device, name, 3), decodeData(fromHex(addRegister)), manager);
    expect(call("0-0:40.0.17*255")).toBe(refused.temporaryFailure);
    expect(association.isVisible(device, registerWithReset)).toBe(false);
    expect(call("0-0:40.0.18*255")).toBe(refused.readWriteDenied);
  });
});

describe("a change that takes its time", () => {
  it("holds once it is kept, and lets no other come between", async () => {
    const waiting: (() => void)[] = [];
    const association = createAdjustableAssociation({
      association: createAssociation({ name: "reader", clientSap: 17, rules: [] }),
      changed: () =>
        new Promise((resolve) => {
          waiting.push(() => resolve(undefined));
        }),
    });
    const objects = [
      createAssociationObject({ version: 3, mayChangeObjects: true, association, instance: 17 }),
      registerWithReset,
    ];
    const device = createLogicalDevice({ name: "A", sap: 16, kind: "meter", objects });
    const manager = principalOf(createAssociation({ name: "m", clientSap: 1, rules: [{ access: "declared" }] }));
    const add = () =>
      registryOf(device).invoke(methodTarget(device, "0-0:40.0.17*255", 3), decodeData(fromHex(addRegister)), manager);
    const first = add();
    expect(add()).toBe(refused.temporaryFailure);
    expect(association.isVisible(device, registerWithReset)).toBe(false);
    waiting[0]?.();
    expect(await first).toEqual({ ok: true, value: undefined });
    expect(association.isVisible(device, registerWithReset)).toBe(true);
    const again = add();
    waiting[1]?.();
    expect(await again).toEqual({ ok: true, value: undefined });
  });
});

describe("users", () => {
  let list: readonly AssociationUser[] = [{ userId: 1, userName: "anna" }];
  const object = createAssociationObject({
    version: 2,
    users: () => ({
      list: () => list,
      changed: (users) => {
        list = users;
        return undefined;
      },
    }),
  });
  const device = createLogicalDevice({ name: "A", sap: 1, kind: "management", objects: [object] });
  const registry = registryOf(device);
  const all = createAssociation({ name: "all", clientSap: 1, rules: [{ access: "declared" }] });
  const session = {
    clientSap: 1,
    serverSap: 1,
    applicationContextName: [],
    authenticationMechanismName: [],
    conformance: 0,
    maxReceivePduSize: 0,
    maxSendPduSize: 0,
    dlmsVersionNumber: 6,
    isAuthenticationPending: false,
  };
  const read = (index: number, userId?: number) =>
    dataOf(registry.read(target(device, "0-0:40.0.0*255", index), principalOf(all, { ...session, userId })));
  const call = (index: number, hex: string) =>
    registry.invoke(methodTarget(device, "0-0:40.0.0*255", index), decodeData(fromHex(hex)), principalOf(all));

  it("are listed, added and removed", () => {
    expect(read(10)).toEqual(decodeData(fromHex("0101" + "020211010a04616e6e61")));
    expect(call(5, "020211020a03626f62")).toEqual({ ok: true, value: undefined });
    expect(read(10)).toEqual(decodeData(fromHex("0102" + "020211010a04616e6e61" + "020211020a03626f62")));
    expect(call(5, "020211020a0365766e")).toBe(refused.otherReason);
    expect(call(6, "020211010a03626f62")).toBe(refused.otherReason);
    expect(call(6, "020211020a03626f62")).toEqual({ ok: true, value: undefined });
    expect(list).toHaveLength(1);
    expect(call(5, "1102")).toBe(refused.typeUnmatched);
  });

  it("stay as they are where nobody keeps them", () => {
    const fixed = createAssociationObject({ version: 2, users: () => ({ list: () => list }) });
    const own = createLogicalDevice({ name: "A", sap: 1, kind: "management", objects: [fixed] });
    for (const index of [5, 6]) {
      const at = methodTarget(own, "0-0:40.0.0*255", index);
      expect(registryOf(own).invoke(at, decodeData(fromHex("020211010a04616e6e61")), principalOf(all))).toBe(
        refused.readWriteDenied,
      );
    }
  });

  it("are current as the association was opened", () => {
    expect(read(11, 1)).toEqual(decodeData(fromHex("020211010a04616e6e61")));
    expect(read(11)).toEqual(decodeData(fromHex("020211000a00")));
    expect(read(11, 9)).toEqual(decodeData(fromHex("020211000a00")));
  });
});

describe("authentication", () => {
  const secrets: Uint8Array[] = [];
  const object = createAssociationObject({
    changeHlsSecret: (secret) => {
      secrets.push(secret);
      return undefined;
    },
  });
  const device = createLogicalDevice({ name: "A", sap: 1, kind: "management", objects: [object] });
  const all = createAssociation({ name: "all", clientSap: 1, rules: [{ access: "declared" }] });

  it("takes no pass 3 here: that is the machine's, as long as it is pending", () => {
    const reply = { type: "octet-string", value: fromHex("0102") } as const;
    const at = methodTarget(device, "0-0:40.0.0*255", 1);
    expect(registryOf(device).invoke(at, reply, principalOf(all))).toBe(refused.readWriteDenied);
  });

  it("hands a new secret on", () => {
    const call = (hex: string) =>
      registryOf(device).invoke(methodTarget(device, "0-0:40.0.0*255", 2), decodeData(fromHex(hex)), principalOf(all));
    expect(call("0903010203")).toEqual({ ok: true, value: undefined });
    expect(call("1201ff")).toBe(refused.typeUnmatched);
    expect(secrets).toEqual([fromHex("010203")]);
  });
});
