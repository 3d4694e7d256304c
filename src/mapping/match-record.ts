/**
 * Finds the rule for a record and writes its logical name. Rules are data; here are only the words they use.
 */
import { type LogicalName, parseLogicalName } from "../../cosem/index.js";
import type { DataRecord, MeterHeader, RecordFunction } from "../mbus/index.js";
import type { LoadedMap } from "./load-maps.js";
import type { ManufacturerField, MapFile, MapMatch, MapRule } from "./map-schema.js";

/** What of a record decides its object: all but position and value. */
export type RecordFacts = Pick<DataRecord, "function" | "storage" | "tariff" | "subunit" | "information">;

/** A rule that fits, and the name it gives. */
export interface RuleMatch {
  readonly map: LoadedMap;
  readonly ruleIndex: number;
  readonly class: MapRule["object"]["class"];
  readonly logicalName: LogicalName;
}

const functionWords: Readonly<Record<RecordFunction, string>> = {
  inst: "instantaneous",
  max: "maximum",
  min: "minimum",
  error: "error",
};

/** VIFEs that change the number or say what is so anyway: they make no other quantity. */
const withoutMeaning = /^(times 10\^|plus 10\^|standard conform|VIFE 0x00|data of type C)/;

/** Value group A of a meter: by its medium's map, else abstract objects (0). */
export function valueGroupA(maps: readonly LoadedMap[], meter: MeterHeader): number {
  for (const { map } of maps) {
    if (map.valueGroupA !== undefined && appliesTo(map, meter)) return map.valueGroupA;
  }
  return 0;
}

/** The first rule, in the maps' order, that fits the record; undefined where no map knows it. */
export function matchRecord(
  maps: readonly LoadedMap[],
  meter: MeterHeader,
  record: RecordFacts,
): RuleMatch | undefined {
  const a = valueGroupA(maps, meter);
  for (const map of maps) {
    if (!appliesTo(map.map, meter)) continue;
    for (const [ruleIndex, rule] of map.map.records.entries()) {
      if (!fits(rule.match, record, map.map.manufacturer !== undefined)) continue;
      const logicalName = writeName(rule.object.logicalName, a, record);
      if (logicalName !== undefined) return { map, ruleIndex, class: rule.object.class, logicalName };
    }
  }
  return undefined;
}

/** Fields behind DIF 0F that the maps of this very make describe. */
export function manufacturerFields(maps: readonly LoadedMap[], meter: MeterHeader): readonly ManufacturerField[] {
  const map = maps.find((candidate) => candidate.map.manufacturerData !== undefined && appliesTo(candidate.map, meter));
  return map?.map.manufacturerData ?? [];
}

function appliesTo(map: MapFile, meter: MeterHeader): boolean {
  if (map.deviceTypes !== undefined && !map.deviceTypes.includes(meter.medium ?? -1)) return false;
  if (map.manufacturer !== undefined && map.manufacturer !== meter.manufacturer) return false;
  return map.versions === undefined || map.versions.includes(meter.version ?? -1);
}

/** @param forOneManufacturer  only such a map can say what a manufacturer's own VIF or VIFE means */
function fits(match: MapMatch, record: RecordFacts, forOneManufacturer: boolean): boolean {
  const { information } = record;
  return (
    (forOneManufacturer || !information.manufacturerSpecific) &&
    includes(match.quantity, information.quantity) &&
    (match.unit === undefined || includes(match.unit, information.unit)) &&
    (match.function ?? "instantaneous") === functionWords[record.function] &&
    within(match.storageNumber ?? 0, record.storage) &&
    (match.tariff === undefined || within(match.tariff, record.tariff)) &&
    (match.subunit === undefined || within(match.subunit, record.subunit)) &&
    sameWords(match.modifiers ?? [], meaningfulModifiers(information.modifiers))
  );
}

function meaningfulModifiers(modifiers: readonly string[]): readonly string[] {
  return modifiers.filter((modifier) => !withoutMeaning.test(modifier));
}

function sameWords(wanted: readonly string[], got: readonly string[]): boolean {
  return wanted.length === got.length && wanted.every((word) => got.includes(word));
}

function includes(words: string | readonly string[], word: string): boolean {
  const list = typeof words === "string" ? [words] : words;
  return list.some((candidate) => candidate.toLowerCase() === word.toLowerCase());
}

function within(span: number | string, value: number): boolean {
  if (typeof span === "number") return span === value;
  const [from, to] = span.split("-").map(Number);
  return value >= (from ?? 0) && value <= (to ?? 0);
}

/**
 * Channels, rates and stored periods that a value group can hold (IEC 62056-6-1): B 0-63, E 0-63, F 0-99. Channels
 * from 32 on are for what would share a code, see object-naming.ts.
 */
const most = { subunit: 31, tariff: 63, storage: 99 } as const;

/** Undefined where a number does not fit its value group, so that the next rule is asked. */
function writeName(template: string, a: number, record: RecordFacts): LogicalName | undefined {
  let text = template.replace("{A}", String(a));
  for (const key of ["subunit", "tariff", "storage"] as const) {
    if (!text.includes(key)) continue;
    if (record[key] > most[key]) return undefined;
    text = text.replace(`{${key}}`, String(record[key]));
  }
  return parseLogicalName(text);
}
