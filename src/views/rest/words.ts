/** Words of objects: of values from MeterService, of the few others that every device has from here. */
import type { LogicalName } from "../../../cosem/index.js";
import type { ObjectDescription } from "../../services/meters/contract.js";

const functionWords = { inst: "", max: "maximum", min: "minimum", error: "during error" } as const;

/** e.g. `energy`, `volume, maximum, tariff 1`. */
export function describeValue(description: ObjectDescription): string {
  const { quantity, storage, tariff, subunit, modifiers } = description;
  const parts = [
    quantity,
    functionWords[description.function],
    tariff === 0 ? "" : `tariff ${tariff}`,
    storage === 0 ? "" : `storage ${storage}`,
    subunit === 0 ? "" : `subunit ${subunit}`,
    ...modifiers,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** Objects of the same meaning in every device, by value groups C.D.E (IEC 62056-6-1). */
const knownObjects: readonly (readonly [RegExp, string])[] = [
  [/^0-\d+:1\.0\.0\*255$/, "clock"],
  [/^0-\d+:40\.0\.\d+\*255$/, "association"],
  [/^0-0:41\.0\.0\*255$/, "list of logical devices"],
  [/^0-0:42\.0\.0\*255$/, "logical device name"],
  [/^0-\d+:43\.0\.\d+\*255$/, "security setup"],
  [/^0-\d+:43\.1\.\d+\*255$/, "frame counter"],
  [/^0-\d+:96\.1\.0\*255$/, "identification"],
  [/^0-\d+:96\.1\.\d+\*255$/, "device identifier"],
  [/^0-\d+:96\.5\.\d+\*255$/, "operating status"],
  [/^0-\d+:96\.10\.\d+\*255$/, "status"],
  [/^0-\d+:24\.1\.0\*255$/, "M-Bus client"],
  [/^\d+-\d+:0\.2\.0\*255$/, "firmware version"],
  [/^\d+-\d+:99\.1\.0\*255$/, "load profile 1: every reading"],
  [/^\d+-\d+:99\.2\.0\*255$/, "load profile 2: last reading of each day"],
  [/^\d+-\d+:98\.1\.\d+\*255$/, "billing profile"],
  [/^\d+-\d+:99\.98\.\d+\*255$/, "event log"],
];

/** Words for an object that MeterService does not describe; the class's name where nothing better is known. */
export function describeObject(logicalName: LogicalName, className: string): string {
  const known = knownObjects.find(([pattern]) => pattern.test(logicalName));
  if (known !== undefined) return known[1];
  return className.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}

const elapsedUnits: ReadonlySet<string> = new Set(["s", "min", "h", "d", "month", "year"]);

/**
 * The values that say most about a meter, for lists: measured now, main register first; times and plain numbers only
 * where there is nothing else. The order of the meter's own records decides between equals.
 */
export function mainValues(descriptions: readonly ObjectDescription[], count: number): readonly ObjectDescription[] {
  return descriptions
    .filter((description) => !description.manufacturerSpecific && description.function !== "error")
    .map((description, position) => ({ description, position, rank: rankOf(description) }))
    .sort((left, right) => left.rank - right.rank || left.position - right.position)
    .slice(0, count)
    .map(({ description }) => description);
}

function rankOf({ function: kind, storage, tariff, subunit, unit, unmapped }: ObjectDescription): number {
  return (
    (kind === "inst" ? 0 : 16) +
    (storage === 0 ? 0 : 16) +
    (unit === "" ? 32 : elapsedUnits.has(unit) ? 24 : 0) +
    (tariff === 0 ? 0 : 4) +
    (subunit === 0 ? 0 : 2) +
    (unmapped ? 8 : 0)
  );
}
