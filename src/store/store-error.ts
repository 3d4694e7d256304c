/** Why the store could not do what was asked; match on this, never on the text. */
export type StoreErrorReason =
  /** The disk, or the size allowed, is used up. */
  | "full"
  /** Too many writes wait already. */
  | "busy"
  /** Another program holds the database. */
  | "locked"
  /** The row contradicts what is stored: a number twice, a meter or layout that does not exist. */
  | "constraint"
  /** The file is not one of this gateway's databases. */
  | "foreign"
  /** The file is no database at all: something else was written over it, or it never was one. */
  | "noDatabase"
  /** The file was written by a newer version. */
  | "newer"
  /** The file is damaged. */
  | "corrupt"
  /** The operating system refused: rights, read errors, a missing folder. */
  | "io"
  /** The store was closed before. */
  | "closed"
  /** The writer ended by itself: a bug. */
  | "stopped";

/** A refusal of the store: cause and next step in words. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly reason: StoreErrorReason;

  constructor(reason: StoreErrorReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

const nextSteps: Record<string, readonly [StoreErrorReason, string]> = {
  SQLITE_FULL: ["full", "the disk or the size allowed for the database is used up; make room on the disk"],
  SQLITE_BUSY: ["locked", "another program holds the database; stop the other gateway or tool that has it open"],
  SQLITE_LOCKED: ["locked", "another program holds the database; stop the other gateway or tool that has it open"],
  SQLITE_CONSTRAINT: ["constraint", "the row contradicts what is stored"],
  SQLITE_MISMATCH: ["constraint", "the row contradicts what is stored"],
  SQLITE_NOTADB: ["noDatabase", "the file is not a database; give another path or move the file away"],
  SQLITE_CORRUPT: ["corrupt", "the database is damaged; restore a backup or move the file away to begin anew"],
  SQLITE_READONLY: ["io", "the database cannot be written; check the rights of the data directory"],
  SQLITE_CANTOPEN: ["io", "the database cannot be opened; check that the data directory exists and its rights"],
  SQLITE_IOERR: ["io", "the disk reports an error; check the disk and its free space"],
};

/** Turns what the driver throws into a StoreError; any other error is a bug and comes back as `stopped`. */
export function storeErrorFrom(error: unknown, path: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = String((error as { code?: unknown } | undefined)?.code ?? "");
  const text = error instanceof Error ? error.message : String(error);
  const known = Object.keys(nextSteps).find((name) => code === name || code.startsWith(`${name}_`));
  const [reason, nextStep] = nextSteps[known ?? ""] ?? ["stopped", "an unexpected error; please report it"];
  return new StoreError(reason, `${path}: ${nextStep} (${text})`);
}
