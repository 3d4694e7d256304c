/** What a pattern says, in words. */
import { nextRun } from "./next-run.js";
import type { Pattern, PatternFields } from "./pattern.js";

const weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** One line for each alternative: `at minute 0, 15, 30 and 45 of hour 9 to 17, on Monday`. */
export function wordsOf(pattern: Pattern): readonly string[] {
  return pattern.alternatives.map(wordsOfFields);
}

/** The next instants after one; fewer where it comes no more often. Milliseconds since 1970 UTC. */
export function nextRuns(pattern: Pattern, after: number, timeZone: string, count: number): readonly number[] {
  const found: number[] = [];
  let instant: number | undefined = after;
  while (found.length < count) {
    instant = nextRun(pattern, instant, timeZone);
    if (instant === undefined) break;
    found.push(instant);
  }
  return found;
}

function wordsOfFields(fields: PatternFields): string {
  const parts = [timeWords(fields)];
  const days = dayWords(fields);
  if (days !== undefined) parts.push(days);
  if (fields.weekdays.size < 7) {
    const word = listed(fields.weekdays, (value) => weekdays[value] ?? "");
    parts.push(days === undefined ? `on ${word}` : `only where that is a ${word}`);
  }
  if (fields.months.size < 12) parts.push(`in ${listed(fields.months, (value) => months[value - 1] ?? "")}`);
  return parts.join(", ");
}

function timeWords({ minutes, hours }: PatternFields): string {
  const [minute = 0] = minutes;
  const [hour = 0] = hours;
  if (minutes.size === 1 && hours.size === 1) return `at ${two(hour)}:${two(minute)}`;
  const step = stepOf(minutes, 60);
  const minuteWords =
    minutes.size === 60
      ? "every minute"
      : step !== undefined
        ? `every ${step} minutes`
        : `at minute ${listed(minutes, String)}`;
  if (hours.size === 24)
    return minutes.size === 60 || step !== undefined ? minuteWords : `${minuteWords} of every hour`;
  return `${minuteWords} of hour ${listed(hours, String)}`;
}

function dayWords({ days, isLastDay }: PatternFields): string | undefined {
  if (days.size === 31) return undefined;
  const words = days.size === 0 ? [] : [`day ${listed(days, String)}`];
  return `on ${[...words, ...(isLastDay ? ["the last day"] : [])].join(" and ")} of the month`;
}

/** n where the values are 0, n, 2n and so on up to `end`, which n divides. */
function stepOf(values: ReadonlySet<number>, end: number): number | undefined {
  const step = end / values.size;
  if (values.size < 2 || !Number.isInteger(step)) return undefined;
  return [...values].every((value) => value % step === 0) ? step : undefined;
}

/** `1, 3 and 5 to 9`. */
function listed(values: ReadonlySet<number>, word: (value: number) => string): string {
  const ranges: { from: number; to: number }[] = [];
  for (const value of [...values].toSorted((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last !== undefined && last.to === value - 1) last.to = value;
    else ranges.push({ from: value, to: value });
  }
  const words = ranges.flatMap(({ from, to }) => {
    if (to - from >= 2) return [`${word(from)} to ${word(to)}`];
    return from === to ? [word(from)] : [word(from), word(to)];
  });
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

const two = (value: number) => String(value).padStart(2, "0");
