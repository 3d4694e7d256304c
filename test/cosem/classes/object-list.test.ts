import { describe, expect, it } from "vitest";
import { decodeData, fromHex, readObjectList } from "../../../cosem/index.js";

/** Association LN 0-0:40.0.0 of a version, without rights; Data 0-0:96.1.0 with attribute 2 and method 1 as given. */
function list(version: string, attributeMode: string, methods: string) {
  const association = `0204 12000f 11${version} 0906 0000280000ff 0202 0100 0100`;
  const data = `0204 120001 1100 0906 0000600100ff 0202 0101 0203 0f02 16${attributeMode} 0101 0f01 ${methods}`;
  return decodeData(fromHex(`0102 ${association} ${data}`.replaceAll(" ", "")));
}
const method = (mode: string) => `0101 0202 0f01 ${mode}`;

function rightsIn(version: string, attributeMode: string, mode: string) {
  const data = readObjectList(list(version, attributeMode, method(mode)))[1];
  return [data?.attributes.get(2), data?.methods.get(1)];
}

describe("an object list", () => {
  it.each([
    ["00", "03", "0301", [3, 1]],
    ["00", "01", "0300", [1, 0]],
    ["01", "03", "1601", [3, 1]],
    ["01", "06", "1602", [0x07, 0x05]],
    ["02", "04", "1600", [0x05, 0]],
    ["03", "06", "1625", [0x06, 0x25]],
    ["03", "6d", "1601", [0x6d, 1]],
  ])("of version %s with modes %s and %s has bits", (version, attributeMode, mode, bits) => {
    expect(rightsIn(version, attributeMode, mode)).toEqual(bits);
  });

  it("names objects and selectors", () => {
    const [association, data] = readObjectList(list("01", "01", "0100"));
    expect([association?.classId, association?.version, association?.logicalName]).toEqual([15, 1, "0-0:40.0.0*255"]);
    expect(data?.selectors).toEqual(new Map([[2, [1]]]));
    expect(association?.selectors.size).toBe(0);
  });

  it("is refused where it is none", () => {
    expect(() => readObjectList(decodeData(fromHex("0900")))).toThrow("array");
    expect(() => readObjectList(decodeData(fromHex("01010201120001")))).toThrow("structure");
  });
});
