/** Values to data bytes: the counterpart of data-values.ts and dates.ts, writing in place. */
import type { RecordValue } from "../record.js";
import { variableKind } from "./coding.js";

/** Where a value goes: the data field says how it is coded. */
export interface ValuePlace {
  /** DIF bits 0-3. */
  readonly dataField: number;
  /** First data byte (behind the LVAR if there is one) and the end of the data. */
  readonly dataOffset: number;
  readonly endOffset: number;
}

/**
 * Writes a value over the data of a record; a DataRecord is such a place. What the value does not say (type F's
 * hundred-year bits, type I's week) stays as it stands in `bytes`.
 * @throws RangeError when the value does not fit the data field
 */
export function encodeRecordValue(bytes: Uint8Array, place: ValuePlace, value: RecordValue): void {
  const data = bytes.subarray(place.dataOffset, place.endOffset);
  switch (value.kind) {
    case "none":
      return;
    case "integer":
      if (place.dataField === variableField) writeVariable(data, bytes[place.dataOffset - 1], value.value);
      else writeInteger(data, place.dataField, value.value);
      return;
    case "float":
      writeFloat(data, place.dataField, value.value);
      return;
    case "text":
      writeText(data, place.dataField, value.value);
      return;
    case "bytes":
      writeBytes(data, value.value);
      return;
    case "date":
      writeDateG(data, value.value);
      return;
    case "datetime":
      writeDatetime(data, value);
      return;
    case "time":
      writeTimeJ(data, value.value);
      return;
    case "invalid":
      writeInvalid(data, place.dataField, value);
  }
}

const bcdFields: readonly number[] = [0x9, 0xa, 0xb, 0xc, 0xe];
const variableField = 0xd;
const floatField = 0x5;

function writeInteger(data: Uint8Array, dataField: number, value: number | bigint): void {
  const coded = BigInt(value);
  if (bcdFields.includes(dataField)) writeBcd(data, coded);
  else if (dataField === floatField) writeFloat(data, dataField, Number(value));
  else writeBinary(data, coded);
}

/** The LVAR before the data says how a number of variable length is coded; the sign of a BCD number is in it. */
function writeVariable(data: Uint8Array, lvar: number | undefined, value: number | bigint): void {
  const kind = lvar === undefined ? "text" : variableKind(lvar);
  const coded = BigInt(value);
  if (kind === "text") throw new RangeError("a number needs an LVAR from C0 on");
  if (kind === "binary") writeBinary(data, coded);
  else if (coded !== 0n && coded < 0n !== (kind === "negativeBcd")) throw new RangeError("the LVAR has another sign");
  else writeBcd(data, coded < 0n ? -coded : coded);
}

/** The coding of no value: 80…00 (type B), BCD of digits F, a float that is no number, dates and times of ones. */
function writeInvalid(data: Uint8Array, dataField: number, value: RecordValue & { kind: "invalid" }): void {
  if (value.coded !== undefined) writeInteger(data, dataField, value.coded);
  else if (dataField === floatField) writeFloat(data, dataField, Number.NaN);
  else if (bcdFields.includes(dataField) || value.of !== undefined) data.fill(0xff);
  else if (dataField === variableField || data.length === 0) {
    throw new RangeError("an invalid value has no coding here");
  } else {
    data.fill(0);
    data[data.length - 1] = 0x80;
  }
}

