/** The one file that knows what the database driver does: opens, checks and migrates. */
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { CompactionLimits } from "./compaction-limits.js";
import { type Connection, type ConnectionOptions, Database } from "./driver.js";
import { migrations } from "./migrations.js";
import { StoreError, storeErrorFrom } from "./store-error.js";

export type { Connection, Statement } from "./driver.js";

/** "COSM": tells our files from those of other programs. */
const applicationId = 0x434f534d;

/** How long a statement waits for another process's lock; less than the 2 s within which a reading is kept. */
const lockTimeoutMs = 1000;

export interface WriterOptions {
  readonly path: string;
  /** Largest size of the database file; without it the disk is the limit. */
  readonly maxBytes?: number | undefined;
  readonly compaction?: CompactionLimits | undefined;
  /** Look for damage on opening: lightly, or all through where it was met before; default: what opening meets. */
  readonly check?: "light" | "thorough" | undefined;
  /** A damaged database to take over from what can be read. */
  readonly salvageFrom?: string | undefined;
  /** Telegrams kept of each meter as received. */
  readonly rawTelegrams?: number | undefined;
  /** Records of readouts that stay. */
  readonly readoutRecords?: number | undefined;
}

/**
 * Opens the database for writing; makes it where there is none and brings an older one up to date.
 * @param look  throws where an existing database is damaged; nothing was written to it yet
 * @throws StoreError `foreign`, `newer`, `corrupt`, `locked`, `full`, `io`; the file is then as it was
 */
export function openWriter(
  { path, maxBytes }: WriterOptions,
  look: (connection: Connection) => void = () => {},
): Connection {
  return opened(path, {}, (connection) => {
    const isNew = checkOwner(connection, path);
    if (!isNew) look(connection);
    const journalMode = connection.pragma("journal_mode = WAL", { simple: true });
    if (journalMode !== "wal") {
      throw new StoreError("io", `${path}: this file system cannot hold a database in WAL mode; use a local disk`);
    }
    connection.pragma("synchronous = FULL");
    connection.pragma("foreign_keys = ON");
    if (maxBytes !== undefined) {
      const pageSize = Number(connection.pragma("page_size", { simple: true }));
      connection.pragma(`max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`);
    }
    migrate(connection, isNew);
  });
}

/** Opens a database that openWriter() has checked, for reading only. */
export function openReader(path: string): Connection {
  return opened(path, { readonly: true, fileMustExist: true }, (connection) => {
    connection.pragma("query_only = ON");
  });
}

/** Opens a damaged database as it is, also one that is shorter than it says: whatever is read of it may throw. */
export function openDamaged(path: string): Connection {
  const connection = new Database(path, { fileMustExist: true });
  // SQLite refuses every statement on a file that was cut, unless what wants to repair it says so.
  connection.unsafeMode(true);
  connection.pragma("writable_schema = ON");
  return connection;
}

function opened(path: string, options: ConnectionOptions, prepare: (connection: Connection) => void): Connection {
  if (!existsSync(dirname(path))) {
    throw new StoreError("io", `${path}: the folder does not exist; make it or give another path`);
  }
  let connection: Connection | undefined;
  try {
    connection = new Database(path, { ...options, timeout: lockTimeoutMs });
    prepare(connection);
    return connection;
  } catch (error) {
    connection?.close();
    throw storeErrorFrom(error, path);
  }
}

/** @returns whether the database is still empty */
function checkOwner(connection: Connection, path: string): boolean {
  const owner = Number(connection.pragma("application_id", { simple: true }));
  const version = Number(connection.pragma("user_version", { simple: true }));
  const tables = Number(connection.prepare("SELECT count(*) FROM sqlite_schema").pluck().get());
  if (owner === 0 && version === 0 && tables === 0) return true;
  if (owner !== applicationId) {
    throw new StoreError("foreign", `${path}: a database of another program; give another path or move the file away`);
  }
  if (version > migrations.length) {
    throw new StoreError(
      "newer",
      `${path}: written by a newer version of the gateway (schema ${version}, known up to ${migrations.length}); ` +
        "install that version or restore a backup made by this one",
    );
  }
  return false;
}

/** One transaction a step: a kill in between leaves the database at a whole step. */
function migrate(connection: Connection, isNew: boolean): void {
  const from = Number(connection.pragma("user_version", { simple: true }));
  for (const [step, sql] of migrations.entries()) {
    if (step < from) continue;
    const apply = connection.transaction(() => {
      if (isNew && step === 0) connection.pragma(`application_id = ${applicationId}`);
      connection.exec(sql);
      connection.pragma(`user_version = ${step + 1}`);
    });
    apply.immediate();
  }
}
