import { describe, expect, it } from "vitest";
import {
  type Data,
  decodeObjectIdentifier,
  encodeObjectIdentifier,
  fromHex,
  logicalName,
  objectIdentifierType,
  toHex,
  types,
} from "../../../cosem/index.js";

const { TypeUnmatched, ScopeOfAccessViolated } = types;

describe("types of values", () => {
  it("refuse data of another type", () => {
    expect(() => types.doubleLongUnsigned.fromData({ type: "long-unsigned", value: 1 })).toThrow(TypeUnmatched);
    expect(() => types.octetString(6).fromData({ type: "octet-string", value: new Uint8Array(5) })).toThrow(
      TypeUnmatched,
    );
    expect(() => types.dateTimeType.fromData({ type: "octet-string", value: new Uint8Array(11) })).toThrow(
      TypeUnmatched,
    );
    expect(() => types.array(types.integer).fromData({ type: "array", value: [{ type: "long", value: 1 }] })).toThrow(
      TypeUnmatched,
    );
    expect(() => types.numeric.fromData({ type: "array", value: [] })).toThrow(TypeUnmatched);
    expect(() => types.scalUnitType.fromData({ type: "structure", value: [{ type: "integer", value: 1 }] })).toThrow(
      TypeUnmatched,
    );
  });

  it("refuse an enum code that is not declared as out of scope, not as another type", () => {
    const sort = types.enumeration({ fifo: 1, lifo: 2 });
    expect(sort.fromData({ type: "enum", value: 2 })).toBe(2);
    expect(() => sort.fromData({ type: "enum", value: 3 })).toThrow(ScopeOfAccessViolated);
    expect(sort.toJson(1)).toBe("fifo");
  });

  it("order the fields of a structure as declared", () => {
    const data = types.scalUnitType.toData({ unit: 13, scaler: -3 });
    expect(data).toEqual({
      type: "structure",
      value: [
        { type: "integer", value: -3 },
        { type: "enum", value: 13 },
      ],
    });
    expect(types.scalUnitType.fromData(data)).toEqual({ scaler: -3, unit: 13 });
  });

  it("take the first alternative of a choice that fits", () => {
    const selectors = types.choice({ none: types.nullType, list: types.array(types.integer) });
    expect(selectors.fromData({ type: "null-data" })).toEqual({ choice: "none", value: null });
    const list: Data = { type: "array", value: [{ type: "integer", value: 1 }] };
    expect(selectors.fromData(list)).toEqual({ choice: "list", value: [1] });
    expect(selectors.toData({ choice: "list", value: [1] })).toEqual(list);
    expect(selectors.toJson({ choice: "list", value: [1] })).toEqual([1]);
    expect(() => selectors.fromData({ type: "integer", value: 1 })).toThrow(TypeUnmatched);
  });

  it("show 64-bit integers as text beyond 2^53", () => {
    expect(types.long64Unsigned.toJson(9007199254740991n)).toBe(9007199254740991);
    expect(types.long64Unsigned.toJson(9007199254740993n)).toBe("9007199254740993");
  });

  it("carry logical device names as octets", () => {
    const data = types.octetText.toData("EXM0000000000001");
    expect(data).toEqual({ type: "octet-string", value: fromHex("45584d30303030303030303030303031") });
    expect(types.octetText.fromData(data)).toBe("EXM0000000000001");
  });

  it("write a logical name as its six octets", () => {
    const data = types.logicalNameType.toData(logicalName("0-0:43.0.0*255"));
    expect(data).toEqual({ type: "octet-string", value: fromHex("00002b0000ff") });
  });
});

describe("object identifiers", () => {
  /** services.json, get-association-attributes. */
  it.each([
    ["60857405080101", [2, 16, 756, 5, 8, 1, 1]],
    ["60857405080201", [2, 16, 756, 5, 8, 2, 1]],
  ])("%s is %j", (hex, arcs) => {
    expect(decodeObjectIdentifier(fromHex(hex))).toEqual(arcs);
    expect(toHex(encodeObjectIdentifier(arcs))).toBe(hex);
    expect(objectIdentifierType.toJson(arcs)).toBe(arcs.join("."));
  });

  it("are taken as a structure too", () => {
    const value = [2, 16, 756, 5, 8, 1, 1].map(
      (arc): Data => (arc > 255 ? { type: "long-unsigned", value: arc } : { type: "unsigned", value: arc }),
    );
    expect(objectIdentifierType.fromData({ type: "structure", value })).toEqual([2, 16, 756, 5, 8, 1, 1]);
  });

  it.each(["", "6085", "608001", "60ffffffffffffffffff7f"])("are not %j", (hex) => {
    expect(() => decodeObjectIdentifier(fromHex(hex))).toThrow(/objectIdentifier/);
    expect(() => objectIdentifierType.fromData({ type: "octet-string", value: fromHex(hex) })).toThrow(
      ScopeOfAccessViolated,
    );
  });
});
