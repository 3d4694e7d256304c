import { describe, expect, it } from "vitest";
import { type Data, logicalName, logicalNameToBytes } from "../../cosem/index.js";
import type { MappingStore, MeterDevice } from "../../src/mapping/index.js";
import {
  everything,
  type Fixture,
  heatHeader,
  memoryFixture,
  readAttribute,
  start,
} from "./support/mapping-fixture.js";

const minute = 60_000;
const profile = "6-0:99.1.0*255";

/** Readings 1 … count, a minute apart; the energy is 1000 + number. */
async function history(fixture: Fixture<MappingStore & { rows?: unknown }>, count: number): Promise<MeterDevice> {
  const device = await fixture.install();
  for (let number = 1; number <= count; number++) {
    const energy = 1000 + number;
    const bytes = [energy & 0xff, energy >> 8, 0, 0].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const telegram = `${heatHeader("12345678", "10")} 04 06 ${bytes} 04 14 39300000`;
    await fixture.read(device, [telegram], start + number * minute);
  }
  return device;
}

const unsigned = (value: number): Data => ({ type: "double-long-unsigned", value });
const word = (value: number): Data => ({ type: "long-unsigned", value });

function column(classId: number, name: string): Data {
  return {
    type: "structure",
    value: [
      word(classId),
      { type: "octet-string", value: logicalNameToBytes(logicalName(name)) },
      { type: "integer", value: 2 },
      word(0),
    ],
  };
}

const clock = column(8, "0-0:1.0.0*255");

/** 2026-11-22 11:`minutes` UTC as the clock shows it. */
const time = (minutes: number): Data => ({
  type: "octet-string",
  value: Uint8Array.of(0x07, 0xea, 11, 22, 7, 11, minutes, 0, 0, 0, 0, 0),
});

const byRange = (from: Data, to: Data, columns: readonly Data[] = [], restricting = clock) => ({
  selector: 1,
  parameters: { type: "structure", value: [restricting, from, to, { type: "array", value: columns }] } as Data,
});

const byEntry = (from: number, to: number, fromColumn = 1, toColumn = 0) => ({
  selector: 2,
  parameters: { type: "structure", value: [unsigned(from), unsigned(to), word(fromColumn), word(toColumn)] } as Data,
});

/** Energies of the rows, from the given cell. */
function energies(buffer: Data, cell = 3): readonly unknown[] {
  if (buffer.type !== "array") throw new Error(buffer.type);
  return buffer.value.map((row) => {
    const value = row.type === "structure" ? row.value[cell] : undefined;
    return value?.type === "double-long" ? value.value : value?.type;
  });
}

