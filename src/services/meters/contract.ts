/**
 * Meters as people know them: what is not a COSEM attribute (where a meter hangs, when it was read, what each of its
 * objects means in words). Views read values through the registry and the words through this.
 */
import type { Principal } from "../../../cosem/index.js";
import type { Explanation } from "../../mbus/index.js";

/** How the last readout of a meter went. */
export interface ReadoutStatus {
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number;
  readonly ok: boolean;
  /** `Readout successful`, or what went wrong and what to do. */
  readonly message: string;
  readonly telegramCount: number;
  readonly durationMs: number;
}

export interface MeterSummary {
  /** Logical device name, or the alias `sap<n>` before the first good readout. */
  readonly device: string;
  readonly sap: number;
  /** Three letters; undefined before the first good readout, as all fields of the telegram's header. */
  readonly manufacturer: string | undefined;
  /** Eight digits. */
  readonly identification: string | undefined;
  readonly version: number | undefined;
  /** Device type of EN 13757-3, and its name. */
  readonly medium: number | undefined;
  readonly mediumName: string | undefined;
  /** Free text for place or function (MOID). */
  readonly position: string;
  readonly interfaceName: string;
  readonly primaryAddress: number | undefined;
  readonly secondaryAddress: string | undefined;
  /** M-Bus status byte and access number of the newest reading. */
  readonly statusByte: number | undefined;
  readonly accessNumber: number | undefined;
  /** The newest committed reading. */
  readonly readingNumber: number | undefined;
  readonly readAtMs: number | undefined;
  readonly lastReadout: ReadoutStatus | undefined;
}

/** What one value object of a meter means, in the words of its record. */
export interface ObjectDescription {
  readonly classId: number;
  readonly logicalName: string;
  /** e.g. `energy`, `volume flow`, `flow temperature`. */
  readonly quantity: string;
  /** Base unit of the record; `` for none. */
  readonly unit: string;
  readonly function: "inst" | "max" | "min" | "error";
  readonly storage: number;
  readonly tariff: number;
  readonly subunit: number;
  readonly modifiers: readonly string[];
  /** VIF 7F/FF: manufacturer-specific. */
  readonly manufacturerSpecific: boolean;
  /** No map knew the record: its code is in the manufacturer range. */
  readonly unmapped: boolean;
}

/** One value of a stored reading: decimal text in the object's base unit, exact. Undefined: not in this telegram. */
export type ReadingCell = string | undefined;

/** One stored reading as a row; `cells` are in the order of describe(). */
export interface ReadingLine {
  readonly number: number;
  readonly readAtMs: number;
  readonly telegramCount: number;
  readonly accessNumber: number | undefined;
  readonly statusByte: number | undefined;
  readonly signature: number | undefined;
  /** What was judged of it when it was read: bits as in docs/readouts.md; 0: nothing is wrong. */
  readonly quality: number;
  readonly cells: readonly ReadingCell[];
}

/** One telegram and what each of its bytes says. */
export interface ShownTelegram {
  /**
   * `received`: the bytes that came, on wires from the CI field on, by radio from the L field on. `stored`: application
   * data as the store has it, all that is left after a restart; of a wireless or encrypting meter it is in plain behind
   * a header of our own, and not what was on the air or wire.
   */
  readonly source: "received" | "stored";
  readonly bytes: Uint8Array;
  readonly explanation: Explanation;
  /** What it became opened, of a wired meter that encrypts. */
  readonly opened: Explanation | undefined;
}

/** The newest telegrams, in the order in which they came. */
export interface NewestTelegrams {
  /** The newest reading and what it came from; undefined before the first. */
  readonly reading:
    | { readonly number: number; readonly readAtMs: number; readonly telegrams: readonly ShownTelegram[] }
    | undefined;
  /** What came since and could not be kept. */
  readonly notKept:
    | { readonly atMs: number; readonly message: string; readonly telegrams: readonly ShownTelegram[] }
    | undefined;
}

export interface MeterPage {
  readonly meters: readonly MeterSummary[];
  /** Give it as `afterSap` for the next page; undefined at the end. */
  readonly nextAfterSap: number | undefined;
  readonly total: number;
}

/** Each call checks the right `meters.read` of the principal; undefined = no such meter, or not for this caller. */
export interface MeterService {
  list(principal: Principal, query: { afterSap?: number; limit: number }): MeterPage;
  get(principal: Principal, device: string): MeterSummary | undefined;
  describe(principal: Principal, device: string): readonly ObjectDescription[] | undefined;
  /** What came of the meter last; undefined where nothing did yet. */
  telegrams(principal: Principal, device: string): NewestTelegrams | undefined;
  /** Stored readings, oldest first, in pages; `afterNumber` exclusive. */
  readings(
    principal: Principal,
    device: string,
    query: { afterNumber?: number; fromMs?: number; toMs?: number; limit: number },
  ): Promise<readonly ReadingLine[] | undefined>;
}
