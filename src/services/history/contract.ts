/** What the kept history takes, how long the disk lasts, and telegrams as they were received. */
import type { Principal } from "../../../cosem/index.js";
import type { HistoryFigures, RawTelegram } from "../../ports/index.js";

export type { HistoryFigures, RawTelegram } from "../../ports/index.js";

/** How many years the disk holds: PRODUCT.md rows 105 and 106, computed for the disk there is. */
export interface CapacityRow {
  readonly meters: number;
  /** 900 or 3600. */
  readonly intervalSeconds: number;
  readonly years: number;
  /** What the CMe3100 holds, by its manual. */
  readonly cme3100Years: number;
}

export interface StorageReport extends HistoryFigures {
  /** How many bytes a reading was reckoned with: those measured, or what blocks are made to take at most. */
  readonly assumedBytesPerReading: number;
  readonly capacity: readonly CapacityRow[];
  /** `full in 4.2 years`, for people. */
  readonly forecast: string;
}

/** Each call checks the right `meters.read` of the principal: without it there is nothing. */
export interface HistoryService {
  storage(principal: Principal): Promise<StorageReport | undefined>;
  /** Newest first. @param device  by any of its names */
  telegrams(principal: Principal, device: string, limit: number): Promise<readonly RawTelegram[] | undefined>;
}
