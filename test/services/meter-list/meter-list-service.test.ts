import { describe, expect, it } from "vitest";
import type { Reception } from "../../../src/ports/index.js";
import { heatHeader } from "../../mapping/support/mapping-fixture.js";
import { admin, listFixture, refusalOf, valueFrom, viewer } from "./list-fixture.js";

/** DIF 04, VIF 06: 1234 kWh. */
const energy = "0406d2040000";

describe("the meter list", () => {
  it("adds, shows, changes and finds meters by name, SAP and address", async () => {
    const { service, records } = await listFixture();
    const draft = {
      interfaceName: "bus",
      secondaryAddress: "12345678",
      manufacturer: "KAM",
      version: 8,
      type: 4,
      baudRate: 300,
    };
    expect(valueFrom(await service.add(admin, { ...draft, position: " Cellar " }))).toMatchObject({
      device: "sap16",
      secondaryAddress: "12345678",
      manufacturer: "KAM",
      typeName: "Heat (outlet)",
      baudRate: 300,
      addressingMode: "secondary",
      state: "active",
      key: { kind: "noMatch" },
      position: "Cellar",
    });
    for (const name of ["sap16", "12345678"]) expect(valueFrom(service.get(admin, name)).sap).toBe(16);
    const changes = { position: "Roof", baudRate: null, state: "passive", mbus: { telegramLimit: 2 } } as const;
    expect(valueFrom(await service.change(admin, "sap16", changes))).toMatchObject({
      position: "Roof",
      baudRate: 2400,
      state: "passive",
      mbus: { telegramLimit: 2 },
      version: 8,
    });
    expect(valueFrom(service.list(admin, { limit: 10, text: "roof" }))).toMatchObject({
      total: 1,
      active: 0,
      passive: 1,
    });
    expect(records.map(({ action, isRefused }) => [action, isRefused])).toEqual([
      ["meters.add", false],
      ["meters.change", false],
    ]);
  });

  it("refuses what cannot be, in words, and what has not the right", async () => {
    const { service } = await listFixture();
    valueFrom(await service.add(admin, { interfaceName: "bus", primaryAddress: 5 }));
    const said = async (draft: Parameters<typeof service.add>[1]) => refusalOf(await service.add(admin, draft));
    expect(await said({ interfaceName: "bus", primaryAddress: 5 })).toContain(
      "conflict: primaryAddress: sap16 (SAP 16)",
    );
    expect(await said({ interfaceName: "bus", primaryAddress: 253 })).toContain(
      "251 to 255 have meanings of their own",
    );
    expect(await said({ interfaceName: "roof", primaryAddress: 1 })).toContain("known: bus, far, air");
    expect(await said({ interfaceName: "bus" })).toContain("a secondary or a primary address is wanted");
    expect(await said({ interfaceName: "air", primaryAddress: 5 })).toContain("known by its secondary address");
    expect(refusalOf(await service.add(viewer, { interfaceName: "bus", primaryAddress: 6 }))).toContain("denied");
    expect(refusalOf(service.get(admin, "sap99"))).toContain("unknown");
  });

  it("deletes a meter with its history, keeps its SAP, and gives it back when the meter is found again", async () => {
    const first = await listFixture();
    const draft = { interfaceName: "bus", secondaryAddress: "12345678" };
    valueFrom(await first.service.add(admin, draft));
    valueFrom(await first.service.add(admin, { interfaceName: "bus", secondaryAddress: "87654321" }));
    const device = first.list.find("sap16");
    if (device === undefined) throw new Error("no meter");
    await first.read(device, [`${heatHeader("12345678")}${energy}`]);
    expect(device.name).toBe("KAM123456780408");
    await first.store.keepTelegrams(1, [{ receivedAtMs: 1, bytes: Uint8Array.of(1) }]);
    expect(valueFrom(await first.service.remove(admin, device.name, {}))).toMatchObject({
      device: "KAM123456780408",
      sap: 16,
    });
    expect(first.registry.device("KAM123456780408")).toBeUndefined();
    expect(await first.store.count({ meterId: 1 })).toBe(0);
    await first.store.close();

    const second = await listFixture(first.path);
    expect([...second.list.devices()].map(({ sap }) => sap)).toEqual([17]);
    valueFrom(await second.service.add(admin, { interfaceName: "bus", secondaryAddress: "11111111" }));
    expect(valueFrom(await second.service.add(admin, draft))).toMatchObject({
      device: "sap16",
      sap: 16,
      readAtMs: undefined,
    });
    expect([...second.list.devices()].map(({ sap }) => sap).sort()).toEqual([16, 17, 18]);
    // Reports remember how far they are by the number of a reading: numbers go on.
    const back = second.list.find("sap16");
    if (back === undefined) throw new Error("no meter");
    await second.read(back, [`${heatHeader("12345678")}${energy}`], Date.UTC(2026, 10, 22, 12));
    expect(back.newest?.number).toBe(2);
  });

  it("keeps the history of a deleted meter where asked for, also when it comes back on another bus", async () => {
    const first = await listFixture();
    const draft = { interfaceName: "bus", secondaryAddress: "12345678", manufacturer: "KAM", version: 8, type: 4 };
    valueFrom(await first.service.add(admin, draft));
    const device = first.list.find("sap16");
    if (device === undefined) throw new Error("no meter");
    await first.read(device, [`${heatHeader("12345678")}${energy}`]);
    valueFrom(await first.service.remove(admin, "sap16", { keepHistory: true }));
    await first.store.close();

    const second = await listFixture(first.path);
    expect(second.registry.device("KAM123456780408")).toBeUndefined();
    const back = valueFrom(await second.service.add(admin, { ...draft, interfaceName: "far" }));
    expect(back).toMatchObject({ device: "KAM123456780408", sap: 16, interfaceName: "far" });
    expect(back.readAtMs).toBe(Date.UTC(2026, 10, 22, 11));
    const again = second.list.find("sap16");
    if (again === undefined) throw new Error("no meter");
    expect([...again.objects()].some((object) => object.logicalName.toString().length > 0)).toBe(true);
    expect(await second.read(again, [`${heatHeader("12345678")}${energy}`], Date.UTC(2026, 10, 22, 12))).toMatchObject({
      ok: true,
    });
    expect(await second.store.count({ meterId: again.row.id })).toBe(2);
  });

  it("acts on many meters at once, and leaves those of the settings file", async () => {
    const { service, list } = await listFixture();
    await list.add({ interfaceName: "bus", primaryAddress: 1 }, { isDeclared: true });
    for (const primaryAddress of [2, 3, 4])
      valueFrom(await service.add(admin, { interfaceName: "bus", primaryAddress }));
    const passive = { kind: "change", changes: { state: "passive" } } as const;
    expect(valueFrom(await service.bulk(admin, { meters: ["sap17", "sap18", "sap99"] }, passive))).toEqual({
      done: 2,
      refused: [{ meter: "sap99", message: 'no meter "sap99" is on the list, or several have this address' }],
    });
    expect(list.counts()).toEqual({ active: 2, passive: 2 });
    const report = valueFrom(await service.bulk(admin, { all: { interfaceName: "bus" } }, { kind: "remove" }));
    expect(report.done).toBe(3);
    expect(report.refused).toMatchObject([{ meter: "sap16", message: expect.stringContaining("settings file") }]);
  });

  it("moves no meter of the settings file: the file would make a second one of it at the next start", async () => {
    const { service, list } = await listFixture();
    const declared = { isDeclared: true };
    await list.add({ interfaceName: "bus", primaryAddress: 1 }, declared);
    await list.add({ interfaceName: "bus", secondaryAddress: "12345678", manufacturer: "KAM" }, declared);
    valueFrom(await service.add(admin, { interfaceName: "bus", primaryAddress: 3 }));
    const before = [...list.devices()].map(({ row }) => row);
    const tries = [
      ["sap16", { primaryAddress: 9 }],
      ["sap16", { interfaceName: "far" }],
      ["sap16", { primaryAddress: null, secondaryAddress: "11111111" }],
      ["sap17", { secondaryAddress: "11111111" }],
      ["sap17", { manufacturer: "ITW" }],
      ["sap17", { fabricationNumber: "00000001" }],
      ["sap17", { primaryAddress: 9, addressingMode: "primary" }],
    ] as const;
    for (const [meter, changes] of tries) {
      const said = refusalOf(await service.change(admin, meter, changes));
      expect(said).toContain("conflict: ");
      expect(said).toContain("the settings file names this meter");
    }
    const moved = { kind: "change", changes: { interfaceName: "far" } } as const;
    expect(valueFrom(await service.bulk(admin, { all: {} }, moved))).toMatchObject({
      done: 1,
      refused: [{ meter: "sap16" }, { meter: "sap17" }],
    });
    expect([...list.devices()].map(({ row }) => row).slice(0, 2)).toEqual(before.slice(0, 2));
    for (const changes of [{ position: "Roof" }, { version: 8, type: 4 }, { state: "passive" }] as const) {
      expect(await service.change(admin, "sap17", changes)).toMatchObject({ ok: true });
    }
  });

  it("stays within the licence, however many are made active or added at once", async () => {
    const known = [{ name: "bus", kind: "wired", baudRate: 2400, canSwitchRate: true }] as const;
    const { service, list } = await listFixture(undefined, known, new Map(), () => 5);
    const adding = Array.from({ length: 12 }, (_, index) => {
      return service.add(admin, { interfaceName: "bus", primaryAddress: index + 1 });
    });
    await Promise.all(adding);
    expect(list.counts()).toEqual({ active: 5, passive: 7 });
    const change = (state: "active" | "passive") =>
      service.bulk(admin, { all: {} }, { kind: "change", changes: { state } });
    valueFrom(await change("passive"));
    expect(list.counts()).toEqual({ active: 0, passive: 12 });
    const report = valueFrom(await change("active"));
    expect(report.done).toBe(5);
    expect(report.refused).toHaveLength(7);
    expect(report.refused[0]?.message).toContain("licence");
    expect(list.counts()).toEqual({ active: 5, passive: 7 });
    valueFrom(await change("passive"));
    const rows = Array.from({ length: 12 }, (_, index) => `${index + 1};bus;active\n`).join("");
    const file = { name: "m.csv", bytes: new TextEncoder().encode(`PrimaryAddress;Interface;State\n${rows}`) };
    const imported = valueFrom(await service.importFile(admin, file, { take: "goodRows" }));
    expect(imported.bad).toBe(7);
    expect(list.counts()).toEqual({ active: 5, passive: 7 });
  });

  it("gives many meters no address that is of one alone", async () => {
    const { service, list } = await listFixture();
    for (const primaryAddress of [2, 3]) valueFrom(await service.add(admin, { interfaceName: "bus", primaryAddress }));
    for (const changes of [
      { secondaryAddress: "12121212" },
      { primaryAddress: 9 },
      { fabricationNumber: "12121212" },
    ]) {
      expect(refusalOf(await service.bulk(admin, { all: {} }, { kind: "change", changes }))).toContain(
        "one meter alone",
      );
    }
    expect([...list.devices()].map(({ row }) => row.primaryAddress)).toEqual([2, 3]);
    // Nor do two changes at once.
    const both = await Promise.all(
      ["sap16", "sap17"].map((meter) => service.change(admin, meter, { primaryAddress: 9 })),
    );
    expect(both.map(({ ok }) => ok)).toEqual([true, false]);
  });

  it("takes identifications with hex digits, as some meters have them", async () => {
    const { service } = await listFixture();
    const meter = { interfaceName: "bus", secondaryAddress: "1000000A2D2C0807" };
    expect(valueFrom(await service.add(admin, meter))).toMatchObject({
      secondaryAddress: "1000000A",
      manufacturer: "KAM",
    });
    expect(refusalOf(await service.add(admin, { interfaceName: "bus", secondaryAddress: "1000000G" }))).toContain(
      "8 or 16 hex digits are wanted",
    );
  });

  it("chooses the receiver that hears a wireless meter best", async () => {
    const links = [
      { receiver: "attic", rssiDbm: -61, mode: "T", lastAtMs: 2, count: 9 },
      { receiver: "cellar", rssiDbm: -96, mode: "T", lastAtMs: 3, count: 2 },
    ];
    const heard = { meter: "KAM12345678161B", links } as unknown as Reception;
    const { service } = await listFixture(undefined, undefined, new Map([[heard.meter, heard]]));
    const draft = { interfaceName: "air", secondaryAddress: "12345678", manufacturer: "KAM", version: 27, type: 22 };
    expect(valueFrom(await service.add(admin, draft)).optionalReceivers).toEqual([
      { receiver: "attic", rssiDbm: -61 },
      { receiver: "cellar", rssiDbm: -96 },
    ]);
    expect(valueFrom(await service.reinstall(admin, "sap16")).receiver).toBe("attic");
    valueFrom(await service.add(admin, { interfaceName: "bus", primaryAddress: 1 }));
    expect(refusalOf(await service.reinstall(admin, "sap17"))).toContain("only a wireless meter");
  });
});
