/** What the radio receivers hear and how they are doing: the readout tells it, services and views hand it on. */

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

export interface UnreadReceptions {
  readonly count: number;
  /** Milliseconds since 1970 UTC. */
  readonly lastAtMs: number;
  /** Of the last one: the check that failed. */
  readonly cause: string;
}

/** A meter in the air, installed or not. */
export interface Reception {
  /** Grows with each meter heard for the first time; never given twice. */
  readonly number: number;
  /** As the logical device name: manufacturer, identification, medium, version. */
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
  /** Of the newest telegram, as the next two. */
  readonly isEncrypted: boolean;
  /** It came through a repeater. */
  readonly isRepeated: boolean;
  readonly accessNumber: number | undefined;
  /** Of a telegram in its maker's own form, which cannot be read: whose and which, for people. */
  readonly proprietary?: string | undefined;
  /** Telegrams of an installed meter that could not be read, since the start: good ones beside them do not hide them. */
  readonly unread?: UnreadReceptions | undefined;
  /** The receiver that hears it best now comes first. */
  readonly links: readonly ReceptionLink[];
}

export interface ReceptionPage<R extends Reception = Reception> {
  readonly receptions: readonly R[];
  /** Give it as `afterNumber` for the next page; undefined at the end. */
  readonly nextAfterNumber: number | undefined;
  readonly total: number;
}

/** How a receiver is doing. Counts since the start of the gateway. */
export interface ReceiverStatus {
  readonly name: string;
  readonly group: string;
  readonly isOpen: boolean;
  /** Milliseconds since 1970 UTC; undefined while nothing was heard. */
  readonly lastHeardAtMs: number | undefined;
  readonly telegrams: number;
  /** Messages of the receiver that were none: wrong checksum, cut short … */
  readonly rejected: number;
  /** Resets because of silence. */
  readonly resets: number;
  /** Resets whose command the receiver refused or its line did not take; the line is opened anew all the same. */
  readonly failedResets: number;
  /** Times its line was lost or could not be opened. */
  readonly failures: number;
  /** Of the last failure, in words. */
  readonly cause: string | undefined;
}
