/** What a meter's objects see of it, and what all meters share. */
import {
  type CosemObject,
  type Data,
  ExtendedRegister,
  type LogicalName,
  logicalName,
  nullData,
  Register,
} from "../../cosem/index.js";
import type { PayloadHeader } from "../mbus/index.js";
import type { MeterRow, ReadingStore } from "../ports/index.js";
import type { KindLayout, MeterKind } from "./kind.js";
import type { KindObject } from "./kind-object.js";
import type { OwnObjects } from "./own-objects.js";
import type { QualityLimits, ReadingQuality } from "./quality.js";
import type { MeterServing } from "./serving.js";

/** The newest committed reading. */
export interface NewestReading {
  readonly number: number;
  readonly readAtMs: number;
  readonly clockStatus: number;
  readonly layout: KindLayout;
  readonly payload: Uint8Array;
}

/** What continuous mode read last: in memory alone, and not for every door. */
export type LiveReading = Omit<NewestReading, "number">;

/** Doors that show what continuous mode reads; all others have the committed reading (PRODUCT.md, row 68). */
export const liveDoors: ReadonlySet<string> = new Set(["dlms", "rest", "jsonrpc", "modbus", "console", "cli"]);

/** What came of a meter, as it came; not kept over a restart. */
export interface ReceivedBytes {
  /** `wired`: application data from the CI field on; `wireless`: a frame from the L field on. */
  readonly kind: "wired" | "wireless";
  readonly frames: readonly Uint8Array[];
}

/** What the newest reading came from. */
export interface ReceivedReading {
  readonly number: number;
  /** Undefined: the stored telegrams are what came. */
  readonly bytes: ReceivedBytes | undefined;
}

/** What came since the newest reading and could not be kept. */
export interface RefusedReception {
  readonly atMs: number;
  readonly message: string;
  readonly bytes: ReceivedBytes;
}

/** How the last readout went, good or not; not kept over a restart. */
export interface LastReadout {
  readonly atMs: number;
  readonly ok: boolean;
  readonly message: string;
  readonly telegramCount: number;
  readonly durationMs: number;
  /** Of a failed one, from the closed list of failures. */
  readonly reason?: string | undefined;
}

/** What all meter devices share. */
export interface MeterDeviceParts {
  readonly store: ReadingStore;
  /** Objects that every meter has and that ask the context for whom: Clock, Association LN. */
  readonly commonObjects: readonly CosemObject[];
  /** Minutes, UTC = local + deviation, of times shown. */
  deviationAt(instantMs: number): number;
  /** Milliseconds since 1970 UTC. */
  now(): number;
  readonly serving: MeterServing;
  readonly quality: QualityLimits;
}

export const ownNames = {
  logicalDeviceName: logicalName("0-0:42.0.0*255"),
  status: logicalName("0-0:96.5.0*255"),
  quality: logicalName("0-0:97.97.0*255"),
} as const;

/** 0.0.0*255, the identification number of the telegram's header. */
export function identificationName(valueGroupA: number): LogicalName {
  return logicalName(`${valueGroupA}-0:0.0.0*255`);
}

/** The class that a value object is served as: a cme3100 has no Extended register. */
export function servedClassId({ classId }: KindObject, profile: MeterServing["profile"]): number {
  return profile === "cme3100" && classId === ExtendedRegister.classId ? Register.classId : classId;
}

/** One meter as its objects see it. */
export interface MeterView {
  readonly name: string;
  readonly row: MeterRow;
  readonly meterKind: MeterKind | undefined;
  /** What it serves of its kind's objects; none before the first good readout. */
  readonly own: OwnObjects | undefined;
  readonly newest: NewestReading | undefined;
  readonly quality: ReadingQuality | undefined;
  readonly lastReadout: LastReadout | undefined;
  /** The reading that a door shows: what continuous mode has, where it may; without a door the committed one. */
  reading(door?: string): LiveReading | undefined;
  readonly parts: MeterDeviceParts;
  /** Of the first telegram of the reading. */
  header(door?: string): PayloadHeader | undefined;
  /** Newest value of one of the kind's objects; null-data where the telegram has none or it is not valid. */
  value(object: KindObject, door?: string): Data;
}

/** The M-Bus status byte as data; null-data where the header has none. */
export function statusData(status: number | null | undefined): Data {
  return status === null || status === undefined ? nullData : { type: "unsigned", value: status };
}

const errors = ["", "application busy", "application error", "abnormal condition"] as const;
const alarms = [
  [0x04, "power low"],
  [0x08, "permanent error"],
  [0x10, "temporary error"],
] as const;

/** A status byte in words (EN 13757-7); its three highest bits are the maker's own. */
export function statusText(status: number): string {
  const words = [errors[status & 3] ?? "", ...alarms.map(([bit, word]) => ((status & bit) === 0 ? "" : word))];
  const own = status >> 5 === 0 ? "" : `manufacturer specific ${status >> 5}`;
  const text = [...words, own].filter((word) => word !== "").join(", ");
  return `M-Bus status ${status}: ${text === "" ? "no error" : text}`;
}
