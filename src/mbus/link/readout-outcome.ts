/** How the readout of one meter can end, and the settings that steer it. */
import type { SecondaryAddress } from "./secondary-address.js";

/** Which meter: a slave's own address (0-250, or 254 where it is alone), or its secondary address, wildcards allowed. */
export type MeterTarget =
  | {
      readonly kind: "primary";
      readonly address: number;
      /** When known: an answer with another one is refused as `wrongMeter`. */
      readonly expected?: SecondaryAddress;
    }
  | {
      readonly kind: "secondary";
      readonly mask: SecondaryAddress;
      /**
       * Enhanced selection: 4 bytes BCD, least significant first, F for a digit that does not matter. An answer with
       * another number is refused; where all digits are given, one without a number too.
       */
      readonly fabricationNumber?: Uint8Array;
    };

export interface MasterSettings {
  readonly baudRate: number;
  /** How long silence is borne after a request has left the line. Paid on silence only. */
  readonly responseTimeoutMs: number;
  /** `learned`: a first try waits as long as answers on this bus take at most; its repetitions wait in full. */
  readonly responseTimeout: "fixed" | "learned";
  /** `network`: converters add a delay of their own, which is learned; `direct`: EN 13757-2's window counts. */
  readonly line: "direct" | "network";
  /** How long a frame that has begun may pause: TCP converters cut frames and are slow. */
  readonly pauseInFrameMs: number;
  readonly readoutRetries: number;
  readonly selectionRetries: number;
  /** Idle after the SND_NKE to all at the start of a cycle. */
  readonly initIdleMs: number;
  /** Idle after a collision, and before a meter that said it is busy is asked again. */
  readonly collisionIdleMs: number;
  /** Idle before each meter and each retry; never less than 33 bit times. */
  readonly requestIdleMs: number;
  /** `off`: the first telegram only. `auto`: go on while a telegram ends with DIF 1F. */
  readonly multiTelegram: "off" | "auto";
  /** At most so many telegrams a meter; 0 = automatic (32). */
  readonly telegramLimit: number;
  /** C field of the first SELECT; repetitions alternate between both. */
  readonly selectControl: 0x53 | 0x73;
  /** SND_NKE to a primary address before REQ_UD2. `whenUnknown`: where our frame count bit and the meter's may differ. */
  readonly sendNke: "always" | "whenUnknown" | "never";
}

/** The manual's values (PRODUCT.md, row 75). */
export const defaultMasterSettings: MasterSettings = {
  baudRate: 2400,
  responseTimeoutMs: 1500,
  responseTimeout: "fixed",
  line: "network",
  pauseInFrameMs: 500,
  readoutRetries: 3,
  selectionRetries: 2,
  initIdleMs: 10_000,
  collisionIdleMs: 3500,
  requestIdleMs: 1000,
  multiTelegram: "off",
  telegramLimit: 0,
  selectControl: 0x53,
  sendNke: "whenUnknown",
};

/** Closed list of what can go wrong on the link. Match on these, never on the words. */
export type LinkFailure =
  | "noAnswer"
  | "notSelected"
  | "noise"
  | "collision"
  | "wrongMeter"
  | "otherFabricationNumber"
  | "noFabricationNumber"
  | "noData"
  | "applicationError"
  | "busy"
  | "baudRateRefused"
  | "channelLost"
  | "stopped";

/** What went wrong and what to do, one line each. */
export const linkFailureWords: Readonly<Record<LinkFailure, string>> = {
  noAnswer: "The meter does not answer: check wiring, address and baud rate",
  notSelected: "No meter answers to this secondary address: check wiring, address and baud rate",
  noise: "Only broken bytes arrive: check baud rate, wiring, and whether two meters have this address",
  collision: "Several meters answer at once: give each its own address, or fewer wildcards",
  wrongMeter: "Another meter answers than the one asked: check for a swapped meter or a doubled address",
  otherFabricationNumber:
    "A meter with another fabrication number answers: it ignores the enhanced selection, or the number is wrong; what it sent is not stored",
  noFabricationNumber:
    "The answer names no fabrication number, so nobody knows which of the meters with this address sent it; it is not stored: give each an address of its own",
  noData: "The meter is there and has no data to send: try later",
  applicationError: "The meter answers with an application error",
  busy: "The meter says it is busy: try later",
  baudRateRefused: "The meter does not answer at the new baud rate: the old one was restored",
  channelLost: "The connection to the bus was lost",
  stopped: "The readout was stopped",
};

/** What is worth knowing about a good readout. */
export type ReadoutNote =
  /** More telegrams would follow; multiTelegram is off. */
  | "moreTelegramsFollow"
  /** telegramLimit reached while more follow. */
  | "telegramLimitReached"
  /** The same telegram came twice though the next was asked for: the meter ignores the frame count bit. */
  | "sameTelegramAgain";

export const readoutNoteWords: Readonly<Record<ReadoutNote, string>> = {
  moreTelegramsFollow: "More telegrams follow and were not asked for: set multiTelegram to auto to read them",
  telegramLimitReached: "More telegrams follow than the limit allows: raise telegramLimit to read them",
  sameTelegramAgain: "The meter repeats its telegram when asked for the next: what would follow cannot be read",
};

export type LinkReadout =
  | {
      readonly ok: true;
      /** Application data from the CI field on, in order; at least one. */
      readonly telegrams: readonly Uint8Array[];
      /** The A field of the answer. */
      readonly primaryAddress: number;
      /** From the first telegram's header, where it has one. */
      readonly secondaryAddress: SecondaryAddress | undefined;
      /** The meter has alarm data for REQ_UD1 (ACD bit). */
      readonly alarmWaits: boolean;
      readonly notes: readonly ReadoutNote[];
    }
  | {
      readonly ok: false;
      readonly reason: LinkFailure;
      readonly words: string;
      /** Of an `applicationError` or `busy`, where the meter sent one. */
      readonly applicationErrorCode?: number;
    };

/** How a command (SND_UD, REQ_UD1, change of the baud rate) ended. */
export type LinkCommandResult =
  | {
      readonly ok: true;
      /** What the meter sent, from the CI field on; undefined: it acknowledged (E5), or was not to answer (255). */
      readonly answer: Uint8Array | undefined;
    }
  | LinkFailed;

export type LinkFailed = Extract<LinkReadout, { ok: false }>;

export function failedReadout(reason: LinkFailure, applicationErrorCode?: number): LinkFailed {
  const code = applicationErrorCode === undefined ? "" : ` (code ${applicationErrorCode})`;
  const words = linkFailureWords[reason] + code;
  return applicationErrorCode === undefined
    ? { ok: false, reason, words }
    : { ok: false, reason, words, applicationErrorCode };
}
