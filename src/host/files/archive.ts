/**
 * Archives: tar and gzip, with manifest.json and SHA256SUMS, so that `tar` and `sha256sum -c` open and check them too.
 * Reading takes nothing for granted: names, kinds, sizes and sums are checked, and all goes to a folder of its own.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { create, list, type ReadEntry } from "tar";
import type { FileKind } from "./file-names.js";

export interface Manifest {
  readonly format: "cosem-gateway-archive";
  readonly formatVersion: 1;
  readonly kind: FileKind;
  readonly product: string;
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  readonly serial?: string | undefined;
  /** `passphrase`: carried, encrypted; `none`: left out. */
  readonly secrets: "passphrase" | "none";
  /** Settings and other things that the file does not carry. */
  readonly leftOut: readonly string[];
  /** First bytes of the SHA-256 of the master key its sealed rows belong to. */
  readonly masterKey?: string | undefined;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

/** The file is broken, cut short, foreign, or not to be trusted: the message says which. */
export class BadArchive extends Error {}

const manifestName = "manifest.json";
const sumsName = "SHA256SUMS";

const limits = {
  entries: 5_000,
  smallBytes: 16 * 1024 * 1024,
  allBytes: 256 * 1024 ** 3,
  /** A database packs to a twentieth at best; what packs better than this is made to fill the disk. */
  packedTimes: 200,
  /** Left to the gateway that runs beside. */
  spareDiskBytes: 64 * 1024 * 1024,
};

/** What may stand in an archive. */
const allowed =
  /^(manifest\.json|SHA256SUMS|settings\.yaml|gateway\.sqlite|secrets\.json|diagnostics\.json|log\.txt|maps(\/[A-Za-z0-9][A-Za-z0-9._-]{0,99}){1,4})$/;

export function sha256OfFile(path: string): string {
  const hash = createHash("sha256");
  const file = openSync(path, "r");
  try {
    const block = Buffer.allocUnsafe(1 << 20);
    for (let read = readSync(file, block); read > 0; read = readSync(file, block)) hash.update(block.subarray(0, read));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

function* filesBelow(folder: string, prefix = ""): Generator<string> {
  for (const entry of readdirSync(join(folder, prefix), { withFileTypes: true })) {
    const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) yield* filesBelow(folder, name);
    else if (entry.isFile() && allowed.test(name)) yield name;
  }
}

/** Packs the files of a folder, adding manifest and sums. @param to  must not exist */
export async function packArchive(
  folder: string,
  to: string,
  about: Omit<Manifest, "format" | "formatVersion" | "files">,
) {
  const files = [...filesBelow(folder)].toSorted().map((name) => ({
    name,
    bytes: statSync(join(folder, name)).size,
    sha256: sha256OfFile(join(folder, name)),
  }));
  const manifest: Manifest = { format: "cosem-gateway-archive", formatVersion: 1, ...about, files };
  writeFileSync(join(folder, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
  const named = [{ name: manifestName, sha256: sha256OfFile(join(folder, manifestName)) }, ...files];
  writeFileSync(join(folder, sumsName), named.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(""));
  const names = [manifestName, sumsName, ...files.map(({ name }) => name)];
  await create({ gzip: true, file: to, cwd: folder, portable: true, strict: true, mode: 0o600 } as never, names);
  return manifest;
}

/**
 * Unpacks an archive into an empty folder and checks all of it.
 * @throws BadArchive
 */
export async function unpackArchive(path: string, folder: string): Promise<Manifest> {
  const seen = new Map<string, string>();
  let total = 0;
  let problem: string | undefined;
  const most = limits.smallBytes + limits.packedTimes * statSync(path).size;
  const { bavail, bsize } = statfsSync(folder);
  const room = bavail * bsize - limits.spareDiskBytes;
  const taken = (entry: ReadEntry): void => {
    const { path: name, type, size } = entry;
    problem ??= entryProblem(name, type, size, seen);
    // By what the header says, before a byte is written; what follows is no longer than that.
    total += size;
    if (total > limits.allBytes || total > most) problem ??= "it is too large, or swells beyond belief";
    if (total > room) problem ??= `there is no room for it: ${total} bytes`;
    if (problem !== undefined) {
      entry.resume();
      return;
    }
    seen.set(name, "");
    const target = join(folder, name);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    const file = openSync(target, "wx", 0o600);
    const hash = createHash("sha256");
    entry.on("data", (bytes: Uint8Array) => {
      hash.update(bytes);
      writeSync(file, bytes);
    });
    entry.on("end", () => {
      closeSync(file);
      seen.set(name, hash.digest("hex"));
    });
  };
  try {
    await list({ file: path, strict: true, onReadEntry: taken });
  } catch (error) {
    throw new BadArchive(`it is no archive, or broken: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (problem !== undefined) throw new BadArchive(problem);
  return checkedManifest(folder, seen);
}

function entryProblem(name: string, type: string, size: number, seen: ReadonlyMap<string, string>): string | undefined {
  if (type !== "File") return `${JSON.stringify(name)} is not a plain file (${type})`;
  if (!allowed.test(name) || name.includes("..")) return `${JSON.stringify(name)} does not belong into such an archive`;
  if (seen.has(name)) return `${name} is in it twice`;
  if (seen.size >= limits.entries) return "it has too many files";
  if (name !== "gateway.sqlite" && size > limits.smallBytes) return `${name} is too large`;
  return undefined;
}

function checkedManifest(folder: string, seen: ReadonlyMap<string, string>): Manifest {
  if (!seen.has(manifestName) || !seen.has(sumsName)) {
    throw new BadArchive("it is not of this program, or cut short: manifest.json or SHA256SUMS is missing");
  }
  const sums = new Map<string, string>();
  for (const line of readFileSync(join(folder, sumsName), "utf8").split("\n")) {
    const match = /^([0-9a-f]{64}) {2}(.+)$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) sums.set(match[2], match[1]);
  }
  for (const [name, sha256] of seen) {
    if (name !== sumsName && sums.get(name) !== sha256)
      throw new BadArchive(`${name} was changed: its SHA-256 differs`);
  }
  for (const name of sums.keys()) if (!seen.has(name)) throw new BadArchive(`${name} is missing`);
  const manifest = parsedManifest(readFileSync(join(folder, manifestName), "utf8"));
  for (const { name, sha256 } of manifest.files) {
    if (seen.get(name) !== sha256) throw new BadArchive(`${name} is not as the manifest says`);
  }
  if (manifest.files.length !== seen.size - 2) throw new BadArchive("it has files that the manifest does not name");
  return manifest;
}

function parsedManifest(text: string): Manifest {
  let manifest: Partial<Manifest>;
  try {
    manifest = JSON.parse(text) as Partial<Manifest>;
  } catch {
    throw new BadArchive("manifest.json is not JSON");
  }
  const { format, formatVersion, kind, files, leftOut, secrets } = manifest ?? {};
  if (format !== "cosem-gateway-archive") throw new BadArchive("it is not of this program");
  if (formatVersion !== 1) throw new BadArchive(`it is of a newer program (format ${String(formatVersion)})`);
  const isGood =
    (kind === "config-backup" || kind === "full-backup" || kind === "diagnostics") &&
    Array.isArray(files) &&
    Array.isArray(leftOut) &&
    (secrets === "none" || secrets === "passphrase");
  if (!isGood) throw new BadArchive("manifest.json is not what this program writes");
  return manifest as Manifest;
}
