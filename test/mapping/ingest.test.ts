import { describe, expect, it } from "vitest";
import { logicalName } from "../../cosem/index.js";
import { heatHeader, memoryFixture, readAttribute, start } from "./support/mapping-fixture.js";

/** Energy in kWh (VIF 06), volume in 10 l (VIF 14), flow temperature in 0.1 °C (VIF 5A). */
const telegram = (id: string, energy = "D2040000") => `${heatHeader(id)} 04 06 ${energy} 04 14 39300000 02 5A 2B02`;

describe("a readout", () => {
  it("names the meter, is shown, and is told of once", async () => {
    const { install, read, registry, notices, store } = memoryFixture();
    const device = await install();
    expect(device.name).toBe("sap16");
    await read(device, [telegram("12345678")], start + 7);
    expect(device.name).toBe("KAM123456780408");
    expect(registry.device("KAM123456780408")).toBe(device);
    expect(registry.device("sap16")).toBe(device);
    expect(await readAttribute(registry, device, "6-0:1.0.0*255", 2)).toEqual({ type: "double-long", value: 1234 });
    expect(await readAttribute(registry, device, "6-0:1.0.0*255", 3)).toEqual({
      type: "structure",
      value: [
        { type: "integer", value: 3 },
        { type: "enum", value: 30 },
      ],
    });
    // 2026-11-22, a Sunday, 11:00:00.00 UTC.
    expect(await readAttribute(registry, device, "6-0:10.0.0*255", 5)).toEqual({
      type: "octet-string",
      value: Uint8Array.of(0x07, 0xea, 11, 22, 7, 11, 0, 0, 0, 0, 0, 0),
    });
    expect(notices.filter((notice) => notice.kind === "readingCommitted")).toEqual([
      { kind: "readingCommitted", device, readingNumber: 1 },
    ]);
    expect(store.commits[0]?.newObjects?.map((row) => row.logicalName)).toEqual([
      "6-0:1.0.0*255",
      "6-0:2.0.0*255",
      "6-0:10.0.0*255",
    ]);
    expect(store.rows[0]?.readAtMs).toBe(start);
  });

  it("is never shown half, nor before it is committed", async () => {
    const { install, read, notices, store } = memoryFixture();
    const device = await install();
    await read(device, [telegram("12345678")]);
    let open = () => {};
    store.gate = new Promise((resolve) => {
      open = resolve;
    });
    const reading = read(device, [telegram("12345678", "D3040000")], start + 60_000);
    await Promise.resolve();
    const energy = device.own?.find(logicalName("6-0:1.0.0*255"), undefined);
    if (energy === undefined) throw new Error("no energy");
    expect(device.value(energy)).toEqual({ type: "double-long", value: 1234 });
    open();
    await reading;
    expect(device.value(energy)).toEqual({ type: "double-long", value: 1235 });
    expect(notices.filter((notice) => notice.kind === "readingCommitted")).toHaveLength(2);
  });

  it("that the store refuses leaves the old reading, its number and the meter's name", async () => {
    const { install, read, notices, store } = memoryFixture();
    const device = await install();
    store.refusal = new Error("disk full");
    expect(await read(device, [telegram("12345678")])).toEqual({
      ok: false,
      message: "The reading could not be kept: disk full",
      reason: "notKept",
    });
    expect(device.name).toBe("sap16");
    expect(device.meterKind).toBeUndefined();
    store.refusal = undefined;
    await read(device, [telegram("12345678")]);
    store.refusal = new Error("disk full");
    await read(device, [telegram("12345678", "D3040000")], start + 60_000);
    expect(device.newest?.number).toBe(1);
    expect(device.lastReadout).toMatchObject({ ok: false });
    store.refusal = undefined;
    await read(device, [telegram("12345678", "D4040000")], start + 120_000);
    expect(store.rows.map((row) => row.number)).toEqual([1, 2]);
    expect(notices.filter((notice) => notice.kind === "readingCommitted")).toHaveLength(2);
  });

  it("of another meter is not stored under this one", async () => {
    const { install, read, store, logger } = memoryFixture();
    const device = await install();
    await read(device, [telegram("12345678")]);
    const outcome = await read(device, [telegram("12345679")], start + 60_000);
    expect(outcome.ok).toBe(false);
    expect(outcome.message).toContain("KAM123456790408 answered instead of KAM123456780408");
    expect(store.rows).toHaveLength(1);
    expect(logger.lines.filter((line) => line.level === "error")).toHaveLength(1);
  });

  it("of two meters in one is refused", async () => {
    const { install, read, store } = memoryFixture();
    const device = await install();
    expect((await read(device, [telegram("12345678"), telegram("12345679")])).ok).toBe(false);
    expect(store.rows).toHaveLength(0);
  });

  it("that cannot be decoded says so", async () => {
    const { install, read, store } = memoryFixture();
    const device = await install();
    expect((await read(device, [`${heatHeader("12345678")} 04 06 D2`])).message).toContain("could not be decoded");
    expect((await read(device, ["70 08"])).ok).toBe(false);
    expect(store.rows).toHaveLength(0);
  });

  it("that cannot be decoded is refused of a meter known before too, and so is one under a key", async () => {
    const { install, read, store } = memoryFixture();
    const device = await install();
    await read(device, [telegram("12345678")]);
    const broken = await read(device, [`${heatHeader("12345678")} 04 06 D2`], start + 60_000);
    expect(broken.message).toContain("could not be decoded");
    // Configuration word 0510: mode 5.
    const encrypted = await read(device, [`72 78563412 2D2C 08 04 2A 00 1005 ${"5A".repeat(16)}`], start + 60_000);
    expect(encrypted.message).toContain("keyRequired");
    expect(await read(device, ["72 7856"], start + 60_000)).toMatchObject({ ok: false });
    expect(store.rows).toHaveLength(1);
  });

  it("gets a later time than the one before, in hundredths", async () => {
    const { install, read, store } = memoryFixture();
    const device = await install();
    for (const time of [start + 19, start + 11, start - 5000]) await read(device, [telegram("12345678")], time);
    expect(store.rows.map((row) => row.readAtMs - start)).toEqual([10, 20, 30]);
    // 5 s back are no inaccuracy: the time is marked doubtful, bit 1 of the clock status.
    expect(store.rows.map((row) => row.clockStatus & 0xff)).toEqual([0, 0, 2]);
  });

  it("that failed leaves values and says why", async () => {
    const { install, read, mapping } = memoryFixture();
    const device = await install();
    await read(device, [telegram("12345678")]);
    mapping.failed(device.row.id, "noAnswer", "no answer after 3 tries");
    expect(device.lastReadout).toMatchObject({ ok: false, message: "no answer after 3 tries" });
    expect(device.newest?.number).toBe(1);
  });
});

