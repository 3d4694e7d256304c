/**
 * Date and time types F, G, I and J of EN 13757-3 as text in the meter's own clock. Dates that are no dates (00 00,
 * FF FF, "every day", 31 February) are `invalid`, never a guess. The year is taken as coded: a hundred-year field that
 * is wrong in the field stays what it is.
 */
import type { RecordValue } from "../record.js";

const twoDigits: readonly string[] = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0"));
const monthDays: readonly number[] = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const notADate: RecordValue = Object.freeze({ kind: "invalid", reason: "not a date", of: "date" });
const notADatetime: RecordValue = Object.freeze({ kind: "invalid", reason: "not a date", of: "datetime" });
const notATime: RecordValue = Object.freeze({ kind: "invalid", reason: "not a time", of: "time" });

/** The year of a two-digit field without hundreds: 81-99 are 19xx. */
function fullYear(year: number): number {
  return year <= 80 ? 2000 + year : 1900 + year;
}

/** `YYYY-MM-DD`; `` for what is no date of the calendar. */
function dateText(year: number, month: number, day: number): string {
  if (day < 1 || month < 1 || month > 12 || day > (monthDays[month] as number)) return "";
  if (month === 2 && day === 29 && !isLeapYear(year)) return "";
  return `${year}-${twoDigits[month]}-${twoDigits[day]}`;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Year bits: low three in the day byte, high four in the month byte. */
function codedYear(dayByte: number, monthByte: number): number {
  return (dayByte >> 5) | ((monthByte >> 4) << 3);
}

/** Type G, 2 bytes. */
export function readDateG(bytes: Uint8Array, offset: number): RecordValue {
  const dayByte = bytes[offset] as number;
  const monthByte = bytes[offset + 1] as number;
  const year = codedYear(dayByte, monthByte);
  if (year > 99) return notADate;
  const value = dateText(fullYear(year), monthByte & 0x0f, dayByte & 0x1f);
  return value === "" ? notADate : { kind: "date", value };
}

/** Type F, 4 bytes: minute resolution. */
export function readDatetimeF(bytes: Uint8Array, offset: number): RecordValue {
  const minuteByte = bytes[offset] as number;
  const hourByte = bytes[offset + 1] as number;
  const dayByte = bytes[offset + 2] as number;
  const monthByte = bytes[offset + 3] as number;
  const year = codedYear(dayByte, monthByte);
  const hundreds = (hourByte >> 5) & 3;
  if (year > 99) return notADatetime;
  const whole = hundreds === 0 ? fullYear(year) : 1900 + 100 * hundreds + year;
  const date = dateText(whole, monthByte & 0x0f, dayByte & 0x1f);
  const minute = minuteByte & 0x3f;
  const hour = hourByte & 0x1f;
  if (date === "" || minute > 59 || hour > 23) return notADatetime;
  return {
    kind: "datetime",
    value: `${date}T${twoDigits[hour]}:${twoDigits[minute]}:00`,
    summerTime: hourByte >= 0x80,
    timeInvalid: minuteByte >= 0x80,
  };
}

/** Type I, 6 bytes: second resolution; the year has no hundreds. */
export function readDatetimeI(bytes: Uint8Array, offset: number): RecordValue {
  const secondByte = bytes[offset] as number;
  const minuteByte = bytes[offset + 1] as number;
  const hour = (bytes[offset + 2] as number) & 0x1f;
  const dayByte = bytes[offset + 3] as number;
  const monthByte = bytes[offset + 4] as number;
  const year = codedYear(dayByte, monthByte);
  const second = secondByte & 0x3f;
  const minute = minuteByte & 0x3f;
  if (year > 99) return notADatetime;
  const date = dateText(fullYear(year), monthByte & 0x0f, dayByte & 0x1f);
  if (date === "" || second > 59 || minute > 59 || hour > 23) return notADatetime;
  return {
    kind: "datetime",
    value: `${date}T${twoDigits[hour]}:${twoDigits[minute]}:${twoDigits[second]}`,
    summerTime: (secondByte & 0x40) !== 0,
    timeInvalid: minuteByte >= 0x80,
  };
}

/** Type J, 3 bytes. */
export function readTimeJ(bytes: Uint8Array, offset: number): RecordValue {
  const second = (bytes[offset] as number) & 0x3f;
  const minute = (bytes[offset + 1] as number) & 0x3f;
  const hour = (bytes[offset + 2] as number) & 0x1f;
  if (second > 59 || minute > 59 || hour > 23) return notATime;
  return { kind: "time", value: `${twoDigits[hour]}:${twoDigits[minute]}:${twoDigits[second]}` };
}
