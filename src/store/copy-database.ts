/** Copies of a database file, and looks into one that is not open. */
import { existsSync, rmSync } from "node:fs";
import { type Connection, openReader, openWriter } from "./database.js";
import { migrations } from "./migrations.js";
import { storeErrorFrom } from "./store-error.js";

/** So many pages between two looks at what else wants the disk. */
const pagesAtOnce = 1000;

/**
 * Copies a database while it is written to, as it was at one moment (SQLite's online backup).
 * @param to  must not exist
 * @throws StoreError; there is then no copy
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  try {
    const connection = openReader(from);
    try {
      await connection.backup(to, { progress: () => pagesAtOnce });
    } finally {
      connection.close();
    }
  } catch (error) {
    rmSync(to, { force: true });
    throw storeErrorFrom(error, from);
  }
}

/**
 * Takes out of a copy what is sealed under a master key that is not at hand.
 * @returns what was taken out, in words
 */
export function dropSealed(path: string): readonly string[] {
  const connection = openWriter({ path });
  try {
    const keys = connection.prepare("DELETE FROM meter_keys").run().changes;
    const setups = connection.prepare("DELETE FROM state WHERE key LIKE 'security.setup/%'").run().changes;
    return [
      ...(keys === 0 ? [] : [`${keys} meter keys`]),
      ...(setups === 0 ? [] : [`${setups} DLMS security setups as changed by head-ends`]),
    ];
  } finally {
    connection.close();
  }
}

/**
 * Takes the hashes of the users' passwords out of a copy, its free pages too.
 * @returns what was taken out, in words
 */
export function dropPasswords(path: string): readonly string[] {
  const connection = openWriter({ path });
  try {
    connection.pragma("secure_delete = ON");
    const had = "UPDATE users SET password_hash = NULL, password_set_at_ms = NULL WHERE password_hash IS NOT NULL";
    const { changes } = connection.prepare(had).run();
    connection.pragma("wal_checkpoint(TRUNCATE)");
    return changes === 0 ? [] : [`passwords of ${changes} users`];
  } finally {
    connection.close();
  }
}

/** Users of a copy without a password have the one that they have in the present database. */
export function keepPasswords(path: string, present: string): void {
  if (!existsSync(present)) return;
  const kept = openReader(present);
  try {
    const users = kept.prepare("SELECT name, password_hash AS hash, password_set_at_ms AS at FROM users").all();
    const connection = openWriter({ path });
    try {
      const put = connection.prepare(
        "UPDATE users SET password_hash = ?, password_set_at_ms = ? WHERE name = ? AND password_hash IS NULL",
      );
      for (const { name, hash, at } of users as { name: string; hash: string | null; at: number | null }[]) {
        put.run(hash, at, name);
      }
    } finally {
      connection.close();
    }
  } finally {
    kept.close();
  }
}

type States = ReadonlyMap<string, string>;

/** Changes the durable texts of a copy whose keys begin so, given those of the copy and of the present database. */
export function changeStates(
  path: string,
  present: string,
  prefix: string,
  change: (copy: States, present: States) => States,
): void {
  const kept = statesOf(present, prefix);
  const connection = openWriter({ path });
  try {
    const put = connection.prepare(
      "INSERT INTO state (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
    );
    for (const [key, value] of change(statesWith(connection, prefix), kept)) put.run(key, value);
  } finally {
    connection.close();
  }
}

/** A new database that has of another one the durable texts whose keys begin so, changed; nothing where that has none. */
export function startAnew(
  from: string,
  path: string,
  prefix: string,
  change: (copy: States, present: States) => States,
): void {
  rmSync(path, { force: true });
  if (statesOf(from, prefix).size > 0) changeStates(path, from, prefix, change);
}

/** None of a database that is not there, or cannot be read. */
function statesOf(path: string, prefix: string): States {
  if (!existsSync(path)) return new Map();
  try {
    const connection = openReader(path);
    try {
      return statesWith(connection, prefix);
    } finally {
      connection.close();
    }
  } catch {
    return new Map();
  }
}

function statesWith(connection: Connection, prefix: string): States {
  const rows = connection
    .prepare("SELECT key, value FROM state WHERE substr(key, 1, length(?)) = ?")
    .all(prefix, prefix);
  return new Map((rows as { key: string; value: string }[]).map(({ key, value }) => [key, value]));
}

/** What is wrong with a database that somebody gives; undefined where it is sound and ours. Reads all of it. */
export function databaseProblem(path: string): string | undefined {
  try {
    const connection = openReader(path);
    try {
      const owner = Number(connection.pragma("application_id", { simple: true }));
      if (owner !== 0x434f534d) return "the database is not one of this program";
      const version = Number(connection.pragma("user_version", { simple: true }));
      if (version > migrations.length) return `the database is of a newer program (${version})`;
      const found = String(connection.pragma("integrity_check(1)", { simple: true }));
      return found === "ok" ? undefined : `the database is damaged: ${found}`;
    } finally {
      connection.close();
    }
  } catch (error) {
    return `the database cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** One durable text of a database that nobody holds; undefined where there is none. */
export function stateOf(path: string, key: string): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const connection = openReader(path);
    try {
      const row = connection.prepare("SELECT value FROM state WHERE key = ?").get(key);
      return (row as { value?: string } | undefined)?.value;
    } finally {
      connection.close();
    }
  } catch {
    return undefined;
  }
}
