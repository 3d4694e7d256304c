/** What the store's main side and its writer thread say to each other. */
import type {
  DamagedRange,
  HistoryFigures,
  JobRunEnd,
  KeyRow,
  LogFigures,
  LogPruneRules,
  LogRow,
  MeterRow,
  NewJobRun,
  RawTelegram,
  ReadingCommit,
  ReadoutRecord,
  ReadoutRecordMove,
  RetentionOutcome,
  RetentionRules,
  Retiming,
} from "../ports/index.js";
import type { AccountChange } from "./account-table.js";
import type { Salvaged } from "./set-aside.js";
import type { StoreErrorReason } from "./store-error.js";

export type WriteOperation =
  | { readonly kind: "accounts"; readonly change: AccountChange }
  | { readonly kind: "commit"; readonly commit: ReadingCommit }
  | { readonly kind: "keepTelegrams"; readonly meterId: number; readonly telegrams: readonly RawTelegram[] }
  | { readonly kind: "addReadoutRecords"; readonly records: readonly ReadoutRecord[] }
  | { readonly kind: "moveReadoutRecords"; readonly moves: readonly ReadoutRecordMove[] }
  | { readonly kind: "retime"; readonly retiming: Retiming }
  | { readonly kind: "addMeter"; readonly meter: Omit<MeterRow, "id"> }
  | { readonly kind: "updateMeter"; readonly meter: MeterRow }
  | { readonly kind: "forgetHistory"; readonly meterId: number }
  | { readonly kind: "addKeys"; readonly keys: readonly Omit<KeyRow, "id">[] }
  | { readonly kind: "removeKeys"; readonly ids: readonly number[] }
  | { readonly kind: "addJobRun"; readonly run: NewJobRun }
  | { readonly kind: "endJobRun"; readonly end: JobRunEnd }
  | { readonly kind: "pruneJobRuns"; readonly kept: number }
  | { readonly kind: "appendLog"; readonly rows: readonly Omit<LogRow, "id">[]; readonly maxBytes: number }
  | { readonly kind: "setState"; readonly key: string; readonly value: string };

/** Longer work on the history, done in short steps between writes. */
export type HistoryTask =
  | { readonly kind: "compact" }
  | { readonly kind: "retain"; readonly rules: RetentionRules }
  | { readonly kind: "figures" }
  | { readonly kind: "findDamage" }
  | { readonly kind: "pruneLog"; readonly rules: LogPruneRules }
  | { readonly kind: "logFigures" };

/** What each task answers. */
export interface TaskResults {
  readonly compact: undefined;
  readonly retain: RetentionOutcome;
  readonly figures: HistoryFigures;
  readonly findDamage: readonly DamagedRange[];
  /** Entries removed. */
  readonly pruneLog: number;
  readonly logFigures: LogFigures;
}

export interface WriteFailure {
  readonly ok: false;
  readonly reason: StoreErrorReason;
  readonly message: string;
}

/** `id`: key of the row that was made, for addMeter; of the first of them, counted on, for addKeys and appendLog. */
export type WriteOutcome = { readonly ok: true; readonly id?: number } | WriteFailure;

export type ToWriter =
  | { readonly kind: "write"; readonly operations: readonly WriteOperation[] }
  | { readonly kind: "task"; readonly id: number; readonly task: HistoryTask }
  | { readonly kind: "close" };

/** `written` answers one `write`: an outcome for each operation, after the transaction is on disk. */
export type FromWriter =
  | { readonly kind: "opened"; readonly salvaged: Salvaged | undefined }
  | { readonly kind: "refused"; readonly failure: WriteFailure }
  | { readonly kind: "written"; readonly outcomes: readonly WriteOutcome[] }
  | { readonly kind: "done"; readonly id: number; readonly result: TaskResults[keyof TaskResults] }
  | { readonly kind: "failed"; readonly id: number; readonly failure: WriteFailure }
  /** Background work failed and is tried again later. */
  | { readonly kind: "trouble"; readonly failure: WriteFailure };
