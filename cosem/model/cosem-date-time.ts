/**
 * date-time of the Blue Book (IEC 62056-6-2, clause 4.1.6.1): twelve bytes, each field may be unspecified.
 *
 * UTC = local time + deviation (minutes; CET = -60, CEST = -120). Clock status bits: 0 invalid, 1 doubtful,
 * 2 other base, 3 invalid status, 7 daylight saving.
 */
export interface CosemDateTimeFields {
  /** Undefined: not specified (FFFF). */
  readonly year: number | undefined;
  /** 1-12; 0xFD end of daylight saving, 0xFE begin; undefined FF. */
  readonly month: number | undefined;
  /** 1-31; 0xFD second last, 0xFE last day of month. */
  readonly day: number | undefined;
  /** 1 Monday … 7 Sunday. */
  readonly dayOfWeek: number | undefined;
  readonly hour: number | undefined;
  readonly minute: number | undefined;
  readonly second: number | undefined;
  readonly hundredths: number | undefined;
  /** Minutes, -840 … 840. */
  readonly deviation: number | undefined;
  readonly clockStatus: number | undefined;
}

const unspecifiedDeviation = 0x8000;
export const daylightSavingActive = 0x80;

export class CosemDateTime implements CosemDateTimeFields {
  readonly year: number | undefined;
  readonly month: number | undefined;
  readonly day: number | undefined;
  readonly dayOfWeek: number | undefined;
  readonly hour: number | undefined;
  readonly minute: number | undefined;
  readonly second: number | undefined;
  readonly hundredths: number | undefined;
  readonly deviation: number | undefined;
  readonly clockStatus: number | undefined;

  constructor(fields: Partial<CosemDateTimeFields>) {
    this.year = fields.year;
    this.month = fields.month;
    this.day = fields.day;
    this.dayOfWeek = fields.dayOfWeek;
    this.hour = fields.hour;
    this.minute = fields.minute;
    this.second = fields.second;
    this.hundredths = fields.hundredths;
    this.deviation = fields.deviation;
    this.clockStatus = fields.clockStatus;
  }

  /**
   * Milliseconds since 1970 UTC; undefined where year to minute are not all specified or name no date of the calendar.
   * Unspecified seconds and hundredths count as 0, an unspecified deviation as `assumedDeviation`.
   */
  toInstant(assumedDeviation = 0): number | undefined {
    const { year, month, day, hour, minute, second = 0, hundredths = 0 } = this;
    if (year === undefined || month === undefined || day === undefined) return undefined;
    if (hour === undefined || minute === undefined || hour > 23 || minute > 59 || second > 59) return undefined;
    const local = new Date(0);
    local.setUTCFullYear(year, month - 1, day);
    if (local.getUTCMonth() !== month - 1 || local.getUTCDate() !== day) return undefined;
    local.setUTCHours(hour, minute, second, hundredths * 10);
    return local.getTime() + (this.deviation ?? assumedDeviation) * 60_000;
  }

  /** Negative, 0 or positive as this instant is before, at or after `other`; undefined where one is no instant. */
  compareTo(other: CosemDateTime, assumedDeviation = 0): number | undefined {
    const own = this.toInstant(assumedDeviation);
    const others = other.toInstant(assumedDeviation);
    return own === undefined || others === undefined ? undefined : own - others;
  }

  /**
   * ISO 8601 with its offset; `*` for unspecified fields and `FD`, `FE` for the special codes of month and day:
   * `2026-11-22T11:00:00+01:00`, `****-03-FET02:00:00`.
   */
  toString(): string {
    const date = `${this.year === undefined ? "****" : String(this.year).padStart(4, "0")}-${two(this.month)}-${two(this.day)}`;
    const fraction = this.hundredths === undefined || this.hundredths === 0 ? "" : `.${two(this.hundredths)}`;
    const time = `${two(this.hour)}:${two(this.minute)}:${two(this.second)}${fraction}`;
    return `${date}T${time}${this.offsetText()}`;
  }

