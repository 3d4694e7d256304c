/** What the radio receivers hear: every meter in the air, installed or not, and how the receivers are doing. */
import type { Principal } from "../../../cosem/index.js";

/** How one receiver hears a meter. */
export interface ReceptionLink {
  readonly receiver: string;
  /** Of its newest telegram; undefined where the receiver tells no dBm. */
  readonly rssiDbm: number | undefined;
  /** Radio mode, as far as the receiver says it. */
  readonly mode: string | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly lastAtMs: number;
  readonly count: number;
}

export interface Reception {
  /** Grows with each meter heard for the first time. */
  readonly number: number;
  /** Manufacturer, identification, medium and version, as a logical device name. */
  readonly meter: string;
  readonly manufacturer: string;
  /** Eight digits. */
  readonly identification: string;
  readonly version: number;
  readonly medium: number;
  /** Milliseconds since 1970 UTC. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** Telegrams, each counted once however many receivers heard it. */
  readonly count: number;
  /** Of the newest telegram. */
  readonly isEncrypted: boolean;
  /** The newest telegram came through a repeater. */
  readonly isRepeated: boolean;
  readonly accessNumber: number | undefined;
  /** The receiver that hears it best comes first. */
  readonly links: readonly ReceptionLink[];
}

/** A reception with what the gateway knows beside it. */
export interface ReceptionSummary extends Reception {
  readonly mediumName: string;
  /** Logical device name or `sap<n>` of the installed meter; undefined: not installed. */
  readonly device: string | undefined;
}

export interface ReceptionPage {
  readonly receptions: readonly ReceptionSummary[];
  /** Give it as `afterNumber` for the next page; undefined at the end. */
  readonly nextAfterNumber: number | undefined;
  readonly total: number;
}

/** Counts since the start of the gateway. */
export interface ReceiverStatus {
  readonly name: string;
  readonly group: string;
  readonly isOpen: boolean;
  /** Milliseconds since 1970 UTC; undefined while nothing was heard. */
  readonly lastHeardAtMs: number | undefined;
  readonly telegrams: number;
  /** Messages of the receiver that could not be understood. */
  readonly rejected: number;
  /** Resets because of silence. */
  readonly resets: number;
  /** Times its line was lost or could not be opened. */
  readonly failures: number;
  /** Of the last failure, in words. */
  readonly cause: string | undefined;
}

/** Each call checks the right `receptions.read` of the principal: without it there is nothing. */
export interface ReceptionService {
  /** In the order of first being heard. */
  list(principal: Principal, query: { afterNumber?: number; limit: number }): ReceptionPage;
  /** In the order of the settings. */
  receivers(principal: Principal): readonly ReceiverStatus[];
}
