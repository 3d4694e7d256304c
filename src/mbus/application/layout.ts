/**
 * Layouts: the first payload of a shape is parsed in full, later ones of that shape are read at known places. All
 * meters that send the same headers share one layout; DESIGN, decision 5.
 */
import { ByteWriter, DecodeError } from "../../../cosem/codec/bytes.js";
import type { RecordFunction, RecordValue, ValueInformation } from "../record.js";
import { lengthInLvar, variableLength } from "./coding.js";
import { readValue } from "./data-values.js";
import { telegramEnd, unpackPayload } from "./payload.js";
import type { RecordHeader } from "./record-header.js";
import { dataEnd, matchesTelegram, type TelegramLayout, telegramLayout } from "./telegram-layout.js";

/** One record of a layout. */
export interface LayoutSlot {
  readonly index: number;
  /** Which telegram of the payload, from 0. */
  readonly telegram: number;
  readonly function: RecordFunction;
  readonly storage: number;
  readonly tariff: number;
  readonly subunit: number;
  readonly information: ValueInformation;
  readonly dataField: number;
  /** DIF, DIFEs, VIF, VIFEs (and plain text) as sent. */
  readonly header: Uint8Array;
  /** How many slots before this one have the same identity but for the occurrence. */
  readonly occurrence: number;
  /** How many LVARs stand before the data in its telegram. */
  readonly variablesBefore: number;
  /** Offset of the data (or of its LVAR) from the CI field; with LVARs before it, from the end of the last one's data. */
  readonly offset: number;
  readonly recordHeader: RecordHeader;
}

export interface Layout {
  /** Equal for payloads that share the layout; see shapeOf(). */
  readonly shape: Uint8Array;
  readonly slots: readonly LayoutSlot[];
  readonly telegrams: readonly TelegramLayout[];
  /** For each telegram, the distance from the anchor before (CI field or end of an LVAR's data) to each LVAR. */
  readonly variableGaps: readonly (readonly number[])[];
}

/** Fields of the first telegram's header; null where the header lacks the field. */
export interface PayloadHeader {
  readonly accessNumber: number | null;
  readonly status: number | null;
  /** Signature, later called configuration word. */
  readonly signature: number | null;
}

/**
 * The shape of a payload: control information and all record headers in order. Equal shapes have equal layouts.
 * @throws DecodeError as decodeApplication() does
 */
export function shapeOf(payload: Uint8Array): Uint8Array {
  return shapeBytes(unpackPayload(payload).map(telegramLayout));
}

function shapeBytes(telegrams: readonly TelegramLayout[]): Uint8Array {
  const shape = new ByteWriter();
  for (const telegram of telegrams) {
    shape.u8(telegram.controlInformation).u16(telegram.steps.length);
    for (const step of telegram.steps) shape.u16(step.expected.length).bytes(step.expected);
    shape.u16(telegram.tail.length).bytes(telegram.tail);
    if (telegram.fixedUnits !== undefined) shape.bytes(telegram.fixedUnits);
  }
  return shape.finish().slice();
}

/**
 * Parses a payload in full.
 * @throws DecodeError as decodeApplication() does
 */
export function compileLayout(payload: Uint8Array): Layout {
  const telegrams = unpackPayload(payload).map(telegramLayout);
  const slots: LayoutSlot[] = [];
  const occurrences = new Map<string, number>();
  const variableGaps = telegrams.map((telegram, index) => addSlots(telegram, index, slots, occurrences));
  return { shape: shapeBytes(telegrams), slots, telegrams, variableGaps };
}

/** Adds the telegram's slots; returns the gaps before its LVARs. */
function addSlots(
  telegram: TelegramLayout,
  telegramIndex: number,
  slots: LayoutSlot[],
  occurrences: Map<string, number>,
): number[] {
  const gaps: number[] = [];
  let offset = telegram.start;
  for (const { header, expected } of telegram.steps) {
    offset += expected.length;
    const occurrence = occurrences.get(header.identity) ?? 0;
    occurrences.set(header.identity, occurrence + 1);
    slots.push({
      index: slots.length,
      telegram: telegramIndex,
      function: header.function,
      storage: header.storage,
      tariff: header.tariff,
      subunit: header.subunit,
      information: header.information,
      dataField: header.dataField,
      header: header.bytes,
      occurrence,
      variablesBefore: gaps.length,
      offset,
      recordHeader: header,
    });
    if (header.dataLength === lengthInLvar) {
      gaps.push(offset);
      offset = 0;
    } else {
      offset += header.dataLength;
    }
  }
  return gaps;
}

/**
 * The object's identity: what the record says (function, storage, tariff, subunit, VIF and VIFEs without exponents and
 * record errors, occurrence), never where it stands. Kept in the database: its form must not change.
 */
export function slotIdentity(slot: LayoutSlot): string {
  return `${slot.recordHeader.identity}/${slot.occurrence}`;
}

