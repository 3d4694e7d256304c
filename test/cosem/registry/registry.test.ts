import { describe, expect, it } from "vitest";
import {
  type CosemObject,
  createAssociation,
  createInternalReader,
  createLogicalDevice,
  createObject,
  createRegistry,
  DataClass,
  logicalName,
  ProfileGeneric,
  Register,
  type RegistryNotice,
  refused,
  resolveAddress,
  resolveObjectAddress,
  types,
} from "../../../cosem/index.js";
import {
  doubleLongUnsigned,
  everything,
  management,
  meter,
  methodTarget,
  principalOf,
  registryOf,
  target,
  text,
} from "./fixture.js";

const gateway = management();
const water = meter(16, "GWF19458309073C");

/** An object whose every call does the same. */
function objectThat(act: () => never | Promise<never>): CosemObject {
  return { interfaceClass: Register, logicalName: logicalName("0-0:96.50.1*255"), read: act, write: act, invoke: act };
}

function registryWith(object: CosemObject) {
  const device = createLogicalDevice({ name: "X", sap: 1, kind: "management", objects: [object] });
  return { device, registry: registryOf(device) };
}

describe("a read", () => {
  const registry = registryOf(gateway, water);

  it("answers at once what is in memory", () => {
    expect(registry.read(target(water, "3:8-0:1.0.0*255", 2), everything)).toEqual({
      ok: true,
      value: { type: "double-long-unsigned", value: 103000 },
    });
  });

  it("looks the class up where none is named", () => {
    expect(registry.read(target(water, "8-0:1.0.0*255", 3), everything)).toEqual({
      ok: true,
      value: types.scalUnitType.toData({ scaler: -3, unit: 13 }),
    });
  });

  it("answers the logical name of every object", () => {
    expect(registry.read(target(water, "8-0:1.0.0*255", 1), everything)).toEqual({
      ok: true,
      value: { type: "octet-string", value: Uint8Array.of(8, 0, 1, 0, 0, 255) },
    });
  });

  it.each([
    ["an object that does not exist", "1:0-0:96.99.0*255", 2, "objectUndefined"],
    ["an object of another class", "3:0-0:42.0.0*255", 2, "objectClassInconsistent"],
    ["an attribute that its class does not have", "1:0-0:42.0.0*255", 3, "readWriteDenied"],
    ["attribute 0", "1:0-0:42.0.0*255", 0, "readWriteDenied"],
    ["an attribute of another class's object that does not exist", "1:0-0:96.99.0*255", 9, "objectUndefined"],
  ])("of %s is refused", (_, object, index, refusal) => {
    expect(registry.read(target(water, object, index), everything)).toEqual({ ok: false, refusal });
  });

  it("with a selector is refused where none is offered", () => {
    const answer = registry.read(target(water, "8-0:1.0.0*255", 2), everything, {
      selector: 2,
      parameters: { type: "null-data" },
    });
    expect(answer).toBe(refused.readWriteDenied);
  });

  it("with a selector that the instance does not offer is refused, though the class declares it", () => {
    const none = { classId: 0, logicalName: logicalName("0-0:0.0.0*0"), attributeIndex: 0, dataIndex: 0 };
    const onlyByRange = createObject(ProfileGeneric, logicalName("1-0:99.1.0*255"), {
      attributes: {
        buffer: [],
        captureObjects: [],
        capturePeriod: 0,
        sortMethod: 1,
        sortObject: none,
        entriesInUse: 0,
        profileEntries: 1,
      },
      selectors: { buffer: [1] },
    });
    const { device, registry: own } = registryWith(onlyByRange);
    const read = (selector: number) =>
      own.read(target(device, "7:1-0:99.1.0*255", 2), everything, { selector, parameters: { type: "null-data" } });
    expect(read(1)).toEqual({ ok: true, value: { type: "array", value: [] } });
    expect(read(2)).toBe(refused.readWriteDenied);
    expect(read(3)).toBe(refused.readWriteDenied);
  });

  it("of what the caller's association hides or forbids is denied", () => {
    const nobody = principalOf(createAssociation({ name: "nobody", clientSap: 2, rules: [] }));
    expect(registry.read(target(water, "8-0:1.0.0*255", 2), nobody)).toBe(refused.readWriteDenied);
    expect([...registry.visibleObjects(water, nobody)]).toEqual([]);
    expect([...registry.visibleObjects(water, everything)].map((object) => object.logicalName)).toEqual([
      "0-0:42.0.0*255",
      "8-0:1.0.0*255",
    ]);
  });
});

