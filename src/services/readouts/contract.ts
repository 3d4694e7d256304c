/**
 * Readouts as people know them: read a meter now, see how each readout went, who holds which bus, continuous mode, the
 * clock's state, and commands to single meters. Each call checks a right (`readout.read`, `readout.start`,
 * `bus.send`); every start and command is an audit entry.
 */
import type { Principal } from "../../../cosem/index.js";
import type { Explanation } from "../../mbus/index.js";
import type { ClockSource, ReadoutOrigin } from "../../ports/index.js";
import type { Refusable } from "../refusal.js";

export type { ClockSource, ReadoutOrigin } from "../../ports/index.js";
export type { Refusable, ServiceRefusal } from "../refusal.js";

/** How reading one meter ended; kept like any other reading. */
export interface ManualReadout {
  readonly device: string;
  readonly ok: boolean;
  readonly message: string;
  /** Of the newest kept reading, also after a failure. */
  readonly readingNumber: number | undefined;
  readonly readAtMs: number | undefined;
}

export interface CycleState {
  readonly isRunning: boolean;
  /** Of the cycle under way, else of the last one; undefined: none yet. */
  readonly startedAtMs: number | undefined;
  /** Of the last cycle that ended. */
  readonly last:
    | {
        readonly startedAtMs: number;
        readonly durationMs: number;
        readonly read: number;
        readonly failed: number;
        readonly skipped: number;
        /** It lasted beyond the moment at which the next one was due: that one began late. */
        readonly wasLate: boolean;
      }
    | undefined;
  /** Cycles since the start that outlasted their period. */
  readonly lateCycles: number;
}

export interface ReadoutEntry {
  readonly id: number;
  readonly device: string;
  readonly origin: ReadoutOrigin;
  readonly createdAtMs: number;
  readonly ok: boolean;
  readonly reason: string | undefined;
  readonly message: string;
  readonly telegramCount: number;
  readonly durationMs: number;
  readonly retries: number;
  readonly responseMs: number | undefined;
  readonly signalDbm: number | undefined;
}

export interface ReadoutEntryPage {
  /** Newest first. */
  readonly entries: readonly ReadoutEntry[];
  /** Give it as `beforeId` for the next page; undefined at the end. */
  readonly nextBeforeId: number | undefined;
}

export interface MeterStatistics {
  readonly device: string;
  readonly attempts: number;
  readonly good: number;
  /** 0 to 1. */
  readonly successRate: number;
  readonly retries: number;
  readonly meanResponseMs: number | undefined;
  readonly maxResponseMs: number | undefined;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  readonly lastGoodAtMs: number | undefined;
}

export interface BusHolder {
  readonly bus: string;
  readonly isOpen: boolean;
  readonly holder: string | undefined;
  readonly heldSinceMs: number | undefined;
  /** When the lease ends by itself; undefined: it has no limit. */
  readonly endsAtMs: number | undefined;
  readonly waiting: readonly { readonly holder: string; readonly priority: number }[];
}

export interface ContinuousStatus {
  readonly isOn: boolean;
  readonly read: number;
  readonly failed: number;
  readonly rounds: number;
}

export interface ClockStatus {
  readonly isGood: boolean;
  readonly source: ClockSource | undefined;
  /** Readings that will be put right once it is good. */
  readonly pendingReadings: number;
}

/** Where a command goes: an installed meter, or an address on an interface. */
export type SendTarget =
  | { readonly device: string }
  | {
      readonly interfaceName: string;
      /** 0 to 255; 254: the only meter there, 255: all, without an answer. */
      readonly primaryAddress: number;
    }
  /** 8 or 16 hex digits, F for any. */
  | { readonly interfaceName: string; readonly secondaryAddress: string };

export type SendCommand =
  /** SND_NKE; to a secondary address its selection. */
  | { readonly kind: "initialise" }
  /** REQ_UD1: alarm data. */
  | { readonly kind: "requestUserData1" }
  /** REQ_UD2: the meter's data. */
  | { readonly kind: "requestUserData2" }
  /** SND_UD; hex digits from the CI field on. */
  | { readonly kind: "sendUserData"; readonly hex: string /** REQ_UD2 after it. */; readonly thenRequest?: boolean }
  | { readonly kind: "setPrimaryAddress"; readonly address: number }
  | { readonly kind: "setBaudRate"; readonly baudRate: number }
  /** To this moment in the gateway's own zone; default: now. */
  | { readonly kind: "setClock"; readonly atMs?: number }
  | { readonly kind: "applicationReset"; readonly subcode?: number };

export interface SendAnswer {
  readonly ok: boolean;
  /** What happened, for people. */
  readonly message: string;
  readonly reason: string | undefined;
  readonly durationMs: number;
  readonly telegrams: readonly SentTelegram[];
}

/** What the meter sent, from the CI field on, each byte explained. */
export interface SentTelegram {
  readonly bytes: Uint8Array;
  readonly explanation: Explanation;
  /** The same opened, where it is encrypted or compact and the meter is one of the list. */
  readonly opened: Omit<SentTelegram, "opened"> | undefined;
}

export interface ReadoutService {
  /** Reads one meter now, ahead of a running cycle; equal requests share one readout. The reading is kept. */
  read(principal: Principal, device: string): Promise<Refusable<ManualReadout>>;
  /** "Read all & store": starts a cycle, or one more after that under way. */
  readAll(principal: Principal): Refusable<CycleState>;
  cycle(principal: Principal): Refusable<CycleState>;
  entries(
    principal: Principal,
    query: {
      readonly device?: string;
      readonly onlyFailed?: boolean;
      readonly beforeId?: number;
      readonly limit: number;
    },
  ): Promise<Refusable<ReadoutEntryPage>>;
  statistics(principal: Principal, device: string): Promise<Refusable<MeterStatistics>>;
  buses(principal: Principal): Refusable<readonly BusHolder[]>;
  continuous(principal: Principal): Refusable<ContinuousStatus>;
  setContinuous(principal: Principal, isOn: boolean): Promise<Refusable<ContinuousStatus>>;
  clock(principal: Principal): Refusable<ClockStatus>;
  /** An admin says that the clock is right. */
  confirmClock(principal: Principal): Refusable<ClockStatus>;
  send(principal: Principal, target: SendTarget, command: SendCommand): Promise<Refusable<SendAnswer>>;
}
