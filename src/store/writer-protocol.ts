/** What the store's main side and its writer thread say to each other. */
import type { MeterRow, ReadingCommit } from "../ports/index.js";
import type { StoreErrorReason } from "./store-error.js";

export type WriteOperation =
  | { readonly kind: "commit"; readonly commit: ReadingCommit }
  | { readonly kind: "addMeter"; readonly meter: Omit<MeterRow, "id"> }
  | { readonly kind: "setState"; readonly key: string; readonly value: string };

export interface WriteFailure {
  readonly ok: false;
  readonly reason: StoreErrorReason;
  readonly message: string;
}

/** `id`: key of the row that was made, for addMeter. */
export type WriteOutcome = { readonly ok: true; readonly id?: number } | WriteFailure;

export type ToWriter =
  | { readonly kind: "write"; readonly operations: readonly WriteOperation[] }
  | { readonly kind: "close" };

/** `written` answers one `write`: an outcome for each operation, after the transaction is on disk. */
export type FromWriter =
  | { readonly kind: "opened" }
  | { readonly kind: "refused"; readonly failure: WriteFailure }
  | { readonly kind: "written"; readonly outcomes: readonly WriteOutcome[] };
