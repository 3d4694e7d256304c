/** What a meter's device has beside its values, in both profiles, and what one request sees of it. */
import { describe, expect, it } from "vitest";
import { type Data, logicalName, mbusLinkStatus } from "../../cosem/index.js";
import type { MeterServing } from "../../src/mapping/index.js";
import { plainServing } from "../../src/mapping/serving.js";
import { readAttributes } from "../../src/views/dlms/registry-calls.js";
import { everything, heatHeader, mappingOver, memoryFixture, readAttribute, start } from "./support/mapping-fixture.js";
import { MemoryStore } from "./support/memory-store.js";

const minute = 60_000;
const telegram = `${heatHeader("12345678", "10")} 04 06 E8030000 04 14 39300000`;
const unsigned = (value: number): Data => ({ type: "double-long-unsigned", value });

async function meterServed(more: Partial<MeterServing>) {
  const fixture = mappingOver(new MemoryStore(), undefined, { serving: { ...plainServing, ...more } });
  const device = await fixture.install();
  await fixture.read(device, [telegram]);
  const value = (name: string, index: number) => readAttribute(fixture.registry, device, name, index);
  return { ...fixture, device, value };
}

describe("M-Bus client of a meter", () => {
  it("says who the meter is and which records it sends", async () => {
    const { value } = await meterServed({
      portOf: () => logicalName("0-2:24.6.0*255"),
      hasKey: () => true,
    });
    const name = "0-0:24.1.0*255";
    const octets = (...bytes: number[]): Data => ({ type: "octet-string", value: Uint8Array.from(bytes) });
    expect(await value(name, 2)).toEqual(octets(0, 2, 24, 6, 0, 255));
    expect(await value(name, 3)).toEqual({
      type: "array",
      value: [
        { type: "structure", value: [octets(0x04), octets(0x06)] },
        { type: "structure", value: [octets(0x04), octets(0x14)] },
      ],
    });
    expect(await value(name, 5)).toEqual({ type: "unsigned", value: 1 });
    expect(await value(name, 6)).toEqual(unsigned(0x12345678));
    // 2C2D, as in the telegram: K, A, M as 5 bits each.
    expect(await value(name, 7)).toEqual({ type: "long-unsigned", value: 0x2c2d });
    expect(await value(name, 8)).toEqual({ type: "unsigned", value: 8 });
    expect(await value(name, 9)).toEqual({ type: "unsigned", value: 4 });
    expect(await value(name, 10)).toEqual({ type: "unsigned", value: 0x2a });
    expect(await value(name, 11)).toEqual({ type: "unsigned", value: 0x10 });
    // A key is set, and this telegram came in plain.
    expect(await value(name, 14)).toEqual({ type: "enum", value: 1 });
  });

  it("is of version 0 where the settings say so", async () => {
    const { device } = await meterServed({ mbusClientVersion: 0 });
    const object = device.find(logicalName("0-0:24.1.0*255"), 72);
    expect(object?.interfaceClass.version).toBe(0);
  });

  it("has a diagnostic beside it where the meter is heard by radio", async () => {
    const name = logicalName("0-0:24.9.0*255");
    const wired = await meterServed({});
    expect(wired.device.find(name, 77)).toBeUndefined();
    const reception = { rssiDbm: -71, count: 12, lastAtMs: start, linkStatus: mbusLinkStatus.normal };
    const { device, value } = await meterServed({ isWireless: () => true, receptionOf: () => reception });
    expect([...device.objects()].filter((object) => object.interfaceClass.classId === 77)).toHaveLength(1);
    expect(await value(name, 2)).toEqual({ type: "unsigned", value: 71 });
    expect(await value(name, 4)).toEqual({ type: "enum", value: 1 });
    expect(await value(name, 7)).toEqual(unsigned(12));
  });
});

