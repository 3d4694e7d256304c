/**
 * When a single action schedule runs next. Pure: a function of its entries, an instant and the zone.
 *
 * Dates may leave out year, month, day and day of week (all given fields must fit), and may say last (FE) and second
 * last (FD) day of the month, or with a day of week the last and second last of these; month FE and FD are the days on
 * which daylight saving begins and ends. Times may leave out hour and minute, which means each of them; a second that
 * is left out is 0. A local time that the clock shows twice runs once, unless the hour is left out.
 */
import type { LocalTimeAt } from "../daylight-saving.js";
import { instantOfLocal, instantsOfLocal, localOf } from "../local-time.js";
import type { ExecutionTime } from "./definition.js";

const dayMs = 86_400_000;
const unspecified = 0xff;
const secondLast = 0xfd;
const last = 0xfe;
/** Weekdays and leap days repeat after 28 years, 40 over a century that has no leap day. */
const horizonDays = 40 * 366;
/** Each day asks the zone: a zone without daylight saving is not searched for it for long. */
const changeHorizonDays = 3 * 366;
/** No change of a clock is larger. */
const largestChangeMs = 3 * 3_600_000;

interface Fields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly dayOfWeek: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** The fields of an entry; FF (year FFFF) is unspecified. Undefined: a field is out of range. */
function fieldsOf({ time, date }: ExecutionTime): Fields | undefined {
  const [hour = 0, minute = 0, second = 0, hundredths = 0] = time;
  const [yearHigh = 0, yearLow = 0, month = 0, day = 0, dayOfWeek = 0] = date;
  const isTime =
    isIn(hour, 0, 23) && isIn(minute, 0, 59) && isIn(second, 0, 59) && (hundredths === 0 || hundredths === unspecified);
  const isDate =
    (isIn(month, 1, 12) || isChangeMonth(month)) &&
    (isIn(day, 1, 31) || day === last || day === secondLast) &&
    isIn(dayOfWeek, 1, 7);
  if (!isTime || !isDate || time.length !== 4 || date.length !== 5) return undefined;
  return { year: (yearHigh << 8) | yearLow, month, day, dayOfWeek, hour, minute, second };
}

function isChangeMonth(month: number): boolean {
  return month === last || month === secondLast;
}

function isIn(value: number, first: number, final: number): boolean {
  return value === unspecified || (value >= first && value <= final);
}

/** False: an entry that can mean no time at all. */
export function isExecutionTime(entry: ExecutionTime): boolean {
  return fieldsOf(entry) !== undefined;
}

/**
 * The first execution after an instant (milliseconds since 1970 UTC).
 * @returns undefined when none of the entries comes again within 40 years
 */
export function nextExecution(
  entries: readonly ExecutionTime[],
  after: number,
  localTimeAt: LocalTimeAt,
): number | undefined {
  let earliest: number | undefined;
  for (const entry of entries) {
    const fields = fieldsOf(entry);
    const next = fields && nextOf(fields, after, localTimeAt, earliest);
    if (next !== undefined && (earliest === undefined || next < earliest)) earliest = next;
  }
  return earliest;
}

function nextOf(
  fields: Fields,
  after: number,
  localTimeAt: LocalTimeAt,
  before: number | undefined,
): number | undefined {
  const today = Math.floor(localOf(after, localTimeAt) / dayMs);
  // A day early: where the clock is put back at midnight, yesterday comes again.
  const first = fields.year === 0xffff ? today - 1 : Math.max(today - 1, Date.UTC(fields.year, 0, 1) / dayMs);
  const horizon = isChangeMonth(fields.month) ? changeHorizonDays : horizonDays;
  const final = Math.min(today + horizon, fields.year === 0xffff ? Infinity : Date.UTC(fields.year, 11, 31) / dayMs);
  for (let day = first; day <= final; day++) {
    if (before !== undefined && (day - 2) * dayMs > before) return undefined;
    if (!isDay(fields, day, localTimeAt)) continue;
    const instant = firstInstantOn(day * dayMs, fields, after, localTimeAt);
    if (instant !== undefined) return instant;
  }
  return undefined;
}

function isDay(fields: Fields, dayNumber: number, localTimeAt: LocalTimeAt): boolean {
  const date = new Date(dayNumber * dayMs);
  const day = date.getUTCDate();
  const weekday = date.getUTCDay() || 7;
  if (fields.dayOfWeek !== unspecified && fields.dayOfWeek !== weekday) return false;
  const isSpecialMonth = isChangeMonth(fields.month);
  if (!isSpecialMonth && fields.month !== unspecified && fields.month !== date.getUTCMonth() + 1) return false;
  const daysInMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  if (!isDayOfMonth(fields, day, daysInMonth)) return false;
  return !isSpecialMonth || isChangeDay(dayNumber, fields.month === last, localTimeAt);
}

function isDayOfMonth(fields: Fields, day: number, daysInMonth: number): boolean {
  if (fields.day === unspecified) return true;
  if (fields.day !== last && fields.day !== secondLast) return fields.day === day;
  const isLast = fields.day === last;
  if (fields.dayOfWeek === unspecified) return day === (isLast ? daysInMonth : daysInMonth - 1);
  const weeksLeft = Math.floor((daysInMonth - day) / 7);
  return weeksLeft === (isLast ? 0 : 1);
}

function isChangeDay(dayNumber: number, toDaylightSaving: boolean, localTimeAt: LocalTimeAt): boolean {
  const start = instantOfLocal(dayNumber * dayMs, localTimeAt);
  const before = localTimeAt(start).isDaylightSaving;
  const after = localTimeAt(instantOfLocal((dayNumber + 1) * dayMs, localTimeAt)).isDaylightSaving;
  return before !== after && after === toDaylightSaving;
}

function firstInstantOn(dayStart: number, fields: Fields, after: number, localTimeAt: LocalTimeAt): number | undefined {
  const second = fields.second === unspecified ? 0 : fields.second;
  const hours = fields.hour === unspecified ? all(24) : [fields.hour];
  const minutes = fields.minute === unspecified ? all(60) : [fields.minute];
  const pastLocal = localOf(after, localTimeAt) - largestChangeMs;
  let earliest: number | undefined;
  for (const hour of hours) {
    for (const minute of minutes) {
      const local = dayStart + ((hour * 60 + minute) * 60 + second) * 1000;
      if (local < pastLocal) continue;
      if (earliest !== undefined && local - largestChangeMs > localOf(earliest, localTimeAt)) return earliest;
      const instants =
        fields.hour === unspecified ? instantsOfLocal(local, localTimeAt) : [instantOfLocal(local, localTimeAt)];
      for (const instant of instants) {
        if (instant > after && (earliest === undefined || instant < earliest)) earliest = instant;
      }
    }
  }
  return earliest;
}

function all(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}
