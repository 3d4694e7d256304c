/** Times as the gateway wrote them: its own zone, never the browser's. */

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

interface Parts {
  readonly date: string;
  readonly clock: string;
  readonly zone: string;
}

function partsOf(iso: string): Parts | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/.exec(iso);
  if (match === null) return undefined;
  const [, year, month, day, clock = "", zone = ""] = match;
  return {
    date: `${Number(day)} ${months[Number(month) - 1] ?? month} ${year}`,
    clock,
    zone: zone === "Z" ? "UTC" : zone.replace("-", "\u2212"),
  };
}

/** `22 Nov 2026, 13:09:00 +01:00`; a date alone `22 Nov 2026`; any other text as it is. */
export function absoluteTime(iso: string): string {
  const parts = partsOf(iso);
  if (parts !== undefined) return `${parts.date}, ${parts.clock} ${parts.zone}`.trimEnd();
  return /^\d{4}-\d\d-\d\d$/.test(iso) ? (partsOf(`${iso}T00:00`)?.date ?? iso) : iso;
}

/** `13:09:00 +01:00` */
export function clockTime(iso: string): string {
  const parts = partsOf(iso);
  return parts === undefined ? iso : `${parts.clock} ${parts.zone}`;
}

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 30],
  ["month", 12],
  ["year", Number.POSITIVE_INFINITY],
];

/** `2 minutes ago` */
export function relativeTime(iso: string, nowMs: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  let amount = (Date.parse(iso) - nowMs) / 1000;
  if (Number.isNaN(amount)) return iso;
  // A reading is never in the future; clocks differ a little.
  if (amount > -3 && amount < 60) amount = 0;
  for (const [unit, size] of steps) {
    if (Math.abs(amount) < size) return format.format(Math.round(amount), unit);
    amount /= size;
  }
  return iso;
}

/** Minutes east of UTC in an ISO time. */
export function zoneMinutes(iso: string): number {
  const match = /([+-])(\d\d):(\d\d)$/.exec(iso);
  if (match === null) return 0;
  return (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}