/** True when `payload` has all headers where the layout has them: it decodes, and readSlot() gives the same values. */
export function matchesLayout(layout: Layout, payload: Uint8Array): boolean {
  let offset = 0;
  for (const telegram of layout.telegrams) {
    const end = telegramEnd(payload, offset);
    if (end < 0 || !matchesTelegram(telegram, payload, offset + 2, end)) return false;
    offset = end;
  }
  return offset === payload.length;
}

/** Where the data of a slot stands in a payload: bytes `offset` to `offset + length`, behind the LVAR, reserved or not. */
export interface SlotPlace {
  readonly offset: number;
  readonly length: number;
}

/** The payload must match the layout. */
export function locateSlot(layout: Layout, slotIndex: number, payload: Uint8Array): SlotPlace {
  const slot = slotAt(layout, slotIndex);
  const offset = slotOffset(layout, slot, payload);
  const { dataLength } = slot.recordHeader;
  if (dataLength >= 0) return { offset, length: dataLength };
  if (dataLength !== lengthInLvar) return { offset, length: endOfTelegram(payload, slot.telegram) - offset };
  return { offset: offset + 1, length: variableLength(payload[offset] as number) };
}

/** The value of one slot; the payload must match the layout. Byte values are copies. */
export function readSlot(layout: Layout, slotIndex: number, payload: Uint8Array): RecordValue {
  const slot = slotAt(layout, slotIndex);
  return readAt(slot.recordHeader, payload, slotOffset(layout, slot, payload));
}

/** The values of all slots in one walk; the payload must match the layout. */
export function readSlots(layout: Layout, payload: Uint8Array): RecordValue[] {
  const values: RecordValue[] = [];
  let start = 0;
  for (const telegram of layout.telegrams) {
    const end = telegramEnd(payload, start);
    let next = start + 2 + telegram.start;
    for (const { header, expected } of telegram.steps) {
      next += expected.length;
      values.push(readAt(header, payload, next));
      next = dataEnd(header, payload, next, end);
    }
    start = end;
  }
  return values;
}

/** Manufacturer's data behind DIF 0F or 1F of the first telegram that has some; the payload must match the layout. */
export function locateManufacturerData(layout: Layout, payload: Uint8Array): SlotPlace | undefined {
  let start = 0;
  for (const telegram of layout.telegrams) {
    const end = telegramEnd(payload, start);
    if (telegram.isOpen) {
      let next = start + 2 + telegram.start;
      for (const { header, expected } of telegram.steps) next = dataEnd(header, payload, next + expected.length, end);
      const offset = next + telegram.tail.length;
      return { offset, length: end - offset };
    }
    start = end;
  }
  return undefined;
}

/** Access number, status and signature of the first telegram; the payload must match the layout. */
export function readHeader(layout: Layout, payload: Uint8Array): PayloadHeader {
  const places = layout.telegrams[0]?.places;
  if (places === undefined) return { accessNumber: null, status: null, signature: null };
  const at = places.configurationWord;
  return {
    accessNumber: places.accessNumber < 0 ? null : (payload[2 + places.accessNumber] as number),
    status: places.status < 0 ? null : (payload[2 + places.status] as number),
    signature: at < 0 ? null : (payload[2 + at] as number) | ((payload[3 + at] as number) << 8),
  };
}

/** @param offset  of the data, or of its LVAR */
function readAt(header: RecordHeader, payload: Uint8Array, offset: number): RecordValue {
  if (header.dataLength >= 0) return readValue(header, payload, offset, header.dataLength, 0);
  if (header.dataLength !== lengthInLvar) return readValue(header, payload, offset, 0, 0);
  const lvar = payload[offset] as number;
  return readValue(header, payload, offset + 1, variableLength(lvar), lvar);
}

function slotAt(layout: Layout, slotIndex: number): LayoutSlot {
  const slot = layout.slots[slotIndex];
  if (slot === undefined) throw new RangeError(`the layout has no slot ${slotIndex}`);
  return slot;
}

function endOfTelegram(payload: Uint8Array, telegram: number): number {
  let end = 0;
  for (let index = 0; index <= telegram; index++) end = telegramEnd(payload, end);
  return end;
}

/** Offset of a slot's data, or of its LVAR, in the payload. */
function slotOffset(layout: Layout, slot: LayoutSlot, payload: Uint8Array): number {
  let anchor = 0;
  for (let telegram = 0; telegram < slot.telegram; telegram++) anchor = telegramEnd(payload, anchor);
  anchor += 2;
  const gaps = layout.variableGaps[slot.telegram] ?? [];
  for (let variable = 0; variable < slot.variablesBefore; variable++) {
    const lvarOffset = anchor + (gaps[variable] as number);
    anchor = lvarOffset + 1 + variableLength(payload[lvarOffset] as number);
  }
  const offset = anchor + slot.offset;
  if (!(offset <= payload.length)) throw new DecodeError("truncated", payload.length, "mbus layout", "no match");
  return offset;
}