/** Signed and unsigned alike: a value of either range is taken. */
function writeBinary(data: Uint8Array, coded: bigint): void {
  const bits = BigInt(8 * data.length);
  const fits = data.length > 0 && coded >= -(1n << (bits - 1n)) && coded < 1n << bits;
  if (!fits) throw new RangeError(`${coded} does not fit ${data.length} bytes`);
  let rest = BigInt.asUintN(8 * data.length, coded);
  for (let index = 0; index < data.length; index++) {
    data[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

/** Type A; F in the top digit is the minus. */
function writeBcd(data: Uint8Array, value: bigint): void {
  const digits = (value < 0n ? -value : value).toString();
  const room = 2 * data.length - (value < 0n ? 1 : 0);
  if (digits.length > room) throw new RangeError(`${value} does not fit ${data.length} bytes of BCD`);
  const padded = (value < 0n ? "f" : "") + digits.padStart(room, "0");
  for (let index = 0; index < data.length; index++) {
    const at = padded.length - 2 - 2 * index;
    data[index] = Number.parseInt(padded.slice(at, at + 2), 16);
  }
}

function writeFloat(data: Uint8Array, dataField: number, value: number): void {
  if (dataField !== floatField) throw new RangeError("a float needs data field 5");
  new DataView(data.buffer, data.byteOffset, data.byteLength).setFloat32(0, value, true);
}

/** ISO 8859-1, last character first; in place the length cannot change. */
function writeText(data: Uint8Array, dataField: number, value: string): void {
  if (dataField !== variableField || value.length !== data.length) throw new RangeError("text of another length");
  for (let index = 0; index < data.length; index++) {
    const code = value.charCodeAt(data.length - 1 - index);
    if (code > 0xff) throw new RangeError("text beyond ISO 8859-1");
    data[index] = code;
  }
}

/** Most significant byte first in the value, last on the wire. */
function writeBytes(data: Uint8Array, value: Uint8Array): void {
  if (value.length !== data.length) throw new RangeError("bytes of another length");
  data.set(value.slice().reverse());
}

interface DateFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

interface TimeFields {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** `YYYY-MM-DD…` */
function dateFields(text: string): DateFields {
  const fields = { year: Number(text.slice(0, 4)), month: Number(text.slice(5, 7)), day: Number(text.slice(8, 10)) };
  const { year, month, day } = fields;
  if (!(year >= 1900 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) throw new RangeError(`no date: ${text}`);
  return fields;
}

/** `HH:MM:SS` */
function timeFields(text: string): TimeFields {
  const fields = {
    hour: Number(text.slice(0, 2)),
    minute: Number(text.slice(3, 5)),
    second: Number(text.slice(6, 8)),
  };
  const { hour, minute, second } = fields;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) throw new RangeError(`no time: ${text}`);
  return fields;
}

function expectLength(data: Uint8Array, length: number): void {
  if (data.length !== length) throw new RangeError(`${length} bytes wanted, ${data.length} there`);
}

/** Day and month bytes with the two-digit year spread over both. */
function writeDay(data: Uint8Array, offset: number, { year, month, day }: DateFields): void {
  const short = year % 100;
  data[offset] = day | ((short & 7) << 5);
  data[offset + 1] = month | ((short >> 3) << 4);
}

/** Years without hundreds are 1981-2080. */
function expectShortYear(year: number): void {
  if (year < 1981 || year > 2080) throw new RangeError(`year ${year} needs a hundred-year field`);
}

function writeDateG(data: Uint8Array, text: string): void {
  expectLength(data, 2);
  const date = dateFields(text);
  expectShortYear(date.year);
  writeDay(data, 0, date);
}

function writeDatetime(data: Uint8Array, value: RecordValue & { kind: "datetime" }): void {
  const date = dateFields(value.value);
  const time = timeFields(value.value.slice(11));
  if (data.length === 4) {
    writeDatetimeF(data, date, time, value);
    return;
  }
  expectLength(data, 6);
  writeDatetimeI(data, date, time, value);
}

interface ClockFlags {
  readonly summerTime: boolean;
  readonly timeInvalid: boolean;
}

function writeDatetimeF(data: Uint8Array, date: DateFields, time: TimeFields, flags: ClockFlags): void {
  const hasHundreds = ((data[1] as number) & 0x60) !== 0;
  const isShort = date.year >= 1981 && date.year <= 2080;
  const hundreds = isShort && !hasHundreds ? 0 : Math.floor((date.year - 1900) / 100);
  if (hundreds > 3) throw new RangeError(`year ${date.year} does not fit type F`);
  if (hundreds === 0) expectShortYear(date.year);
  data[0] = time.minute | (flags.timeInvalid ? 0x80 : 0);
  data[1] = time.hour | (hundreds << 5) | (flags.summerTime ? 0x80 : 0);
  writeDay(data, 2, date);
}

/** Week and deviation stay; the day of the week is renewed where the meter sends one. */
function writeDatetimeI(data: Uint8Array, date: DateFields, time: TimeFields, flags: ClockFlags): void {
  expectShortYear(date.year);
  const leapYearBit = (data[0] as number) & 0x80;
  const deviationSign = (data[1] as number) & 0x40;
  const weekday = (data[2] as number) >> 5 === 0 ? 0 : dayOfWeek(date);
  data[0] = time.second | (flags.summerTime ? 0x40 : 0) | leapYearBit;
  data[1] = time.minute | deviationSign | (flags.timeInvalid ? 0x80 : 0);
  data[2] = time.hour | (weekday << 5);
  writeDay(data, 3, date);
}

/** 1 Monday to 7 Sunday, by Zeller's congruence. */
function dayOfWeek({ year, month, day }: DateFields): number {
  const shiftedYear = month < 3 ? year - 1 : year;
  const shiftedMonth = month < 3 ? month + 12 : month;
  const leapDays = Math.floor(shiftedYear / 4) - Math.floor(shiftedYear / 100) + Math.floor(shiftedYear / 400);
  const saturdayFirst = (day + Math.floor((13 * (shiftedMonth + 1)) / 5) + shiftedYear + leapDays) % 7;
  return ((saturdayFirst + 5) % 7) + 1;
}

function writeTimeJ(data: Uint8Array, text: string): void {
  expectLength(data, 3);
  const time = timeFields(text);
  data[0] = time.second;
  data[1] = time.minute;
  data[2] = time.hour;
}
