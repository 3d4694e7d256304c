/**
 * Where the attributes and methods of an object lie behind its base name (IEC 62056-6-2, column "short name" of each
 * class): attribute n at 8 * (n - 1), methods behind them, in some classes with a gap.
 */
import type { InterfaceClass } from "./interface-class.js";

const step = 8;

/** Offset of method 1 by class id; elsewhere methods follow the last attribute. */
const firstMethodOffset: ReadonlyMap<number, number | ((version: number) => number)> = new Map<
  number,
  number | ((version: number) => number)
>([
  [3, 0x28],
  [4, 0x38],
  [5, 0x48],
  [6, 0x30],
  [7, 0x58],
  [8, 0x60],
  [9, 0x20],
  // Methods 1 and 2 are reserved: from version 3 on attributes stand in their place.
  [12, 0x20],
  [15, 0x60],
  [17, 0x20],
  [18, 0x40],
  [20, 0x50],
  [42, 0x60],
  [70, 0x20],
  [72, (version) => (version === 0 ? 0x60 : 0x70)],
]);

export interface ShortNameMember {
  readonly kind: "attribute" | "method";
  readonly index: number;
}

export interface ShortNameLayout {
  /** From base name to the end of the last member; a multiple of 8. */
  readonly span: number;
  memberAt(offset: number): ShortNameMember | undefined;
  offsetOf(member: ShortNameMember): number | undefined;
}

const layouts = new WeakMap<InterfaceClass, ShortNameLayout>();

export function shortNameLayout(interfaceClass: InterfaceClass): ShortNameLayout {
  const known = layouts.get(interfaceClass);
  if (known !== undefined) return known;
  const made = makeLayout(interfaceClass);
  layouts.set(interfaceClass, made);
  return made;
}

function makeLayout({ classId, version, attributeAt, methodAt }: InterfaceClass): ShortNameLayout {
  const members: (ShortNameMember | undefined)[] = [];
  attributeAt.forEach((entry, index) => {
    if (entry !== undefined) members[index - 1] = { kind: "attribute", index };
  });
  const own = firstMethodOffset.get(classId);
  const firstMethod = (typeof own === "function" ? own(version) : (own ?? members.length * step)) / step;
  methodAt.forEach((entry, index) => {
    if (entry === undefined) return;
    const place = firstMethod + index - 1;
    if (members[place] !== undefined) throw new RangeError(`class ${classId}: method ${index} lies on an attribute`);
    members[place] = { kind: "method", index };
  });
  return {
    span: members.length * step,
    memberAt: (offset) => (offset % step === 0 ? members[offset / step] : undefined),
    offsetOf({ kind, index }) {
      const place = kind === "attribute" ? index - 1 : firstMethod + index - 1;
      const member = members[place];
      return member?.kind === kind && member.index === index ? place * step : undefined;
    },
  };
}
