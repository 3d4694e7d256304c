import { describe, expect, it } from "vitest";
import type { Data } from "../../cosem/index.js";
import type { MeterDevice } from "../../src/mapping/index.js";
import { createStandingClock } from "../support/standing-clock.js";
import { heatHeader, mappingOver, readAttribute, start } from "./support/mapping-fixture.js";
import { MemoryStore } from "./support/memory-store.js";

const minute = 60_000;
/** docs/readouts.md: what each bit of the quality says. */
const bit = { stale: 8, meterError: 16, reset: 32, jump: 64, clockOff: 128, notDecrypted: 256 };
const limits = { staleAfterMs: 10 * minute, jumpFactor: 10, meterClockLimitMs: 5 * minute };

function fixture(store = new MemoryStore()) {
  const clock = createStandingClock(start);
  const over = mappingOver(store, undefined, { clock, quality: limits, deviationAt: () => -60 });
  const { registry } = over;
  const at = (minutes: number) => start + minutes * minute;
  const energy = (value: number, status = "00") =>
    `${heatHeader("12345678", status)} 04 06 ${Buffer.from(Uint32Array.of(value).buffer).toString("hex")}`;
  /** Of the energy's Extended register, of the whole meter, and of each reading in load profile 1. */
  const qualityOf = async (device: MeterDevice) => ({
    value: numberOf(await readAttribute(registry, device, "6-0:1.0.0*255", 4)),
    meter: numberOf(await readAttribute(registry, device, "0-0:97.97.0*255", 2)),
    rows: rowsOf(await readAttribute(registry, device, "6-0:99.1.0*255", 2)),
  });
  return { ...over, clock, at, energy, qualityOf };
}

const numberOf = (data: Data | undefined) => (data !== undefined && "value" in data ? Number(data.value) : undefined);
const rowsOf = (data: Data) =>
  data.type === "array" ? data.value.map((row) => (row.type === "structure" ? numberOf(row.value[2]) : undefined)) : [];

describe("the quality of a value", () => {
  it("tells that a counter went back, with the value, with its row, and after a restart", async () => {
    const { install, read, qualityOf, energy, at, store } = fixture();
    const device = await install();
    for (const [minutes, value] of [100, 101, 50].entries()) await read(device, [energy(value)], at(minutes));
    expect(await qualityOf(device)).toEqual({ value: bit.reset, meter: bit.reset, rows: [0, 0, bit.reset] });
    const after = fixture(store);
    after.mapping.load(await store.load());
    const again = after.mapping.device(device.row.id);
    if (again === undefined) throw new Error("the meter is gone");
    expect(await after.qualityOf(again)).toEqual({ value: bit.reset, meter: bit.reset, rows: [0, 0, bit.reset] });
    await after.read(again, [energy(51)], at(3));
    expect(await after.qualityOf(again)).toEqual({ value: 0, meter: 0, rows: [0, 0, bit.reset, 0] });
  });

  it("tells each jump of a counter, once it was seen growing four times; a jump teaches nothing", async () => {
    const { install, read, qualityOf, energy, at } = fixture();
    const device = await install();
    // 1 a minute, then 1,000 a minute twice, then 1 again: more than ten times the fastest growth is a jump.
    const values = [1, 2, 3, 4, 5, 1005, 2005, 2006];
    for (const [minutes, value] of values.entries()) await read(device, [energy(value)], at(minutes));
    expect((await qualityOf(device)).rows).toEqual([0, 0, 0, 0, 0, bit.jump, bit.jump, 0]);
  });

  it("tells of the meter's status byte and of a clock that is off", async () => {
    const { install, read, qualityOf, energy, at } = fixture();
    const device = await install();
    await read(device, [energy(1, "08")], at(0));
    // Type F: 12:01 on 2026-11-22 (minute 01, hour 0C, day 22 and year 26 as 56 3B): local time, 12:01 is one minute on.
    await read(device, [`${energy(2)} 04 6D 010C563B`], at(0) + 1000);
    await read(device, [`${energy(3)} 04 6D 1E0C563B`], at(0) + 2000);
    expect((await qualityOf(device)).rows).toEqual([bit.meterError, 0, bit.clockOff]);
  });

  it("is stale by its age alone, and not decrypted where the last telegrams could not be opened", async () => {
    const { install, read, qualityOf, energy, at, clock, mapping } = fixture();
    const device = await install();
    await read(device, [energy(1)], at(0));
    mapping.failed(device.row.id, "noAnswer", "The meter does not answer");
    expect((await qualityOf(device)).value).toBe(0);
    mapping.failed(device.row.id, "notOpened", "Its key does not open them");
    expect((await qualityOf(device)).value).toBe(bit.notDecrypted);
    clock.advance(11 * minute);
    expect((await qualityOf(device)).value).toBe(bit.notDecrypted | bit.stale);
    // What was stored is no worse for what came later.
    expect((await qualityOf(device)).rows).toEqual([0]);
  });

  it("is not touched by another meter that answers in its place, which is told by name", async () => {
    const { install, read, qualityOf, energy, at } = fixture();
    const device = await install();
    await read(device, [energy(1)], at(0));
    const outcome = await read(device, [`${heatHeader("87654321")} 04 06 02000000`], at(1));
    expect(outcome).toMatchObject({ ok: false, reason: "wrongMeter" });
    expect(outcome.message).toContain("KAM876543210408 answered instead of KAM123456780408");
    expect(await qualityOf(device)).toEqual({ value: 0, meter: 0, rows: [0] });
  });
});
