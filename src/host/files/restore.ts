/**
 * Restores configuration files and backups. All is unpacked, checked and made ready in a folder beside the data; only
 * then, in one move, it becomes `pending`, which the next start (or `restore` itself) puts in place. What it replaces
 * is set aside. A file that is broken or foreign changes nothing.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseDocument } from "yaml";
import { counterPrefix, restoredCounters } from "../../accounts/index.js";
import {
  formatProblems,
  keysOfPath,
  loadSettings,
  withoutSettings,
  withSecretsOf,
  writtenSettings,
} from "../../settings/index.js";
import { changeStates, databaseProblem, dropSealed, keepPasswords, startAnew, stateOf } from "../../store/index.js";
import { settingsChecks } from "../settings-checks.js";
import { BadArchive, type Manifest, unpackArchive } from "./archive.js";
import { decryptUnder, WrongPassphrase } from "./passphrase.js";
import {
  existingVault,
  fingerprintOf,
  openSettingsVault,
  type SettingsVault,
  sealedText,
  vaultOf,
} from "./vault-text.js";

export interface RestoreRequest {
  readonly archivePath: string;
  readonly dataPath: string;
  readonly settingsPath: string;
  readonly passphrase?: string | undefined;
  /** Checks all, and changes nothing. */
  readonly isDryRun: boolean;
}

export interface RestorePlan {
  readonly kind: Manifest["kind"];
  readonly version: string;
  readonly madeAt: string;
  readonly serial: string | undefined;
  /** What is put in place: names of files. */
  readonly replaces: readonly string[];
  /** What the file does not carry, and is to be given anew or stays as it is. */
  readonly leftOut: readonly string[];
}

const pendingName = "pending-restore";
const asideName = "before-restore";
const resetName = "pending-reset";

