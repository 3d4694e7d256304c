/** Whether a database file is sound: looked at each time it is opened, in a time that does not grow with the history. */
import type { Connection } from "./database.js";
import { checkRows } from "./row-checksum.js";
import { StoreError } from "./store-error.js";

/** Up to this size all of it is looked through: a fraction of a second. */
const wholeBytes = 64 << 20;
/** Up to so many meters all their open rows are, of more the newest of each. */
const mostMeters = 5000;

/**
 * Looks for damage: in a small file everywhere, in a large one everywhere but in the blocks, which carry checksums and
 * are looked through later, in the background.
 * @param thorough  look everywhere whatever the size: damage was met before
 * @throws StoreError `corrupt`, and whatever the driver throws on meeting damage
 */
export function checkSound(connection: Connection, path: string, thorough: boolean): void {
  const bytes =
    Number(connection.pragma("page_count", { simple: true })) *
    Number(connection.pragma("page_size", { simple: true }));
  const tables = connection
    .prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .pluck()
    .all();
  const isWhole = thorough || bytes <= wholeBytes || !tables.includes("reading_blocks");
  if (isWhole) check(connection, path, "");
  // A database of an older version has no checksums on rows yet.
  const hasChecksums = connection.prepare("SELECT 1 FROM pragma_table_info('readings') WHERE name = 'checksum'").get();
  const hasManyMeters =
    !isWhole && Number(connection.prepare("SELECT count(*) FROM meters").pluck().get()) > mostMeters;
  if (hasChecksums !== undefined) checkRows(connection, hasManyMeters ? "newest" : "all");
  if (isWhole) return;
  const large = new Set(["reading_blocks", ...(hasManyMeters ? ["readings"] : [])]);
  for (const table of tables) if (!large.has(table)) check(connection, path, `('${table}')`);
  // The index alone: all that queries find blocks by.
  connection.prepare("SELECT sum(count + size) FROM reading_blocks INDEXED BY reading_blocks_of_meter").get();
}

function check(connection: Connection, path: string, what: string): void {
  const found = connection.pragma(`quick_check${what}`, { simple: true });
  if (found !== "ok") throw new StoreError("corrupt", `${path}: the database is damaged (${String(found)})`);
}
