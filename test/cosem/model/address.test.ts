import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress, logicalName, parseAddress, parseLogicalName } from "../../../cosem/index.js";

const group = fc.integer({ min: 0, max: 255 });
const name = fc
  .tuple(group, group, group, group, group, group)
  .map(([a, b, c, d, e, f]) => logicalName(`${a}-${b}:${c}.${d}.${e}*${f}`));

describe("logical names", () => {
  it("are equal strings where codes are equal, however they were written", () => {
    expect(parseLogicalName("8-0:1.0.0*255")).toBe("8-0:1.0.0*255");
    expect(parseLogicalName("8-0:1.0.0")).toBe("8-0:1.0.0*255");
    expect(parseLogicalName("8.0.1.0.0.255")).toBe("8-0:1.0.0*255");
    expect(parseLogicalName("008-00:01.0.0*255")).toBe("8-0:1.0.0*255");
  });

  it.each(["", "1-0:1.8.0*256", "256-0:1.8.0", "1-0:1.8", "1-0:1.8.0*", "1.0.1.8.0", "-1-0:1.8.0", "1-0:1.8.0*255 "])(
    "are not %j",
    (text) => {
      expect(parseLogicalName(text)).toBeUndefined();
      expect(() => logicalName(text)).toThrow(RangeError);
    },
  );
});

describe("addresses", () => {
  it("name device, class, object and attribute", () => {
    expect(parseAddress("GWF19458309073C/8-0:1.0.0*255/2")).toEqual({
      device: "GWF19458309073C",
      logicalName: "8-0:1.0.0*255",
      attributeIndex: 2,
    });
    expect(parseAddress("gateway/3:8-0:1.0.0")).toEqual({
      device: "gateway",
      classId: 3,
      logicalName: "8-0:1.0.0*255",
    });
  });

  it.each([
    "",
    "gateway",
    "gateway/",
    "/8-0:1.0.0*255",
    "gateway/8-0:1.0.0*255/",
    "gateway/8-0:1.0.0*255/2/1",
    "gateway/8-0:1.0.0*255/128",
    "gateway/65536:8-0:1.0.0*255",
    "gate way/8-0:1.0.0*255",
    "gateway/8-0:1.0.0*300/2",
  ])("are not %j", (text) => expect(parseAddress(text)).toBeUndefined());

  it("come back from their printed form", () => {
    const address = fc.record(
      {
        device: fc.stringMatching(/^[A-Za-z0-9_-]{1,16}$/),
        classId: fc.integer({ min: 0, max: 65535 }),
        logicalName: name,
        attributeIndex: fc.integer({ min: 0, max: 127 }),
      },
      { requiredKeys: ["device", "logicalName"] },
    );
    fc.assert(
      fc.property(address, (value) => {
        expect(parseAddress(formatAddress(value))).toEqual(value);
      }),
    );
  });
});
