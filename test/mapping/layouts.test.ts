import { describe, expect, it } from "vitest";
import { fromHex, logicalName } from "../../cosem/index.js";
import type { MeterDevice } from "../../src/mapping/index.js";
import { compileLayout, shapeOf } from "../../src/mbus/index.js";
import { heatHeader, mappingOver, memoryFixture, readAttribute, start } from "./support/mapping-fixture.js";

const head = heatHeader("12345678");

function served(device: MeterDevice): Record<string, unknown> {
  const entries = (device.own?.objects ?? []).map((object) => [object.logicalName, device.value(object)]);
  return Object.fromEntries(entries);
}

describe("a second shape of one kind", () => {
  it("adds objects at the end and leaves what it lacks null", async () => {
    const { install, read, store } = memoryFixture();
    const device = await install();
    await read(device, [`${head} 04 06 D2040000 04 14 39300000`]);
    await read(device, [`${head} 04 14 3A300000 02 5A 2B02`], start + 60_000);
    expect(served(device)).toEqual({
      "6-0:1.0.0*255": { type: "null-data" },
      "6-0:2.0.0*255": { type: "double-long", value: 12346 },
      "6-0:10.0.0*255": { type: "long", value: 555 },
    });
    expect(store.kindObjects.map((row) => row.position)).toEqual([0, 1, 2]);
    expect(store.layouts).toHaveLength(2);
    await read(device, [`${head} 04 06 D2040000 04 14 39300000`], start + 120_000);
    expect(store.layouts).toHaveLength(2);
  });

  it("in another order keeps the objects: identity is what the record says", async () => {
    const { install, read, store } = memoryFixture();
    const device = await install();
    await read(device, [`${head} 04 06 D2040000 04 14 39300000`]);
    await read(device, [`${head} 04 14 3A300000 04 06 D3040000`], start + 60_000);
    expect(store.kindObjects).toHaveLength(2);
    expect(served(device)["6-0:1.0.0*255"]).toEqual({ type: "double-long", value: 1235 });
  });

  it("with a record error keeps the object and tells it by its status", async () => {
    const { install, read, registry, store } = memoryFixture();
    const device = await install();
    await read(device, [`${head} 04 06 D2040000`]);
    expect(await readAttribute(registry, device, "6-0:1.0.0*255", 4)).toEqual({ type: "unsigned", value: 0 });
    // VIFE 15: no data available.
    await read(device, [`${head} 04 86 15 00000000`], start + 60_000);
    expect(store.kindObjects).toHaveLength(1);
    expect(await readAttribute(registry, device, "6-0:1.0.0*255", 4)).toEqual({ type: "unsigned", value: 2 });
  });

  it("with an invalid value serves null-data and says so", async () => {
    const { install, read, registry } = memoryFixture();
    const device = await install();
    await read(device, [`${head} 0C 06 78563412`]);
    await read(device, [`${head} 0C 06 DDB4EBDD`], start + 60_000);
    expect(await readAttribute(registry, device, "6-0:1.0.0*255", 2)).toEqual({ type: "null-data" });
    expect(await readAttribute(registry, device, "6-0:1.0.0*255", 4)).toEqual({ type: "unsigned", value: 5 });
  });
});

describe("two meters of one kind", () => {
  const energy = "04 06 D2040000";
  const volume = "04 14 39300000";
  const flow = "02 5A 2B02";
  const names = (device: MeterDevice) => device.own?.objects.map((object) => object.logicalName);

  it("each serve what they have sent themselves, in the order in which they sent it, after a restart too", async () => {
    const { install, read, store } = memoryFixture();
    const [one, other] = [await install(), await install()];
    const otherHead = heatHeader("12345679");
    await read(one, [`${head} ${energy} ${volume}`]);
    await read(other, [`${otherHead} ${flow}`]);
    expect(names(one)).toEqual(["6-0:1.0.0*255", "6-0:2.0.0*255"]);
    expect(names(other)).toEqual(["6-0:10.0.0*255"]);
    expect(other.find(logicalName("6-0:1.0.0*255"), undefined)).toBeUndefined();
    await read(other, [`${otherHead} ${volume}`], start + 60_000);
    await read(one, [`${head} ${energy} ${volume}`], start + 60_000);
    expect(names(other)).toEqual(["6-0:10.0.0*255", "6-0:2.0.0*255"]);
    expect(other.own?.registers.map((object) => object.logicalName)).toEqual(names(other));
    const again = mappingOver(store);
    again.mapping.load(await store.load());
    const meters = [...again.mapping.devices()];
    expect(meters.map(names)).toEqual([names(one), names(other)]);
  });

  it("share no object that only the other's value needed", async () => {
    const { install, read } = memoryFixture();
    const [one, other] = [await install(), await install()];
    await read(one, [`${head} ${energy}`]);
    await read(other, [`${heatHeader("12345679")} ${energy}`]);
    await read(other, [`${heatHeader("12345679")} 04 05 39300000`], start + 60_000);
    expect(names(one)).toEqual(["6-0:1.0.0*255"]);
    expect(names(other)).toEqual(["6-0:1.0.0*255", "6-32:1.0.0*255"]);
  });
});

