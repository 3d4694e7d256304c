import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AccessRule,
  AssociationLn,
  accessInvoke,
  accessRead,
  accessWrite,
  Clock,
  type CosemObject,
  createAssociation,
  createAssociationObject,
  createInternalReader,
  createManagementClient,
  createObject,
  createPublicClient,
  DataClass,
  type InterfaceClass,
  interfaceClasses,
  logicalName,
  Register,
} from "../../../cosem/index.js";
import { management, meter, text } from "./fixture.js";

const gateway = management();
const water = meter(16, "GWF19458309073C");

/** An instance that offers all its class declares. */
function bare(interfaceClass: InterfaceClass, name: string): CosemObject {
  const fail = () => {
    throw new Error("not called");
  };
  return { interfaceClass, logicalName: logicalName(name), read: fail, write: fail, invoke: fail };
}

const register = bare(Register, "8-0:1.0.0*255");
const data = bare(DataClass, "0-0:96.1.0*255");

function accessOf(rules: readonly AccessRule[], object: CosemObject, device = water) {
  const association = createAssociation({ name: "test", clientSap: undefined, rules });
  const attributes = [1, 2, 3].map((index) => association.attributeAccess(device, object, index));
  return [association.isVisible(device, object), ...attributes, association.methodAccess(device, object, 1)];
}

describe("rules", () => {
  it("hide what none of them fits", () => {
    expect(accessOf([], register)).toEqual([false, 0, 0, 0, 0]);
    expect(accessOf([{ classId: 1, access: "declared" }], register)).toEqual([false, 0, 0, 0, 0]);
  });

  it("give the four kinds of access", () => {
    const both = accessRead | accessWrite;
    expect(accessOf([{ access: "none" }], data)).toEqual([false, 0, 0, 0, 0]);
    expect(accessOf([{ access: "visible" }], data)).toEqual([true, accessRead, 0, 0, 0]);
    expect(accessOf([{ access: "read" }], data)).toEqual([true, accessRead, accessRead, 0, 0]);
    expect(accessOf([{ access: "declared" }], data)).toEqual([true, accessRead, both, 0, 0]);
    expect(accessOf([{ access: "declared" }], register)).toEqual([
      true,
      accessRead,
      accessRead,
      accessRead,
      accessInvoke,
    ]);
    expect(accessOf([{ access: "read" }], register)).toEqual([true, accessRead, accessRead, accessRead, 0]);
  });

  it("are decided by the first that fits", () => {
    const hideOne: AccessRule = { logicalName: "8-0:1.0.0*255", access: "none" };
    const readAll: AccessRule = { access: "read" };
    expect(accessOf([hideOne, readAll], register)[0]).toBe(false);
    expect(accessOf([readAll, hideOne], register)[0]).toBe(true);
  });

  it("fit by device kind, class and logical name together", () => {
    const rule: AccessRule = { device: "meter", classId: 3, logicalName: "8-b:c.d.0*255", access: "read" };
    expect(accessOf([rule], register)[0]).toBe(true);
    expect(accessOf([rule], register, gateway)[0]).toBe(false);
    expect(accessOf([rule], bare(DataClass, "8-0:1.0.0*255"))[0]).toBe(false);
    expect(accessOf([rule], bare(Register, "8-0:1.0.1*255"))[0]).toBe(false);
    expect(accessOf([rule], bare(Register, "8-12:255.7.0*255"))[0]).toBe(true);
  });

  it("take no dot for any character", () => {
    const rule: AccessRule = { logicalName: "0-0:1.e.0*255", access: "read" };
    expect(accessOf([rule], bare(DataClass, "0-0:101.0.0*255"))[0]).toBe(false);
    expect(accessOf([rule], bare(DataClass, "0-0:1.200.0*255"))[0]).toBe(true);
  });

  it.each(["0-0:1.0.0", "0-0:*.0.0*255", "x", ""])("cannot be made from the name %j", (name) => {
    expect(() =>
      createAssociation({ name: "x", clientSap: 1, rules: [{ logicalName: name, access: "read" }] }),
    ).toThrow(RangeError);
  });

  it("never give more than the class declares and the instance offers", () => {
    const declaredBits = { none: 0, get: accessRead, set: accessWrite, getSet: accessRead | accessWrite };
    const rule = fc.record({ access: fc.constantFrom("none", "visible", "read", "declared" as const) });
    const bits = fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined });
    const offer = fc.record({
      attributes: fc.array(bits, { maxLength: 12 }),
      methods: fc.array(bits, { maxLength: 8 }),
    });
    fc.assert(
      fc.property(
        fc.array(rule),
        offer,
        fc.constantFrom(...interfaceClasses),
        fc.nat(12),
        (rules, given, cls, index) => {
          const object = { ...bare(cls, "0-0:1.0.0*255"), offer: given };
          const association = createAssociation({ name: "x", clientSap: 1, rules });
          const access = association.attributeAccess(water, object, index);
          const widest = declaredBits[cls.attributeAt[index]?.[1].access ?? "none"] & (given.attributes[index] ?? 0);
          expect(access & ~widest).toBe(0);
          const invoking = association.methodAccess(water, object, index);
          expect(invoking & ~(cls.methodAt[index] === undefined ? 0 : (given.methods[index] ?? 0))).toBe(0);
        },
      ),
    );
  });

  it("do not offer what an instance has no function for", () => {
    const readable = createObject(DataClass, logicalName("0-0:96.1.0*255"), { attributes: { value: text("x") } });
    expect(accessOf([{ access: "declared" }], readable)).toEqual([true, accessRead, accessRead, 0, 0]);
    const secretive = createAssociationObject();
    const everything = createAssociation({ name: "x", clientSap: 1, rules: [{ access: "declared" }] });
    expect(everything.attributeAccess(gateway, secretive, 7)).toBe(0);
  });
});

