import { type CosemDateTime, cosemDateTimeFromInstant } from "../../../cosem/index.js";

/** Moments as ISO 8601 with zone; those of the gateway itself are written in its own zone. */
export interface Times {
  fromMs(instantMs: number): string;
  fromMs(instantMs: number | undefined): string | null;
  /** A time without deviation counts as local time of the gateway; null where fields are unspecified. */
  fromCosem(time: CosemDateTime): string | null;
}

/** Whether every field is one that ISO 8601 can write: what came over the wire may be anything. */
function isWritable({ year = 0, hour = 0, minute = 0, second = 0, hundredths = 0 }: CosemDateTime): boolean {
  return year >= 1000 && year <= 9998 && hour < 24 && minute < 60 && second < 60 && hundredths < 100;
}

/** @param deviationMinutes UTC = local + deviation, at a moment; undefined: UTC */
export function createTimes(deviationMinutes: ((instantMs: number) => number) | undefined): Times {
  const deviationAt = (instantMs: number) => deviationMinutes?.(instantMs) ?? 0;
  function fromMs(instantMs: number): string;
  function fromMs(instantMs: number | undefined): string | null;
  function fromMs(instantMs: number | undefined): string | null {
    if (instantMs === undefined) return null;
    return cosemDateTimeFromInstant(instantMs, deviationAt(instantMs)).toString();
  }
  return {
    fromMs,
    fromCosem(time) {
      const asUtc = isWritable(time) ? time.toInstant(0) : undefined;
      if (asUtc === undefined) return null;
      if (time.deviation !== undefined) return cosemDateTimeFromInstant(asUtc, time.deviation).toString();
      const deviation = deviationAt(asUtc);
      return cosemDateTimeFromInstant(asUtc + deviation * 60_000, deviation).toString();
    },
  };
}

/** A time that a meter tells: without zone where it tells none, without the fields it leaves open. */
export function meterTimeText(time: CosemDateTime): string {
  return time
    .toString()
    .replace(/T\*\*:\*\*.*$/, "")
    .replace(/^\*{4}-\*\*-\*\*T/, "")
    .replace(/:\*\*/, "");
}

const shape = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+ -]\d\d:\d\d)$/i;

/**
 * Reads ISO 8601 with zone. A blank counts as the plus that a query string loses when it is not written as %2B.
 * @returns milliseconds since 1970 UTC; undefined when `text` is not such a time
 */
export function parseMoment(text: string): number | undefined {
  const match = shape.exec(text.trim());
  if (match === null) return undefined;
  const instant = Date.parse(`${match[1]}${match[2]?.replace(" ", "+").toUpperCase()}`);
  // Date takes 30 February as a day of March.
  const day = text.trim().slice(0, 10);
  if (Number.isNaN(instant) || new Date(day).toJSON()?.startsWith(day) !== true) return undefined;
  return instant;
}
