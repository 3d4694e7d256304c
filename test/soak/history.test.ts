import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { seededRandom } from "../../src/simulator/random.js";
import { openStore } from "../../src/store/index.js";
import { writeBlocks } from "../bench/load/store-files.js";
import { series, seriesNames, yearReadings } from "../bench/load/store-series.js";
import { silent } from "../store/fixture.js";
import { killRounds } from "../store/kill-rounds.js";

import { systemClock } from "../support/system-clock.js";

const kills = Number(process.env["KILLS"] ?? 1000);
const years = Number(process.env["YEARS"] ?? 10);
const meters = Number(process.env["METERS"] ?? 512);

const folder = mkdtempSync(join(tmpdir(), "history-soak-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it(`gives ${years} years of ${meters} meters back byte for byte, each kind of telegram looked at whole`, async () => {
  const path = join(folder, "gateway.sqlite");
  const readings = years * yearReadings;
  writeBlocks({ path, telegrams: seriesNames, meters, readings });
  const bytesPerReading = statSync(path).size / (readings * meters);
  process.stdout.write(`${bytesPerReading.toFixed(2)} bytes a reading, whole file\n`);
  expect(bytesPerReading).toBeLessThanOrEqual(25);

  const store = await openStore({ path, clock: systemClock, logger: silent });
  const figures = await store.figures();
  expect(figures.readings).toBe(readings * meters);
  expect(await store.findDamage()).toEqual([]);
  for (const [index, name] of seriesNames.entries()) {
    const meterId = index + 1;
    const expected = series(name, readings, meterId);
    for (let from = 1; from <= readings; from += 1000) {
      for (const row of await store.readings({ meterId, fromNumber: from, toNumber: from + 999 })) {
        const { payload, ...rest } = expected.next().value ?? { payload: new Uint8Array() };
        if (Buffer.compare(payload, row.payload) !== 0) expect(row.payload, `${name} ${row.number}`).toEqual(payload);
        expect({ ...row, payload: undefined }).toEqual({ ...rest, payload: undefined });
      }
    }
    expect(expected.next().done).toBe(true);
  }
  await store.close();
});

it(`loses and doubles nothing over ${kills} kills while blocks are made`, async () => {
  const random = seededRandom(Number(process.env["SEED"] ?? Date.now() % 1_000_000));
  await killRounds(kills, () => 1 + Math.floor(random() * 150));
});
