/** Readings of a simulated meter each quarter hour, its counters moving, read a little late each time. */
import { packPayload } from "../../../src/mbus/index.js";
import type { ReadingRow } from "../../../src/ports/index.js";
import { createSimulatedMeter, type SourceTelegramName } from "../../../src/simulator/index.js";
import { seededRandom } from "../../../src/simulator/random.js";

const quarterHour = 900_000;
const accessNumberAt = 2 + 9;

export function simulatedReadings(telegram: SourceTelegramName, count: number, meterId = 1): readonly ReadingRow[] {
  let now = 0;
  const clock = { now: () => now, monotonic: () => now, after: () => () => {} };
  const spec = { name: telegram, telegrams: [telegram], identification: "06855817", primaryAddress: 1, seed: 7 };
  const meter = createSimulatedMeter(spec, clock);
  const random = seededRandom(count);
  return Array.from({ length: count }, (_, index) => {
    // A cycle of many meters ends at another hundredth each time, some seconds after the quarter hour.
    now = Date.UTC(2026, 0, 1) + index * quarterHour + Math.floor(random() * 300) * 10;
    const payload = packPayload(meter.telegramsNow());
    // telegramsNow() counts no access; a meter that is read does.
    payload[accessNumberAt] = index & 0xff;
    return { meterId, number: index + 1, readAtMs: now, layoutId: 1, clockStatus: 0, payload };
  });
}
