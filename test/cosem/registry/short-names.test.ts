/** Base names and what lies behind them: IEC 62056-6-2, reserved base names and the column "short name" of the classes. */
import { describe, expect, it } from "vitest";
import {
  type CosemObject,
  classById,
  createObject,
  createShortNames,
  DataClass,
  interfaceClasses,
  type LogicalDevice,
  logicalName,
  Register,
  shortNameLayout,
} from "../../../cosem/index.js";

const data = (name: string) =>
  createObject(DataClass, logicalName(name), { attributes: { value: { type: "unsigned", value: 1 } } });
const register = (index: number) =>
  createObject(Register, logicalName(`8-${index >> 8}:1.0.${index & 0xff}*255`), {
    attributes: { value: { type: "unsigned", value: 1 }, scalerUnit: { scaler: 0, unit: 255 } },
  });

/** A device whose objects come and go. */
function device(objects: CosemObject[]): LogicalDevice {
  return {
    name: "EXM0000000000001",
    sap: 1,
    kind: "meter",
    find: (name, classId) =>
      objects.find(
        (object) => object.logicalName === name && (classId === undefined || object.interfaceClass.classId === classId),
      ),
    objects: () => objects,
  };
}

const namesOf = (names: ReturnType<ReturnType<typeof createShortNames>["of"]>) =>
  names.list().map(({ baseName, object }) => `${baseName.toString(16)} ${object.logicalName}`);

describe("base names", () => {
  it("are given in the order of the object list, those of the standard as it has them", () => {
    const names = createShortNames().of(
      device([data("0-0:42.0.0*255"), data("0-0:96.1.0*255"), register(1), data("0-0:96.1.1*255")]),
    );
    // Data has two attributes (16), Register a reset at 28 (48 bytes).
    expect(namesOf(names)).toEqual([
      "100 0-0:96.1.0*255",
      "110 8-0:1.0.1*255",
      "140 0-0:96.1.1*255",
      "fa00 0-0:40.0.0*255",
      "fd00 0-0:42.0.0*255",
    ]);
  });

  it("stay with an object as long as it exists; what it leaves is free again", () => {
    const objects = [register(1), register(2), register(3)];
    const names = createShortNames().of(device(objects));
    names.list();
    objects.splice(1, 1);
    objects.unshift(register(4), data("0-0:96.1.0*255"));
    expect(namesOf(names).slice(0, 4)).toEqual([
      "100 8-0:1.0.1*255",
      "130 8-0:1.0.4*255",
      "160 8-0:1.0.3*255",
      "190 0-0:96.1.0*255",
    ]);
    objects.push(register(2));
    expect(namesOf(names)[4]).toBe("1a0 8-0:1.0.2*255");
  });

  it("find an object that came after the list was read", () => {
    const objects = [register(1)];
    const names = createShortNames().of(device(objects));
    expect(names.resolve([0x138])).toEqual([undefined]);
    objects.push(register(2));
    expect(names.resolve([0x138])[0]).toMatchObject({ kind: "attribute", index: 2 });
    objects.pop();
    expect(names.resolve([0x138])).toEqual([undefined]);
  });

  it("leave out what finds no room, and never overlap", () => {
    const objects = Array.from({ length: 2000 }, (_, index) => register(index));
    const names = createShortNames().of(device(objects));
    // From 0100 to F9FF, 48 bytes each.
    const fitting = Math.floor((0xfa00 - 0x100) / 48);
    const list = names.list();
    expect(list).toHaveLength(fitting + 1);
    expect(list[fitting - 1]?.baseName).toBe(0x100 + 48 * (fitting - 1));
    expect(list[fitting]?.baseName).toBe(0xfa00);
    const starts = list.map(({ baseName }) => baseName);
    for (const [index, start] of starts.slice(1).entries()) {
      expect(start - (starts[index] ?? 0)).toBeGreaterThanOrEqual(48);
    }
  });

  it("may be given beforehand, where they can be base names", () => {
    const fixed = [{ classId: 3, logicalName: logicalName("8-0:1.0.1*255"), baseName: 0x0200 }];
    const names = createShortNames({ fixed }).of(device([register(2), register(1)]));
    expect(namesOf(names).slice(0, 2)).toEqual(["100 8-0:1.0.2*255", "200 8-0:1.0.1*255"]);
    for (const baseName of [0x0201, 0, 0xfa00, 0x10000]) {
      expect(() =>
        createShortNames({ fixed: [{ classId: 3, logicalName: logicalName("8-0:1.0.1*255"), baseName }] }),
      ).toThrow(RangeError);
    }
  });

  it("never hide an object behind another with the same fixed name", () => {
    const fixed = [1, 2].map((index) => ({
      classId: 3,
      logicalName: logicalName(`8-0:1.0.${index}*255`),
      baseName: 0x0200 + 8 * index,
    }));
    const names = createShortNames({ fixed }).of(device([register(1), register(2)]));
    expect(namesOf(names)).toEqual(["208 8-0:1.0.1*255", "fa00 0-0:40.0.0*255"]);
  });

  it("are the same for one device, whoever asks", () => {
    const names = createShortNames();
    const one = device([register(1)]);
    expect(names.of(one)).toBe(names.of(one));
    expect(names.of(device([]))).not.toBe(names.of(one));
  });
});

describe("offsets behind the base name", () => {
  /** First method of each class, as Blue Book and two other implementations have it. */
  it.each([
    [3, 0, 1, 0x28],
    [4, 0, 1, 0x38],
    [5, 0, 2, 0x50],
    [7, 1, 1, 0x58],
    [7, 1, 2, 0x60],
    [8, 0, 1, 0x60],
    [8, 0, 6, 0x88],
    [9, 0, 1, 0x20],
    [12, 2, 3, 0x30],
    [12, 2, 5, 0x40],
    [12, 2, 8, 0x58],
    [17, 0, 1, 0x20],
    [18, 0, 1, 0x40],
    [40, 0, 1, 0x38],
    [42, 0, 1, 0x60],
    [64, 1, 1, 0x30],
    [70, 0, 2, 0x28],
    [72, 0, 1, 0x60],
    [72, 1, 1, 0x70],
    [72, 1, 8, 0xa8],
  ] as const)("class %i version %i: method %i", (classId, version, index, offset) => {
    const interfaceClass = classById(classId, version);
    if (interfaceClass === undefined) throw new Error("the class is known");
    const layout = shortNameLayout(interfaceClass);
    expect(layout.offsetOf({ kind: "method", index })).toBe(offset);
    expect(layout.memberAt(offset)).toEqual({ kind: "method", index });
    expect(layout.memberAt(offset + 1)).toBeUndefined();
  });

  it.each(interfaceClasses.map((one) => [`${one.classId}/${one.version}`, one] as const))(
    "%s: each member has its own",
    (_, one) => {
      const { span, memberAt, offsetOf } = shortNameLayout(one);
      const members = one.attributeAt.flatMap((entry, index) =>
        entry === undefined ? [] : [{ kind: "attribute", index } as const],
      );
      for (const member of members) expect(offsetOf(member)).toBe(8 * (member.index - 1));
      const named = Array.from({ length: span / 8 }, (_entry, place) => memberAt(8 * place)).filter(
        (member) => member !== undefined,
      );
      const methods = one.methodAt.filter((entry) => entry !== undefined);
      expect(named).toHaveLength(members.length + methods.length);
    },
  );
});
