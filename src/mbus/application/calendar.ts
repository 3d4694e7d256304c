/** Steps through the calendar for dates written `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`, in a meter's own clock. */

export interface TimeStep {
  readonly unit: "seconds" | "days" | "months" | "halfMonths";
  readonly count: number;
}

const secondsPerDay = 86_400;
const two = (number: number) => String(number).padStart(2, "0");

/**
 * The moment `steps` steps after `base`; negative steps go back. A day stays a day unless the step is shorter.
 * From the last day of a month, months lead to last days (31 May, 30 April): billing periods end so. A day that a
 * month has not becomes its last one.
 */
export function stepMoment(base: string, step: TimeStep, steps: number): string {
  const hasTime = base.length > 10;
  const day = dayNumber(Number(base.slice(0, 4)), Number(base.slice(5, 7)), Number(base.slice(8, 10)));
  const second = hasTime ? clockSeconds(base.slice(11)) : 0;
  const total = step.count * steps;
  switch (step.unit) {
    case "seconds": {
      const seconds = second + total;
      const days = Math.floor(seconds / secondsPerDay);
      return momentText(day + days, seconds - days * secondsPerDay, true);
    }
    case "days":
      return momentText(day + total, second, hasTime);
    case "months":
      return momentText(addMonths(day, total), second, hasTime);
    case "halfMonths": {
      const months = Math.floor(total / 2);
      return momentText(addMonths(day, months) + (total - 2 * months) * 15, second, hasTime);
    }
  }
}

function clockSeconds(clock: string): number {
  return Number(clock.slice(0, 2)) * 3600 + Number(clock.slice(3, 5)) * 60 + Number(clock.slice(6, 8));
}

function momentText(day: number, second: number, hasTime: boolean): string {
  const { year, month, date } = civilDate(day);
  const text = `${String(year).padStart(4, "0")}-${two(month)}-${two(date)}`;
  if (!hasTime) return text;
  return `${text}T${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
}

function addMonths(day: number, months: number): number {
  const { year, month, date } = civilDate(day);
  const index = year * 12 + (month - 1) + months;
  const newYear = Math.floor(index / 12);
  const newMonth = index - newYear * 12 + 1;
  const last = daysInMonth(newYear, newMonth);
  return dayNumber(newYear, newMonth, date === daysInMonth(year, month) ? last : Math.min(date, last));
}

function daysInMonth(year: number, month: number): number {
  const next = month === 12 ? dayNumber(year + 1, 1, 1) : dayNumber(year, month + 1, 1);
  return next - dayNumber(year, month, 1);
}

/** Days since 1970-01-01. The year is taken to begin in March, so that 29 February is its last day. */
function dayNumber(year: number, month: number, date: number): number {
  const marchYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + date - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilDate(day: number): { year: number; month: number; date: number } {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const date = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, date };
}
