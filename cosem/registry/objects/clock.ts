import {
  Clock,
  clockBase,
  type DaylightSaving,
  daylightSavingOf,
  instantOfLocal,
  type LocalTimeAt,
  localOf,
} from "../../classes/index.js";
import { type CosemDateTime, cosemDateTimeFromInstant, daylightSavingActive } from "../../model/cosem-date-time.js";
import type { MethodParameters } from "../../model/interface-class.js";
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
  /** Sets the time to an instant; without it the attribute is read-only and no method is listed. */
  setTime?(instant: number, context: AccessContext): Answer<undefined | Refused>;
  /** Seconds of the measuring period that method 2 adjusts to. Default: 900. */
  readonly measuringPeriod?: number;
  /** Default: 0-0:1.0.0*255. */
  readonly logicalName?: LogicalName;
  /** Default: internal crystal. */
  readonly clockBase?: (typeof clockBase)[keyof typeof clockBase];
}

interface PresetTime {
  readonly time: number;
  /** The preset holds in this interval only, and once. */
  readonly from: number;
  readonly to: number;
}

const largestShiftSeconds = 900;

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

  let preset: PresetTime | undefined;

  /** To the nearest whole of so many seconds by the local clock. */
  function adjustTo(seconds: number, context: AccessContext): Answer<undefined | Refused> {
    const instant = parts.now();
    const local = localOf(instant, localTimeAt);
    const step = seconds * 1000;
    return parts.setTime?.(instant + Math.round(local / step) * step - local, context);
  }

  function adjustToPresetTime(context: AccessContext): Answer<undefined | Refused> {
    const now = parts.now();
    if (preset === undefined || now < preset.from || now > preset.to) return refused.scopeOfAccessViolated;
    const { time: instant } = preset;
    preset = undefined;
    return parts.setTime?.(instant, context);
  }

  function presetAdjustingTime(value: MethodParameters<typeof Clock, "presetAdjustingTime">): undefined | Refused {
    const instants = [value.presetTime, value.validityIntervalStart, value.validityIntervalEnd].map((moment) =>
      instantOf(moment, localTimeAt),
    );
    const [time, from, to] = instants;
    if (time === undefined || from === undefined || to === undefined || from > to) return refused.scopeOfAccessViolated;
    preset = { time, from, to };
    return undefined;
  }

  function shiftTime(seconds: number, context: AccessContext): Answer<undefined | Refused> {
    if (Math.abs(seconds) > largestShiftSeconds) return refused.scopeOfAccessViolated;
    return parts.setTime?.(parts.now() + seconds * 1000, context);
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
    ...(parts.setTime === undefined
      ? {}
      : {
          methods: {
            adjustToQuarter: (_, context) => adjustTo(900, context),
            adjustToMeasuringPeriod: (_, context) => adjustTo(parts.measuringPeriod ?? 900, context),
            adjustToMinute: (_, context) => adjustTo(60, context),
            adjustToPresetTime: (_, context) => adjustToPresetTime(context),
            presetAdjustingTime,
            shiftTime,
          },
        }),
  });
}

/** A time sent without deviation is local; in the hour that the clock shows twice, the earlier one is meant. */
function instantOf(value: CosemDateTime, localTimeAt: LocalTimeAt): number | undefined {
  const local = value.toInstant(0);
  return local === undefined || value.deviation !== undefined ? local : instantOfLocal(local, localTimeAt);
}