describe("load profile 1", () => {
  it("has clock, status, quality, then all registers as columns", async () => {
    const fixture = memoryFixture();
    const device = await history(fixture, 1);
    expect(await readAttribute(fixture.registry, device, profile, 3)).toEqual({
      type: "array",
      value: [
        clock,
        column(1, "0-0:96.5.0*255"),
        column(1, "0-0:97.97.0*255"),
        column(4, "6-0:1.0.0*255"),
        column(4, "6-0:2.0.0*255"),
      ],
    });
  });

  it("gives every reading with its time and status", async () => {
    const fixture = memoryFixture();
    const device = await history(fixture, 2);
    expect(await readAttribute(fixture.registry, device, profile, 2)).toEqual({
      type: "array",
      value: [1, 2].map((number) => ({
        type: "structure",
        value: [
          time(number),
          { type: "unsigned", value: 0x10 },
          // Status byte 10: the meter tells of a temporary error; quality bit 16.
          word(16),
          { type: "double-long", value: 1000 + number },
          { type: "double-long", value: 12345 },
        ],
      })),
    });
    expect(await readAttribute(fixture.registry, device, profile, 7)).toEqual(unsigned(2));
    expect(await readAttribute(fixture.registry, device, profile, 5)).toEqual({ type: "enum", value: 1 });
    expect(await readAttribute(fixture.registry, device, profile, 4)).toEqual(unsigned(0));
  });

  it("selects by range, both ends included, in the wanted columns", async () => {
    const fixture = memoryFixture();
    const device = await history(fixture, 9);
    const { registry } = fixture;
    const all = (access: ReturnType<typeof byRange>) => readAttribute(registry, device, profile, 2, access);
    expect(energies(await all(byRange(time(3), time(5))))).toEqual([1003, 1004, 1005]);
    expect(energies(await all(byRange(time(8), time(59))))).toEqual([1008, 1009]);
    expect(energies(await all(byRange(time(20), time(30))))).toEqual([]);
    expect(energies(await all(byRange(time(5), time(3))))).toEqual([]);
    const twoColumns = byRange(time(9), time(9), [column(4, "6-0:1.0.0*255"), clock]);
    expect(await all(twoColumns)).toEqual({
      type: "array",
      value: [{ type: "structure", value: [{ type: "double-long", value: 1009 }, time(9)] }],
    });
  });

  it("refuses a range over another column than the clock", async () => {
    const fixture = memoryFixture();
    const device = await history(fixture, 1);
    const access = byRange(time(1), time(2), [], column(4, "6-0:1.0.0*255"));
    await expect(readAttribute(fixture.registry, device, profile, 2, access)).rejects.toThrow("scopeOfAccessViolated");
  });

  it("selects by entry, from 1, to 0 being the end", async () => {
    const fixture = memoryFixture();
    const device = await history(fixture, 9);
    const { registry } = fixture;
    const all = (access: ReturnType<typeof byEntry>) => readAttribute(registry, device, profile, 2, access);
    expect(energies(await all(byEntry(2, 4)))).toEqual([1002, 1003, 1004]);
    expect(energies(await all(byEntry(8, 0)))).toEqual([1008, 1009]);
    expect(energies(await all(byEntry(8, 100)))).toEqual([1008, 1009]);
    expect(energies(await all(byEntry(10, 0)))).toEqual([]);
    expect(energies(await all(byEntry(4, 2)))).toEqual([]);
    expect(energies(await all(byEntry(1, 1, 4, 4)), 0)).toEqual([1001]);
  });

  it("counts entries from the oldest one kept", async () => {
    const fixture = memoryFixture();
    const device = await history(fixture, 5);
    fixture.store.rows.splice(0, 2);
    expect(energies(await readAttribute(fixture.registry, device, profile, 2, byEntry(1, 2)))).toEqual([1003, 1004]);
    expect(await readAttribute(fixture.registry, device, profile, 7)).toEqual(unsigned(3));
  });

  it("is a snapshot: a reading committed while it is read is not in it", async () => {
    const fixture = memoryFixture();
    const device = await history(fixture, 600);
    const target = { device, logicalName: logicalName(profile), classId: 7, attributeIndex: 2 };
    const result = await fixture.registry.read(target, everything);
    if (!result.ok || result.value.type !== "array-stream") throw new Error("no stream");
    const first = await result.value.next();
    await fixture.read(device, [`${heatHeader("12345678")} 04 06 FFFF0000`], start + 700 * minute);
    const second = await result.value.next();
    expect([result.value.count, first?.length, second?.length]).toEqual([600, 500, 100]);
    expect(await result.value.next()).toBeUndefined();
  });

  it("gives null-data for what a telegram lacks, has not valid or marks with an error", async () => {
    const fixture = memoryFixture();
    const device = await fixture.install();
    const head = heatHeader("12345678");
    await fixture.read(device, [`${head} 0C 06 78563412`]);
    await fixture.read(device, [`${head} 0C 06 DDB4EBDD`], start + minute);
    await fixture.read(device, [`${head} 0C 86 15 78563412`], start + 2 * minute);
    await fixture.read(device, [`${head} 04 14 39300000`], start + 3 * minute);
    const buffer = await readAttribute(fixture.registry, device, profile, 2);
    expect(energies(buffer)).toEqual([12345678, "null-data", "null-data", "null-data"]);
    expect(energies(buffer, 4)).toEqual(["null-data", "null-data", "null-data", 12345]);
  });
});
