/** Schedules with a name, for those who do not want to write a pattern. */
export interface Preset {
  readonly name: string;
  readonly help: string;
  readonly pattern: string;
}

export const presets: readonly Preset[] = [
  { name: "every-minute", help: "every minute", pattern: "* * * * *" },
  { name: "every-5-minutes", help: "every 5th minute", pattern: "*/5 * * * *" },
  { name: "every-10-minutes", help: "every 10th minute", pattern: "*/10 * * * *" },
  { name: "every-15-minutes", help: "every 15th minute", pattern: "*/15 * * * *" },
  { name: "every-30-minutes", help: "every half hour", pattern: "*/30 * * * *" },
  { name: "every-hour", help: "every hour", pattern: "0 * * * *" },
  { name: "every-6-hours", help: "every 6th hour", pattern: "0 */6 * * *" },
  { name: "every-12-hours", help: "at midnight and noon", pattern: "0 */12 * * *" },
  { name: "every-day", help: "every day at midnight", pattern: "0 0 * * *" },
  { name: "every-week", help: "every Monday at midnight", pattern: "0 0 * * mon" },
  { name: "every-month", help: "on the first of every month at midnight", pattern: "0 0 1 * *" },
  { name: "end-of-month", help: "on the last day of every month, at 23:59", pattern: "59 23 L * *" },
];

/** The pattern of a preset's name; any other text as it is. */
export function patternOfPreset(text: string): string {
  return presets.find(({ name }) => name === text.trim())?.pattern ?? text;
}
