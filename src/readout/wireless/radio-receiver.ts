/** What the readout needs to know of a receiver. */
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
