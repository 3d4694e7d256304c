/** What a meter's objects see of it, and what all meters share. */
import { type CosemObject, type Data, type LogicalName, logicalName, nullData } from "../../cosem/index.js";
import type { MeterRow, ReadingStore } from "../ports/index.js";
import type { KindLayout, KindObject, MeterKind } from "./kind.js";

/** The newest committed reading. */
export interface NewestReading {
  readonly number: number;
  readonly readAtMs: number;
  readonly clockStatus: number;
  readonly layout: KindLayout;
  readonly payload: Uint8Array;
}

/** How the last readout went, good or not; not kept over a restart. */
export interface LastReadout {
  readonly atMs: number;
  readonly ok: boolean;
  readonly message: string;
  readonly telegramCount: number;
  readonly durationMs: number;
}

/** What all meter devices share. */
export interface MeterDeviceParts {
  readonly store: ReadingStore;
  /** Objects that every meter has and that ask the context for whom: Clock, Association LN. */
  readonly commonObjects: readonly CosemObject[];
  /** Minutes, UTC = local + deviation, of times shown. */
  deviationAt(instantMs: number): number;
}

export const ownNames = {
  logicalDeviceName: logicalName("0-0:42.0.0*255"),
  status: logicalName("0-0:96.5.0*255"),
} as const;

/** 0.0.0*255, the identification number of the telegram's header. */
export function identificationName(valueGroupA: number): LogicalName {
  return logicalName(`${valueGroupA}-0:0.0.0*255`);
}

/** Load profile 1 at the medium's own value group A. */
export function loadProfileName(valueGroupA: number): LogicalName {
  return logicalName(`${valueGroupA}-0:99.1.0*255`);
}

/** One meter as its objects see it. */
export interface MeterView {
  readonly name: string;
  readonly row: MeterRow;
  readonly meterKind: MeterKind | undefined;
  readonly newest: NewestReading | undefined;
  readonly parts: MeterDeviceParts;
  /** Newest value of one of the kind's objects; null-data where the telegram has none or it is not valid. */
  value(object: KindObject): Data;
}

/** The M-Bus status byte as data; null-data where the header has none. */
export function statusData(status: number | null | undefined): Data {
  return status === null || status === undefined ? nullData : { type: "unsigned", value: status };
}
