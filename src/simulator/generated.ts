/** As many meters as wanted, of all media, from a seed. */
import type { SimulatedMeterSpec } from "./meter.js";
import { seededRandom } from "./random.js";
import { type SourceTelegramName, sourceTelegrams } from "./telegrams.js";

const names = Object.keys(sourceTelegrams) as SourceTelegramName[];
/** Every so-many-th meter sends a second telegram. */
const multiTelegramEvery = 10;

/** So many meters with different identifications; primary addresses 1 to 250 in order, those beyond unconfigured (0). */
export function generatedMeters(count: number, seed: number): readonly SimulatedMeterSpec[] {
  const random = seededRandom(seed);
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, index) => {
    const telegram = names[index % names.length] ?? "gwfMtk";
    let identification = "";
    do identification = String(Math.floor(random() * 100_000_000)).padStart(8, "0");
    while (taken.has(identification));
    taken.add(identification);
    const isMulti = (index + 1) % multiTelegramEvery === 0;
    return {
      name: `${telegram}-${identification}`,
      telegrams: isMulti ? [telegram, telegram] : [telegram],
      identification,
      primaryAddress: index < 250 ? index + 1 : 0,
      seed: Math.floor(random() * 0x7fffffff),
    };
  });
}
