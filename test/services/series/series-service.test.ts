import { describe, expect, it } from "vitest";
import { createAssociation, type Principal } from "../../../cosem/index.js";
import { offsetAt } from "../../../src/scheduler/index.js";
import type { ChangeRecord } from "../../../src/services/recorder.js";
import { createSeriesService, type SeriesDefinition, SeriesError } from "../../../src/services/series/index.js";
import { heatHeader, memoryFixture, start } from "../../mapping/support/mapping-fixture.js";
import { createStandingClock } from "../../support/standing-clock.js";

const principal = (name: string): Principal => ({
  association: createAssociation({ name, clientSap: undefined, rules: [{ access: "read" }] }),
  user: "test",
  door: "test",
  peer: "test",
});
const admin = principal("management");
const quarterHour = 900_000;
const hourMs = 3_600_000;

const hex = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes.toString("hex");
};

/** `energies` in kWh, a reading each quarter of an hour; power is 100 W. */
async function gateway(now = start + 1000 * quarterHour) {
  const fixture = memoryFixture();
  let saved: readonly SeriesDefinition[] = [];
  const kept = {
    load: () => saved,
    save: async (definitions: readonly SeriesDefinition[]) => {
      saved = definitions;
    },
  };
  const changes: ChangeRecord[] = [];
  const open = () =>
    createSeriesService({
      registry: fixture.registry,
      definitions: kept,
      zone: { offsetAt: (instant) => offsetAt(instant, "Europe/Stockholm") },
      clock: createStandingClock(now),
      recorder: { record: (change) => void changes.push(change) },
    });
  const meter = async (id: string, energies: readonly (number | undefined)[], from = start, step = quarterHour) => {
    const device = await fixture.install();
    for (const [index, energy] of energies.entries()) {
      const record = energy === undefined ? "" : `04 06 ${hex(energy)}`;
      await fixture.read(device, [`${heatHeader(id)} ${record} 02 2B 6400`], from + index * step);
    }
    return `KAM${id}0408`;
  };
  return { ...fixture, meter, open, series: open(), changes };
}

const values = (page: { values: readonly { atMs: number; value: string | undefined; note: string | undefined }[] }) =>
  page.values.map(({ value, note }) => value ?? note);