describe("errors of objects", () => {
  const call = (object: CosemObject) => {
    const { device, registry } = registryWith(object);
    const at = target(device, "3:0-0:96.50.1*255", 2);
    return {
      read: () => registry.read(at, everything),
      invoke: () => registry.invoke(methodTarget(device, "3:0-0:96.50.1*255", 1), undefined, everything),
    };
  };

  it.each([
    ["TypeUnmatched", new types.TypeUnmatched("array", "integer"), "typeUnmatched"],
    ["ScopeOfAccessViolated", new types.ScopeOfAccessViolated("too much"), "scopeOfAccessViolated"],
  ])("%s is a refusal, thrown or rejected", async (_, error, refusal) => {
    const thrown = call(
      objectThat(() => {
        throw error;
      }),
    );
    expect(thrown.read()).toEqual({ ok: false, refusal });
    expect(thrown.invoke()).toEqual({ ok: false, refusal });
    const rejected = call(objectThat(() => Promise.reject(error)));
    expect(await rejected.read()).toEqual({ ok: false, refusal });
    expect(await rejected.invoke()).toEqual({ ok: false, refusal });
  });

  it("anything else is a bug and reaches the caller", async () => {
    const bug = new Error("bug");
    const thrown = call(
      objectThat(() => {
        throw bug;
      }),
    );
    expect(thrown.read).toThrow(bug);
    expect(thrown.invoke).toThrow(bug);
    await expect(call(objectThat(() => Promise.reject(bug))).read()).rejects.toThrow(bug);
  });
});

