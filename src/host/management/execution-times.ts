/** Schedules of the settings as Single action schedule writes them. */
import { type ExecutionTime, type ScheduleType, scheduleType } from "../../../cosem/index.js";
import type { Pattern, PatternFields } from "../../scheduler/index.js";

const mostTimes = 64;
const any = 0xff;
const lastDay = 0xfe;

/** Empty where more than 64 entries would be needed. */
export function executionTimesOf({ alternatives }: Pattern): readonly ExecutionTime[] {
  const times: ExecutionTime[] = [];
  for (const alternative of alternatives) {
    for (const time of timesOf(alternative)) {
      if (times.length === mostTimes) return [];
      times.push(time);
    }
  }
  return times;
}

export function scheduleTypeOf(times: readonly ExecutionTime[]): ScheduleType {
  if (times.length <= 1) return scheduleType.oneWithWildcards;
  const isSame = times.every(({ time }) => time.every((octet, index) => octet === times[0]?.time[index]));
  return isSame ? scheduleType.sameTimeWildcards : scheduleType.differentTimesWildcards;
}

function* timesOf(fields: PatternFields): Iterable<ExecutionTime> {
  const days = valuesOf(fields.days, 31);
  const isEveryDay = days[0] === any;
  const monthDays = fields.isLastDay && !isEveryDay ? [...days, lastDay] : days;
  for (const month of valuesOf(fields.months, 12)) {
    for (const day of monthDays) {
      for (const weekday of valuesOf(fields.weekdays, 7)) {
        for (const hour of valuesOf(fields.hours, 24)) {
          for (const minute of valuesOf(fields.minutes, 60)) {
            const dayOfWeek = weekday === 0 ? 7 : weekday;
            yield {
              time: Uint8Array.of(hour, minute, 0, 0),
              date: Uint8Array.of(any, any, month, day, dayOfWeek),
            };
          }
        }
      }
    }
  }
}

/** One wildcard where every value is meant. */
function valuesOf(values: ReadonlySet<number>, all: number): readonly number[] {
  return values.size === all ? [any] : [...values].sort((one, other) => one - other);
}
