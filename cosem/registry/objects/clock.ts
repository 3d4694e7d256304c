import { Clock, clockBase, type DaylightSaving, daylightSavingOf, type LocalTimeAt } from "../../classes/index.js";
import { type CosemDateTime, cosemDateTimeFromInstant, daylightSavingActive } from "../../model/cosem-date-time.js";
import { type LogicalName, logicalName } from "../../model/logical-name.js";
import type { AccessContext, Answer, CosemObject, Refused } from "../contract.js";
import { createObject } from "../object.js";
import { refused } from "../refused.js";

export interface ClockParts {
  /** Milliseconds since 1970 UTC. */
  now(): number;
  /** The zone: deviation and daylight saving at an instant. */
  readonly localTimeAt: LocalTimeAt;
  /** Clock status without the daylight-saving bit (bit 0 invalid, 1 doubtful …). Default: 0. */
  status?(): number;
  /** Sets the time to an instant; without it the attribute is read-only. */
  setTime?(instant: number, context: AccessContext): Answer<undefined | Refused>;
  /** Default: 0-0:1.0.0*255. */
  readonly logicalName?: LogicalName;
  /** Default: internal crystal. */
  readonly clockBase?: (typeof clockBase)[keyof typeof clockBase];
}

/** A clock whose attributes 2 to 8 agree: all follow from now() and the zone. */
export function createClock(parts: ClockParts): CosemObject {
  const { localTimeAt } = parts;
  let known: { readonly year: number; readonly saving: DaylightSaving } | undefined;

  function saving(): DaylightSaving {
    const instant = parts.now();
    const year = new Date(instant - localTimeAt(instant).deviation * 60_000).getUTCFullYear();
    if (known?.year !== year) known = { year, saving: daylightSavingOf(localTimeAt, year) };
    return known.saving;
  }

  function statusAt(isDaylightSaving: boolean): number {
    return (parts.status?.() ?? 0) | (isDaylightSaving ? daylightSavingActive : 0);
  }

  function time(): CosemDateTime {
    const instant = parts.now();
    const { deviation, isDaylightSaving } = localTimeAt(instant);
    return cosemDateTimeFromInstant(instant, deviation, statusAt(isDaylightSaving));
  }

  function setTime(value: CosemDateTime, context: AccessContext): Answer<undefined | Refused> {
    const instant = instantOf(value, localTimeAt);
    return instant === undefined ? refused.scopeOfAccessViolated : parts.setTime?.(instant, context);
  }

  return createObject(Clock, parts.logicalName ?? logicalName("0-0:1.0.0*255"), {
    attributes: {
      time: parts.setTime === undefined ? { get: time } : { get: time, set: setTime },
      timeZone: { get: () => saving().timeZone },
      status: { get: () => statusAt(localTimeAt(parts.now()).isDaylightSaving) },
      daylightSavingsBegin: { get: () => saving().begin },
      daylightSavingsEnd: { get: () => saving().end },
      daylightSavingsDeviation: { get: () => saving().deviation },
      daylightSavingsEnabled: { get: () => saving().isEnabled },
      clockBase: parts.clockBase ?? clockBase.internalCrystal,
    },
  });
}

/** A time sent without deviation is local; in the hour that the clock shows twice, the earlier one is meant. */
function instantOf(value: CosemDateTime, localTimeAt: LocalTimeAt): number | undefined {
  const local = value.toInstant(0);
  if (local === undefined || value.deviation !== undefined) return local;
  const candidates = [local - 86_400_000, local + 86_400_000]
    .map((near) => local + localTimeAt(near).deviation * 60_000)
    .filter((instant) => instant - localTimeAt(instant).deviation * 60_000 === local);
  return candidates.length === 0 ? local + localTimeAt(local).deviation * 60_000 : Math.min(...candidates);
}
