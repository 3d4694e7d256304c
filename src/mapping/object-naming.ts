/** Gives records their objects' class and logical name, distinct within a meter kind. */
import { type LogicalName, logicalName } from "../../cosem/index.js";
import type { MeterHeader } from "../mbus/index.js";
import type { LoadedMap } from "./load-maps.js";
import { matchRecord, type RecordFacts, valueGroupA } from "./match-record.js";
import { isNumericType, type TypedRecord } from "./served-value.js";

/** Class and name of a value object. */
export interface ObjectName {
  readonly classId: 1 | 3 | 4;
  readonly logicalName: LogicalName;
  /** No map knew the record. */
  readonly unmapped: boolean;
}

const classIds = { Data: 1, Register: 3, ExtendedRegister: 4 } as const;

/**
 * Channels (value group B) that a second record of the same meaning takes: far from the usual subunits, and below
 * 59-63, which the maps use.
 */
const firstFreeChannel = 32;
const lastFreeChannel = 58;
const lastChannel = 63;

/**
 * The object of one record. The rule's name, or where it is taken the same on a free channel; without a rule a code
 * in the manufacturer range (C = 128, IEC 62056-6-1), counted up in D and E in the order of appearance.
 * @param dataType  type under which the value is served: what is no number is Data, whatever the map says
 * @param taken  names that this meter kind or its device has already; not changed
 */
export function nameObject(
  maps: readonly LoadedMap[],
  meter: MeterHeader,
  record: RecordFacts & Pick<TypedRecord, "valueKind">,
  dataType: string,
  taken: ReadonlySet<string>,
): ObjectName {
  const match = matchRecord(maps, meter, record);
  const free = match === undefined ? undefined : firstFree(match.logicalName, taken, record.valueKind !== "none");
  const numberClass = match === undefined ? 4 : classIds[match.class];
  const classId = isNumericType(dataType) ? numberClass : 1;
  if (free !== undefined) return { classId, logicalName: free, unmapped: false };
  const a = valueGroupA(maps, meter);
  return {
    classId,
    logicalName: manufacturerCode(a, Math.min(record.subunit, lastChannel), taken),
    unmapped: true,
  };
}

/** @param hasData  a record without data leaves the plain name to one that has a value, in this telegram or a later one */
function firstFree(name: LogicalName, taken: ReadonlySet<string>, hasData: boolean): LogicalName | undefined {
  if (hasData && !taken.has(name)) return name;
  const [a, , rest] = splitChannel(name);
  for (let channel = firstFreeChannel; channel <= lastFreeChannel; channel++) {
    const other = logicalName(`${a}-${channel}:${rest}`);
    if (!taken.has(other)) return other;
  }
  return undefined;
}

function splitChannel(name: LogicalName): readonly [string, string, string] {
  const [, a = "0", b = "0", rest = ""] = /^(\d+)-(\d+):(.*)$/.exec(name) ?? [];
  return [a, b, rest];
}

/** 65,536 codes: many times the records of any meter kind. */
function manufacturerCode(a: number, b: number, taken: ReadonlySet<string>): LogicalName {
  for (let number = 0; number < 0x10000; number++) {
    const name = logicalName(`${a}-${b}:128.${number >> 8}.${number & 0xff}*255`);
    if (!taken.has(name)) return name;
  }
  throw new RangeError("all codes of the manufacturer range are taken for this meter kind");
}
