/** What a master tells its shell, and what it is made of. */
import type { LinkCommandResult, LinkReadout, MasterSettings } from "./readout-outcome.js";

export type MasterEvent =
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  /** The line is to be set to this rate before anything else is sent. */
  | { readonly kind: "setBaudRate"; readonly baudRate: number }
  | { readonly kind: "finished"; readonly result: LinkReadout }
  | { readonly kind: "commandFinished"; readonly result: LinkCommandResult }
  /** The SND_NKE to all is sent and its idle time over. */
  | { readonly kind: "initialised" };

/** What a job took. */
export interface JobEffort {
  /** Requests that were sent again. */
  readonly retries: number;
  /** The longest wait for an answer to begin, in ms after its request had left the line; undefined: nothing came. */
  readonly responseMs: number | undefined;
}
/** `unproven`: the telegram has no such number, or cannot be read. */
export type ProofOfNumber = "same" | "other" | "unproven";

export interface LinkMasterParts {
  readonly settings: MasterSettings;
  /** Does this application data end with DIF 1F, more records in the next telegram? Must not throw. */
  readonly moreFollows: (applicationData: Uint8Array) => boolean;
  /**
   * Did the meter with this fabrication number (4 bytes BCD, least significant first, F for any digit) send it? Must not
   * throw. Meters that do not know the enhanced selection heed it all the same.
   */
  readonly provesFabricationNumber: (applicationData: Uint8Array, number: Uint8Array) => ProofOfNumber;
}
