/**
 * Radio receivers as drivers without I/O: bytes of their line in, telegrams out, and what to send so that they hear.
 * Which line it is (serial, TCP, UDP, a program's output) is not their matter.
 */
import type { FrameFormat } from "../wireless/index.js";

/** Modes of 868 MHz; `CT` is both C and T at once. */
export const wideModes = ["S", "T", "C", "CT"] as const;
/** Mode N, 169 MHz, by channel. */
export const narrowModes = ["N1a", "N1b", "N1c", "N1d", "N1e", "N1f"] as const;
/** Radio modes a receiver can be told to listen to, each type its own. */
export type RadioMode = (typeof wideModes)[number] | (typeof narrowModes)[number];
export type ModeCodes<Code> = Readonly<Partial<Record<RadioMode, Code>>>;

/** @throws RangeError for a mode that the receiver does not have */
export function modeCode<Code>(codes: ModeCodes<Code>, mode: RadioMode): Code {
  const code = codes[mode];
  if (code === undefined) throw new RangeError(`this type of receiver has no mode ${mode}`);
  return code;
}

/** A telegram as the receiver gave it. */
export interface ReceivedTelegram {
  readonly kind: "telegram";
  /** From the L field on; the receiver's own additions are taken off. A copy. */
  readonly bytes: Uint8Array;
  /** `removed`: the receiver checked the CRCs and took them off. Undefined: to be found out. */
  readonly frameFormat: FrameFormat | undefined;
  /** Signal strength in dBm; undefined where the receiver tells none, or none in dBm. */
  readonly rssiDbm: number | undefined;
  /** e.g. `T`, `C`, `T1`, as far as the receiver says so. */
  readonly mode: string | undefined;
}

/** Why a piece of the stream that looked like a message is none. */
export type RejectReason =
  /** Checksum of the serial protocol. */
  | "checksum"
  /** The receiver itself says that the radio's CRC or coding failed. */
  | "radioCrc"
  /** Text that should be hex and is not. */
  | "badHex"
  /** Shorter than its L field says: firmware that cuts long telegrams. */
  | "cutShort"
  /** Line or message longer than any telegram. */
  | "tooLong";

export type ReceiverEvent =
  | ReceivedTelegram
  /** The receiver answered a command; `words` for the log. */
  | { readonly kind: "answer"; readonly isGood: boolean; readonly words: string }
  | { readonly kind: "rejected"; readonly reason: RejectReason };

/** One thing to send; `pauseMs`: how long to wait before the next. */
export interface ReceiverCommand {
  readonly bytes: Uint8Array;
  readonly pauseMs: number;
}

export interface ReceiverDriver {
  /** Feeds bytes of the line. Never throws; where the stream is cut changes nothing. */
  push(chunk: Uint8Array): readonly ReceiverEvent[];
  /** No more will come (silence, end of a datagram): what was begun is finished or given up. */
  flush(): readonly ReceiverEvent[];
  /** What to send when the line was opened. Empty: the receiver just sends. */
  startCommands(): readonly ReceiverCommand[];
  /** What restarts a receiver that fell silent, before its line is opened anew. */
  resetCommands(): readonly ReceiverCommand[];
  /** Silence that ends a message begun; undefined: messages say themselves where they end. */
  readonly silenceMs: number | undefined;
  /** Bytes kept because a message may have begun; bounded. */
  readonly pendingBytes: number;
  /** Bytes that were part of nothing. */
  readonly skippedBytes: number;
}

/** What every driver may be told. */
export interface ReceiverOptions {
  readonly mode: RadioMode;
  /** The receiver is configured to append a byte of signal strength, where it cannot be asked. */
  readonly appendsRssi: boolean;
}
