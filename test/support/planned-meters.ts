import type { PlannedMeters } from "../../src/host/buses.js";
import type { AesKey } from "../../src/mbus/index.js";
import type { MeterRow } from "../../src/ports/index.js";

/** A meter list that stays as it is. */
export function plannedMeters(rows: readonly MeterRow[], keys: ReadonlyMap<number, AesKey> = new Map()): PlannedMeters {
  return {
    on: (busName) => rows.filter(({ interfaceName }) => interfaceName === busName),
    find: (meterId) => rows.find(({ id }) => id === meterId),
    keyOf: (meterId) => keys.get(meterId),
    keyFor: (meterId) => keys.get(meterId),
  };
}