describe("a bad record", () => {
  const good = "04 06 D2040000";

  it("makes no object, and the good ones around it are mapped", async () => {
    const { install, read, store } = memoryFixture();
    const device = await install();
    // Reserved LVAR F7 behind the volume's VIF; a lone 7F; 11 DIFEs.
    for (const [index, records] of [
      `${good} 0D 14 F7 0102`,
      `7F ${good}`,
      `81${"80".repeat(10)}00 14 05 ${good}`,
    ].entries()) {
      const outcome = await read(device, [`${head} ${records}`], start + index * 60_000);
      expect(outcome.ok, outcome.message).toBe(true);
      expect(served(device)).toEqual({ "6-0:1.0.0*255": { type: "double-long", value: 1234 } });
    }
    expect(store.kindObjects).toHaveLength(1);
  });

  it("leaves the object of the good one without value, until it is good again", async () => {
    const { install, read, registry, store } = memoryFixture();
    const device = await install();
    const volume = "6-0:2.0.0*255";
    await read(device, [`${head} ${good} 0D 13 C4 78563412`]);
    expect(await readAttribute(registry, device, volume, 2)).toMatchObject({ value: 12345678n });
    await read(device, [`${head} ${good} 0D 13 F7 78563412`], start + 60_000);
    expect(await readAttribute(registry, device, volume, 2)).toEqual({ type: "null-data" });
    expect(await readAttribute(registry, device, volume, 4)).toEqual({ type: "unsigned", value: 1 });
    expect(await readAttribute(registry, device, "6-0:1.0.0*255", 2)).toMatchObject({ value: 1234 });
    await read(device, [`${head} ${good} 0D 13 C4 79563412`], start + 120_000);
    expect(await readAttribute(registry, device, volume, 2)).toMatchObject({ value: 12345679n });
    expect(store.kindObjects).toHaveLength(2);
  });

  it("is kept with its layout: the sample that the store has gives the same shape", async () => {
    const { install, read, store } = memoryFixture();
    const device = await install();
    const payloads = [`${head} ${good} 0D 14 F7 0102`, `${head} ${good} 3F 0102`];
    for (const [index, payload] of payloads.entries()) await read(device, [payload], start + index * 60_000);
    for (const row of store.layouts) expect(shapeOf(row.shape)).toEqual(compileLayout(row.shape).shape);
    await read(device, [`${head} ${good} 0D 14 F7 01020304`], start + 120_000);
    expect(store.layouts).toHaveLength(2);
  });
});

describe("a readout that cannot be decoded", () => {
  it("leaves what came to be looked at, until a good one comes", async () => {
    const { install, read } = memoryFixture();
    const device = await install();
    const cut = `${head} 04 06 D204`;
    expect((await read(device, [cut])).ok).toBe(false);
    expect(device.refused?.bytes).toEqual({ kind: "wired", frames: [fromHex(cut.replaceAll(" ", ""))] });
    await read(device, [`${head} 04 06 D2040000`], start + 60_000);
    expect(device.refused).toBeUndefined();
    expect(device.received).toEqual({ number: 1, bytes: undefined });
  });
});

