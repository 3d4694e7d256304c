import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";

const keyBytes = 32;

/** The master key cannot be used; the message says why and what to do. */
export class MasterKeyError extends Error {}

/**
 * The key under which all secrets of a data directory are kept: 32 random bytes as hex in a file that only its owner
 * may read; made at the first start. Who loses it loses the secrets, not the readings.
 * @throws MasterKeyError where the file is not a key, or others may read it
 */
export function openMasterKey(path: string): Uint8Array {
  const made = makeKey(path);
  if (made !== undefined) return made;
  const file = openSync(path, "r");
  try {
    const { mode } = fstatSync(file);
    if ((mode & 0o077) !== 0) {
      throw new MasterKeyError(
        `${path}: others may read the master key; run chmod 600 ${path}, and change what it kept`,
      );
    }
    const text = readFileSync(file, "latin1").trim();
    if (!/^[0-9a-f]{64}$/.test(text)) {
      throw new MasterKeyError(`${path}: not a master key (64 hex digits); put back the one that belongs to this data`);
    }
    return new Uint8Array(Buffer.from(text, "hex"));
  } finally {
    closeSync(file);
  }
}

/** Undefined where there is a file already. On disk before anything is kept under it. */
function makeKey(path: string): Uint8Array | undefined {
  let file: number;
  try {
    file = openSync(path, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  }
  try {
    const key = randomBytes(keyBytes);
    writeSync(file, `${key.toString("hex")}\n`);
    fsyncSync(file);
    return new Uint8Array(key);
  } finally {
    closeSync(file);
  }
}
