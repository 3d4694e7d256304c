/** An instant as wall-clock text of the gateway's zone. */

const offsetShape = /GMT(?:([+-])(\d{2}):(\d{2}))?/;
/** Offsets change on quarter hours at the earliest. */
const quarterHourMs = 900_000;

export interface LocalTime {
  /** `2026-10-01 20:00:00`, with `+02:00` behind it where wanted. */
  dateTime(instantMs: number, showOffset: boolean): string;
  /** `20261001200000`, for file names. */
  compact(instantMs: number): string;
}

/** @throws RangeError when the zone is not known */
export function createLocalTime(timeZone: string): LocalTime {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  let quarter = Number.NaN;
  let minutes = 0;

  function offsetMinutes(instantMs: number): number {
    const at = Math.floor(instantMs / quarterHourMs);
    if (at !== quarter) {
      const name = format.formatToParts(instantMs).find(({ type }) => type === "timeZoneName")?.value ?? "";
      const [, sign, hours = "0", rest = "0"] = offsetShape.exec(name) ?? [];
      minutes = (Number(hours) * 60 + Number(rest)) * (sign === "-" ? -1 : 1);
      quarter = at;
    }
    return minutes;
  }

  const local = (instantMs: number) => new Date(instantMs + offsetMinutes(instantMs) * 60_000).toISOString();
  return {
    dateTime(instantMs, showOffset) {
      const text = local(instantMs).slice(0, 19).replace("T", " ");
      return showOffset ? text + offsetText(offsetMinutes(instantMs)) : text;
    },
    compact: (instantMs) => local(instantMs).slice(0, 19).replaceAll(/[-T:]/g, ""),
  };
}

function offsetText(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}
