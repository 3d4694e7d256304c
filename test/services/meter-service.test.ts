import { describe, expect, it } from "vitest";
import { createAssociation, type Principal } from "../../cosem/index.js";
import { createMeterService } from "../../src/services/meters/index.js";
import { heatHeader, memoryFixture, start } from "../mapping/support/mapping-fixture.js";

const principal = (name: string): Principal => ({
  association: createAssociation({ name, clientSap: undefined, rules: [{ access: "read" }] }),
  user: "test",
  door: "test",
  peer: "test",
});
const viewer = principal("rest:viewer");
const stranger = principal("somebody");

/** Energy, maximum power in storage 1 tariff 1, a text, a date, a record of the manufacturer. */
const records = "04 06 D2040000 D4 10 2B 64000000 0D FD 0E 03 312E32 02 6C 5F31 01 FF 05 07";

async function oneMeter() {
  const fixture = memoryFixture();
  const device = await fixture.install();
  await fixture.read(device, [`${heatHeader("12345678", "04")} ${records}`]);
  return { ...fixture, device, meters: createMeterService(fixture) };
}

describe("the meter service", () => {
  it("tells who a meter is and how it was read", async () => {
    const { meters } = await oneMeter();
    expect(meters.get(viewer, "KAM123456780408")).toEqual({
      device: "KAM123456780408",
      sap: 16,
      manufacturer: "KAM",
      identification: "12345678",
      version: 8,
      medium: 4,
      mediumName: "Heat (outlet)",
      position: "",
      interfaceName: "bus",
      primaryAddress: 1,
      secondaryAddress: undefined,
      statusByte: 4,
      accessNumber: 0x2a,
      readingNumber: 1,
      readAtMs: start,
      lastReadout: { atMs: start, ok: true, message: "Readout successful", telegramCount: 1, durationMs: 250 },
    });
    expect(meters.get(viewer, "sap16")?.device).toBe("KAM123456780408");
    expect(meters.get(viewer, "sap17")).toBeUndefined();
  });

  it("knows a meter that was never read by its alias alone", async () => {
    const fixture = memoryFixture();
    await fixture.install();
    const summary = createMeterService(fixture).get(viewer, "sap16");
    expect(summary).toMatchObject({ device: "sap16", manufacturer: undefined, readAtMs: undefined });
  });

  it("describes each object in the words of its record", async () => {
    const { meters } = await oneMeter();
    expect(
      meters.describe(viewer, "sap16")?.map((object) => {
        const { quantity, unit, function: kind, storage, tariff, manufacturerSpecific, unmapped } = object;
        return [object.logicalName, quantity, unit, kind, storage, tariff, manufacturerSpecific, unmapped];
      }),
    ).toEqual([
      ["6-0:1.0.0*255", "energy", "Wh", "inst", 0, 0, false, false],
      ["6-0:8.5.1*1", "power", "W", "max", 1, 1, false, false],
      ["0-0:0.2.0*255", "firmware version", "", "inst", 0, 0, false, false],
      ["0-0:0.9.2*255", "date", "", "inst", 0, 0, false, false],
      ["6-0:128.0.0*255", "manufacturer specific", "", "inst", 0, 0, true, true],
    ]);
  });

  it("gives stored readings as exact text in the order of the description", async () => {
    const { meters, read, device } = await oneMeter();
    await read(device, [`${heatHeader("12345678", "00")} 04 06 D3040000`], start + 60_000);
    expect(await meters.readings(viewer, "sap16", { limit: 10 })).toEqual([
      {
        number: 1,
        readAtMs: start,
        telegramCount: 1,
        accessNumber: 0x2a,
        statusByte: 4,
        quality: 16,
        signature: 0,
        cells: ["1234000", "100", "2.1", "2026-01-31", "7"],
      },
      {
        number: 2,
        readAtMs: start + 60_000,
        telegramCount: 1,
        accessNumber: 0x2a,
        statusByte: 0,
        quality: 0,
        signature: 0,
        cells: ["1235000", undefined, undefined, undefined, undefined],
      },
    ]);
    expect(await meters.readings(viewer, "sap16", { afterNumber: 1, limit: 10 })).toHaveLength(1);
    expect(await meters.readings(viewer, "sap16", { toMs: start, limit: 10 })).toHaveLength(1);
  });

  it("lists meters in pages by SAP", async () => {
    const fixture = memoryFixture();
    for (let index = 0; index < 5; index++) await fixture.install();
    const meters = createMeterService(fixture);
    const first = meters.list(viewer, { limit: 2 });
    expect([first.meters.map((meter) => meter.sap), first.nextAfterSap, first.total]).toEqual([[16, 17], 17, 5]);
    const last = meters.list(viewer, { afterSap: 19, limit: 2 });
    expect([last.meters.map((meter) => meter.sap), last.nextAfterSap]).toEqual([[20], undefined]);
  });

  it("is silent to a caller without the right", async () => {
    const { meters } = await oneMeter();
    expect(meters.get(stranger, "sap16")).toBeUndefined();
    expect(meters.describe(stranger, "sap16")).toBeUndefined();
    expect(await meters.readings(stranger, "sap16", { limit: 1 })).toBeUndefined();
    expect(meters.list(stranger, { limit: 10 })).toEqual({ meters: [], nextAfterSap: undefined, total: 0 });
    expect(meters.get(principal("public"), "sap16")).toBeUndefined();
    expect(meters.get(principal("toString"), "sap16")).toBeUndefined();
  });
});