describe("meters of one kind", () => {
  it("share layout and objects, learned once though read at the same time", async () => {
    const { install, read, store } = memoryFixture();
    const devices = await Promise.all(Array.from({ length: 20 }, install));
    await Promise.all(devices.map((device, index) => read(device, [telegram(String(10000000 + index))])));
    expect(new Set(devices.map((device) => device.meterKind)).size).toBe(1);
    expect(store.layouts).toHaveLength(1);
    expect(store.kindObjects).toHaveLength(3);
    expect(devices.map((device) => device.newest?.number)).toEqual(devices.map(() => 1));
  });

  it("with one identification get a suffix, within 16 octets", async () => {
    const { install, read } = memoryFixture();
    const devices = [await install(), await install(), await install()];
    for (const device of devices) await read(device, [telegram("12345678")]);
    expect(devices.map((device) => device.name)).toEqual(["KAM123456780408", "KAM1234567804082", "KAM1234567804083"]);
    expect((await read(devices[1] ?? (devices[0] as never), [telegram("12345678")])).ok).toBe(true);
  });

  it("take SAPs from 16 on and leave out 127", async () => {
    const { install } = memoryFixture();
    const saps: number[] = [];
    for (let index = 0; index < 113; index++) saps.push((await install()).sap);
    expect(saps.slice(0, 2)).toEqual([16, 17]);
    expect(saps.slice(-3)).toEqual([126, 128, 129]);
  });
});