describe("writing and invoking", () => {
  let stored = 1;
  const limited = createObject(DataClass, logicalName("0-0:96.1.0*255"), {
    attributes: {
      value: {
        get: () => doubleLongUnsigned(stored),
        set: (value) => {
          if (value.type !== "double-long-unsigned") return refused.typeUnmatched;
          if (value.value > 1_000_000) return refused.scopeOfAccessViolated;
          stored = value.value;
          return undefined;
        },
      },
    },
  });
  const resettable = createObject(Register, logicalName("1-0:1.8.0*255"), {
    attributes: { value: doubleLongUnsigned(5), scalerUnit: { scaler: 0, unit: 30 } },
    methods: { reset: (parameter) => (parameter === 0 ? undefined : refused.temporaryFailure) },
  });
  const device = management([limited, resettable]);
  const registry = registryOf(device, water);
  const value = target(device, "1:0-0:96.1.0*255", 2);

  it("keeps what is written", () => {
    expect(registry.write(value, doubleLongUnsigned(4711), everything)).toEqual({ ok: true });
    expect(registry.read(value, everything)).toEqual({ ok: true, value: doubleLongUnsigned(4711) });
  });

  it("passes on what the object refuses, and nothing is changed", () => {
    const before = stored;
    expect(registry.write(value, { type: "long-unsigned", value: 1 }, everything)).toBe(refused.typeUnmatched);
    expect(registry.write(value, doubleLongUnsigned(1_000_001), everything)).toBe(refused.scopeOfAccessViolated);
    expect(stored).toBe(before);
  });

  it.each([
    ["without a set function", "1:0-0:42.0.0*255", 2, "readWriteDenied"],
    ["of a logical name", "1:0-0:96.1.0*255", 1, "readWriteDenied"],
    ["of an unknown object", "1:0-0:96.99.0*255", 2, "objectUndefined"],
    ["of an object of another class", "3:0-0:96.1.0*255", 2, "objectClassInconsistent"],
  ])("a write %s is refused", (_, object, index, refusal) => {
    expect(registry.write(target(device, object, index), text("x"), everything)).toEqual({ ok: false, refusal });
  });

  it("runs a method with its parameter's own type", () => {
    const reset = methodTarget(device, "3:1-0:1.8.0*255", 1);
    expect(registry.invoke(reset, { type: "integer", value: 0 }, everything)).toEqual({ ok: true, value: undefined });
    expect(registry.invoke(reset, { type: "integer", value: 1 }, everything)).toBe(refused.temporaryFailure);
    expect(registry.invoke(reset, { type: "long", value: 0 }, everything)).toBe(refused.typeUnmatched);
    expect(registry.invoke(reset, undefined, everything)).toBe(refused.typeUnmatched);
  });

  it.each([
    ["of an unknown object", "3:0-0:96.99.0*255", 1, "objectUndefined"],
    ["of an object of another class", "3:0-0:96.1.0*255", 1, "objectClassInconsistent"],
    ["that its class does not have", "1:0-0:96.1.0*255", 1, "readWriteDenied"],
  ])("a method %s is refused", (_, object, index, refusal) => {
    expect(registry.invoke(methodTarget(device, object, index), undefined, everything)).toEqual({ ok: false, refusal });
  });

  it("a method that the instance lists but does not allow is denied", () => {
    const reset = methodTarget(water, "3:8-0:1.0.0*255", 1);
    expect(registry.invoke(reset, { type: "integer", value: 0 }, everything)).toBe(refused.readWriteDenied);
  });

  it("waits where the object does", async () => {
    const slow = createObject(DataClass, logicalName("0-0:96.2.0*255"), {
      attributes: { value: { get: async () => doubleLongUnsigned(7), set: async () => refused.temporaryFailure } },
    });
    const { device: own, registry: slowRegistry } = registryWith(slow);
    const at = target(own, "0-0:96.2.0*255", 2);
    expect(await slowRegistry.read(at, everything)).toEqual({ ok: true, value: doubleLongUnsigned(7) });
    expect(await slowRegistry.write(at, doubleLongUnsigned(1), everything)).toBe(refused.temporaryFailure);
  });
});

