/**
 * A readout's shape as mapping uses it: slots, one a record, and their values in a payload. The offsets are those of a
 * compiled layout (src/mbus); here each slot learns what kind of value it holds whatever the single value is.
 */
import {
  Coding,
  compileLayout,
  type Layout,
  type LayoutSlot,
  locateManufacturerData,
  locateSlot,
  matchesLayout,
  type PayloadHeader,
  type RecordValue,
  readHeader,
  readSlot,
  readSlots,
  slotIdentity,
} from "../mbus/index.js";
import { fieldSlot, readField } from "./manufacturer-data.js";
import type { ManufacturerField } from "./map-schema.js";
import type { RecordFacts } from "./match-record.js";
import type { TypedRecord } from "./served-value.js";

/** One record of a shape, without its value. */
export interface ShapeSlot extends RecordFacts, TypedRecord {
  /** What the record says without exponent and record error, occurrence included. */
  readonly identity: string;
  /** 0 for the first of several records that say the same. */
  readonly occurrence: number;
  /** A bad record: never any object's value, and no object is made for it. */
  readonly isBad: boolean;
  /** DIF, DIFEs, VIF, VIFEs as sent. Undefined for fields of the manufacturer's data. */
  readonly header?: Uint8Array;
}

/** All records of one readout's telegrams, in order. */
export interface Shape {
  readonly slots: readonly ShapeSlot[];
  matches(payload: Uint8Array): boolean;
  /** @param payload  a readout of this shape */
  read(payload: Uint8Array, slot: number): RecordValue;
  readAll(payload: Uint8Array): readonly RecordValue[];
  /** Access number, status and signature of the readout's first telegram. */
  header(payload: Uint8Array): PayloadHeader;
  /** A payload of this shape with every value zero or blank: compiling it gives the shape again. Kept in the store. */
  sample(payload: Uint8Array): Uint8Array;
}

/**
 * @param payload  packed telegrams
 * @param fields  what is known of the manufacturer's data: further slots behind those of the records
 * @throws DecodeError as decodeApplication() does
 */
export function compileShape(payload: Uint8Array, fields: readonly ManufacturerField[] = []): Shape {
  const layout = compileLayout(payload);
  const records = layout.slots.map((slot) => shapeSlot(slot, readSlot(layout, slot.index, payload)));
  const hasFields = fields.length > 0 && locateManufacturerData(layout, payload) !== undefined;
  if (hasFields) return withFields(layout, records, fields);
  const slots = records;
  return {
    slots,
    matches: (other) => matchesLayout(layout, other),
    read: (other, slot) => readSlot(layout, slot, other),
    readAll: (other) => readSlots(layout, other),
    header: (other) => readHeader(layout, other),
    sample: (other) => zeroed(layout, other),
  };
}

function withFields(layout: Layout, records: readonly ShapeSlot[], fields: readonly ManufacturerField[]): Shape {
  const dataOf = (payload: Uint8Array) => {
    const { offset, length } = locateManufacturerData(layout, payload) ?? { offset: 0, length: 0 };
    return payload.subarray(offset, offset + length);
  };
  return {
    slots: [...records, ...fields.map(fieldSlot)],
    matches: (other) => matchesLayout(layout, other),
    read: (other, slot) => {
      const field = fields[slot - records.length];
      return field === undefined ? readSlot(layout, slot, other) : readField(field, dataOf(other));
    },
    readAll: (other) => {
      const data = dataOf(other);
      return [...readSlots(layout, other), ...fields.map((field) => readField(field, data))];
    },
    header: (other) => readHeader(layout, other),
    sample: (other) => zeroed(layout, other),
  };
}

function zeroed(layout: Layout, payload: Uint8Array): Uint8Array {
  // A copy even of a Buffer, whose slice() is a view.
  const sample = new Uint8Array(payload);
  for (const slot of layout.slots) {
    const { offset, length } = locateSlot(layout, slot.index, payload);
    // Text in a manufacturer's own record is told from bytes by its letters: spaces leave it text.
    const isText = readSlot(layout, slot.index, payload).kind === "text";
    sample.fill(isText ? 0x20 : 0, offset, offset + length);
  }
  return sample;
}

/** What a coding holds where the value is valid. Variable data is told by its LVAR, which the sample keeps. */
const kindOfCoding: Readonly<Partial<Record<Coding, RecordValue["kind"]>>> = {
  [Coding.none]: "none",
  [Coding.signed]: "integer",
  [Coding.unsigned]: "integer",
  [Coding.int64]: "integer",
  [Coding.uint64]: "integer",
  [Coding.float]: "float",
  [Coding.bcd]: "integer",
  [Coding.dateG]: "date",
  [Coding.timeJ]: "time",
  [Coding.datetimeF]: "datetime",
  [Coding.datetimeI]: "datetime",
};

function shapeSlot(slot: LayoutSlot, value: RecordValue): ShapeSlot {
  const { function: recordFunction, storage, tariff, subunit, information, dataField, recordHeader } = slot;
  return {
    function: recordFunction,
    storage,
    tariff,
    subunit,
    information,
    dataField,
    valueKind: kindOfCoding[recordHeader.coding] ?? value.kind,
    isUnsigned: recordHeader.coding === Coding.unsigned || recordHeader.coding === Coding.uint64,
    identity: slotIdentity(slot),
    occurrence: slot.occurrence,
    isBad: recordHeader.fault !== undefined,
    header: new Uint8Array(slot.header),
  };
}
