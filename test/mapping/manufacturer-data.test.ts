import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../cosem/index.js";
import { loadMaps } from "../../src/mapping/index.js";
import { readField } from "../../src/mapping/manufacturer-data.js";
import { corpusTelegrams } from "./support/corpus-telegrams.js";
import { memoryFixture, start } from "./support/mapping-fixture.js";

const { maps } = loadMaps();
const telegrams = new Map(corpusTelegrams().map(({ id, data }) => [id, data]));

async function served(...ids: readonly string[]) {
  const fixture = memoryFixture();
  const device = await fixture.install();
  for (const [index, id] of ids.entries()) {
    const outcome = await fixture.read(device, [toHex(telegrams.get(id) as Uint8Array)], start + index * 1000);
    expect(outcome.ok, outcome.message).toBe(true);
  }
  return Object.fromEntries(
    (device.meterKind?.objects ?? []).map((object) => {
      const value = device.value(object);
      return [object.logicalName, "value" in value ? [value.value, object.scaler] : null];
    }),
  );
}

describe("manufacturer-specific data that a map describes", () => {
  it("is served like records: a Hydroclima's temperatures and units as wmbusmeters has them", async () => {
    expect(await served("wmbusmeters/hydroclimav2-59872a")).toMatchObject({
      "4-0:7.0.0*255": [1866, -2],
      "4-0:7.5.0*255": [4751, -2],
      "4-0:7.1.0*255": [1578, -2],
      "4-0:3.1.0*255": [1747, -2],
    });
  });

  it("is read where its first byte says: a Hydrodigit with and without leak date", async () => {
    const plain = await served("wmbusmeters/hydrodigit-db20f8");
    expect(plain["0-0:96.6.3*255"]).toEqual([305, -2]);
    expect(plain["8-60:1.0.0*255"]).toEqual([15, -3]);
    expect(plain["8-0:1.0.0*9"]).toEqual([3414, -2]);
    const leak = await served("wmbusmeters/hydrodigit-9a89aa");
    expect(leak["8-60:1.0.0*255"]).toEqual([7, -3]);
    expect(leak["8-0:1.0.0*5"]).toEqual([3658, -2]);
    expect(leak["8-0:1.0.0*6"]).toBeNull();
  });

  it("has other contents in the next telegram of the same meter kind, under the same objects", async () => {
    const both = await served("wmbusmeters/hydrodigit-4b0056");
    expect(both["8-60:1.0.0*255"]).toEqual([1, -3]);
    expect(both["0-0:96.6.3*255"]).toEqual([320, -2]);
    expect(both["8-0:1.0.0*1"]).toBeNull();
  });

  it("is exact where the meter counts in binary fractions: a Zenner EDC", async () => {
    // 17.062 m3 and 7.1035 m3.
    expect(await served("wmbusmeters/zenner0b-4e5a35")).toMatchObject({
      "8-0:1.0.0*255": [1_706_200_000_000n, -11],
      "8-0:1.2.0*255": [710_350_000_000n, -11],
    });
  });

  it("gives a value or none for any bytes", () => {
    const fields = maps.flatMap(({ map }) => map.manufacturerData ?? []);
    expect(fields.length).toBeGreaterThan(15);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (data) => {
        for (const field of fields) expect(["integer", "invalid", "none"]).toContain(readField(field, data).kind);
      }),
    );
  });
});
