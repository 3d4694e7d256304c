/** Makes configuration files, backups and diagnostics. Runs in a worker (archive-worker.ts): it reads and packs much. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { withoutSettings, writtenSettings } from "../../settings/index.js";
import { copyDatabase, dropPasswords, dropSealed } from "../../store/index.js";
import { type Manifest, packArchive } from "./archive.js";
import { type FileKind, fileNameOf, fileProduct } from "./file-names.js";
import { encryptUnder } from "./passphrase.js";
import { openSettingsVault, openWritten, type SettingsVault, sealedText } from "./vault-text.js";

export interface ArchiveRequest {
  readonly kind: FileKind;
  readonly dataPath: string;
  readonly settingsPath: string;
  readonly version: string;
  readonly serial: string;
  /** Milliseconds since 1970 UTC; names the file. */
  readonly madeAtMs: number;
  /** Carries the secrets, encrypted; without it they are left out. */
  readonly passphrase?: string | undefined;
  /** Of diagnostics: what the gateway tells of itself, without secrets. */
  readonly facts?: unknown;
  /** Of diagnostics: lines of the system log, without secrets. */
  readonly log?: string | undefined;
}

export interface MadeArchive {
  readonly name: string;
  readonly leftOut: readonly string[];
}

/** Where archives lie. */
export function repositoryPath(dataPath: string): string {
  return join(dataPath, "files");
}

/** The file is complete before it has its name. */
export async function makeArchive(request: ArchiveRequest): Promise<MadeArchive> {
  const { kind, dataPath, version, madeAtMs } = request;
  const repository = repositoryPath(dataPath);
  mkdirSync(repository, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(repository, ".making-"));
  const name = fileNameOf({ product: fileProduct, version, madeAtMs, kind });
  const unfinished = join(repository, `.${name}`);
  try {
    const about = await fill(folder, request);
    await packArchive(folder, unfinished, {
      kind,
      product: fileProduct,
      version,
      madeAt: new Date(madeAtMs).toISOString(),
      ...about,
    });
    renameSync(unfinished, join(repository, name));
    return { name, leftOut: about.leftOut };
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(unfinished, { force: true });
  }
}

type About = Pick<Manifest, "secrets" | "leftOut" | "serial" | "masterKey">;

async function fill(folder: string, request: ArchiveRequest): Promise<About> {
  const { dataPath, settingsPath, serial } = request;
  const text = existsSync(settingsPath) ? readFileSync(settingsPath, "utf8") : "";
  if (request.kind === "diagnostics") return fillDiagnostics(folder, text, request);
  const vault = openSettingsVault(dataPath);
  if (request.kind === "config-backup") return fillConfiguration(folder, text, vault, request.passphrase);

  await copyDatabase(join(dataPath, "gateway.sqlite"), join(folder, "gateway.sqlite"));
  const maps = join(dataPath, "maps");
  if (existsSync(maps)) cpSync(maps, join(folder, "maps"), { recursive: true, dereference: false });
  if (request.passphrase !== undefined) {
    writeFileSync(join(folder, "settings.yaml"), sealedText(text, vault).text);
    const secrets = encryptUnder(request.passphrase, "full-backup", JSON.stringify({ masterKey: vault.masterKey }));
    writeFileSync(join(folder, "secrets.json"), `${secrets}\n`);
    return { secrets: "passphrase", leftOut: [], serial, masterKey: vault.fingerprint };
  }
  const { text: bare, leftOut } = withoutSettings(text, ({ schema }) => schema.secret === true);
  writeFileSync(join(folder, "settings.yaml"), bare);
  const database = join(folder, "gateway.sqlite");
  const dropped = [...dropPasswords(database), ...dropSealed(database)];
  return { secrets: "none", leftOut: [...leftOut.map(({ path }) => path), ...dropped], serial };
}

function fillConfiguration(folder: string, text: string, vault: SettingsVault, passphrase: string | undefined): About {
  const general = withoutSettings(text, ({ schema }) => schema.deviceBound === true);
  const secret = writtenSettings(parseDocument(general.text)).filter(({ schema }) => schema.secret === true);
  const bound = general.leftOut.map(({ path }) => path);
  const { text: bare } = withoutSettings(general.text, ({ schema }) => schema.secret === true);
  if (passphrase === undefined) {
    writeFileSync(join(folder, "settings.yaml"), bare);
    return { secrets: "none", leftOut: [...bound, ...secret.map(({ path }) => path)] };
  }
  // The whole text goes under the passphrase; beside it the same without secrets, for people.
  writeFileSync(join(folder, "settings.yaml"), bare);
  const opened = Object.fromEntries(secret.map((setting) => [setting.path, openWritten(setting, vault)]));
  const secrets = encryptUnder(passphrase, "config-backup", JSON.stringify({ secrets: opened }));
  writeFileSync(join(folder, "secrets.json"), `${secrets}\n`);
  return { secrets: "passphrase", leftOut: bound };
}

/** Keys, passwords and tokens never go in; user names of settings do. */
function fillDiagnostics(folder: string, text: string, { facts, log }: ArchiveRequest): About {
  const { text: bare, leftOut } = withoutSettings(text, ({ schema }) => schema.secret === true);
  writeFileSync(join(folder, "settings.yaml"), bare);
  writeFileSync(join(folder, "diagnostics.json"), `${JSON.stringify(facts ?? {}, null, 2)}\n`);
  writeFileSync(join(folder, "log.txt"), log ?? "");
  return { secrets: "none", leftOut: leftOut.map(({ path }) => path) };
}
