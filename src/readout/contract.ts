/** What the readout needs from others and what it hands out. */
import type {
  AesKey,
  LinkFailure,
  MasterSettings,
  MeterTarget,
  ReadoutNote,
  SecondaryAddress,
  TelegramSettings,
} from "../mbus/index.js";
import type { ByteChannel, ReadoutOrigin } from "../ports/index.js";

/** One M-Bus interface. */
export interface ReadoutBus {
  readonly name: string;
  /** Opens the line or connection anew; rejects with the cause in words. */
  open(): Promise<ByteChannel>;
  readonly settings: MasterSettings;
}

/** A meter as the readout sees it. */
export interface PlannedMeter {
  readonly meterId: number;
  /** As people know it. */
  readonly name?: string | undefined;
  readonly busName: string;
  readonly target: MeterTarget;
  /** Where this meter differs from its bus. */
  readonly telegrams?: TelegramSettings;
  /** Its own rate, where that is not its bus's. */
  readonly baudRate?: number | undefined;
  /** Opens its telegrams where it encrypts them. */
  readonly key?: AesKey | undefined;
  /** The same by the address in its answer, where it is not known before who it is. */
  readonly keyFor?: (address: SecondaryAddress) => AesKey | undefined;
}

/** Who is read, in which order. Asked anew at each cycle. */
export interface ReadoutPlan {
  metersOf(busName: string): readonly PlannedMeter[];
  find(meterId: number): PlannedMeter | undefined;
}

/** What came of a meter, before anything was opened or decoded. */
export interface ReceivedBytes {
  /** `wired`: application data from the CI field on; `wireless`: a frame from the L field on, as the receiver gave it. */
  readonly kind: "wired" | "wireless";
  readonly frames: readonly Uint8Array[];
}

/** The last of the telegrams that could not be read, and why. */
export interface UnreadTelegram {
  /** Milliseconds since 1970 UTC. */
  readonly atMs: number;
  /** Names the check that failed. */
  readonly words: string;
  readonly received: ReceivedBytes;
}

/** A good readout of one meter, not yet stored. */
export interface CompletedReadout {
  readonly meterId: number;
  readonly busName: string;
  /** End of the readout, milliseconds since 1970 UTC. */
  readonly readAtMs: number;
  /** The same moment by a clock that only grows, where it is known: tells the true time once the clock is put right. */
  readonly monotonicMs?: number;
  readonly durationMs: number;
  /** Requests that had to be sent again; default 0. */
  readonly retries?: number;
  /** The longest wait for an answer to begin. */
  readonly responseMs?: number | undefined;
  /** dBm, of a wireless meter where the receiver tells it. */
  readonly signalDbm?: number | undefined;
  /** Default: `cycle`. */
  readonly origin?: ReadoutOrigin;
  /** Application data from the CI field on, in order and in plain; at least one. */
  readonly telegrams: readonly Uint8Array[];
  /** Where that is not what `telegrams` has: of wireless meters, and of wired ones that encrypt. */
  readonly received?: ReceivedBytes | undefined;
  /** What else came of a wireless meter since the last readout and could not be read: a wrong key, a replay … */
  readonly unread?: UnreadTelegram | undefined;
  readonly primaryAddress: number;
  readonly secondaryAddress: SecondaryAddress | undefined;
  /** The meter has alarm data (ACD bit). */
  readonly alarmWaits: boolean;
  readonly notes: readonly ReadoutNote[];
}

/**
 * Closed list; `busUnreachable`: the interface could not be opened, so the meter was not asked; `notOpened`:
 * telegrams that could not be decrypted or, of wireless meters, decoded; `notHeard`: no telegram of a wireless meter
 * since the last cycle.
 */
export type ReadoutFailure = LinkFailure | "busUnreachable" | "notHeard" | "notOpened";

/** Whether a readout was kept: one that cannot be decoded is not, and counts as failed. */
export interface SinkAnswer {
  readonly ok: boolean;
}

/** What a failed readout took. */
export interface FailedEffort {
  readonly origin?: ReadoutOrigin;
  readonly durationMs?: number;
  readonly retries?: number;
  readonly responseMs?: number | undefined;
}

/** Takes results. What it throws or rejects is logged and counted, and never stops a cycle. */
export interface ReadoutSink {
  /** Without an answer it was kept. */
  completed(readout: CompletedReadout): SinkAnswer | undefined | Promise<SinkAnswer | undefined>;
  /** @param received  what came, where anything did */
  failed(
    meterId: number,
    reason: ReadoutFailure,
    words: string,
    received?: ReceivedBytes,
    effort?: FailedEffort,
  ): void | Promise<void>;
}

export interface BusReport {
  readonly busName: string;
  /** Read and kept. */
  readonly read: number;
  /** Not read, or not kept. */
  readonly failed: number;
  /** Not asked because the cycle was stopped. */
  readonly skipped: number;
  readonly durationMs: number;
}

export interface CycleReport {
  /** Milliseconds since 1970 UTC. */
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly read: number;
  readonly failed: number;
  readonly skipped: number;
  /** Results the sink refused while this cycle ran. */
  readonly sinkErrors: number;
  readonly buses: readonly BusReport[];
}

export type MeterOutcome =
  | { readonly ok: true; readonly readout: CompletedReadout }
  | {
      readonly ok: false;
      readonly reason: ReadoutFailure;
      readonly words: string;
      readonly received?: ReceivedBytes;
      readonly effort?: FailedEffort;
    };

export type ReadoutProgress =
  | { readonly kind: "cycleStarted"; readonly meterCount: number }
  | { readonly kind: "meterStarted"; readonly busName: string; readonly meterId: number }
  | {
      readonly kind: "meterFinished";
      readonly busName: string;
      readonly meterId: number;
      readonly outcome: MeterOutcome;
    }
  | { readonly kind: "busOpened"; readonly busName: string }
  | { readonly kind: "busLost"; readonly busName: string; readonly cause: string }
  | { readonly kind: "cycleFinished"; readonly report: CycleReport };

/** Limits of the readout as a whole. */
export interface ReadoutSettings {
  /** How long opening an interface may take. */
  readonly openTimeoutMs: number;
  /** Wait before the next try to open; doubles with each failure, up to `reopenMostMs`. */
  readonly reopenFirstMs: number;
  readonly reopenMostMs: number;
  /** Tries to open before meters count as `busUnreachable`; an interface known to be down is tried once. */
  readonly openTries: number;
}

export const defaultReadoutSettings: ReadoutSettings = {
  openTimeoutMs: 5000,
  reopenFirstMs: 250,
  reopenMostMs: 2000,
  openTries: 3,
};
