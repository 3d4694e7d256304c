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
  types,
} from "../../cosem/index.js";
import type { PayloadHeader } from "../mbus/index.js";
import type { MeterRow } from "../ports/index.js";
import type { KindObject, MeterKind } from "./kind.js";
import { createLoadProfile } from "./load-profile.js";
import { meterIdentityOf } from "./meter-identity.js";
import { createDataObject, createRegisterObject } from "./meter-objects.js";
import {
  identificationName,
  type LastReadout,
  loadProfileName,
  type MeterDeviceParts,
  type MeterView,
  type NewestReading,
  ownNames,
  statusData,
} from "./meter-view.js";

export class MeterDevice implements LogicalDevice, MeterView {
  readonly kind = "meter";
  row: MeterRow;
  meterKind: MeterKind | undefined;
  newest: NewestReading | undefined;
  lastReadout: LastReadout | undefined;
  readonly parts: MeterDeviceParts;

  constructor(parts: MeterDeviceParts, row: MeterRow, meterKind: MeterKind | undefined) {
    this.parts = parts;
    this.row = compactRow(row);
    this.meterKind = meterKind;
    this.newest = undefined;
    this.lastReadout = undefined;
  }

  /** The logical device name, or `sap<n>` before the first good readout. */
  get name(): string {
    return this.row.logicalDeviceName ?? `sap${this.row.sap}`;
  }

  get sap(): number {
    return this.row.sap;
  }

  /** Access number, status and signature of the newest reading's first telegram. */
  header(): PayloadHeader | undefined {
    return this.newest?.layout.shape.header(this.newest.payload);
  }

  value(object: KindObject): Data {
    const { newest } = this;
    return newest === undefined ? nullData : newest.layout.value(newest.payload, object.position);
  }

  find(name: LogicalName, classId: number | undefined): CosemObject | undefined {
    for (const object of this.parts.commonObjects) {
      if (object.logicalName === name && isOfClass(object, classId)) return object;
    }
    const object = this.meterKind?.find(name, classId);
    if (object !== undefined) return this.valueObject(object);
    const own = this.ownObject(name);
    return own !== undefined && isOfClass(own, classId) ? own : undefined;
  }

  *objects(): Iterable<CosemObject> {
    for (const name of this.ownObjectNames()) {
      const object = this.ownObject(name);
      if (object !== undefined) yield object;
    }
    yield* this.parts.commonObjects;
    for (const object of this.meterKind?.objects ?? []) yield this.valueObject(object);
  }

  private ownObjectNames(): readonly LogicalName[] {
    if (this.meterKind === undefined) return [ownNames.logicalDeviceName];
    const a = this.meterKind.valueGroupA;
    return [ownNames.logicalDeviceName, identificationName(a), ownNames.status, loadProfileName(a)];
  }

  /** Objects that come from no record. */
  private ownObject(name: LogicalName): CosemObject | undefined {
    if (name === ownNames.logicalDeviceName) return createDataObject(name, () => types.octetText.toData(this.name));
    const { meterKind } = this;
    if (meterKind === undefined) return undefined;
    switch (name) {
      case ownNames.status:
        return createDataObject(name, () => statusData(this.header()?.status));
      case identificationName(meterKind.valueGroupA):
        return createDataObject(name, () => identificationData(this.row.logicalDeviceName));
      case loadProfileName(meterKind.valueGroupA):
        return createLoadProfile(this, meterKind);
      default:
        return undefined;
    }
  }

  private valueObject(object: KindObject): CosemObject {
    switch (object.classId) {
      case Register.classId:
        return createRegisterObject(Register, this, object);
      case ExtendedRegister.classId:
        return createRegisterObject(ExtendedRegister, this, object);
      case DataClass.classId:
        return createDataObject(object.logicalName, () => this.value(object));
      default:
        throw new RangeError(`class ${object.classId} is not made from a record`);
    }
  }
}

/** The same row as an object of one shape for all meters: copies made by spreading weigh 300 bytes more. */
export function compactRow(row: MeterRow): MeterRow {
  const { id, sap, logicalDeviceName, kind, interfaceName, secondaryAddress, primaryAddress, position } = row;
  const { fabricationNumber } = row;
  return {
    id,
    sap,
    logicalDeviceName,
    kind,
    interfaceName,
    secondaryAddress,
    primaryAddress,
    fabricationNumber,
    position,
  };
}

function isOfClass(object: CosemObject, classId: number | undefined): boolean {
  return classId === undefined || object.interfaceClass.classId === classId;
}

function identificationData(name: string | undefined): Data {
  return name === undefined ? nullData : { type: "visible-string", value: meterIdentityOf(name).id };
}
