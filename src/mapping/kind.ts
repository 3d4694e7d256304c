/**
 * A meter kind (manufacturer, medium, version): the objects all its meters serve, and the layouts their readouts come
 * in. Objects are assigned once, in the order of appearance, and never change (DESIGN, decisions 5 and 7).
 *
 * A record's value lands in the first object of its identity that can hold it exactly; an exponent finer than the
 * object's, another unit or a number too large needs a further object, `<identity>~2`.
 */
import { type Data, type DataType, type LogicalName, logicalName, nullData } from "../../cosem/index.js";
import type { MeterHeader, RecordValue } from "../mbus/index.js";
import type { KindObjectRow } from "../ports/index.js";
import type { KindObject } from "./kind-object.js";
import type { LoadedMap } from "./load-maps.js";
import { type ReadField, readFields } from "./manufacturer-data.js";
import { manufacturerFields, valueGroupA } from "./match-record.js";
import { nameObject } from "./object-naming.js";
import { type LayoutUse, OwnObjects } from "./own-objects.js";
import { type Conversion, conversionTo, convertValue, servedTypeOf } from "./served-value.js";
import { compileShape, type Shape, type ShapeSlot } from "./shape.js";

interface Feed {
  readonly position: number;
  readonly conversion: Conversion;
}

/** A layout of the kind with where each slot's value goes. */
export class KindLayout {
  readonly id: number;
  readonly shape: Shape;
  /** By slot: the objects it may land in, the first that holds the value exactly. */
  private feeds: readonly (readonly Feed[])[] = [];
  /** By object position: its slot, or -1. */
  private slotOf: Int32Array = new Int32Array(0);
  /** No value of this shape can be too large for its object. */
  private holdsEverything = false;
  /** Of the objects that values of this shape can land in. */
  positions: readonly number[] = [];

  constructor(id: number, shape: Shape) {
    this.id = id;
    this.shape = shape;
  }

  connect(feeds: readonly (readonly Feed[])[], objectCount: number): void {
    this.feeds = feeds;
    this.holdsEverything = feeds.every(
      (targets, slot) => this.isBad(slot) || targets.some((feed) => feed.conversion.alwaysFits),
    );
    this.slotOf = new Int32Array(objectCount).fill(-1);
    feeds.forEach((targets, slot) => {
      for (const target of targets) this.slotOf[target.position] = slot;
    });
    this.positions = feeds.flatMap((targets) => {
      const last = targets.findIndex((feed) => feed.conversion.alwaysFits);
      return (last < 0 ? targets : targets.slice(0, last + 1)).map((feed) => feed.position);
    });
  }

  /** The record behind an object in this layout; undefined: the object's record is not in these telegrams. */
  slotAt(position: number): ShapeSlot | undefined {
    return this.shape.slots[this.slotOf[position] ?? -1];
  }

  /** Value of one object in a payload of this layout; null-data where it has none or it is not valid. */
  value(payload: Uint8Array, position: number): Data {
    const slot = this.slotOf[position] ?? -1;
    if (slot < 0) return nullData;
    const value = this.shape.read(payload, slot);
    for (const feed of this.feeds[slot] ?? []) {
      const served = convertValue(value, feed.conversion);
      if (served !== undefined) return feed.position === position ? served : nullData;
    }
    return nullData;
  }

  /** As value(), but null-data under a record error: what has no room for a status must not pass as good. */
  goodValue(payload: Uint8Array, position: number): Data {
    const error = this.slotAt(position)?.information.recordError;
    return error === undefined ? this.value(payload, position) : nullData;
  }

  /** Slots whose value in this payload no object can hold, those without any object included. */
  homelessSlots(payload: Uint8Array): readonly number[] {
    if (this.holdsEverything) return [];
    const values = this.shape.readAll(payload);
    return values.flatMap((value, slot) => (this.isHomeless(value, slot) ? [slot] : []));
  }

  private isBad(slot: number): boolean {
    return this.shape.slots[slot]?.isBad === true;
  }

  private isHomeless(value: RecordValue, slot: number): boolean {
    if (this.isBad(slot)) return false;
    const feeds = this.feeds[slot] ?? [];
    return !feeds.some((feed) => convertValue(value, feed.conversion) !== undefined);
  }
}

export interface KindParts {
  readonly key: string;
  readonly maps: readonly LoadedMap[];
  /** Manufacturer, medium and version as maps ask for them. */
  readonly meter: MeterHeader;
  /** Names that every device of the gateway has for itself. */
  readonly reserved: readonly LogicalName[];
}

