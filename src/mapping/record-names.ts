import type { LogicalName } from "../../cosem/index.js";
import type { MeterHeader } from "../mbus/index.js";
import { packPayload } from "../mbus/index.js";
import type { LoadedMap } from "./load-maps.js";
import { manufacturerFields } from "./match-record.js";
import { nameObject, type ObjectName } from "./object-naming.js";
import { servedTypeOf } from "./served-value.js";
import { compileShape } from "./shape.js";

/**
 * Names for the records of one telegram alone, as `decode` shows them: distinct within it, in its records' order; behind
 * them those of the fields that a map knows in the manufacturer's data.
 * @param telegram  application data from the CI field on
 * @throws DecodeError as decodeApplication() does
 */
export function nameRecords(
  maps: readonly LoadedMap[],
  meter: MeterHeader,
  telegram: Uint8Array,
): readonly ObjectName[] {
  const taken = new Set<LogicalName>();
  return compileShape(packPayload([telegram]), manufacturerFields(maps, meter)).slots.map((slot) => {
    const name = nameObject(maps, meter, slot, servedTypeOf(slot).dataType, taken);
    taken.add(name.logicalName);
    return name;
  });
}
