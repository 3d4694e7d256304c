/** Which thresholds a value has passed. Pure. */
import type { Data } from "../../codec/data.js";
import { comparableOf } from "../profile-generic/select.js";

/** Where the value stood at the last look, one for each threshold; undefined: not known yet. */
export type Positions = readonly (boolean | undefined)[];

export interface Crossing {
  /** Index of the threshold, from 0. */
  readonly threshold: number;
  readonly direction: "up" | "down";
}

export interface Observation {
  readonly positions: Positions;
  /** In the order of the thresholds. */
  readonly crossings: readonly Crossing[];
}

/**
 * A threshold is passed upwards when the value was at or below it and is now above it, downwards the other way round.
 * The first look at a value, or at a value that is no number, passes nothing and only tells where it stands.
 */
export function observe(before: Positions, thresholds: readonly Data[], value: Data): Observation {
  const positions = thresholds.map((threshold, index) => isAbove(value, threshold) ?? before[index]);
  const crossings = positions.flatMap((isNowAbove, threshold): Crossing[] => {
    const wasAbove = before[threshold];
    if (wasAbove === undefined || isNowAbove === undefined || wasAbove === isNowAbove) return [];
    return [{ threshold, direction: isNowAbove ? "up" : "down" }];
  });
  return { positions, crossings };
}

/** True: a value that thresholds are made of. */
export function isThreshold(data: Data): boolean {
  const value = comparableOf(data);
  return value !== undefined && typeof value !== "string" && !Number.isNaN(value);
}

function isAbove(value: Data, threshold: Data): boolean | undefined {
  const [one, other] = [comparableOf(value), comparableOf(threshold)];
  if (one === undefined || other === undefined || typeof one === "string" || typeof other === "string")
    return undefined;
  if (Number.isNaN(one) || Number.isNaN(other)) return undefined;
  return one > other;
}
