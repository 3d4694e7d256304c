/**
 * What one meter serves of its kind's objects: those of the layouts that it has sent itself, not those that other meters
 * of the kind taught (DESIGN, decision 5). In the order in which the meter came to have them, so that columns of its
 * profiles are only ever added at the end, over restarts too. Meters with the same history share one list.
 */
import type { LogicalName } from "../../cosem/index.js";
import type { MeterLayoutRow } from "../ports/index.js";
import type { KindObject } from "./kind-object.js";
import { isNumericType } from "./served-value.js";

export type LayoutUse = Omit<MeterLayoutRow, "meterId">;

/** Of the kind, what it takes. */
export interface ObjectsOfKind {
  readonly objects: readonly KindObject[];
  /** Changes when there are more objects, or layouts lead to others. */
  readonly generation: number;
  named(name: LogicalName): readonly KindObject[];
  layoutById(id: number): { readonly positions: readonly number[] } | undefined;
}

export class OwnObjects {
  /** In the order of their first use. */
  readonly uses: readonly LayoutUse[];
  private readonly kind: ObjectsOfKind;
  private listed: readonly KindObject[] = [];
  private columns: readonly KindObject[] = [];
  private readonly positions = new Set<number>();
  private generation = -1;

  constructor(kind: ObjectsOfKind, uses: readonly LayoutUse[]) {
    this.kind = kind;
    this.uses = uses;
  }

  /** The same array until the meter has one more. */
  get objects(): readonly KindObject[] {
    this.refresh();
    return this.listed;
  }

  /** Those that are columns of a profile. */
  get registers(): readonly KindObject[] {
    this.refresh();
    return this.columns;
  }

  find(name: LogicalName, classId: number | undefined): KindObject | undefined {
    this.refresh();
    return this.kind
      .named(name)
      .find((object) => (classId === undefined || object.classId === classId) && this.positions.has(object.position));
  }

  private refresh(): void {
    if (this.generation === this.kind.generation) return;
    this.generation = this.kind.generation;
    const seen = this.firstSeen();
    if (seen.size === this.listed.length) return;
    this.listed = [...seen.entries()]
      .sort(
        ([one, [since, use]], [other, [sinceOther, useOther]]) => since - sinceOther || use - useOther || one - other,
      )
      .flatMap(([position]) => this.kind.objects[position] ?? []);
    this.columns = this.listed.filter((object) => isNumericType(object.dataType));
    for (const position of seen.keys()) this.positions.add(position);
  }

  /** By position: how many objects the kind had when the meter came to have this one, and by which layout. */
  private firstSeen(): Map<number, readonly [since: number, use: number]> {
    const seen = new Map<number, readonly [number, number]>();
    for (const { layoutId, ordinal, objectCount } of this.uses) {
      for (const position of this.kind.layoutById(layoutId)?.positions ?? []) {
        // A later object of a layout already in use: a value no object could hold.
        const since = Math.max(objectCount, position + 1);
        const known = seen.get(position);
        if (known === undefined || since < known[0]) seen.set(position, [since, ordinal]);
      }
    }
    return seen;
  }
}
