/** The files below `<data>/files`: listed by their names, made and checked in workers, one such work at a time. */
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Clock } from "../../ports/index.js";
import { type FileListing, FileRefused, type FileRepository, type MadeFile } from "../../services/files/index.js";
import { makeInWorker, restoreInWorker } from "./archive-work.js";
import { parseFileName } from "./file-names.js";
import { repositoryPath } from "./make-archive.js";
import { minPassphraseLength } from "./passphrase.js";
import { BadArchive, requestReset } from "./restore.js";

export interface RepositoryParts {
  readonly dataPath: string;
  readonly settingsPath: string;
  readonly serial: string;
  readonly version: string;
  readonly clock: Clock;
  readonly maxUploadBytes: number;
  /** For diagnostics; without secrets. */
  facts(): Promise<unknown>;
  /** Lines of the system log, for diagnostics; without secrets. */
  log(): Promise<string>;
}

const mostFiles = 1000;

export function createRepository(parts: RepositoryParts): FileRepository {
  const { dataPath, settingsPath, serial, version, clock } = parts;
  const folder = repositoryPath(dataPath);
  let isBusy = false;
  let lastMadeAtMs = 0;

  const list = (): readonly FileListing[] => {
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .flatMap((name) => {
        const known = parseFileName(name);
        if (known === undefined) return [];
        const { kind, version: madeBy, madeAtMs } = known;
        return [{ name, kind, version: madeBy, madeAtMs, bytes: statSync(join(folder, name)).size }];
      })
      .toSorted((one, other) => other.madeAtMs - one.madeAtMs);
  };

  const found = (name: string): FileListing => {
    const file = list().find((listed) => listed.name === name);
    if (file === undefined) throw new FileRefused("unknown", `there is no file "${name.slice(0, 120)}"`);
    return file;
  };

  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isBusy) throw new FileRefused("busy", "another file is being made or restored; try again when it is done");
    isBusy = true;
    try {
      return await work();
    } catch (error) {
      if (error instanceof BadArchive) throw new FileRefused("invalid", `the file is not taken: ${error.message}`);
      throw error;
    } finally {
      isBusy = false;
    }
  };

  return {
    list,
    make: (kind, passphrase) =>
      alone(async (): Promise<MadeFile> => {
        if (passphrase !== undefined && passphrase.length < minPassphraseLength) {
          throw new FileRefused("invalid", `a passphrase has ${minPassphraseLength} characters or more`);
        }
        if (list().length >= mostFiles) throw new FileRefused("invalid", "there are too many files; remove some first");
        // Two in one millisecond would have one name.
        const madeAtMs = Math.max(clock.now(), lastMadeAtMs + 1);
        lastMadeAtMs = madeAtMs;
        const told = kind === "diagnostics" ? { facts: await parts.facts(), log: await parts.log() } : {};
        const request = { kind, dataPath, settingsPath, version, serial, madeAtMs, passphrase, ...told };
        const { name, leftOut } = await makeInWorker(request);
        return { ...found(name), leftOut };
      }),
    open(name) {
      const file = found(name);
      return { file, bytes: createReadStream(join(folder, name)) };
    },
    upload: (name, bytes) =>
      alone(async () => {
        if (parseFileName(name) === undefined) {
          throw new FileRefused(
            "invalid",
            "wants a name such as cosem-gateway_0.1.0_1669048026178_full-backup_.tar.gz",
          );
        }
        if (existsSync(join(folder, name))) throw new FileRefused("invalid", `there is a file ${name} already`);
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        const unfinished = join(folder, `.upload-${name}`);
        try {
          await pipeline(bytes, atMost(parts.maxUploadBytes), createWriteStream(unfinished, { mode: 0o600 }));
          // Checked without its passphrase: sums, names, settings and database.
          await restoreInWorker({ archivePath: unfinished, dataPath, settingsPath, isDryRun: true });
          renameSync(unfinished, join(folder, name));
        } finally {
          rmSync(unfinished, { force: true });
        }
        return found(name);
      }),
    remove(name) {
      found(name);
      rmSync(join(folder, name));
    },
    restore: (name, passphrase, isDryRun) =>
      alone(() => {
        found(name);
        return restoreInWorker({ archivePath: join(folder, name), dataPath, settingsPath, passphrase, isDryRun });
      }),
    reset: () => requestReset(dataPath),
  };
}

function atMost(limit: number): Transform {
  let total = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      total += chunk.length;
      if (total > limit)
        done(new FileRefused("invalid", `the file is larger than ${limit} bytes (files.maxUploadMegabytes)`));
      else done(null, chunk);
    },
  });
}
