/** A damaged database file gets out of the way, under a name that says when; nothing of it is deleted. */
import { existsSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename } from "node:path";

/** What became of a damaged database. */
export interface SetAside {
  /** Where it lies now. */
  readonly path: string;
  /** What was wrong with it, in words. */
  readonly reason: string;
  readonly salvaged: Salvaged;
}

/** Rows that could be taken over into the new file. */
export interface Salvaged {
  readonly meters: number;
  readonly readings: number;
  /** Of all other tables. */
  readonly otherRows: number;
  /** Rows and blocks that were met but could not be taken over; what could not even be met is in no figure. */
  readonly lost: number;
}

/** @returns its new path, unused so far @throws when the file system refuses */
export function setAside(path: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().slice(0, 19).replaceAll(":", "-");
  let target = `${path}.damaged-${stamp}`;
  for (let count = 2; existsSync(target); count++) target = `${path}.damaged-${stamp}-${count}`;
  if (existsSync(path)) renameSync(path, target);
  // The log belongs to the file: what was committed last may stand only there.
  for (const ending of ["-wal", "-shm"]) {
    if (existsSync(`${path}${ending}`)) renameSync(`${path}${ending}`, `${target}${ending}`);
  }
  rmSync(markOf(path), { force: true });
  return target;
}

/**
 * Whether a database that was there lost all its bytes, or is gone and left its log: SQLite would take it for a new one
 * and throw the log away.
 */
export function isEmptied(path: string): boolean {
  const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size;
  const size = sizeOf(path);
  return size === 0 || (size === undefined && (sizeOf(`${path}-wal`) ?? 0) > 0);
}

/** Damage was met while the gateway ran: the next start looks thoroughly. */
export function markDamaged(path: string): void {
  writeFileSync(markOf(path), "The database was found damaged; the next start looks through all of it.\n");
}

export function isMarkedDamaged(path: string): boolean {
  return existsSync(markOf(path));
}

export function unmarkDamaged(path: string): void {
  rmSync(markOf(path), { force: true });
}

function markOf(path: string): string {
  return `${path}.check`;
}

/** For people: log, page, REST. */
export function setAsideWords({ path, reason, salvaged }: SetAside): string {
  const { meters, readings } = salvaged;
  return (
    `The database was damaged and was set aside as ${basename(path)}; ${meters} meters and ${readings} readings were ` +
    `taken over into a new one. Restore a backup to have the rest again. (${reason})`
  );
}
