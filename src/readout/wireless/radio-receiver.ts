/** What the readout needs to know of a receiver, and what it tells of it. */
import type { ReceiverDriver } from "../../mbus/index.js";
import type { ByteChannel } from "../../ports/index.js";

/** How the receiver's bytes come. */
export type ReceiverSource =
  /** The gateway opens the line: serial, TCP client, a program's output, a UDP port (`isDatagram`: each piece whole). */
  | { readonly kind: "line"; open(): Promise<ByteChannel>; readonly isDatagram?: boolean }
  /** Receivers connect to the gateway. */
  | {
      readonly kind: "visitors";
      listen(onChannel: (channel: ByteChannel) => void): Promise<{ close(): Promise<unknown> }>;
    };

export interface RadioReceiver {
  readonly name: string;
  /** Meters are installed on a group: any of its receivers may hear them. */
  readonly group: string;
  readonly source: ReceiverSource;
  createDriver(): ReceiverDriver;
  /** So long without a telegram, and the receiver is reset; 0: never. */
  readonly silenceResetMs: number;
}

/** How a receiver is doing. Counts since the start of the gateway. */
export interface ReceiverReport {
  readonly name: string;
  readonly group: string;
  readonly isOpen: boolean;
  /** Milliseconds since 1970 UTC; undefined while it was never heard. */
  readonly lastHeardAtMs: number | undefined;
  readonly telegrams: number;
  /** Messages of the receiver that were none: wrong checksum, cut short … */
  readonly rejected: number;
  /** Resets for silence. */
  readonly resets: number;
  /** Times the line was lost or could not be opened. */
  readonly failures: number;
  /** Of the last failure, in words. */
  readonly cause: string | undefined;
}
