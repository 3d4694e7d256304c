/** Settings and files of the running gateway, as services. */
import { arch, cpus, freemem, platform, release, totalmem } from "node:os";
import type { Clock } from "../ports/index.js";
import { createFileService } from "../services/files/index.js";
import type { ChangeRecorder } from "../services/recorder.js";
import { createSettingsService } from "../services/settings/index.js";
import type { UpkeepServices } from "../views/rest/index.js";
import { createRepository } from "./files/repository.js";
import type { OpenSettings } from "./settings-keeper.js";
import { packageVersion } from "./version.js";

export interface UpkeepParts {
  readonly settingsFile: OpenSettings;
  readonly dataPath: string;
  readonly serial: string;
  readonly clock: Clock;
  readonly recorder: ChangeRecorder;
  /** What else goes into diagnostics; without secrets. */
  facts(): Promise<object>;
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
    facts: async () => ({ ...machineFacts(), version, serial, ...(await parts.facts()) }),
  });
  return {
    settings: createSettingsService({ keeper: settingsFile, recorder }),
    files: createFileService({ repository, recorder }),
  };
}

function machineFacts() {
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    cpus: cpus().length,
    memoryBytes: { total: totalmem(), free: freemem(), resident: rss, heapUsed, external },
    uptimeSeconds: Math.round(process.uptime()),
  };
}
