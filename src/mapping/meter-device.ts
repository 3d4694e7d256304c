/**
 * The logical device of one meter. It keeps its row, its newest reading as sent and a few numbers; objects are made
 * when asked for, from the kind that all meters of one make share: 100,000 meters must fit.
 */
import {
  type CosemObject,
  type Data,
  DataClass,
  ExtendedRegister,
  type LogicalDevice,
  type LogicalName,
  nullData,
  Register,
} from "../../cosem/index.js";
import type { PayloadHeader } from "../mbus/index.js";
import type { MeterRow } from "../ports/index.js";
import type { FixedObjects } from "./fixed-objects.js";
import type { MeterKind } from "./kind.js";
import type { KindObject } from "./kind-object.js";
import { createDataObject, createRegisterObject } from "./meter-objects.js";
import {
  type LastReadout,
  type LiveReading,
  liveDoors,
  type MeterDeviceParts,
  type MeterView,
  type NewestReading,
  type ReceivedReading,
  type RefusedReception,
  servedClassId,
} from "./meter-view.js";
import type { OwnObjects } from "./own-objects.js";
import type { ReadingQuality } from "./quality.js";

/** What all meter devices share. */
export interface MeterDeviceHome extends MeterDeviceParts {
  /** Objects that come from no record; undefined: of a meter not read yet. */
  fixedObjects(kind: Pick<MeterKind, "valueGroupA"> | undefined): FixedObjects;
}

export class MeterDevice implements LogicalDevice, MeterView {
  readonly kind = "meter";
  row: MeterRow;
  meterKind: MeterKind | undefined;
  own: OwnObjects | undefined;
  newest: NewestReading | undefined;
  live: LiveReading | undefined;
  quality: ReadingQuality | undefined;
  lastReadout: LastReadout | undefined;
  received: ReceivedReading | undefined;
  refused: RefusedReception | undefined;
  readonly parts: MeterDeviceHome;

  constructor(parts: MeterDeviceHome, row: MeterRow, meterKind: MeterKind | undefined) {
    this.parts = parts;
    this.row = compactRow(row);
    this.meterKind = meterKind;
    this.own = undefined;
    this.newest = undefined;
    this.live = undefined;
    this.quality = undefined;
    this.lastReadout = undefined;
    this.received = undefined;
    this.refused = undefined;
  }

  /** The logical device name, or `sap<n>` before the first good readout. */
  get name(): string {
    return this.row.logicalDeviceName ?? `sap${this.row.sap}`;
  }

  get sap(): number {
    return this.row.sap;
  }

  /** Access number, status and signature of the newest reading's first telegram. */
  header(door?: string): PayloadHeader | undefined {
    const reading = this.reading(door);
    return reading?.layout.shape.header(reading.payload);
  }

  reading(door?: string): LiveReading | undefined {
    const { live } = this;
    return live === undefined || door === undefined || !liveDoors.has(door) ? this.newest : live;
  }

  value(object: KindObject, door?: string): Data {
    const reading = this.reading(door);
    return reading === undefined ? nullData : reading.layout.value(reading.payload, object.position);
  }

  find(name: LogicalName, classId: number | undefined): CosemObject | undefined {
    // Values first: they are what is asked for again and again, and a record that has a name keeps it.
    const asked = classId === undefined ? undefined : this.kindObject(name, classId);
    if (asked !== undefined) return this.valueObject(asked);
    const fixed = this.fixedObjects.find(name, classId);
    const object = fixed === undefined ? this.kindObject(name, classId) : this.kindObject(name, fixed.classId);
    if (object !== undefined) return this.valueObject(object);
    return fixed === undefined || fixed.isOf?.(this) === false ? undefined : fixed.make(this);
  }

  *objects(): Iterable<CosemObject> {
    for (const fixed of this.fixedObjects.all) {
      const isRecord = this.kindObject(fixed.name, fixed.classId) !== undefined;
      if (!isRecord && fixed.isOf?.(this) !== false) yield fixed.make(this);
    }
    for (const object of this.own?.objects ?? []) yield this.valueObject(object);
  }

  private get fixedObjects(): FixedObjects {
    return this.parts.fixedObjects(this.meterKind);
  }

  /** By the class that it is served as. */
  private kindObject(name: LogicalName, classId: number | undefined): KindObject | undefined {
    const { own, parts } = this;
    if (own === undefined) return undefined;
    if (parts.serving.profile === "open" || classId === undefined) return own.find(name, classId);
    if (classId === ExtendedRegister.classId) return undefined;
    const extended = classId === Register.classId ? own.find(name, ExtendedRegister.classId) : undefined;
    return extended ?? own.find(name, classId);
  }

  private valueObject(object: KindObject): CosemObject {
    switch (servedClassId(object, this.parts.serving.profile)) {
      case Register.classId:
        return createRegisterObject(Register, this, object);
      case ExtendedRegister.classId:
        return createRegisterObject(ExtendedRegister, this, object);
      case DataClass.classId:
        return createDataObject(object.logicalName, (door) => this.value(object, door));
      default:
        throw new RangeError(`class ${object.classId} is not made from a record`);
    }
  }
}

/** The same row as an object of one shape for all meters: copies made by spreading weigh 300 bytes more. */
export function compactRow(row: MeterRow): MeterRow {
  return {
    id: row.id,
    sap: row.sap,
    logicalDeviceName: row.logicalDeviceName,
    kind: row.kind,
    interfaceName: row.interfaceName,
    secondaryAddress: row.secondaryAddress,
    primaryAddress: row.primaryAddress,
    fabricationNumber: row.fabricationNumber,
    position: row.position,
    baudRate: row.baudRate,
    addressingMode: row.addressingMode,
    receiver: row.receiver,
    isPassive: row.isPassive,
    mbus: row.mbus,
    isDeclared: row.isDeclared,
    lastNumber: row.lastNumber,
    removedAtMs: row.removedAtMs,
  };
}