/** Checks the file and makes it ready. @throws BadArchive or WrongPassphrase; nothing is changed then */
export async function prepareRestore(request: RestoreRequest): Promise<RestorePlan> {
  const { dataPath, archivePath, isDryRun } = request;
  mkdirSync(dataPath, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(dataPath, ".restoring-"));
  try {
    const unpacked = join(folder, "unpacked");
    const ready = join(folder, "ready");
    mkdirSync(unpacked, { mode: 0o700 });
    mkdirSync(ready, { mode: 0o700 });
    const manifest = await unpackArchive(archivePath, unpacked);
    if (manifest.kind === "diagnostics") throw new BadArchive("it is a diagnostics bundle, nothing to restore");
    const isBackup = manifest.kind === "full-backup";
    const more = isBackup
      ? readyBackup(unpacked, ready, manifest, request)
      : readyConfiguration(unpacked, ready, request);
    const plan = {
      kind: manifest.kind,
      version: manifest.version,
      madeAt: manifest.madeAt,
      serial: manifest.serial,
      replaces: readdirSync(ready).toSorted(),
      leftOut: [...manifest.leftOut, ...more],
    };
    if (isDryRun) return plan;
    const pending = join(dataPath, pendingName);
    rmSync(pending, { recursive: true, force: true });
    renameSync(ready, pending);
    return plan;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readyBackup(unpacked: string, ready: string, manifest: Manifest, request: RestoreRequest): readonly string[] {
  const database = join(unpacked, "gateway.sqlite");
  if (!existsSync(database)) throw new BadArchive("it has no database");
  const problem = databaseProblem(database);
  if (problem !== undefined) throw new BadArchive(problem);
  const leftOut: string[] = [];
  let text = readFileSync(join(unpacked, "settings.yaml"), "utf8");
  let vault = existingVault(request.dataPath);
  if (manifest.secrets === "passphrase" && request.passphrase !== undefined) {
    const opened = decryptUnder(request.passphrase, "full-backup", readSecrets(unpacked));
    const { masterKey } = JSON.parse(opened) as { masterKey?: unknown };
    if (typeof masterKey !== "string" || !/^[0-9a-f]{64}$/.test(masterKey))
      throw new BadArchive("its master key is none");
    if (fingerprintOf(Buffer.from(masterKey, "hex")) !== manifest.masterKey) {
      throw new BadArchive("its master key is not the one that its secrets belong to");
    }
    writeFileSync(join(ready, "master.key"), `${masterKey}\n`, { mode: 0o600 });
    vault = vaultOf(Buffer.from(masterKey, "hex"));
  } else if (manifest.secrets === "passphrase" && vault?.fingerprint !== manifest.masterKey) {
    // Without the passphrase, and under another master key, what is sealed is lost.
    const bare = withoutSettings(text, ({ schema }) => schema.secret === true);
    text = bare.text;
    leftOut.push(...bare.leftOut.map(({ path }) => path), ...dropSealed(database));
  }
  const present = join(request.dataPath, "gateway.sqlite");
  if (manifest.secrets === "none") keepPasswords(database, present);
  changeStates(database, present, counterPrefix, restoredCounters);
  const isOpen = manifest.secrets === "passphrase" && leftOut.length === 0;
  if (!isOpen) text = withSecretsOf(text, textAt(request.settingsPath));
  const taken = usableSettings(text, vault, isOpen);
  leftOut.push(...taken.leftOut);
  const kept = vault === undefined || request.isDryRun ? taken.text : sealedText(taken.text, vault).text;
  writeFileSync(join(ready, "settings.yaml"), kept, { mode: 0o600 });
  renameSync(database, join(ready, "gateway.sqlite"));
  if (existsSync(join(unpacked, "maps"))) renameSync(join(unpacked, "maps"), join(ready, "maps"));
  return leftOut;
}

/** The device's own settings stay; so do secrets that the file does not carry but the present settings have. */
function readyConfiguration(unpacked: string, ready: string, request: RestoreRequest): readonly string[] {
  const { passphrase, settingsPath, dataPath } = request;
  if (!existsSync(join(unpacked, "settings.yaml"))) throw new BadArchive("it has no settings");
  const present = textAt(settingsPath);
  const document = parseDocument(withSecretsOf(readFileSync(join(unpacked, "settings.yaml"), "utf8"), present));
  for (const { keys, schema, scalar } of writtenSettings(parseDocument(present))) {
    if (schema.deviceBound === true) document.setIn(keys, scalar.value);
  }
  const hasSecrets = existsSync(join(unpacked, "secrets.json"));
  const leftOut: string[] = [];
  if (hasSecrets && passphrase !== undefined) {
    const opened = decryptUnder(passphrase, "config-backup", readSecrets(unpacked));
    const { secrets } = JSON.parse(opened) as { secrets: Record<string, string> };
    for (const [path, secret] of Object.entries(secrets)) {
      const keys = keysOfPath(path);
      if (keys === undefined) throw new BadArchive(`"${path}" is no setting`);
      document.setIn(keys, secret);
    }
  } else if (hasSecrets) leftOut.push("all secrets: no passphrase was given");
  const vault = request.isDryRun ? existingVault(dataPath) : openSettingsVault(dataPath);
  const text = document.contents === null ? "" : document.toString({ lineWidth: 0 });
  const taken = usableSettings(text, vault, hasSecrets && passphrase !== undefined);
  const kept = vault === undefined ? taken.text : sealedText(taken.text, vault).text;
  writeFileSync(join(ready, "settings.yaml"), kept, { mode: 0o600 });
  return [...leftOut, ...taken.leftOut];
}

function textAt(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function readSecrets(unpacked: string): string {
  const path = join(unpacked, "secrets.json");
  if (!existsSync(path)) throw new BadArchive("secrets.json is missing");
  return readFileSync(path, "utf8");
}

/** Entries of lists that cannot be without a secret. */
const needingSecrets = /^(doors\.dlms\.clients|reports)\[\d+\]/;

/**
 * The settings as they can be taken. Where secrets may be missing, entries that cannot be without are left out and told.
 * @throws BadArchive where anything else is wrong with them
 */
function usableSettings(
  settingsText: string,
  vault: SettingsVault | undefined,
  hasSecrets: boolean,
): { readonly text: string; readonly leftOut: readonly string[] } {
  const checks = { ...settingsChecks, ...(vault === undefined ? {} : { openSecret: vault.open }) };
  const leftOut: string[] = [];
  let text = settingsText;
  for (;;) {
    const loaded = loadSettings(text, "settings.yaml", checks);
    if (loaded.ok) return { text, leftOut };
    const { problems } = loaded;
    if (hasSecrets || !problems.every(({ path }) => needingSecrets.test(path))) {
      throw new BadArchive(`its settings are not good: ${formatProblems(problems.slice(0, 5))}`);
    }
    const document = parseDocument(text);
    // The last entry of a list first: the others stay where they are.
    for (const path of [...new Set(problems.map(({ path }) => innermostEntry(path)))].toReversed()) {
      document.deleteIn(keysOfPath(path) ?? []);
    }
    leftOut.push(...problems.map(({ path, message }) => `${innermostEntry(path)}: ${message}; add it again`));
    text = document.toString({ lineWidth: 0 });
  }
}

/** `reports[0].receivers[1].auth.password`: `reports[0].receivers[1]`. */
function innermostEntry(path: string): string {
  return path.slice(0, path.lastIndexOf("]") + 1);
}

/**
 * Puts in place what was made ready, and does a factory reset that was asked for. Called before anything of the data
 * directory is opened; begun and not ended, it goes on at the next call.
 * @returns what was done, in words
 */
export function applyPending(dataPath: string, settingsPath: string): readonly string[] {
  removeUnfinished(dataPath);
  return [...applyReset(dataPath, settingsPath), ...applyRestore(dataPath, settingsPath)];
}

/** What a process that was killed left behind. */
function removeUnfinished(dataPath: string): void {
  for (const folder of [dataPath, join(dataPath, "files")]) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) {
      const isOurs = /^\.(restoring-|making-|upload-)/.test(name) || /^\..*_\.tar\.gz$/.test(name);
      if (isOurs) rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}

function applyRestore(dataPath: string, settingsPath: string): readonly string[] {
  const pending = join(dataPath, pendingName);
  if (!existsSync(pending)) return [];
  const aside = join(dataPath, asideName);
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  const names = readdirSync(pending).toSorted();
  for (const name of names) {
    const target = name === "settings.yaml" ? settingsPath : join(dataPath, name);
    const others = name === "gateway.sqlite" ? [`${target}-wal`, `${target}-shm`] : [];
    for (const path of [target, ...others]) {
      if (!existsSync(path)) continue;
      rmSync(join(aside, basename(path)), { recursive: true, force: true });
      move(path, join(aside, basename(path)));
    }
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    move(join(pending, name), target);
  }
  rmSync(pending, { recursive: true, force: true });
  return [`restored ${names.join(", ")}; what was there before lies in ${aside}`];
}

/** Also to another disk. */
function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    cpSync(from, to, { recursive: true });
    rmSync(from, { recursive: true, force: true });
  }
}

/** The next start forgets all settings, users, keys, readings and logs; configuration files and backups stay. */
export function requestReset(dataPath: string): void {
  writeFileSync(join(dataPath, resetName), "factory reset\n", { mode: 0o600 });
}

/** Damaged databases that were set aside hold the same. */
const forgotten = new RegExp(
  `^(gateway\\.sqlite(-wal|-shm|\\..*)?|master\\.key|maps|outbox|${pendingName}|${asideName})$`,
);
const resetDatabaseName = `${resetName}-database`;

function applyReset(dataPath: string, settingsPath: string): readonly string[] {
  const marker = join(dataPath, resetName);
  if (!existsSync(marker)) return [];
  // The device stays who it is.
  const serialPath = join(dataPath, `${resetName}-serial`);
  if (!existsSync(serialPath)) writeFileSync(serialPath, serialOf(dataPath, settingsPath) ?? "");
  const serial = readFileSync(serialPath, "utf8");
  // Head-ends may bring the keys of before again: no counter is used twice under them.
  const database = join(dataPath, "gateway.sqlite");
  startAnew(database, join(dataPath, resetDatabaseName), counterPrefix, restoredCounters);
  for (const name of readdirSync(dataPath)) {
    if (forgotten.test(name)) rmSync(join(dataPath, name), { recursive: true, force: true });
  }
  if (existsSync(join(dataPath, resetDatabaseName))) renameSync(join(dataPath, resetDatabaseName), database);
  for (const path of [settingsPath, `${settingsPath}.previous`]) rmSync(path, { force: true });
  writeFileSync(settingsPath, serial === "" ? "" : `identity:\n  serial: "${serial}"\n`, { mode: 0o600 });
  rmSync(serialPath, { force: true });
  rmSync(marker);
  return ["factory reset: settings, users, keys, readings and logs are gone"];
}

function serialOf(dataPath: string, settingsPath: string): string | undefined {
  const text = existsSync(settingsPath) ? readFileSync(settingsPath, "utf8") : "";
  const given = writtenSettings(parseDocument(text)).find(({ path }) => path === "identity.serial");
  if (given !== undefined) return String(given.scalar.source ?? given.scalar.value);
  return stateOf(join(dataPath, "gateway.sqlite"), "identity.serial");
}

/** Whether the next start has something to put in place. */
export function hasPending(dataPath: string): boolean {
  return existsSync(join(dataPath, pendingName)) || existsSync(join(dataPath, resetName));
}

export { BadArchive, WrongPassphrase };
