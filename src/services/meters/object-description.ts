import { unitSymbol } from "../../../cosem/index.js";
import { isConvertedUnit, type KindObject, type MeterDevice } from "../../mapping/index.js";
import type { ObjectDescription } from "./contract.js";

/** Value objects of a meter in the order in which they were first seen: the order of a reading's cells. */
export function describeObjects(device: MeterDevice): readonly ObjectDescription[] {
  return (device.meterKind?.objects ?? []).map(describeObject);
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
    modifiers: information?.modifiers ?? [],
    manufacturerSpecific: information?.manufacturerSpecific ?? false,
    unmapped: row.unmapped,
  };
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
