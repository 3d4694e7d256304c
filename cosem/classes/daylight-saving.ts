/** A zone's daylight saving as Clock shows it, found from its local times alone. Pure; costs a few hundred calls. */
import { CosemDateTime } from "../model/cosem-date-time.js";

export interface LocalTime {
  /** Minutes, UTC = local + deviation. */
  readonly deviation: number;
  readonly isDaylightSaving: boolean;
}

/** What holds at an instant (milliseconds since 1970 UTC). */
export type LocalTimeAt = (instant: number) => LocalTime;

/** Attributes 3 and 5 to 8 of Clock. */
export interface DaylightSaving {
  readonly timeZone: number;
  readonly begin: CosemDateTime;
  readonly end: CosemDateTime;
  readonly deviation: number;
  readonly isEnabled: boolean;
}

interface Transition {
  /** Local date and time on the clock just before it is changed. */
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly dayOfWeek: number;
  readonly hour: number;
  readonly minute: number;
}

const dayMs = 86_400_000;
const lastDayOfWeekInMonth = 0xfe;

/**
 * The daylight saving of one year. A change on the last Sunday of a month in this and both following years is shown
 * as that rule, any other as its date; without changes begin and end are unspecified.
 */
export function daylightSavingOf(localTimeAt: LocalTimeAt, year: number): DaylightSaving {
  const begin = transitionIn(localTimeAt, year, true);
  const end = transitionIn(localTimeAt, year, false);
  const summer = begin && localTimeAt(begin.instant);
  const winter = begin ? localTimeAt(begin.instant - 1) : localTimeAt(Date.UTC(year, 0, 1));
  if (begin === undefined || end === undefined || summer === undefined) {
    return {
      timeZone: winter.deviation,
      begin: new CosemDateTime({}),
      end: new CosemDateTime({}),
      deviation: 0,
      isEnabled: false,
    };
  }
  return {
    timeZone: winter.deviation,
    begin: ruleOf(localTimeAt, begin.change, true),
    end: ruleOf(localTimeAt, end.change, false),
    deviation: winter.deviation - summer.deviation,
    isEnabled: true,
  };
}

/** The last change of the year to (or from) daylight saving. */
function transitionIn(localTimeAt: LocalTimeAt, year: number, toDaylightSaving: boolean) {
  let found: number | undefined;
  let before = localTimeAt(Date.UTC(year, 0, 1)).isDaylightSaving;
  for (let instant = Date.UTC(year, 0, 1); instant < Date.UTC(year + 1, 0, 1); instant += 7 * dayMs) {
    const after = localTimeAt(instant + 7 * dayMs).isDaylightSaving;
    if (after !== before && after === toDaylightSaving) found = firstInstant(localTimeAt, instant, after);
    before = after;
  }
  return found === undefined ? undefined : { instant: found, change: changeAt(localTimeAt, found) };
}

/** The first millisecond after `start`, within a week, at which daylight saving is as wanted. */
function firstInstant(localTimeAt: LocalTimeAt, start: number, wanted: boolean): number {
  let low = start;
  let high = start + 7 * dayMs;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (localTimeAt(middle).isDaylightSaving === wanted) high = middle;
    else low = middle;
  }
  return high;
}

function changeAt(localTimeAt: LocalTimeAt, instant: number): Transition {
  const local = new Date(instant - localTimeAt(instant - 1).deviation * 60_000);
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    dayOfWeek: local.getUTCDay() || 7,
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
  };
}

function ruleOf(localTimeAt: LocalTimeAt, change: Transition, toDaylightSaving: boolean): CosemDateTime {
  const following = [1, 2].map((years) => transitionIn(localTimeAt, change.year + years, toDaylightSaving)?.change);
  const isRule = [change, ...following].every(
    (other) =>
      other !== undefined &&
      isInLastWeek(other) &&
      other.month === change.month &&
      other.dayOfWeek === change.dayOfWeek &&
      other.hour === change.hour,
  );
  return new CosemDateTime({
    year: isRule ? undefined : change.year,
    month: change.month,
    day: isRule ? lastDayOfWeekInMonth : change.day,
    dayOfWeek: change.dayOfWeek,
    hour: change.hour,
    minute: change.minute,
    second: 0,
    hundredths: 0,
  });
}

function isInLastWeek({ year, month, day }: Transition): boolean {
  return day > new Date(Date.UTC(year, month, 0)).getUTCDate() - 7;
}
