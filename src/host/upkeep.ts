/** Settings and files of the running gateway, as services. */
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { arch, cpus, freemem, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import type { Clock } from "../ports/index.js";
import { redacted } from "../services/audit/index.js";
import { createFileService, type FileRepository } from "../services/files/index.js";
import type { JobRegistry } from "../services/jobs/contract.js";
import type { ChangeRecorder } from "../services/recorder.js";
import { createSettingsService } from "../services/settings/index.js";
import type { UpkeepServices } from "../views/rest/index.js";
import { parseFileName } from "./files/file-names.js";
import { repositoryPath } from "./files/make-archive.js";
import { createRepository } from "./files/repository.js";
import type { OpenSettings } from "./settings-keeper.js";
import { packageVersion } from "./version.js";

export interface UpkeepParts {
  /** Where the backup is a job. */
  readonly jobs?: JobRegistry | undefined;
  readonly settingsFile: OpenSettings;
  readonly dataPath: string;
  readonly serial: string;
  readonly clock: Clock;
  readonly recorder: ChangeRecorder;
  /** Puts in place what was restored. */
  readonly restart?: ((why: string) => void) | undefined;
  /** What else goes into diagnostics; without secrets. */
  facts(): Promise<object>;
  /** Of the system log, for diagnostics; what looks like a secret is taken out here. */
  logLines(count: number): Promise<readonly string[]>;
}

export function createUpkeep(parts: UpkeepParts): UpkeepServices {
  const { settingsFile, dataPath, serial, clock, recorder } = parts;
  const version = packageVersion();
  const repository = createRepository({
    dataPath,
    settingsPath: settingsFile.path,
    serial,
    version,
    clock,
    maxUploadBytes: settingsFile.settings.files.maxUploadMegabytes * 1_000_000,
    facts: async () => ({
      ...machineFacts(),
      version,
      serial,
      disk: diskFacts(dataPath),
      restartNeeded: settingsFile.view().restartNeeded,
      ...(await parts.facts()),
    }),
    log: async () => (await parts.logLines(logLinesTold)).map((line) => `${redacted(line, 2000)}\n`).join(""),
  });
  // The answer to who asked goes out first.
  const restart = (why: string) => void clock.after(answerMs, () => parts.restart?.(why));
  const { backupSchedule, keepFiles } = settingsFile.settings.files;
  parts.jobs?.register({
    name: "backup",
    kind: "backup",
    right: "files.backup",
    help: "Makes a backup without the keys; the oldest that it made are removed.",
    schedule: backupSchedule === "" ? undefined : backupSchedule,
    async run() {
      const { name, leftOut } = await repository.make("full-backup", undefined);
      rememberMade(dataPath, name, keepFiles);
      return { outcome: "good", words: `made ${name}`, detail: { name, leftOut } };
    },
  });
  return {
    settings: createSettingsService({ keeper: settingsFile, recorder }),
    files: createFileService({ repository: restarting(repository, restart), recorder }),
  };
}

/** In a diagnostics bundle. */
const logLinesTold = 5000;
const answerMs = 300;

/** What is put in place at the start is put in place now. */
function restarting(repository: FileRepository, restart: (why: string) => void): FileRepository {
  return {
    ...repository,
    async restore(name, passphrase, isDryRun) {
      const report = await repository.restore(name, passphrase, isDryRun);
      if (!isDryRun) restart(`${name} is restored`);
      return report;
    },
    reset() {
      repository.reset();
      restart("factory reset");
    },
  };
}

/** Only what the job made itself is ever removed by it. */
function rememberMade(dataPath: string, name: string, keep: number): void {
  const folder = repositoryPath(dataPath);
  const path = join(folder, ".made-by-job");
  const earlier = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  const made = [...earlier.filter((line) => parseFileName(line) !== undefined), name];
  for (const old of made.slice(0, -keep)) rmSync(join(folder, old), { force: true });
  writeFileSync(path, `${made.slice(-keep).join("\n")}\n`, { mode: 0o600 });
}

function diskFacts(path: string) {
  const { blocks, bavail, bsize } = statfsSync(path);
  return { bytes: blocks * bsize, freeBytes: bavail * bsize };
}

function machineFacts() {
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    versions: { node: process.versions.node, openssl: process.versions.openssl, v8: process.versions.v8 },
    platform: `${platform()} ${release()} ${arch()}`,
    cpus: cpus().length,
    memoryBytes: { total: totalmem(), free: freemem(), resident: rss, heapUsed, external },
    uptimeSeconds: Math.round(process.uptime()),
  };
}
