/**
 * How far a value can be trusted. Judged once at each committed reading, against the one before; age and failures since
 * are added when somebody asks. Bits stand in the status of Extended registers and, for the whole meter, in the Data
 * object 0-0:97.97.0*255.
 */
import type { Data } from "../../cosem/index.js";
import type { KindLayout } from "./kind.js";
import type { KindObject } from "./kind-object.js";

/** A reading as it is judged. */
export interface JudgedReading {
  readonly readAtMs: number;
  readonly clockStatus: number;
  readonly layout: KindLayout;
  readonly payload: Uint8Array;
}

/** An Extended register's status; the standard leaves its bits to the maker. 0 is a good value. */
export const quality = {
  noValue: 0x01,
  /** The meter reports an error of this value. */
  recordError: 0x02,
  invalid: 0x04,
  /** The value is older than it should be. */
  stale: 0x08,
  /** The meter's own status byte tells of an error or alarm. */
  meterError: 0x10,
  /** A counter went back. */
  counterReset: 0x20,
  /** A counter grew far faster than it ever did. */
  implausibleJump: 0x40,
  /** The meter's clock is off by more than the limit. */
  meterClockOff: 0x80,
  /** What came last could not be opened: the value is that of an earlier readout. */
  notDecrypted: 0x100,
} as const;

export interface QualityLimits {
  /** A value older than this is stale; Infinity: none is. */
  readonly staleAfterMs: number;
  /** A counter may grow so many times faster than ever seen; 0: as fast as it likes. */
  readonly jumpFactor: number;
  /** How far a meter's own clock may be off; Infinity: it is not looked at. */
  readonly meterClockLimitMs: number;
}

export const noQualityLimits: QualityLimits = {
  staleAfterMs: Number.POSITIVE_INFINITY,
  jumpFactor: 0,
  meterClockLimitMs: Number.POSITIVE_INFINITY,
};

/** What a meter's newest reading was judged to be; what was learned of its counters goes on with it. */
export interface ReadingQuality {
  /** Of the meter as a whole. */
  readonly meter: number;
  /** Of single objects, by position; those without any bit are left out. */
  readonly objects: ReadonlyMap<number, number>;
  /** Fastest growth of each counter seen so far, a millisecond, and how often it was seen growing. */
  readonly growth: ReadonlyMap<number, { readonly fastest: number; readonly seen: number }>;
}

/** What the store has beside the time: clock status and, behind it, everything that was wrong with the reading. */
export function storedStatus(clockStatus: number, { meter, objects }: ReadingQuality): number {
  return clockStatus | ([...objects.values()].reduce((bits, flag) => bits | flag, meter) << 8);
}

export const clockStatusOf = (stored: number): number => stored & 0xff;
export const storedQualityOf = (stored: number): number => stored >> 8;

/** Growth seen so often before a jump can be told. */
const neededGrowths = 4;
const counters = new Set(["Energy", "Volume", "Mass", "Reactive energy", "Apparent energy", "Heat cost allocation"]);
const errorBits = 0x1f;
const hourMs = 3_600_000;

/**
 * @param deviation  minutes, UTC = local + deviation, at the reading
 * @param before  the reading before and what was learned, where there is one
 */
export function judgeReading(
  next: JudgedReading,
  objects: readonly KindObject[],
  limits: QualityLimits,
  deviation: number,
  before?: { readonly reading: JudgedReading; readonly quality: ReadingQuality | undefined },
): ReadingQuality {
  const status = next.layout.shape.header(next.payload).status ?? 0;
  let meter = (status & errorBits) === 0 ? 0 : quality.meterError;
  const flags = new Map<number, number>();
  const growth = new Map(before?.quality?.growth);
  for (const object of objects) {
    if (isMeterClock(object) && isClockOff(next, object, limits.meterClockLimitMs, deviation)) {
      meter |= quality.meterClockOff;
    }
    if (before === undefined || !isCounter(object)) continue;
    const flag = judgeCounter(before.reading, next, object, growth, limits.jumpFactor);
    if (flag !== 0) flags.set(object.position, flag);
  }
  return { meter, objects: flags, growth };
}

function isCounter({ record }: KindObject): boolean {
  if (record === undefined || record.function !== "inst" || record.storage !== 0) return false;
  return counters.has(record.information.quantity) && record.information.modifiers.length === 0;
}

function judgeCounter(
  before: JudgedReading,
  next: JudgedReading,
  { position }: KindObject,
  growth: Map<number, { readonly fastest: number; readonly seen: number }>,
  jumpFactor: number,
): number {
  const from = numberOf(before.layout.goodValue(before.payload, position));
  const to = numberOf(next.layout.goodValue(next.payload, position));
  const elapsedMs = next.readAtMs - before.readAtMs;
  if (from === undefined || to === undefined || elapsedMs <= 0 || to === from) return 0;
  if (to < from) return quality.counterReset;
  const rate = (to - from) / elapsedMs;
  const known = growth.get(position) ?? { fastest: 0, seen: 0 };
  const isJump = jumpFactor > 0 && known.seen >= neededGrowths && rate > known.fastest * jumpFactor;
  // A jump teaches nothing: the next one like it is one too.
  if (!isJump) growth.set(position, { fastest: Math.max(known.fastest, rate), seen: known.seen + 1 });
  return isJump ? quality.implausibleJump : 0;
}

function numberOf(value: Data): number | undefined {
  return "value" in value && (typeof value.value === "number" || typeof value.value === "bigint")
    ? Number(value.value)
    : undefined;
}

/** The moment as the meter has it, not one of its storages. */
function isMeterClock({ record }: KindObject): boolean {
  return (
    record?.valueKind === "datetime" &&
    record.function === "inst" &&
    record.storage === 0 &&
    record.tariff === 0 &&
    record.subunit === 0 &&
    record.occurrence === 0 &&
    record.information.modifiers.length === 0
  );
}

/** A meter's clock has no zone: winter or summer time of the gateway's own zone are both good. */
function isClockOff(reading: JudgedReading, { position }: KindObject, limitMs: number, deviation: number): boolean {
  const value = reading.layout.value(reading.payload, position);
  if (value.type !== "date-time" || reading.clockStatus !== 0 || limitMs === Number.POSITIVE_INFINITY) return false;
  const [high = 0, low = 0, month = 0, day = 0, , hour = 0, minute = 0, second = 0] = value.value;
  const year = high * 256 + low;
  if (year === 0xffff || month > 12 || day > 31 || hour > 23 || minute > 59) return false;
  const shown = Date.UTC(year, month - 1, day, hour, minute, second > 59 ? 0 : second);
  const offMs = shown - (reading.readAtMs - deviation * 60_000);
  // A type F clock shows minutes alone.
  const allowed = limitMs + 60_000;
  return [-hourMs, 0, hourMs].every((summer) => Math.abs(offMs + summer) > allowed);
}
