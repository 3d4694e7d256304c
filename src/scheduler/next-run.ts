/**
 * When a pattern is due next. Days are walked in the zone's calendar; a day without a change of the clock is plain
 * arithmetic. On the day of a change:
 * - a pattern for every hour goes by elapsed time: no run where the clock leaps, runs in both hours of the same name;
 * - any other pattern runs once for each of its wall times: in the first of two equal hours, and as much later as the
 *   clock was moved where its time was leapt over.
 */
import { dayMs, instantAfterLeap, instantsOf, offsetAt } from "./local-time.js";
import type { Pattern, PatternFields } from "./pattern.js";

const minuteMs = 60_000;
const hourMs = 3_600_000;

/** A 29 February on a given weekday is never more than 40 years away. */
const searchedDays = 41 * 366;

/**
 * @param after  milliseconds since 1970 UTC, exclusive
 * @returns the next instant, on a whole minute; undefined when there is none (31 February)
 */
export function nextRun(pattern: Pattern, after: number, timeZone: string): number | undefined {
  const found = pattern.alternatives.map((fields) => nextOf(fields, after, timeZone) ?? Number.POSITIVE_INFINITY);
  const earliest = Math.min(...found);
  return Number.isFinite(earliest) ? earliest : undefined;
}

function nextOf(fields: PatternFields, after: number, timeZone: string): number | undefined {
  const today = Math.floor((after + offsetAt(after, timeZone)) / dayMs) * dayMs;
  // From the day before: a wall time of yesterday's last hour that was leapt over may run today.
  for (let index = -1; index < searchedDays; index++) {
    const midnight = today + index * dayMs;
    if (!isDayOf(fields, midnight)) continue;
    const found = firstRunOfDay(fields, midnight, timeZone, after);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isDayOf(fields: PatternFields, midnight: number): boolean {
  const date = new Date(midnight);
  if (!fields.months.has(date.getUTCMonth() + 1) || !fields.weekdays.has(date.getUTCDay())) return false;
  if (fields.days.has(date.getUTCDate())) return true;
  return fields.isLastDay && new Date(midnight + dayMs).getUTCDate() === 1;
}

/** The first run of the day behind `after`. */
function firstRunOfDay(fields: PatternFields, midnight: number, timeZone: string, after: number): number | undefined {
  const offset = offsetAt(midnight - dayMs, timeZone);
  const laterOffset = offsetAt(midnight + 2 * dayMs, timeZone);
  const [smallest, largest] = [Math.min(offset, laterOffset), Math.max(offset, laterOffset)];
  const isEveryHour = fields.hours.size === 24;
  let earliest = Number.POSITIVE_INFINITY;
  for (const hour of fields.hours) {
    for (const minute of fields.minutes) {
      const wall = midnight + hour * hourMs + minute * minuteMs;
      // Only where the answer can lie is the zone asked: that is slow.
      if (wall - smallest <= after || wall - largest >= earliest) continue;
      const instants = offset === laterOffset ? [wall - offset] : runsOfWallTime(wall, timeZone, isEveryHour);
      for (const instant of instants) {
        if (instant > after && instant < earliest) earliest = instant;
      }
    }
  }
  return Number.isFinite(earliest) ? earliest : undefined;
}

function runsOfWallTime(wall: number, timeZone: string, isEveryHour: boolean): readonly number[] {
  const instants = instantsOf(wall, timeZone);
  if (isEveryHour) return instants;
  return [instants[0] ?? instantAfterLeap(wall, timeZone)];
}
