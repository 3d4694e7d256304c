import { unitSymbol } from "../../../cosem/index.js";
import { isConvertedUnit, type KindObject, type MeterDevice } from "../../mapping/index.js";
import type { ObjectDescription } from "./contract.js";

/** By list of objects: thousands of meters share one. */
const described = new WeakMap<readonly KindObject[], readonly ObjectDescription[]>();

/**
 * Value objects of a meter in the order in which they were first seen: the order of a reading's cells. The same array
 * for all meters of a kind that sent the same, until it grows, so that views may keep by it what they work out from it.
 */
export function describeObjects(device: MeterDevice): readonly ObjectDescription[] {
  const objects = device.own?.objects ?? [];
  const known = described.get(objects);
  if (known !== undefined) return known;
  const descriptions = objects.map(describeObject);
  described.set(objects, descriptions);
  return descriptions;
}

function describeObject(object: KindObject): ObjectDescription {
  const { record, row } = object;
  const information = record?.information;
  return {
    classId: object.classId,
    logicalName: object.logicalName,
    quantity: inSentence(information?.quantity ?? "unknown"),
    unit: unitOf(object),
    function: record?.function ?? "inst",
    storage: record?.storage ?? 0,
    tariff: record?.tariff ?? 0,
    subunit: record?.subunit ?? 0,
    modifiers: modifiersOf(object),
    manufacturerSpecific: information?.manufacturerSpecific ?? false,
    unmapped: row.unmapped,
  };
}

/** The VIFEs' words without those that scale, which the value has in it; and which of several equal records it is. */
function modifiersOf({ record }: KindObject): readonly string[] {
  if (record === undefined) return [];
  const words = record.information.modifiers.filter((modifier) => !/^times 10\^/.test(modifier));
  return record.occurrence === 0 ? words : [...words, `record ${record.occurrence + 1} of this kind`];
}

/** The record's own unit, which knows more than COSEM's codes, unless the value was converted to another. */
function unitOf(object: KindObject): string {
  const information = object.record?.information;
  return information === undefined || isConvertedUnit(information) ? unitSymbol(object.unit) : information.unit;
}

/** `Volume flow` becomes `volume flow`; `RF level` stays. */
function inSentence(words: string): string {
  const second = words[1] ?? "";
  return second === second.toLowerCase() ? words.charAt(0).toLowerCase() + words.slice(1) : words;
}
