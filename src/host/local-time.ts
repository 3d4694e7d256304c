import { offsetAt } from "../scheduler/index.js";

/** Deviation of a zone at an instant, as COSEM has it: minutes, UTC = local + deviation. */
export interface LocalTime {
  readonly deviation: number;
  readonly isDaylightSaving: boolean;
}

const quarterHourMs = 900_000;
const dayMs = 86_400_000;

/**
 * The zone's local time at any instant. Zones change on quarter hours, so the last answer is kept for its quarter.
 * @param timeZone  IANA name
 */
export function localTimeOf(timeZone: string): (instant: number) => LocalTime {
  let knownQuarter: number | undefined;
  let known: LocalTime = { deviation: 0, isDaylightSaving: false };
  return (instant) => {
    const quarter = Math.floor(instant / quarterHourMs);
    if (quarter !== knownQuarter) {
      known = reckon(quarter * quarterHourMs, timeZone);
      knownQuarter = quarter;
    }
    return known;
  };
}

function reckon(instant: number, timeZone: string): LocalTime {
  const offset = offsetAt(instant, timeZone);
  const year = new Date(instant).getUTCFullYear();
  const winter = Date.UTC(year, 0, 1);
  const standard = Math.min(offsetAt(winter, timeZone), offsetAt(winter + 182 * dayMs, timeZone));
  return { deviation: -offset / 60_000, isDaylightSaving: offset > standard };
}