describe("a telegram in another scale", () => {
  it("is converted exactly where the exponent is coarser", async () => {
    const { install, read, store } = memoryFixture();
    const device = await install();
    // 100 Wh (VIF 05), then kWh (VIF 06): 1234 kWh = 12340 x 100 Wh.
    await read(device, [`${head} 04 05 D2040000`]);
    await read(device, [`${head} 04 06 D2040000`], start + 60_000);
    expect(served(device)).toEqual({ "6-0:1.0.0*255": { type: "double-long", value: 12340 } });
    expect(store.kindObjects).toHaveLength(1);
  });

  it("gets a new object where the exponent is finer, and the old one keeps its scale", async () => {
    const { install, read, store, logger } = memoryFixture();
    const device = await install();
    await read(device, [`${head} 04 06 D2040000`]);
    await read(device, [`${head} 04 05 39300000`], start + 60_000);
    expect(served(device)).toEqual({
      "6-0:1.0.0*255": { type: "null-data" },
      "6-32:1.0.0*255": { type: "double-long", value: 12345 },
    });
    expect(store.kindObjects.map((row) => row.scaler)).toEqual([3, 2]);
    expect(logger.lines.some((line) => line.message.includes("changed its unit or scale"))).toBe(true);
    await read(device, [`${head} 04 06 D2040000`], start + 120_000);
    expect(served(device)["6-0:1.0.0*255"]).toEqual({ type: "double-long", value: 1234 });
  });

  it("gets a new object where the unit is another", async () => {
    const { install, read, store } = memoryFixture();
    const device = await install();
    await read(device, [`${head} 04 06 D2040000`]);
    await read(device, [`${head} 04 0F D2040000`], start + 60_000);
    expect(store.kindObjects.map((row) => row.unit)).toEqual([30, 25]);
    expect(new Set(store.kindObjects.map((row) => row.logicalName)).size).toBe(2);
  });

  it("gets a new object for a number that its type cannot hold, and only for such", async () => {
    const { install, read } = memoryFixture();
    const device = await install();
    await read(device, [`${head} 02 06 0100`]);
    await read(device, [`${head} 04 06 FF7F0000`], start + 60_000);
    expect(served(device)).toEqual({ "6-0:1.0.0*255": { type: "long", value: 32767 } });
    await read(device, [`${head} 04 06 00800000`], start + 120_000);
    expect(served(device)).toEqual({
      "6-0:1.0.0*255": { type: "null-data" },
      "6-32:1.0.0*255": { type: "double-long", value: 32768 },
    });
  });
});

describe("codes", () => {
  it("of tariffs, subunits, storages and repeated records are distinct", async () => {
    const { install, read } = memoryFixture();
    const device = await install();
    const records = [
      "04 06 01000000",
      "84 10 06 02000000",
      "84 20 06 03000000",
      "84 40 06 04000000",
      "44 06 05000000",
      "84 01 06 06000000",
      "14 06 07000000",
      "04 06 08000000",
    ];
    await read(device, [`${head} ${records.join(" ")}`]);
    expect(Object.entries(served(device))).toEqual(
      [
        ["6-0:1.0.0*255", 1],
        ["6-0:1.0.1*255", 2],
        ["6-0:1.0.2*255", 3],
        ["6-1:1.0.0*255", 4],
        ["6-0:1.2.0*255", 5],
        ["6-0:1.0.0*2", 6],
        ["6-0:1.5.0*255", 7],
        ["6-32:1.0.0*255", 8],
      ].map(([name, value]) => [name, { type: "double-long", value }]),
    );
  });

  it("of records that no map knows are in the manufacturer range, counted up and kept", async () => {
    const { install, read, store } = memoryFixture();
    const device = await install();
    await read(device, [`${head} 01 FF 01 05 02 FF 02 0600`]);
    await read(device, [`${head} 02 FF 02 0700 01 FF 01 05 01 FF 03 09`], start + 60_000);
    expect(store.kindObjects.map((row) => [row.logicalName, row.unmapped])).toEqual([
      ["6-0:128.0.0*255", true],
      ["6-0:128.0.1*255", true],
      ["6-0:128.0.2*255", true],
    ]);
    expect(served(device)["6-0:128.0.1*255"]).toEqual({ type: "long", value: 7 });
  });

  it("find objects by name and class", async () => {
    const { install, read } = memoryFixture();
    const device = await install();
    await read(device, [`${head} 04 06 D2040000 04 6D 1E0C5F31`]);
    expect(device.find(logicalName("6-0:1.0.0*255"), undefined)?.interfaceClass.classId).toBe(4);
    expect(device.find(logicalName("6-0:1.0.0*255"), 3)).toBeUndefined();
    expect(device.find(logicalName("0-0:1.0.0*255"), 1)?.interfaceClass.classId).toBe(1);
    expect(device.find(logicalName("0-0:42.0.0*255"), undefined)?.interfaceClass.classId).toBe(1);
    expect(device.find(logicalName("6-0:99.1.0*255"), 7)?.interfaceClass.classId).toBe(7);
  });
});
