/** What runs: its signature, and Image transfer for another one. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type CosemObject, createImageTransfer, type FirmwarePort, refused } from "../../../cosem/index.js";
import type { Logger } from "../../ports/index.js";
import { packageFile } from "../version.js";

const folders = ["dist/cosem", "dist/conformance", "dist/src", "obis-maps"];

/** SHA-256 over names and contents of the program's files, in the order of their names; worked out once. */
export function createFirmwareSignature(): () => Promise<Uint8Array> {
  let known: Promise<Uint8Array> | undefined;
  return () => {
    known ??= digest();
    return known;
  };
}

async function digest(): Promise<Uint8Array> {
  const lists = await Promise.all(folders.map(filesOf));
  const hash = createHash("sha256");
  for (const name of lists.flat().sort()) {
    const content = await readFile(packageFile(name));
    hash.update(`${name} ${content.length}\n`).update(content);
  }
  return new Uint8Array(hash.digest());
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(packageFile(folder), { recursive: true, withFileTypes: true }).catch(() => []);
  const root = packageFile("");
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".map"))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length));
}

const maxImageBytes = 64 * 1024 * 1024;

/** Transfers are not enabled: the part that takes and activates an image is still to be built, and nobody enables them. */
export function createFirmwareImage(logger: Logger): CosemObject {
  const refuse = (step: string) => {
    logger.warn("firmware image refused: updates over DLMS are not there yet", { step });
    return refused.temporaryFailure;
  };
  const firmware: FirmwarePort = {
    begin: () => refuse("begin"),
    keep: () => refuse("keep"),
    verify: () => refuse("verify"),
    activate: () => refuse("activate"),
  };
  return createImageTransfer({ firmware, maxImageBytes });
}
