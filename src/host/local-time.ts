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

/** e.g. `2026-11-23 05:15:00 +01:00`. @param deviation  minutes, UTC = local + deviation */
export function localText(instant: number, deviation: number): string {
  const local = new Date(instant - deviation * 60_000).toISOString();
  const minutes = Math.abs(deviation);
  const two = (value: number) => String(Math.trunc(value)).padStart(2, "0");
  const offset = `${deviation > 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${offset}`;
}