describe("a meter's device", () => {
  it("lists no object twice, and finds each that it lists", async () => {
    for (const profile of ["open", "cme3100"] as const) {
      const { device } = await meterServed({ profile });
      const listed = [...device.objects()].map((object) => [object.logicalName, object.interfaceClass] as const);
      expect(new Set(listed.map(([name, { classId }]) => `${classId}:${name}`)).size).toBe(listed.length);
      for (const [name, { classId, version }] of listed) {
        expect(device.find(name, classId)?.interfaceClass).toMatchObject({ classId, version });
        expect(device.find(name, undefined)).toBeDefined();
      }
    }
  });

  it("leaves a name to the record that was given it before the device had an object there", async () => {
    const store = new MemoryStore();
    const before = mappingOver(store);
    const device = await before.install();
    await before.read(device, [telegram]);
    // As an older version could have kept it: a record on the load profile's name, told apart by its class alone.
    const [row] = store.kindObjects;
    if (row === undefined) throw new Error("no object");
    store.kindObjects[0] = { ...row, classId: 1, logicalName: "0-0:96.11.0*255" };
    const after = mappingOver(store);
    after.mapping.load(await store.load());
    const again = after.mapping.device(device.row.id);
    if (again === undefined) throw new Error("no device");
    expect(await readAttribute(after.registry, again, "0-0:96.11.0*255", 2)).toEqual({
      type: "double-long",
      value: 1000,
    });
    const names = [...again.objects()].map((object) => `${object.interfaceClass.classId}:${object.logicalName}`);
    expect(names.filter((name) => name === "1:0-0:96.11.0*255")).toHaveLength(1);
  });

  it("answers a cme3100's request for a profile with at most 1000 rows", async () => {
    const fixture = mappingOver(new MemoryStore(), undefined, { serving: { ...plainServing, profile: "cme3100" } });
    const device = await fixture.install();
    for (let number = 0; number < 1003; number++) await fixture.read(device, [telegram], start + number * minute);
    const rows = await readAttribute(fixture.registry, device, "1-0:99.1.0*255", 2);
    if (rows.type !== "array") throw new Error(rows.type);
    expect(rows.value).toHaveLength(1000);
    // The newest of the whole buffer: 11:03 is the first of them.
    const first = rows.value[0]?.type === "structure" ? rows.value[0].value[0] : undefined;
    expect(first).toEqual({
      type: "octet-string",
      value: Uint8Array.of(0x07, 0xea, 11, 22, 7, 11, 3, 0, 0, 0, 0, 0),
    });
  });
});

describe("one GET-with-list", () => {
  it("shows one reading, value and times, though another is committed before all of it is answered", async () => {
    const fixture = memoryFixture();
    const device = await fixture.install();
    await fixture.read(device, [telegram]);
    const at = (classId: number, name: string, attributeIndex: number) => ({
      classId,
      logicalName: logicalName(name),
      attributeIndex,
      selectiveAccess: undefined,
    });
    const caller = {
      registry: fixture.registry,
      device,
      principal: everything,
      onFault: (error: unknown) => {
        throw error;
      },
    };
    // The number of rows must be asked of the store: the list waits for it.
    const answer = readAttributes(caller, [
      at(4, "6-0:1.0.0*255", 2),
      at(7, "6-0:99.1.0*255", 7),
      at(4, "6-0:1.0.0*255", 5),
      at(7, "6-0:99.1.0*255", 2),
      at(4, "6-0:1.0.0*255", 2),
    ]);
    expect(answer).toBeInstanceOf(Promise);
    await fixture.read(device, [`${heatHeader("12345678")} 04 06 D0070000 04 14 39300000`], start + minute);
    const { answers } = await answer;
    expect(answers.map((one) => (one.kind === "data" ? one.data : one))).toEqual([
      { type: "double-long", value: 1000 },
      unsigned(1),
      { type: "octet-string", value: Uint8Array.of(0x07, 0xea, 11, 22, 7, 11, 0, 0, 0, 0, 0, 0) },
      { kind: "stream", count: 1 },
      { type: "double-long", value: 1000 },
    ]);
    expect(await readAttribute(fixture.registry, device, "6-0:1.0.0*255", 2)).toEqual({
      type: "double-long",
      value: 2000,
    });
  });
});
