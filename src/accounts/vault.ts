/** Secrets at rest: AES-256-GCM under the master key, each bound to its name so that two cannot be exchanged. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** A sealed secret cannot be opened: it was changed, stands under another name, or belongs to another master key. */
export class SealBroken extends Error {}

export interface Vault {
  /** @returns base64 of version 1, nonce (12 bytes), tag (16), cipher text */
  seal(name: string, secret: Uint8Array): string;
  /** @throws SealBroken */
  open(name: string, sealed: string): Uint8Array;
}

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;

/** @param masterKey 32 bytes, see openMasterKey() */
export function createVault(masterKey: Uint8Array): Vault {
  return {
    seal(name, secret) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv("aes-256-gcm", masterKey, nonce).setAAD(Buffer.from(name, "utf8"));
      const text = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([Uint8Array.of(version), nonce, cipher.getAuthTag(), text]).toString("base64");
    },
    open(name, sealed) {
      const bytes = Buffer.from(sealed, "base64");
      const textAt = 1 + nonceBytes + tagBytes;
      if (bytes[0] !== version || bytes.length < textAt) throw broken(name);
      const nonce = bytes.subarray(1, 1 + nonceBytes);
      const decipher = createDecipheriv("aes-256-gcm", masterKey, nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(name, "utf8")).setAuthTag(bytes.subarray(1 + nonceBytes, textAt));
      try {
        return new Uint8Array(Buffer.concat([decipher.update(bytes.subarray(textAt)), decipher.final()]));
      } catch {
        throw broken(name);
      }
    },
  };
}

function broken(name: string): SealBroken {
  return new SealBroken(
    `the kept secret "${name}" does not open: master.key is not the one it was kept with, or it was changed`,
  );
}
