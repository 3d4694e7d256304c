/** Secrets of the settings file under the master key of the data directory. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createVault, openMasterKey } from "../../accounts/index.js";
import { sealedPrefix, sealNameOf, sealSecrets, type WrittenSetting } from "../../settings/index.js";

export interface SettingsVault {
  seal(name: string, plain: string): string;
  /** @throws SealBroken */
  open(name: string, sealed: string): string;
  /** Tells master keys apart without telling them. */
  readonly fingerprint: string;
  /** As hex: for a backup under a passphrase alone. */
  readonly masterKey: string;
}

/** Makes the master key where there is none yet. @throws MasterKeyError */
export function openSettingsVault(dataPath: string): SettingsVault {
  return vaultOf(openMasterKey(masterKeyPath(dataPath)));
}

export function vaultOf(masterKey: Uint8Array): SettingsVault {
  const vault = createVault(masterKey);
  return {
    seal: (name, plain) => vault.seal(name, new TextEncoder().encode(plain)),
    open: (name, sealed) => new TextDecoder().decode(vault.open(name, sealed)),
    fingerprint: fingerprintOf(masterKey),
    masterKey: Buffer.from(masterKey).toString("hex"),
  };
}

export function masterKeyPath(dataPath: string): string {
  return join(dataPath, "master.key");
}

/** Undefined where the data directory has no master key yet. */
export function existingVault(dataPath: string): SettingsVault | undefined {
  return existsSync(masterKeyPath(dataPath)) ? openSettingsVault(dataPath) : undefined;
}

export function fingerprintOf(masterKey: Uint8Array): string {
  return createHash("sha256").update("master key fingerprint").update(masterKey).digest("hex").slice(0, 16);
}

/** The secret that a written setting gives, sealed or plain. */
export function openWritten({ path, scalar }: WrittenSetting, vault: SettingsVault): string {
  const text = typeof scalar.value === "string" ? scalar.value : (scalar.source ?? String(scalar.value));
  return text.startsWith(sealedPrefix) ? vault.open(sealNameOf(path), text.slice(sealedPrefix.length)) : text;
}

/** Plain secrets of a settings text sealed. */
export function sealedText(yamlText: string, vault: SettingsVault) {
  return sealSecrets(yamlText, (name, plain) => vault.seal(name, plain));
}
