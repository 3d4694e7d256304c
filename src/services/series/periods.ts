/** Hours, days and months of the gateway's own zone, both changes of summer time included. */
import type { Period } from "./expression.js";

export interface Zone {
  /** How far the wall clock is ahead of UTC at an instant, in milliseconds. */
  offsetAt(instantMs: number): number;
}

export interface Span {
  readonly fromMs: number;
  /** Exclusive: the start of the next. */
  readonly toMs: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The period that holds an instant. */
export function periodAt(instantMs: number, period: Period, zone: Zone): Span {
  if (period === "hour") return hourAt(instantMs, zone);
  const wall = instantMs + zone.offsetAt(instantMs);
  const start = period === "day" ? Math.floor(wall / dayMs) * dayMs : monthStart(wall, 0);
  const end = period === "day" ? start + dayMs : monthStart(wall, 1);
  return { fromMs: instantOf(start, zone), toMs: instantOf(end, zone) };
}

/**
 * Hours are told apart where the clock is set back: both hours from 2 to 3 are periods of their own. Where it changes
 * within an hour (Lord Howe Island, by half an hour) the hour ends there.
 */
function hourAt(instantMs: number, zone: Zone): Span {
  const offset = zone.offsetAt(instantMs);
  const start = Math.floor((instantMs + offset) / hourMs) * hourMs - offset;
  const end = start + hourMs;
  return {
    fromMs: zone.offsetAt(start) === offset ? start : changeBetween(start, instantMs, zone),
    toMs: zone.offsetAt(end - 1) === offset ? end : changeBetween(instantMs, end - 1, zone),
  };
}

/** The first instant with the offset of `toMs`; that of `fromMs` is another. */
function changeBetween(fromMs: number, toMs: number, zone: Zone): number {
  let [before, after] = [fromMs, toMs];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (zone.offsetAt(middle) === zone.offsetAt(toMs)) after = middle;
    else before = middle;
  }
  return after;
}

function monthStart(wall: number, later: number): number {
  const date = new Date(wall);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later, 1);
}

/** The first instant at which the wall clock shows `wall`, or has leapt over it. */
function instantOf(wall: number, zone: Zone): number {
  const before = wall - zone.offsetAt(wall - dayMs);
  const after = wall - zone.offsetAt(wall + dayMs);
  for (const instant of [Math.min(before, after), Math.max(before, after)]) {
    if (instant + zone.offsetAt(instant) === wall) return instant;
  }
  return before;
}
