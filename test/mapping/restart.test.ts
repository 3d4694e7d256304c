import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../cosem/index.js";
import { openStore } from "../../src/store/index.js";
import { keepingLogger } from "../support/silent-logger.js";
import { systemClock } from "../support/system-clock.js";
import { corpusTelegrams } from "./support/corpus-telegrams.js";
import { mappingOver, readAttribute, start } from "./support/mapping-fixture.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mapping-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = () =>
  openStore({
    path: join(folder, "gateway.db"),
    clock: systemClock,
    logger: keepingLogger(),
    groupMs: 5,
  });

describe("after a restart", () => {
  it("every meter of both corpora is served as before, from SQLite", async () => {
    const store = await open();
    const before = mappingOver(store);
    const devices = [];
    for (const { data } of corpusTelegrams()) {
      const device = await before.install();
      expect((await before.read(device, [toHex(data)])).ok).toBe(true);
      devices.push(device);
    }
    await store.close();

    const reopened = await open();
    const after = mappingOver(reopened);
    after.mapping.load(await reopened.load());
    expect(after.registry.deviceCount).toBe(devices.length);
    for (const device of devices) {
      const same = after.mapping.device(device.row.id);
      if (same === undefined) throw new Error(device.name);
      expect([same.name, same.sap]).toEqual([device.name, device.sap]);
      const rows = (meter: typeof device) => meter.meterKind?.objects.map((object) => object.row);
      const values = (meter: typeof device) => meter.meterKind?.objects.map((object) => meter.value(object));
      const records = (meter: typeof device) => meter.meterKind?.objects.map((object) => object.record);
      expect(rows(same)).toEqual(rows(device));
      expect(values(same)).toEqual(values(device));
      expect(records(same)).toEqual(records(device));
    }
    await reopened.close();
  });

  it("the next reading follows, learns nothing twice, and the history is whole", async () => {
    const telegram = (energy: string) => `72 78563412 2D2C 08 04 2A 00 0000 04 06 ${energy} 0D FD 0E 03 312E32`;
    const store = await open();
    const before = mappingOver(store);
    const device = await before.install();
    await before.read(device, [telegram("01000000")]);
    await store.close();

    const reopened = await open();
    const after = mappingOver(reopened);
    const state = await reopened.load();
    after.mapping.load(state);
    const same = after.mapping.device(device.row.id);
    if (same === undefined) throw new Error("lost");
    expect(await readAttribute(after.registry, same, "0-0:0.2.0*255", 2)).toEqual({
      type: "visible-string",
      value: "2.1",
    });
    await after.read(same, [telegram("02000000")], start);
    const now = await reopened.load();
    expect(now.layouts).toEqual(state.layouts);
    expect(now.kindObjects).toEqual(state.kindObjects);
    expect((await reopened.readings({ meterId: same.row.id })).map((row) => [row.number, row.readAtMs])).toEqual([
      [1, start],
      [2, start + 10],
    ]);
    expect((await after.install()).sap).toBe(17);
    await reopened.close();
  });
});
