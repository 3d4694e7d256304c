/** The meter list and its keys, as the store keeps them. Beside ReadingStore, which loads and adds meters. */
import type { MeterRow } from "./reading-store.js";

/** An encryption key at rest. What is undefined fits every meter. */
export interface KeyRow {
  readonly id: number;
  /** 8 digits. */
  readonly address: string | undefined;
  /** Three letters. */
  readonly manufacturer: string | undefined;
  readonly deviceType: number | undefined;
  readonly version: number | undefined;
  /** Linked: of this meter alone. */
  readonly meterId: number | undefined;
  /** Milliseconds since 1970 UTC; of several that fit alike the newest is used. */
  readonly addedAtMs: number;
  /** The vault's name of the secret, never given twice. */
  readonly sealName: string;
  /** As the vault sealed it. */
  readonly sealed: string;
}

export interface MeterListStore {
  /** Writes all but SAP, logical device name and kind of a meter. Resolves when on disk. */
  updateMeter(meter: MeterRow): Promise<void>;
  /** Takes a meter's readings, blocks, raw telegrams, layouts and name away; the meter itself stays with its SAP. */
  forgetHistory(meterId: number): Promise<void>;
  keys(): Promise<readonly KeyRow[]>;
  /** All of them or none, in one transaction. Resolves with their ids in the same order when on disk. */
  addKeys(keys: readonly Omit<KeyRow, "id">[]): Promise<readonly number[]>;
  removeKeys(ids: readonly number[]): Promise<void>;
}
