import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../cosem/index.js";
import { heatHeader, memoryFixture, start } from "./support/mapping-fixture.js";

const byte = fc.integer({ min: 0, max: 255 });
const hex = (bytes: readonly number[]) => toHex(Uint8Array.from(bytes));

/** A record with any function, storage, tariff and subunit, a VIF of the primary table and one data byte. */
const record = fc
  .tuple(
    fc.constantFrom(0x00, 0x10, 0x20, 0x30, 0x40),
    fc.option(byte.map((dife) => dife & 0x7f)),
    fc.constantFrom(0x06, 0x13, 0x14, 0x2b, 0x3b, 0x5a, 0x5e, 0x22, 0x26, 0x66, 0x78, 0x44),
    byte,
  )
  .map(([dif, dife, vif, value]) => (dife === null ? [dif | 0x01, vif, value] : [dif | 0x81, dife, vif, value]));

describe("whatever a meter sends", () => {
  it("any bytes are kept or refused with words, and nothing throws", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(byte, { maxLength: 60 }), fc.boolean(), async (bytes, hasHeader) => {
        const { install, read, store } = memoryFixture();
        const device = await install();
        const outcome = await read(device, [(hasHeader ? heatHeader("12345678") : "") + hex(bytes)]);
        expect(outcome.message.length).toBeGreaterThan(0);
        expect(store.rows).toHaveLength(outcome.ok ? 1 : 0);
        for (const object of device.meterKind?.objects ?? []) device.value(object);
      }),
      { numRuns: 500 },
    );
  });

  it("no two records of one readout share a code, and each finds its object again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 40 }), async (records) => {
        const { install, read, store } = memoryFixture();
        const device = await install();
        const telegram = heatHeader("12345678") + hex(records.flat());
        expect((await read(device, [telegram])).ok).toBe(true);
        const names = store.kindObjects.map((row) => row.logicalName);
        expect(names).toHaveLength(records.length);
        expect(new Set(names).size).toBe(names.length);
        await read(device, [telegram], start + 1000);
        expect(store.kindObjects).toHaveLength(records.length);
      }),
      { numRuns: 200 },
    );
  });

  it("telegrams in several parts are one reading", async () => {
    const { install, read, store } = memoryFixture();
    const device = await install();
    const head = heatHeader("12345678");
    await read(device, [`${head} 04 06 01000000 1F`, `${head} 04 06 02000000`]);
    await read(device, [`${head} 04 06 03000000 1F`, `${head} 04 06 04000000`], start + 1000);
    expect(store.rows).toHaveLength(2);
    expect(store.layouts).toHaveLength(1);
    expect(device.meterKind?.objects.map((object) => [object.logicalName, device.value(object)])).toEqual([
      ["6-0:1.0.0*255", { type: "double-long", value: 3 }],
      ["6-32:1.0.0*255", { type: "double-long", value: 4 }],
    ]);
  });
});
