/** Wall-clock time in an IANA zone. A wall time is written as if it were UTC, in milliseconds. */

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    calendar: "iso8601",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(timeZone, format);
  return format;
}

/** How far the zone's wall clock is ahead of UTC at an instant, in milliseconds. */
export function offsetAt(instant: number, timeZone: string): number {
  const field: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(instant)) field[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = field;
  const wholeSecond = Math.floor(instant / 1000) * 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second) - wholeSecond;
}

export const dayMs = 86_400_000;

/**
 * The instants at which the zone's wall clock shows `wall`: one as a rule; two, in order, where the clock is set back;
 * none where it is set forward over it.
 */
export function instantsOf(wall: number, timeZone: string): readonly number[] {
  const before = offsetAt(wall - dayMs, timeZone);
  const after = offsetAt(wall + dayMs, timeZone);
  const candidates = before === after ? [wall - before] : [wall - before, wall - after];
  return candidates.filter((instant) => offsetAt(instant, timeZone) === wall - instant).toSorted((a, b) => a - b);
}

/** The instant of a wall time that the clock leapt over: as much later as the clock was moved (02:30 becomes 03:30). */
export function instantAfterLeap(wall: number, timeZone: string): number {
  return wall - offsetAt(wall - dayMs, timeZone);
}
