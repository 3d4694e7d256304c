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

/**
 * A pattern that is due when the entries are.
 * @returns undefined where the dialect has no words for one: seconds, a year, the second last day, a last weekday of the
 *   month, the days on which summer time begins and ends
 */
export function patternTextOf(times: readonly ExecutionTime[]): string | undefined {
  let rows: string[][] = [];
  for (const entry of times) {
    const row = fieldsOf(entry);
    if (row === undefined) return undefined;
    rows.push(row);
  }
  // Rows that differ in one field only are one row with a list there; the minute first.
  for (const index of fieldIndexes) rows = joinedBy(rows, index);
  const text = rows.map((row) => row.join(" ")).join("|");
  return text === "" || text.length > 1000 ? undefined : text;
}

const fieldIndexes = [0, 1, 2, 3, 4] as const;

function joinedBy(rows: readonly (readonly string[])[], index: number): string[][] {
  const groups = new Map<string, string[][]>();
  for (const row of rows) {
    const key = row.filter((_, at) => at !== index).join(" ");
    const group = groups.get(key) ?? [];
    group.push([...row]);
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => {
    const values = new Set(group.map((row) => row[index] ?? "*"));
    const [first = []] = group;
    return first.map((value, at) => (at !== index ? value : values.has("*") ? "*" : [...values].join(",")));
  });
}

/** minute hour day month weekday. */
function fieldsOf({ time, date }: ExecutionTime): string[] | undefined {
  const [hour = any, minute = any, second = 0, hundredths = 0] = time;
  const [yearHigh = any, yearLow = any, month = any, day = any, dayOfWeek = any] = date;
  const isWholeMinute = (second === 0 || second === any) && (hundredths === 0 || hundredths === any);
  const isAnyYear = yearHigh === any && yearLow === any;
  const isPlainMonth = month === any || month <= 12;
  const isPlainDay = day === any || day <= 31 || (day === lastDay && dayOfWeek === any);
  if (!isWholeMinute || !isAnyYear || !isPlainMonth || !isPlainDay) return undefined;
  const word = (value: number) => (value === any ? "*" : String(value));
  return [
    word(minute),
    word(hour),
    day === lastDay ? "L" : word(day),
    word(month),
    dayOfWeek === any ? "*" : String(dayOfWeek % 7),
  ];
}
