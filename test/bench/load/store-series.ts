/** Readings of simulated meters with moving counters, each quarter hour, for the benches and the long tests of the store. */
import { packPayload } from "../../../src/mbus/index.js";
import type { ReadingRow } from "../../../src/ports/index.js";
import { createSimulatedMeter, type SourceTelegramName, sourceTelegrams } from "../../../src/simulator/index.js";
import { seededRandom } from "../../../src/simulator/random.js";

export const seriesNames = Object.keys(sourceTelegrams) as SourceTelegramName[];
export const firstAtMs = Date.UTC(2026, 0, 1);
export const quarterHourMs = 900_000;
/** Quarter hours of a year. */
export const yearReadings = 35_040;
const accessNumberAt = 2 + 9;

/** Gives the readings of one meter, one after the other, without keeping them. */
export function* series(telegram: SourceTelegramName, count: number, meterId: number): Generator<ReadingRow> {
  let now = firstAtMs;
  const clock = { now: () => now, monotonic: () => now, after: () => () => {} };
  const spec = { name: telegram, telegrams: [telegram], identification: "06855817", primaryAddress: 1, seed: 7 };
  const meter = createSimulatedMeter(spec, clock);
  const random = seededRandom(7);
  for (let index = 0; index < count; index++) {
    // A cycle reaches a meter at another hundredth each time, within 3 s.
    now = firstAtMs + index * quarterHourMs + Math.floor(random() * 300) * 10;
    const payload = packPayload(meter.telegramsNow());
    // telegramsNow() counts no access; a meter that is read does.
    payload[accessNumberAt] = index & 0xff;
    yield { meterId, number: index + 1, readAtMs: now, layoutId: 1, clockStatus: 0, payload };
  }
}