describe("measurement series", () => {
  it("has one for each record by itself, with name and unit", async () => {
    const { series, meter } = await gateway();
    await meter("12345678", [1234, 1235]);
    expect(series.list(admin, { limit: 10 }).series).toMatchObject([
      { id: "KAM123456780408/6-0:1.0.0*255/2", kind: "record", name: "energy", unit: "Wh" },
      { id: "KAM123456780408/6-0:8.0.0*255/2", kind: "record", name: "power", unit: "W" },
    ]);
    const page = await series.values(admin, "KAM123456780408/6-0:1.0.0", { limit: 10 });
    expect(page).toEqual({
      unit: "Wh",
      values: [
        { atMs: start, toMs: undefined, value: "1234000", note: undefined, quality: 0 },
        { atMs: start + quarterHour, toMs: undefined, value: "1235000", note: undefined, quality: 0 },
      ],
      nextFromMs: undefined,
    });
  });

  it("pages by time", async () => {
    const { series, meter } = await gateway();
    await meter("12345678", [1, 2, 3]);
    const id = "KAM123456780408/6-0:1.0.0/2";
    const first = await series.values(admin, id, { limit: 2 });
    expect([values(first), first.nextFromMs]).toEqual([["1000", "2000"], start + 2 * quarterHour]);
    const second = await series.values(admin, id, { limit: 2, fromMs: first.nextFromMs });
    expect([values(second), second.nextFromMs]).toEqual([["3000"], undefined]);
  });

  it("sums meters that were read within the tolerance, and says where one is missing", async () => {
    const { series, meter } = await gateway();
    await meter("00000001", [10, 11, 12, 13]);
    // Read 8 seconds later in each cycle; nothing at the third.
    await meter("00000002", [100, 101, undefined, 103], start + 8000);
    await series.define(admin, {
      name: "Both",
      expression: "[KAM000000010408/6-0:1.0.0] + [KAM000000020408/6-0:1.0.0]",
      toleranceMinutes: 1,
    });
    const page = await series.values(admin, "Both", { limit: 10 });
    expect(page.unit).toBe("Wh");
    expect(values(page)).toEqual(["110000", "112000", "no value of part 2 within 1 minutes", "116000"]);
  });

  it("works out mean, minimum and maximum of an hour", async () => {
    const { series, meter } = await gateway();
    await meter("12345678", [1, 2, 3, 6, 10]);
    const of = async (name: string) => {
      await series.define(admin, { name, expression: `${name}([KAM123456780408/6-0:1.0.0], hour)` });
      return values(await series.values(admin, name, { limit: 10 }));
    };
    expect(await of("mean")).toEqual(["3000", "10000"]);
    expect(await of("minimum")).toEqual(["1000", "10000"]);
    expect(await of("maximum")).toEqual(["6000", "10000"]);
    expect(await of("sum")).toEqual(["12000", "10000"]);
  });

  it("gives consumption by the readings nearest to the boundaries, and none over a gap", async () => {
    const { series, meter } = await gateway();
    // 11:00Z and each quarter of an hour: 5 an hour, then two hours without, then again.
    const hours = [0, 1, 2, 3, 5, 6, 7, 8, 10, ...Array.from({ length: 8 }, () => undefined), 30, 31, 32, 33];
    await meter("12345678", hours, start + 12_000);
    await series.define(admin, { name: "Hourly", expression: "consumption([KAM123456780408/6-0:1.0.0], hour)" });
    const page = await series.values(admin, "Hourly", { limit: 20 });
    expect(page.values[0]).toMatchObject({ atMs: start, toMs: start + hourMs, value: "5000" });
    expect(values(page)).toEqual([
      "5000",
      "5000",
      "no reading within 15 minutes of the period's end",
      "no reading within 15 minutes of the period's start",
      // 15:15:12 is more than a quarter of an hour after 15:00.
      "no reading within 15 minutes of the period's start",
    ]);
  });

  it("does not invent consumption for a counter that went back", async () => {
    const { series, meter } = await gateway();
    await meter("12345678", [50, 52, 54, 56, 1, 2, 3, 4, 5]);
    await series.define(admin, { name: "Hourly", expression: "consumption([KAM123456780408/6-0:1.0.0], hour)" });
    expect(values(await series.values(admin, "Hourly", { limit: 20 }))).toEqual(["the counter went back", "4000"]);
  });

  it("tells with each value what was wrong with the readings behind it", async () => {
    const { series, meter } = await gateway();
    // The counter goes back at 11:45Z: bit 32 of the quality.
    await meter("12345678", [50, 52, 54, 1, 2, 3, 4, 5, 6]);
    const record = "KAM123456780408/6-0:1.0.0";
    const bits = ({ values: all }: { values: readonly { quality: number }[] }) => all.map(({ quality }) => quality);
    expect(bits(await series.values(admin, record, { limit: 20 }))).toEqual([0, 0, 0, 32, 0, 0, 0, 0, 0]);
    await series.define(admin, { name: "Twice", expression: `[${record}] * 2` });
    await series.define(admin, { name: "Mean", expression: `mean([${record}], hour)` });
    expect(bits(await series.values(admin, "Twice", { limit: 20 }))).toEqual([0, 0, 0, 32, 0, 0, 0, 0, 0]);
    expect(bits(await series.values(admin, "Mean", { limit: 20 }))).toEqual([32, 0, 0]);
  });

  it("has 23 and 25 hours in the days when the clock changes: one kWh an hour", async () => {
    for (const [day, expected] of [
      ["2026-03-28T23:00:00Z", ["23000", "24000"]],
      ["2026-10-24T22:00:00Z", ["25000", "24000"]],
    ] as const) {
      const from = Date.parse(day);
      const { series, meter } = await gateway(from + 72 * hourMs);
      await meter(
        "12345678",
        Array.from({ length: 50 }, (_, hour) => hour),
        from,
        hourMs,
      );
      await series.define(admin, { name: "Daily", expression: "consumption([KAM123456780408/6-0:1.0.0], day)" });
      expect(values(await series.values(admin, "Daily", { limit: 20 }))).toEqual(expected);
    }
  });

  it("takes a factor with a unit of its own, and no unit without a factor", async () => {
    const { series, meter } = await gateway();
    await meter("12345678", [1]);
    const id = "[KAM123456780408/6-0:1.0.0]";
    await series.define(admin, { name: "MJ", expression: `${id} * 0.0036`, unit: "MJ" });
    expect(await series.values(admin, "MJ", { limit: 1 })).toMatchObject({ unit: "MJ", values: [{ value: "3.6" }] });
    await expect(series.define(admin, { name: "x", expression: id, unit: "J" })).rejects.toThrow(
      'the expression is in "Wh", not "J"; only a factor changes a unit',
    );
    await expect(
      series.define(admin, { name: "x", expression: `${id} + [KAM123456780408/6-0:8.0.0]` }),
    ).rejects.toThrow('mixes "Wh" and "W"');
  });

  it("joins two meters at a swap without a step", async () => {
    const { series, meter } = await gateway();
    const before = await meter("00000001", [500, 501, 502, 503]);
    const after = await meter("00000002", [2, 3, 4, 5, 6], start + 4 * quarterHour);
    const atMs = start + 4 * quarterHour - 1;
    const made = await series.swap(admin, { before, after, atMs });
    expect(made.map(({ name }) => name)).toEqual(["KAM000000010408+6-0:1.0.0*255"]);
    const page = await series.values(admin, "KAM000000010408+6-0:1.0.0*255", { limit: 20 });
    expect(values(page)).toEqual([
      "500000",
      "501000",
      "502000",
      "503000",
      "503000",
      "504000",
      "505000",
      "506000",
      "507000",
    ]);
    await series.define(admin, { name: "Hourly", expression: "consumption([KAM000000010408+6-0:1.0.0*255], hour)" });
    // 11:00 500, 12:00 503 (the swap), 13:00 507 kWh.
    expect(values(await series.values(admin, "Hourly", { limit: 20 }))).toEqual(["3000", "4000"]);
    await expect(series.swap(admin, { before, after, atMs })).rejects.toThrow("is there already");
    await expect(series.remove(admin, "KAM000000010408+6-0:1.0.0*255")).rejects.toThrow('"Hourly" is made of');
  });

  it("takes what the installer read off at the swap before what was read", async () => {
    const { series, meter } = await gateway();
    const before = await meter("00000001", [500]);
    const after = await meter("00000002", [3], start + quarterHour);
    const readings = { "6-0:1.0.0": { final: "500700", first: "2000" } };
    await series.swap(admin, { before, after, atMs: start + 1, readings });
    // 3,000 + (500,700 - 2,000)
    const page = await series.values(admin, "KAM000000010408+6-0:1.0.0*255", { limit: 20 });
    expect(values(page)).toEqual(["500000", "501700"]);
  });

  it("keeps definitions and their numbers, and is made of no circle", async () => {
    const { series, meter, open } = await gateway();
    await meter("12345678", [7]);
    const a = await series.define(admin, { name: "a", expression: "[KAM123456780408/6-0:1.0.0] * 2" });
    const b = await series.define(admin, { name: "b", expression: "[a] + 1" });
    expect([a.number, b.number]).toEqual([1, 2]);
    await expect(series.define(admin, { name: "a", expression: "[b]" })).rejects.toThrow("made of itself");
    await expect(series.define(admin, { name: "c", expression: "[c]" })).rejects.toThrow("made of itself");
    await expect(series.define(admin, { name: "c", expression: "[nobody/1-0:1.8.0]" })).rejects.toThrow(
      "there is no series",
    );
    const again = open();
    expect(again.definitions()).toEqual([a, b]);
    expect((await again.newest("b"))?.value?.toFixed()).toBe("14001");
  });

  it("is for callers with the right alone", async () => {
    const { series, meter, changes } = await gateway();
    await meter("12345678", [7]);
    expect(series.list(principal("public"), { limit: 5 }).series).toEqual([]);
    await expect(series.values(principal("public"), "KAM123456780408/6-0:1.0.0", { limit: 5 })).rejects.toThrow(
      SeriesError,
    );
    await expect(series.define(principal("modbus"), { name: "a", expression: "[x]" })).rejects.toThrow(
      "has not the right series.write",
    );
    expect(changes).toMatchObject([{ action: "series.define", target: "a", isRefused: true }]);
  });
});
