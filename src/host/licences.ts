/** The licences of this gateway: files in `<data>/licences`, and what they limit. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Logger } from "../ports/index.js";
import { createLicences, faultWords, type Licences, parseIssuerKey } from "../services/licences/index.js";
import type { MeterList } from "../services/meter-list/index.js";
import type { ChangeRecorder } from "../services/recorder.js";
import type { Settings } from "../settings/index.js";
import { CommandFailed } from "./command.js";

export interface OpenLicencesParts {
  readonly settings: Settings["licence"];
  readonly serial: string;
  readonly dataPath: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly recorder: ChangeRecorder;
  changed(): void;
}

/** @throws CommandFailed where the issuer's key is none */
export function openLicences(parts: OpenLicencesParts): Licences {
  const { settings, serial, dataPath, clock, logger, recorder } = parts;
  const folder = licenceFolder(dataPath);
  const licences = createLicences({
    serial,
    isEnforced: settings.enforce,
    issuer: issuerOf(settings.issuerPublicKey),
    installed: readLicences(folder),
    keep: (id, text) => keepLicence(folder, id, text),
    now: () => clock.now(),
    changed() {
      logger.info("licence installed");
      parts.changed();
    },
    recorder,
  });
  for (const { licence, fault } of licences.installed()) {
    if (fault === undefined || !settings.enforce) continue;
    logger.warn("an installed licence is not good", { licence: licence?.id ?? "", reason: faultWords[fault] });
  }
  return licences;
}

export function licenceFolder(dataPath: string): string {
  return join(dataPath, "licences");
}

export function readLicences(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".lic"))
      .sort()
      .map((name) => readFileSync(join(folder, name), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new CommandFailed(`cannot read ${folder}: ${(error as Error).message}`);
  }
}

export async function keepLicence(folder: string, id: string, text: string): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${id}.lic`);
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

function issuerOf(text: string) {
  if (text === "") return undefined;
  try {
    return parseIssuerKey(text);
  } catch (error) {
    throw new CommandFailed(`licence.issuerPublicKey: ${(error as Error).message}; give base64 or PEM of Ed25519`);
  }
}

/** Over the limit the last installed meters become passive. Never rejects: what fails is told. */
export async function holdToLimit(list: MeterList, licences: Licences, logger: Logger): Promise<void> {
  const limit = licences.activeLimit();
  if (limit === undefined) return;
  const active = [...list.devices()].filter(({ row }) => row.isPassive !== true);
  const over = active.sort((one, other) => one.row.id - other.row.id).slice(limit);
  if (over.length === 0) return;
  try {
    for (const device of over) await list.update(device, { isPassive: true });
    logger.warn("licence limit: meters became passive", { limit, meters: over.length });
  } catch (error) {
    logger.error("meters over the licence limit could not be made passive", { error: String(error) });
  }
}

/** A licence that ends while the gateway runs is noticed within the hour. @returns ends it */
export function watchLimit(list: MeterList, licences: Licences, clock: Clock, logger: Logger): () => void {
  let cancel: () => void;
  const wait = (): void => {
    cancel = clock.after(lookEveryMs, () => {
      void holdToLimit(list, licences, logger);
      wait();
    });
  };
  wait();
  return () => cancel();
}

const lookEveryMs = 3_600_000;
