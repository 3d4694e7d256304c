/** Load profile 2 and the billing profile: the last reading of each local day and month that is over. */
import { describe, expect, it } from "vitest";
import { type Data, logicalName, logicalNameToBytes } from "../../cosem/index.js";
import type { MeterDevice } from "../../src/mapping/index.js";
import { createStandingClock } from "../support/standing-clock.js";
import { everything, heatHeader, mappingOver, readAttribute } from "./support/mapping-fixture.js";
import { MemoryStore } from "./support/memory-store.js";

const days = "6-0:99.2.0*255";
const months = "6-0:98.1.0*255";
const hour = 3_600_000;

/** Europe/Paris in 2026: summer time from 29 March to 25 October, 01:00 UTC both. */
const deviationAt = (instant: number) =>
  instant >= Date.UTC(2026, 2, 29, 1) && instant < Date.UTC(2026, 9, 25, 1) ? -120 : -60;

function fixtureAt(now: number) {
  const clock = createStandingClock(now);
  const fixture = mappingOver(new MemoryStore(), undefined, { clock, deviationAt });
  return { ...fixture, clock };
}

type Fixture = ReturnType<typeof fixtureAt>;

/** Energies by the instant of their reading. */
async function readings(fixture: Fixture, energies: readonly (readonly [number, number])[]): Promise<MeterDevice> {
  const device = await fixture.install();
  for (const [at, energy] of energies) {
    const bytes = [energy & 0xff, energy >> 8, 0, 0].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    await fixture.read(device, [`${heatHeader("12345678")} 04 06 ${bytes}`], at);
  }
  return device;
}

const energiesOf = (buffer: Data) =>
  buffer.type === "array"
    ? buffer.value.map((row) =>
        row.type === "structure" && row.value[3]?.type === "double-long" ? row.value[3].value : row,
      )
    : buffer;

const unsigned = (value: number): Data => ({ type: "double-long-unsigned", value });
const long = (value: number): Data => ({ type: "long-unsigned", value });

function byRange(from: number, to: number) {
  const time = (instant: number): Data => {
    const date = new Date(instant);
    const year = date.getUTCFullYear();
    return {
      type: "octet-string",
      value: Uint8Array.of(
        year >> 8,
        year & 0xff,
        date.getUTCMonth() + 1,
        date.getUTCDate(),
        0xff,
        date.getUTCHours(),
        date.getUTCMinutes(),
        0,
        0,
        0,
        0,
        0,
      ),
    };
  };
  const clock: Data = {
    type: "structure",
    value: [
      long(8),
      { type: "octet-string", value: logicalNameToBytes(logicalName("0-0:1.0.0*255")) },
      { type: "integer", value: 2 },
      long(0),
    ],
  };
  const fields: Data[] = [clock, time(from), time(to), { type: "array", value: [] }];
  return { selector: 1, parameters: { type: "structure", value: fields } as Data };
}

describe("load profile 2", () => {
  it("has the last reading of each local day, the present day left out until it is over", async () => {
    const fixture = fixtureAt(Date.UTC(2026, 10, 22, 11));
    const device = await readings(fixture, [
      // 22:59 UTC is 23:59 in Paris; a minute later the next day has begun.
      [Date.UTC(2026, 10, 19, 22, 59), 1],
      [Date.UTC(2026, 10, 19, 23, 0), 2],
      [Date.UTC(2026, 10, 20, 12, 0), 3],
      // None on the 21st.
      [Date.UTC(2026, 10, 22, 8, 0), 4],
    ]);
    expect(energiesOf(await readAttribute(fixture.registry, device, days, 2))).toEqual([1, 3]);
    expect(await readAttribute(fixture.registry, device, days, 7)).toEqual(unsigned(2));
    expect(await readAttribute(fixture.registry, device, days, 4)).toEqual(unsigned(86_400));
    fixture.clock.advance(12 * hour);
    expect(energiesOf(await readAttribute(fixture.registry, device, days, 2))).toEqual([1, 3, 4]);
  });

  it("counts days by the local clock over a change of it", async () => {
    const fixture = fixtureAt(Date.UTC(2026, 9, 28));
    // 25 October has 25 hours: from 22:00 UTC to 23:00 UTC.
    const device = await readings(fixture, [
      [Date.UTC(2026, 9, 24, 21, 59), 1],
      [Date.UTC(2026, 9, 24, 22, 0), 2],
      [Date.UTC(2026, 9, 25, 22, 59), 3],
      [Date.UTC(2026, 9, 25, 23, 0), 4],
    ]);
    expect(energiesOf(await readAttribute(fixture.registry, device, days, 2))).toEqual([1, 3, 4]);
  });

  it("selects by range and by entry among its own rows", async () => {
    const fixture = fixtureAt(Date.UTC(2026, 10, 22, 11));
    const noon = (day: number) => Date.UTC(2026, 10, day, 12);
    const device = await readings(
      fixture,
      [10, 11, 12, 13, 14].flatMap((day) => [[noon(day), day] as const, [noon(day) + hour, 100 + day] as const]),
    );
    const { registry } = fixture;
    const all = (access: Parameters<typeof readAttribute>[4]) => readAttribute(registry, device, days, 2, access);
    expect(energiesOf(await all(byRange(noon(11), noon(13) + hour)))).toEqual([111, 112, 113]);
    // The last reading of the 13th is outside: an earlier one of that day does not take its place.
    expect(energiesOf(await all(byRange(noon(11), noon(13))))).toEqual([111, 112]);
    expect(energiesOf(await all(byRange(noon(20), noon(21))))).toEqual([]);
    const byEntry: Data = { type: "structure", value: [unsigned(2), unsigned(3), long(1), long(0)] };
    expect(energiesOf(await all({ selector: 2, parameters: byEntry }))).toEqual([111, 112]);
  });

  it("is empty before the first reading", async () => {
    const fixture = fixtureAt(Date.UTC(2026, 10, 22, 11));
    const device = await readings(fixture, [[Date.UTC(2026, 10, 22, 10), 1]]);
    expect(energiesOf(await readAttribute(fixture.registry, device, days, 2))).toEqual([]);
    expect(await readAttribute(fixture.registry, device, months, 7)).toEqual(unsigned(0));
  });
});

describe("the billing profile", () => {
  it("has the last reading of each local month that is over", async () => {
    const fixture = fixtureAt(Date.UTC(2027, 1, 3));
    const device = await readings(fixture, [
      [Date.UTC(2026, 8, 30, 21, 59), 1],
      // 00:00 on 1 October in Paris.
      [Date.UTC(2026, 8, 30, 22, 0), 2],
      [Date.UTC(2026, 11, 31, 22, 59), 3],
      [Date.UTC(2026, 11, 31, 23, 0), 4],
      [Date.UTC(2027, 1, 2), 5],
    ]);
    expect(energiesOf(await readAttribute(fixture.registry, device, months, 2))).toEqual([1, 2, 3, 4]);
    expect(await readAttribute(fixture.registry, device, months, 7)).toEqual(unsigned(4));
    const target = { device, logicalName: logicalName(months), classId: 7, attributeIndex: 5 };
    expect(await fixture.registry.read(target, everything)).toEqual({ ok: true, value: { type: "enum", value: 1 } });
  });
});
