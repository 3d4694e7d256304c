/**
 * The last reading of each local day or month that is over: rows of load profile 2 and the billing profile. They are
 * found in the history at each request, newest first; nothing of them is kept.
 */
import type { ReadingRow } from "../../ports/index.js";
import type { MeterView } from "../meter-view.js";
import { beginOf, type LocalPeriods, periodOf } from "./local-periods.js";

export interface RowBounds {
  /** Milliseconds since 1970 UTC, both included; undefined: open. */
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/**
 * @param mostRows  of the newest ones
 * @returns oldest first
 * @throws (rejects) when the store cannot be read
 */
export async function lastOfPeriods(
  device: MeterView,
  periods: LocalPeriods,
  bounds: RowBounds,
  mostRows: number,
): Promise<readonly ReadingRow[]> {
  const { store, now, deviationAt } = device.parts;
  const meterId = device.row.id;
  const toNumber = device.newest?.number;
  if (toNumber === undefined) return [];
  const lastIn = async (fromMs: number | undefined, beforeMs: number) => {
    const from = fromMs === undefined ? {} : { fromMs };
    const [row] = await store.readings({ meterId, ...from, toMs: beforeMs - 1, toNumber, limit: 1, descending: true });
    return row;
  };

  const rows: ReadingRow[] = [];
  const current = periodOf(periods, now(), deviationAt);
  let index = bounds.to === undefined ? current - 1 : Math.min(current - 1, periodOf(periods, bounds.to, deviationAt));
  while (rows.length < mostRows) {
    const begin = beginOf(periods, index, deviationAt);
    // Within one period the store looks at few rows; only a gap makes it look further.
    const row = (await lastIn(begin, beginOf(periods, index + 1, deviationAt))) ?? (await lastIn(undefined, begin));
    if (row === undefined || (bounds.from !== undefined && row.readAtMs < bounds.from)) break;
    if (bounds.to === undefined || row.readAtMs <= bounds.to) rows.push(row);
    index = periodOf(periods, row.readAtMs, deviationAt) - 1;
  }
  return rows.reverse();
}
