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
  [/^\d+-\d+:0\.0\.\d+\*255$/, "identification number"],
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

/** What a meter is there to count, before what it measures on the way. */
const counted = /(^|\W)(energy|volume|mass|heat cost allocation)$/i;
const elapsedUnits: ReadonlySet<string> = new Set(["s", "min", "h", "d", "month", "year"]);
/** From here on a value is shown only where there is nothing better: text, flags, dates. */
const sideIssue = 1_000;

/** From here on a value is of another time, or a side of the meter that few look at. */
const notNow = 100;

/**
 * The values that say most about a meter, for lists: what it counts, then what it measures now, each quantity once
 * before any comes again, then the rest. The order of the meter's own records decides between equals.
 */
export function mainValues(descriptions: readonly ObjectDescription[], count: number): readonly ObjectDescription[] {
  const ranked = descriptions
    .filter((description) => !description.manufacturerSpecific && description.function !== "error")
    .map((description, position) => ({ description, position, rank: rankOf(description) }))
    .sort((left, right) => left.rank - right.rank || left.position - right.position);
  const quantities = new Set<string>();
  const first = ranked.filter(({ description: { quantity }, rank }) => {
    if (rank >= notNow || quantities.has(quantity)) return false;
    quantities.add(quantity);
    return true;
  });
  const hasBetter = (ranked[0]?.rank ?? sideIssue) < sideIssue;
  return [...new Set([...first, ...ranked])]
    .filter(({ rank }) => !hasBetter || rank < sideIssue)
    .slice(0, count)
    .map(({ description }) => description);
}

function rankOf(description: ObjectDescription): number {
  const { quantity, function: kind, storage, tariff, subunit, unit, modifiers, unmapped } = description;
  if (unit === "") return sideIssue;
  if (elapsedUnits.has(unit)) return 500;
  const isTechnical = quantity === "RF level" || quantity === "plain text" || modifiers.length > 0;
  return (
    (kind === "inst" ? 0 : notNow) +
    (storage === 0 ? 0 : notNow) +
    (isTechnical ? 200 : 0) +
    (counted.test(quantity) ? 0 : 20) +
    (tariff === 0 && subunit === 0 ? 0 : 10) +
    (unmapped ? 50 : 0)
  );
}
