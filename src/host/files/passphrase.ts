/** Secrets in files that leave the machine: AES-256-GCM under a key made of a passphrase by scrypt. */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";

/** The passphrase is wrong, or the text was changed. */
export class WrongPassphrase extends Error {}

export const minPassphraseLength = 8;
const cost = { N: 32_768, r: 8, p: 1, maxmem: 128 * 1024 * 1024 };

/** @param about  bound to the text, not secret */
export function encryptUnder(passphrase: string, about: string, plain: string): string {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", keyOf(passphrase, salt), nonce).setAAD(Buffer.from(about));
  const data = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  const parts = { salt, nonce, tag: cipher.getAuthTag(), data };
  const texts = Object.fromEntries(Object.entries(parts).map(([name, bytes]) => [name, bytes.toString("base64")]));
  return JSON.stringify({ kdf: "scrypt", N: cost.N, r: cost.r, p: cost.p, cipher: "aes-256-gcm", ...texts });
}

/** @throws WrongPassphrase */
export function decryptUnder(passphrase: string, about: string, text: string): string {
  try {
    const parts = JSON.parse(text) as Record<"salt" | "nonce" | "tag" | "data", string>;
    const bytes = (name: keyof typeof parts) => Buffer.from(parts[name], "base64");
    const key = keyOf(passphrase, bytes("salt"));
    const decipher = createDecipheriv("aes-256-gcm", key, bytes("nonce"), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(about)).setAuthTag(bytes("tag"));
    return Buffer.concat([decipher.update(bytes("data")), decipher.final()]).toString("utf8");
  } catch {
    throw new WrongPassphrase("the passphrase is not the one the file was made with, or its secrets were changed");
  }
}

/** Always with our own cost: a file cannot ask for more memory. */
function keyOf(passphrase: string, salt: Uint8Array): Buffer {
  return scryptSync(passphrase.normalize("NFC"), salt, 32, cost);
}
