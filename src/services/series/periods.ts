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

/** Hours are told apart where the clock is set back: both hours from 2 to 3 are periods of their own. */
function hourAt(instantMs: number, zone: Zone): Span {
  const offset = zone.offsetAt(instantMs);
  const start = Math.floor((instantMs + offset) / hourMs) * hourMs - offset;
  return { fromMs: start, toMs: start + hourMs };
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
