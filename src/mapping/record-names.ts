import type { LogicalName } from "../../cosem/index.js";
import type { MeterHeader } from "../mbus/index.js";
import { packPayload } from "../mbus/index.js";
import type { LoadedMap } from "./load-maps.js";
import { type ReadField, readFields } from "./manufacturer-data.js";
import { manufacturerFields } from "./match-record.js";
import { nameObject, type ObjectName } from "./object-naming.js";
import { servedTypeOf } from "./served-value.js";
import { compileShape } from "./shape.js";

/**
 * Names for the records of one telegram alone, as `decode` shows them: distinct within it, in its records' order,
 * undefined for bad records; behind them those of the fields that a map knows in the manufacturer's data.
 * @param telegram  application data from the CI field on
 * @throws DecodeError as decodeApplication() does
 */
export function nameRecords(
  maps: readonly LoadedMap[],
  meter: MeterHeader,
  telegram: Uint8Array,
): readonly (ObjectName | undefined)[] {
  const taken = new Set<LogicalName>();
  return compileShape(packPayload([telegram]), manufacturerFields(maps, meter)).slots.map((slot) => {
    if (slot.isBad) return undefined;
    const name = nameObject(maps, meter, slot, servedTypeOf(slot).dataType, taken);
    taken.add(name.logicalName);
    return name;
  });
}

/** What the maps know of a meter's manufacturer-specific data. @param data  behind DIF 0F or 1F */
export function readManufacturerData(
  maps: readonly LoadedMap[],
  meter: MeterHeader,
  data: Uint8Array,
): readonly ReadField[] {
  return readFields(manufacturerFields(maps, meter), data);
}