describe("devices", () => {
  it("are found by name, SAP and alias, and listed in order of SAP", () => {
    const electricity = meter(300, "KAM12345678");
    const registry = registryOf(electricity, water, gateway);
    expect([...registry.devices()].map((device) => device.sap)).toEqual([1, 16, 300]);
    expect(registry.deviceCount).toBe(3);
    expect(registry.device("GWF19458309073C")).toBe(water);
    expect(registry.device("gateway")).toBe(gateway);
    expect(registry.device("sap300")).toBe(electricity);
    expect(registry.deviceBySap(16)).toBe(water);
    expect(registry.device("nobody")).toBeUndefined();
    expect(registry.device("sap17")).toBeUndefined();
  });

  it("share neither SAP nor name, and take none that is reserved", () => {
    const registry = registryOf(gateway, water);
    expect(() => registry.addDevice(meter(16, "OTHER"))).toThrow(RangeError);
    expect(() => registry.addDevice(meter(17, "GWF19458309073C"))).toThrow(RangeError);
    expect(() => registry.addDevice(meter(17, "gateway"))).toThrow(RangeError);
    expect(() => registry.addDevice(meter(17, "sap18"))).toThrow(RangeError);
    expect(() => registry.addDevice(meter(17, "SEVENTEEN-LETTERS"))).toThrow(RangeError);
    expect(registry.deviceCount).toBe(2);
    expect(registry.deviceBySap(17)).toBeUndefined();
  });

  it("are found under their new name once renamed, and by their alias as before", () => {
    const nameless = { ...meter(17, "sap17"), name: "sap17" };
    const registry = registryOf(gateway, water, nameless);
    nameless.name = "SON11223344";
    registry.renamed(nameless);
    expect(registry.device("SON11223344")).toBe(nameless);
    expect(registry.device("sap17")).toBe(nameless);
    nameless.name = "GWF19458309073C";
    expect(() => registry.renamed(nameless)).toThrow(RangeError);
    expect(registry.device("SON11223344")).toBe(nameless);
    registry.removeDevice(nameless);
    expect(registry.device("SON11223344")).toBeUndefined();
    expect(() => registry.renamed(nameless)).toThrow(RangeError);
  });

  it("have no object twice", () => {
    const twice = meter(16, "A").objects();
    const objects = [...twice, ...twice];
    expect(() => createLogicalDevice({ name: "A", sap: 16, kind: "meter", objects })).toThrow(RangeError);
  });

  it("tell classes apart that share a logical name", () => {
    const name = logicalName("8-0:1.0.0*255");
    const data = createObject(DataClass, name, { attributes: { value: doubleLongUnsigned(1) } });
    const device = meter(16, "A", [data]);
    expect(device.find(name, 1)).toBe(data);
    expect(device.find(name, 3)?.interfaceClass).toBe(Register);
    expect(device.find(name, undefined)?.interfaceClass).toBe(Register);
    expect(device.find(name, 4)).toBeUndefined();
  });
});

describe("addresses", () => {
  const registry = registryOf(gateway, water);

  it("resolve to what read() takes", () => {
    const found = resolveAddress(registry, "GWF19458309073C/8-0:1.0.0*255/2");
    expect(found).toEqual({ device: water, logicalName: "8-0:1.0.0*255", classId: undefined, attributeIndex: 2 });
    expect(resolveAddress(registry, "sap16/3:8-0:1.0.0*255/2")).toEqual({ ...found, classId: 3 });
    expect(resolveObjectAddress(registry, "gateway/0-0:42.0.0*255")).toEqual({
      device: gateway,
      logicalName: "0-0:42.0.0*255",
      classId: undefined,
    });
  });

  it.each(["nobody/8-0:1.0.0*255/2", "gateway/8-0:1.0.0*255", "gateway", "", "gateway//2"])("%j is none", (address) => {
    expect(resolveAddress(registry, address)).toBeUndefined();
  });
});

describe("notices", () => {
  it("reach every listener until it unsubscribes, though another one fails", () => {
    const errors: unknown[] = [];
    const registry = createRegistry({ onListenerError: (error) => errors.push(error) });
    const heard: string[] = [];
    const bug = new Error("listener");
    registry.subscribe(() => {
      throw bug;
    });
    const listener = (notice: RegistryNotice) => heard.push(`${notice.kind} ${notice.device.sap}`);
    const first = registry.subscribe(listener);
    const second = registry.subscribe(listener);
    registry.addDevice(water);
    second.close();
    registry.notify({ kind: "readingCommitted", device: water, readingNumber: 1 });
    first.close();
    first.close();
    registry.removeDevice(water);
    registry.removeDevice(water);
    expect(heard).toEqual(["deviceAdded 16", "deviceAdded 16", "readingCommitted 16"]);
    expect(errors).toEqual([bug, bug, bug]);
  });
});

describe("an internal reader", () => {
  it("reads all and writes nothing", () => {
    const registry = registryOf(gateway, water);
    const viewer = principalOf(createInternalReader("rest:viewer"));
    const ldn = target(gateway, "0-0:42.0.0*255", 2);
    expect(registry.read(ldn, viewer)).toEqual({ ok: true, value: text("EXM0000000000001") });
    expect(registry.write(ldn, text("x"), viewer)).toBe(refused.readWriteDenied);
  });
});