describe("the public client", () => {
  const visibleTo = (association: ReturnType<typeof createPublicClient>, device = gateway) => {
    const objects = [
      bare(Clock, "0-0:1.0.0*255"),
      bare(DataClass, "0-0:42.0.0*255"),
      bare(DataClass, "0-0:43.1.3*255"),
      bare(DataClass, "0-0:96.1.0*255"),
      bare(AssociationLn, "0-0:40.0.0*255"),
      bare(AssociationLn, "0-0:40.0.1*255"),
      bare(AssociationLn, "0-0:40.0.2*255"),
      register,
    ];
    return objects.filter((object) => association.isVisible(device, object)).map((object) => object.logicalName);
  };
  const always = ["0-0:1.0.0*255", "0-0:42.0.0*255", "0-0:43.1.3*255", "0-0:40.0.0*255"];

  it("sees clock, name, frame counters and its association, on every device", () => {
    expect(visibleTo(createPublicClient())).toEqual(always);
    expect(visibleTo(createPublicClient(), water)).toEqual(always);
    expect(createPublicClient().clientSap).toBe(16);
  });

  it("sees its own association's instance, not another's", () => {
    expect(visibleTo(createPublicClient({ associationInstance: 2 }))).toEqual([...always, "0-0:40.0.2*255"]);
  });

  it("reads meters in the demo only, and there no association of others", () => {
    const demo = createPublicClient({ readsMeters: true });
    expect(visibleTo(demo)).toEqual(always);
    expect(visibleTo(demo, water)).toEqual([
      "0-0:1.0.0*255",
      "0-0:42.0.0*255",
      "0-0:43.1.3*255",
      "0-0:96.1.0*255",
      "0-0:40.0.0*255",
      "8-0:1.0.0*255",
    ]);
    expect(demo.methodAccess(water, register, 1)).toBe(0);
  });

  it("writes nothing", () => {
    const clock = bare(Clock, "0-0:1.0.0*255");
    expect(createPublicClient({ readsMeters: true }).attributeAccess(gateway, clock, 2)).toBe(accessRead);
    expect(createManagementClient().attributeAccess(gateway, clock, 2)).toBe(accessRead | accessWrite);
  });
});

describe("internal associations", () => {
  it("have no current association", () => {
    const viewer = createInternalReader("modbus");
    expect(viewer.clientSap).toBeUndefined();
    expect(viewer.isVisible(gateway, bare(AssociationLn, "0-0:40.0.0*255"))).toBe(false);
    expect(viewer.isVisible(gateway, bare(AssociationLn, "0-0:40.0.1*255"))).toBe(true);
  });
});
