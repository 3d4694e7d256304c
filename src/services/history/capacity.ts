import type { CapacityRow, HistoryFigures } from "./contract.js";

const daySeconds = 86_400;
const yearDays = 365.25;

/** What blocks take at most on the meters they are made for: reckoned with until something was measured. */
export const aimedBytesPerReading = 25;

/** Meters and years of the manual, at 15 minutes and at an hour (PRODUCT.md rows 105, 106; "> 15" is 15 here). */
const manual: readonly (readonly [meters: number, quarterHours: number, hours: number])[] = [
  [1, 15, 15],
  [32, 4, 15],
  [128, 1, 4],
  [256, 0.5, 2],
  [512, 0.25, 1],
];

/** How long this disk holds so many meters: what is free and what the history takes now. */
export function capacityOf(figures: HistoryFigures, bytesPerReading: number): readonly CapacityRow[] {
  const bytes = figures.roomBytes + figures.readings * bytesPerReading;
  const rows = (intervalSeconds: number, yearsOf: (row: (typeof manual)[number]) => number) =>
    manual.map((row): CapacityRow => {
      const [meters] = row;
      const readingsAYear = (meters * daySeconds * yearDays) / intervalSeconds;
      return { meters, intervalSeconds, years: bytes / (readingsAYear * bytesPerReading), cme3100Years: yearsOf(row) };
    });
  return [...rows(900, ([, years]) => years), ...rows(3600, ([, , years]) => years)];
}

/** For people: `full in 4.2 years`. */
export function forecastOf({ daysUntilFull }: HistoryFigures): string {
  if (daysUntilFull === undefined) return "no readings come in";
  if (daysUntilFull < 1) return "full within a day";
  if (daysUntilFull < 60) return `full in ${Math.floor(daysUntilFull)} days`;
  const years = daysUntilFull / yearDays;
  return years > 100 ? "full in more than 100 years" : `full in ${years.toFixed(1)} years`;
}
