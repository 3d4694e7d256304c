/**
 * Base names of the objects of one logical device. Four objects have names by the standard; all others get the first
 * room that is large enough, in the order of the object list. An object keeps its name while it exists; what a vanished
 * one had is free again. 16 bits in steps of 8 hold some 1,300 registers: what finds no room has no name and is not
 * listed.
 */
import type { InterfaceClass } from "../model/interface-class.js";
import { type LogicalName, logicalName } from "../model/logical-name.js";
import { shortNameLayout } from "../model/short-name-layout.js";

/** What an object is known by. */
export interface ObjectKey {
  readonly interfaceClass: InterfaceClass;
  readonly logicalName: LogicalName;
}

/** A base name given beforehand, as a head-end may expect it. */
export interface FixedBaseName {
  readonly classId: number;
  readonly logicalName: LogicalName;
  readonly baseName: number;
}

export interface BaseNameEntry {
  readonly baseName: number;
  /** Behind the last attribute or method. */
  readonly end: number;
  readonly classId: number;
  readonly logicalName: LogicalName;
}

/** IEC 62056-6-2, reserved base names. The logical device name may also be a Register. */
const reservedBaseNames: readonly FixedBaseName[] = [
  { classId: 12, logicalName: logicalName("0-0:40.0.0*255"), baseName: 0xfa00 },
  { classId: 9, logicalName: logicalName("0-0:10.0.125*255"), baseName: 0xfb00 },
  { classId: 17, logicalName: logicalName("0-0:41.0.0*255"), baseName: 0xfc00 },
  { classId: 1, logicalName: logicalName("0-0:42.0.0*255"), baseName: 0xfd00 },
  { classId: 3, logicalName: logicalName("0-0:42.0.0*255"), baseName: 0xfd00 },
];

/** Names below are left free, and those from the first reserved one on. */
const firstName = 0x0100;
const behindLastName = 0xfa00;

export interface BaseNames {
  /** In order of base name. */
  readonly entries: readonly BaseNameEntry[];
  /** Takes in what the device has now. */
  refresh(objects: Iterable<ObjectKey>): void;
  /** The entry that a name lies in. */
  entryAt(name: number): BaseNameEntry | undefined;
}

/** @param fixed  @throws RangeError where a fixed name is no multiple of 8 from 8 to F9F8 */
export function createBaseNames(fixed: readonly FixedBaseName[] = []): BaseNames {
  const fixedNames = new Map(reservedBaseNames.map((name) => [keyOf(name.classId, name.logicalName), name.baseName]));
  for (const { classId, logicalName: name, baseName } of fixed) {
    if (baseName % 8 !== 0 || baseName < 8 || baseName >= behindLastName) {
      throw new RangeError(`not a base name: ${baseName}`);
    }
    fixedNames.set(keyOf(classId, name), baseName);
  }
  let entries: readonly BaseNameEntry[] = [];

  function refresh(objects: Iterable<ObjectKey>): void {
    const known = new Map(entries.map((entry) => [keyOf(entry.classId, entry.logicalName), entry]));
    const kept: BaseNameEntry[] = [];
    const fresh: Omit<BaseNameEntry, "baseName">[] = [];
    for (const { interfaceClass, logicalName: name } of objects) {
      const { classId } = interfaceClass;
      const key = keyOf(classId, name);
      const { span } = shortNameLayout(interfaceClass);
      const entry = known.get(key);
      const fixedName = fixedNames.get(key);
      // Another version of the class may be longer: then it is another object.
      if (entry !== undefined && entry.end - entry.baseName === span) kept.push(entry);
      else if (fixedName === undefined) fresh.push({ end: span, classId, logicalName: name });
      else kept.push({ baseName: fixedName, end: fixedName + span, classId, logicalName: name });
    }
    if (fresh.length > 0 || kept.length !== entries.length) entries = place(kept, fresh);
  }

  return {
    get entries() {
      return entries;
    },
    refresh,
    entryAt(name) {
      let low = 0;
      let high = entries.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((entries[middle]?.baseName ?? 0) <= name) low = middle + 1;
        else high = middle;
      }
      const entry = entries[low - 1];
      return entry !== undefined && name < entry.end ? entry : undefined;
    },
  };
}

interface Gap {
  start: number;
  readonly end: number;
}

const inOrder = (one: { readonly baseName: number }, other: { readonly baseName: number }) =>
  one.baseName - other.baseName;

/** @param fresh  with the span as `end` */
function place(
  kept: readonly BaseNameEntry[],
  fresh: readonly Omit<BaseNameEntry, "baseName">[],
): readonly BaseNameEntry[] {
  const placed = withoutOverlaps([...kept].sort(inOrder));
  let gaps = gapsBetween(placed);
  for (const object of fresh) {
    const gap = gaps.find(({ start, end }) => end - start >= object.end);
    if (gap === undefined) continue;
    placed.push({ ...object, baseName: gap.start, end: gap.start + object.end });
    gap.start += object.end;
    if (gap.start === gap.end) gaps = gaps.filter((other) => other !== gap);
  }
  return placed.sort(inOrder);
}

/** Two fixed names may be too close to each other: the second has to do without. */
function withoutOverlaps(sorted: readonly BaseNameEntry[]): BaseNameEntry[] {
  let end = 0;
  return sorted.filter((entry) => {
    if (entry.baseName < end) return false;
    end = entry.end;
    return true;
  });
}

function gapsBetween(sorted: readonly BaseNameEntry[]): Gap[] {
  const gaps: Gap[] = [];
  let start = firstName;
  for (const entry of sorted) {
    if (entry.baseName >= behindLastName) break;
    if (entry.baseName > start) gaps.push({ start, end: entry.baseName });
    start = Math.max(start, entry.end);
  }
  if (start < behindLastName) gaps.push({ start, end: behindLastName });
  return gaps;
}

function keyOf(classId: number, name: LogicalName): string {
  return `${classId}:${name}`;
}