export class MeterKind {
  readonly key: string;
  /** Value group A of the medium. */
  readonly valueGroupA: number;
  readonly objects: KindObject[] = [];
  readonly layouts: KindLayout[] = [];
  /** Counts the calls of connect(): what was worked out before the last one may be out of date. */
  generation = 0;
  private readonly parts: KindParts;
  private readonly byName = new Map<LogicalName, KindObject[]>();
  private readonly byIdentity = new Map<string, KindObject[]>();
  private readonly histories = new Map<string, OwnObjects>();

  constructor(parts: KindParts) {
    this.parts = parts;
    this.key = parts.key;
    this.valueGroupA = valueGroupA(parts.maps, parts.meter);
  }

  /** Told apart by their class. */
  named(name: LogicalName): readonly KindObject[] {
    return this.byName.get(name) ?? [];
  }

  /** What a meter serves that has sent these layouts. One for all meters with the same history. */
  ownObjects(uses: readonly LayoutUse[]): OwnObjects {
    const key = uses.map(({ layoutId, ordinal, objectCount }) => `${layoutId} ${ordinal} ${objectCount}`).join();
    let own = this.histories.get(key);
    if (own === undefined) {
      own = new OwnObjects(this, uses);
      this.histories.set(key, own);
    }
    return own;
  }

  /** A shape with the fields that the maps know in this make's manufacturer-specific data. */
  compile(payload: Uint8Array): Shape {
    return compileShape(payload, manufacturerFields(this.parts.maps, this.parts.meter));
  }

  /** What the maps know of this make's manufacturer-specific data. @param data  behind DIF 0F or 1F */
  readManufacturerData(data: Uint8Array): readonly ReadField[] {
    return readFields(manufacturerFields(this.parts.maps, this.parts.meter), data);
  }

  layoutById(id: number): KindLayout | undefined {
    return this.layouts.find((layout) => layout.id === id);
  }

  /** The layout of a payload, where its shape was seen before. */
  layoutOf(payload: Uint8Array): KindLayout | undefined {
    return this.layouts.find((layout) => layout.shape.matches(payload));
  }

  /** A layout led to the objects there are; it is not the kind's until it is pushed to `layouts`. */
  prepare(id: number, shape: Shape): KindLayout {
    const layout = new KindLayout(id, shape);
    this.lead(layout);
    return layout;
  }

  /**
   * Objects that slots of a layout need and the kind has not: rows to be kept before they are shown.
   * @param slots  from homelessSlots()
   */
  plan(shape: Shape, slots: readonly number[]): KindObjectRow[] {
    return this.planFor(slots.flatMap((slot) => shape.slots[slot] ?? []));
  }

  private planFor(slots: readonly ShapeSlot[]): KindObjectRow[] {
    const taken = new Set<string>([...this.parts.reserved, ...this.byName.keys()]);
    const rows: KindObjectRow[] = [];
    for (const slot of slots) {
      const type = servedTypeOf(slot);
      const name = nameObject(this.parts.maps, this.parts.meter, slot, type.dataType, taken);
      taken.add(name.logicalName);
      const before = this.byIdentity.get(slot.identity)?.length ?? 0;
      rows.push({
        kind: this.key,
        identity: before === 0 ? slot.identity : `${slot.identity}~${before + 1}`,
        classId: name.classId,
        logicalName: name.logicalName,
        scaler: type.scaler,
        unit: type.unit,
        dataType: type.dataType,
        position: this.objects.length + rows.length,
        unmapped: name.unmapped,
      });
    }
    return rows;
  }

  /** Takes in rows that are kept; call connect() after the last. */
  adopt(row: KindObjectRow): void {
    const object: KindObject = {
      row,
      position: row.position,
      classId: row.classId,
      logicalName: logicalName(row.logicalName),
      dataType: row.dataType as DataType,
      scaler: row.scaler,
      unit: row.unit,
      record: undefined,
    };
    this.objects[row.position] = object;
    append(this.byName, object.logicalName, object);
    append(this.byIdentity, row.identity.replace(/~\d+$/, ""), object);
  }

  /** Leads every slot of every layout to its objects, after objects or layouts were added. */
  connect(): void {
    this.generation += 1;
    for (const layout of this.layouts) this.lead(layout);
  }

  private lead(layout: KindLayout): void {
    const feeds = layout.shape.slots.map((slot) => this.targetsOf(slot));
    layout.connect(feeds, this.objects.length);
    layout.shape.slots.forEach((slot, index) => {
      for (const feed of feeds[index] ?? []) {
        const object = this.objects[feed.position];
        if (object !== undefined) object.record ??= slot;
      }
    });
  }

  private targetsOf(slot: ShapeSlot): Feed[] {
    const feeds: Feed[] = [];
    if (slot.isBad) return feeds;
    for (const object of this.byIdentity.get(slot.identity) ?? []) {
      const conversion = conversionTo(object, slot);
      if (conversion !== undefined) feeds.push({ position: object.position, conversion });
    }
    return feeds;
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
