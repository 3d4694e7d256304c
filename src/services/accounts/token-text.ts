/** The text of an API token: `cgw_<id>_<secret>`. Its secret has 256 random bits, so one round of a hash keeps it. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const idBytes = 6;
const secretBytes = 32;

export function drawToken(): { readonly id: string; readonly text: string; readonly hash: string } {
  const id = randomBytes(idBytes).toString("hex");
  const secret = randomBytes(secretBytes).toString("hex");
  return { id, text: `cgw_${id}_${secret}`, hash: hashOf(secret) };
}

/** Undefined: not of this form. */
export function readToken(text: string): { readonly id: string; readonly hash: string } | undefined {
  const match = /^cgw_([0-9a-f]{12})_([0-9a-f]{64})$/.exec(text);
  return match === null ? undefined : { id: match[1] ?? "", hash: hashOf(match[2] ?? "") };
}

/** Both are hashes in hex. */
export function isSameHash(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}

export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
