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

describe("types from JSON", () => {
  const { fromJson: dateTime } = types.dateTimeType;

  it.each([
    ["2026-11-22T11:00:00+01:00", "07ea0b16ff0b000000ffc4ff"],
    ["2026-11-22T11:00:00.25Z", "07ea0b16ff0b0000190000ff"],
    ["****-03-FET02:00:**", "ffff03feff0200ff008000ff"],
    ["07ea0b16070b000000ffc400", "07ea0b16070b000000ffc400"],
  ])("%s is the date-time %s", (json, hex) => {
    const data = types.dateTimeType.toData(dateTime(json));
    expect(data).toEqual({ type: "octet-string", value: fromHex(hex) });
  });

  it.each([["2026-13-01T00:00:00Z"], ["2026-11-22"], ["2026-11-22T24:00:00"], ["2026-11-22T11:00:00+15:00"], [7]])(
    "%s is no date-time",
    (json) => expect(() => dateTime(json)).toThrow(TypeUnmatched),
  );

  it("name themselves where nothing else tells", () => {
    expect(types.anyData.fromJson({ "long-unsigned": 5 })).toEqual({ type: "long-unsigned", value: 5 });
    expect(types.anyData.fromJson({ structure: [{ enum: 1 }, null, true, { "octet-string": "0aff" }] })).toEqual({
      type: "structure",
      value: [
        { type: "enum", value: 1 },
        { type: "null-data" },
        { type: "boolean", value: true },
        { type: "octet-string", value: Uint8Array.of(0x0a, 0xff) },
      ],
    });
    for (const json of [5, "5", [], {}, { unsigned: 256 }, { unsigned: "5" }, { number: 5 }, { date: "07ea" }]) {
      expect(() => types.anyData.fromJson(json)).toThrow(TypeUnmatched);
    }
  });

  it("refuse what is out of range or of another kind", () => {
    expect(() => types.unsigned.fromJson(256)).toThrow(TypeUnmatched);
    expect(() => types.unsigned.fromJson(1.5)).toThrow(TypeUnmatched);
    expect(() => types.long64.fromJson("9223372036854775808")).toThrow(TypeUnmatched);
    expect(types.long64.fromJson("-9223372036854775808")).toBe(-(2n ** 63n));
    expect(() => types.octetText.fromJson("€")).toThrow(TypeUnmatched);
    expect(() => types.octetString(2).fromJson("01")).toThrow(TypeUnmatched);
    expect(() => types.bitString.fromJson("012")).toThrow(TypeUnmatched);
    expect(() => types.scalUnitType.fromJson({ scaler: -3 })).toThrow(TypeUnmatched);
    expect(() => types.scalUnitType.fromJson({ scaler: -3, unit: 13, more: 1 })).toThrow(TypeUnmatched);
    expect(() => types.enumeration({ fifo: 1 }).fromJson("toString")).toThrow(ScopeOfAccessViolated);
    expect(() => objectIdentifierType.fromJson("2")).toThrow(TypeUnmatched);
  });

  it("take a bare value as the first alternative that fits, or the one that is named", () => {
    const word = types.choice({ bits: types.bitString, octets: types.octetString() });
    expect(word.fromJson("0101")).toMatchObject({ choice: "bits" });
    expect(word.fromJson("0a")).toMatchObject({ choice: "octets" });
    expect(word.fromJson({ octets: "0101" })).toEqual({ choice: "octets", value: Uint8Array.of(1, 1) });
    expect(() => word.fromJson({ octets: "x" })).toThrow(TypeUnmatched);
  });
});
