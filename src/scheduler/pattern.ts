/**
 * The cron dialect of the manual (PRODUCT.md rows 98-99; that of cron4j): five fields, minute hour day month weekday,
 * all of which must match, day and weekday too. Lists, ranges (10-16; fri-mon runs over the end), steps (10-16/2),
 * names (jan, mon), weekday 0 and 7 both Sunday, L the last day of the month, ? and ?a-b a value drawn once, and
 * several patterns joined by |.
 */

/** What one pattern between two | asks for: the values each field may have. */
export interface PatternFields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  /** The last day of the month matches too, whichever it is. */
  readonly isLastDay: boolean;
  /** 1 to 12. */
  readonly months: ReadonlySet<number>;
  /** 0 Sunday to 6 Saturday. */
  readonly weekdays: ReadonlySet<number>;
}

export interface Pattern {
  readonly text: string;
  readonly alternatives: readonly PatternFields[];
}

export type ParsedPattern =
  | { readonly ok: true; readonly pattern: Pattern }
  | { readonly ok: false; readonly message: string };

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` upwards. */
  readonly names?: readonly string[];
}

const minute: Field = { name: "minute", min: 0, max: 59 };
const hour: Field = { name: "hour", min: 0, max: 23 };
const day: Field = { name: "day", min: 1, max: 31 };
const month: Field = {
  name: "month",
  min: 1,
  max: 12,
  names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
/** 7 is Sunday again; it is folded onto 0 once ranges are spread out. */
const weekday: Field = { name: "weekday", min: 0, max: 7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] };

class PatternProblem extends Error {}

/**
 * @param seed  what a drawn value (?) depends on beside the pattern, e.g. the serial number: gateways then spread their
 *   runs, and each keeps its own over restarts
 */
export function parsePattern(text: string, seed = ""): ParsedPattern {
  if (text.length > 1000) return { ok: false, message: "the schedule is longer than 1000 characters" };
  try {
    const alternatives = text.split("|").map((one) => parseOne(one, `${seed}/${text}`));
    return { ok: true, pattern: { text, alternatives } };
  } catch (error) {
    if (!(error instanceof PatternProblem)) throw error;
    return { ok: false, message: `"${text}" is not a schedule: ${error.message}` };
  }
}

function parseOne(text: string, seed: string): PatternFields {
  const words = text.trim().split(/\s+/);
  const [minutes = "", hours = "", days = "", months = "", weekdays = ""] = words;
  if (words.length !== 5) {
    throw new PatternProblem('wants five fields, minute hour day month weekday, e.g. "*/15 * * * *"');
  }
  const dayParts = days.split(",");
  const plainDays = dayParts.filter((part) => part.toLowerCase() !== "l");
  return {
    minutes: valuesOf(minutes, minute, seed),
    hours: valuesOf(hours, hour, seed),
    days: plainDays.length === 0 ? new Set() : valuesOf(plainDays.join(","), day, seed),
    isLastDay: plainDays.length < dayParts.length,
    months: valuesOf(months, month, seed),
    weekdays: new Set([...valuesOf(weekdays, weekday, seed)].map((value) => value % 7)),
  };
}

function valuesOf(text: string, field: Field, seed: string): Set<number> {
  return new Set(text.split(",").flatMap((part) => valuesOfPart(part, field, seed)));
}

function valuesOfPart(part: string, field: Field, seed: string): readonly number[] {
  if (part.startsWith("?")) {
    const candidates = part === "?" ? everyValue(field) : rangeOf(part.slice(1), field);
    const drawn = draw(`${seed}/${field.name}`, candidates.length);
    return candidates.slice(drawn, drawn + 1);
  }
  const [range = "", step, ...more] = part.split("/");
  const values = rangeOf(range, field);
  if (step === undefined) return values;
  if (more.length > 0 || !/^\d{1,3}$/.test(step) || Number(step) === 0) {
    throw new PatternProblem(`"${part}" in the ${field.name}: the step wants one number from 1`);
  }
  if (range !== "*" && !range.includes("-")) {
    throw new PatternProblem(
      `"${part}" in the ${field.name}: a step wants a range; write ${range}-${field.max}/${step}`,
    );
  }
  return values.filter((_, index) => index % Number(step) === 0);
}

function rangeOf(text: string, field: Field): readonly number[] {
  if (text === "*") return everyValue(field);
  const ends = text.split("-");
  const from = parseValue(ends[0] ?? "", field);
  if (ends.length === 1) return [from];
  if (ends.length > 2) throw new PatternProblem(`"${text}" in the ${field.name}: a range has two ends`);
  const to = parseValue(ends[1] ?? "", field);
  if (from <= to) return numbers(from, to);
  return [...numbers(from, lastOf(field)), ...numbers(field.min, to)];
}

function parseValue(text: string, field: Field): number {
  const named = field.names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + field.min;
  const value = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.min && value <= field.max) return value;
  const names = field.names === undefined ? "" : ` or ${field.names.join(", ")}`;
  throw new PatternProblem(`"${text}" in the ${field.name}: wants ${field.min} to ${field.max}${names}`);
}

/** The weekday's 7 is another word for 0: neither * nor a range over the end counts Sunday twice. */
const lastOf = (field: Field) => (field === weekday ? 6 : field.max);
const everyValue = (field: Field) => numbers(field.min, lastOf(field));
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** FNV-1a over the text, as a number below `count`: the same text always draws the same. */
function draw(text: string, count: number): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  // The low bits of FNV are the weakest: fold the high ones in.
  return ((hash ^ (hash >>> 15)) >>> 0) % count;
}