  private offsetText(): string {
    if (this.deviation === undefined) return "";
    if (this.deviation === 0) return "Z";
    const minutes = Math.abs(this.deviation);
    const sign = this.deviation < 0 ? "+" : "-";
    return `${sign}${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
  }
}

function two(value: number | undefined): string {
  if (value === undefined) return "**";
  return value >= 0xfd ? value.toString(16).toUpperCase() : String(value).padStart(2, "0");
}

/** @param bytes at least `offset + 12` bytes */
export function cosemDateTimeFromBytes(bytes: Uint8Array, offset = 0): CosemDateTime {
  const byte = (index: number) => bytes[offset + index] ?? 0xff;
  const field = (index: number) => (byte(index) === 0xff ? undefined : byte(index));
  const year = (byte(0) << 8) | byte(1);
  const deviation = (byte(9) << 8) | byte(10);
  return new CosemDateTime({
    year: year === 0xffff ? undefined : year,
    month: field(2),
    day: field(3),
    dayOfWeek: field(4),
    hour: field(5),
    minute: field(6),
    second: field(7),
    hundredths: field(8),
    deviation: deviation === unspecifiedDeviation ? undefined : (deviation << 16) >> 16,
    clockStatus: field(11),
  });
}

/** The twelve bytes of the wire. */
export function cosemDateTimeToBytes(value: CosemDateTimeFields): Uint8Array {
  const year = value.year ?? 0xffff;
  const deviation = (value.deviation ?? unspecifiedDeviation) & 0xffff;
  return Uint8Array.of(
    year >> 8,
    year & 0xff,
    value.month ?? 0xff,
    value.day ?? 0xff,
    value.dayOfWeek ?? 0xff,
    value.hour ?? 0xff,
    value.minute ?? 0xff,
    value.second ?? 0xff,
    value.hundredths ?? 0xff,
    deviation >> 8,
    deviation & 0xff,
    value.clockStatus ?? 0xff,
  );
}

/**
 * The local time of an instant.
 * @param instant  milliseconds since 1970 UTC
 * @param deviation  minutes, UTC = local + deviation
 */
export function cosemDateTimeFromInstant(instant: number, deviation = 0, clockStatus = 0): CosemDateTime {
  const local = new Date(instant - deviation * 60_000);
  return new CosemDateTime({
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    dayOfWeek: local.getUTCDay() === 0 ? 7 : local.getUTCDay(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    hundredths: Math.floor(local.getUTCMilliseconds() / 10),
    deviation,
    clockStatus,
  });
}

const written =
  /^(\d{4}|\*{4})-(\d\d|F[DE]|\*\*)-(\d\d|F[DE]|\*\*)T(\d\d|\*\*):(\d\d|\*\*)(?::(\d\d|\*\*)(?:\.(\d{1,2})\d*)?)?(Z|[+-]\d\d:\d\d)?$/;

/**
 * Reads what toString() writes, and ISO 8601 in general. Day of week and clock status, which the text does not have,
 * are unspecified. Undefined: the text is no such time, or a field of it is out of range.
 */
export function parseCosemDateTime(text: string): CosemDateTime | undefined {
  const match = written.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  const fields = {
    year: fieldOf(year),
    month: fieldOf(month),
    day: fieldOf(day),
    hour: fieldOf(hour),
    minute: fieldOf(minute),
    second: second === undefined ? 0 : fieldOf(second),
    hundredths: Number((fraction ?? "").padEnd(2, "0")),
    deviation: offset === undefined ? undefined : deviationOf(offset),
  };
  const isInRange =
    isField(fields.month, 1, 12, 0xfd) &&
    isField(fields.day, 1, 31, 0xfd) &&
    isField(fields.hour, 0, 23) &&
    isField(fields.minute, 0, 59) &&
    isField(fields.second, 0, 59) &&
    (fields.deviation === undefined || Math.abs(fields.deviation) <= 840);
  return isInRange ? new CosemDateTime(fields) : undefined;
}

function fieldOf(text: string | undefined): number | undefined {
  if (text === undefined || text.startsWith("*")) return undefined;
  return text.startsWith("F") ? Number.parseInt(text, 16) : Number(text);
}

function isField(value: number | undefined, first: number, last: number, special = 0x100): boolean {
  return value === undefined || (value >= first && value <= last) || value >= special;
}

/** `+01:00` is a deviation of -60. */
function deviationOf(offset: string): number {
  if (offset === "Z") return 0;
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  return offset.startsWith("+") ? -minutes : minutes;
}
