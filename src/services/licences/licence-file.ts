/**
 * A licence file: JSON with `payload` (base64 of the JSON text that was signed) and `signature` (base64, Ed25519 over the
 * payload's bytes). PRODUCT.md rows 13, 14, 65.
 */
import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";

export const performances = [8, 32, 64, 128, 256] as const;
export const features = ["modbus", "rest", "json", "stream", "dlms"] as const;
export type Feature = (typeof features)[number];

/** What is signed. */
export interface Licence {
  readonly format: 1;
  readonly id: string;
  readonly company: string;
  /** Of the one gateway it is for, 8 digits. */
  readonly serial: string;
  /** YYYY-MM-DD. */
  readonly issued: string;
  /** Updates until then, for people; null: no subscription. */
  readonly subscriptionEnd: string | null;
  /** The last day, in UTC; null: for good. */
  readonly validThrough: string | null;
  readonly name: string;
  readonly description: string;
  /** Active meters; null: it says nothing of them. */
  readonly performance: (typeof performances)[number] | null;
  readonly features: readonly Feature[];
}

/** `tampered`: the signature is not the issuer's over this text. */
export type LicenceFault = "notALicence" | "noIssuerKey" | "tampered" | "otherSerial" | "expired";

export interface CheckedLicence {
  /** Undefined where the file is none. */
  readonly licence: Licence | undefined;
  /** Undefined: it counts. */
  readonly fault: LicenceFault | undefined;
}

export function writeLicence(licence: Licence, privateKey: KeyObject): string {
  const payload = Buffer.from(JSON.stringify(licence), "utf8");
  const signature = sign(null, payload, privateKey);
  return `${JSON.stringify({ payload: payload.toString("base64"), signature: signature.toString("base64") }, null, 2)}\n`;
}

/** @param issuer  undefined: no issuer is known, then nothing counts */
export function checkLicence(
  text: string,
  issuer: KeyObject | undefined,
  { serial, nowMs }: { readonly serial: string; readonly nowMs: number },
): CheckedLicence {
  const parts = partsOf(text);
  const licence = parts && licenceOf(parts.payload);
  if (parts === undefined || licence === undefined) return { licence: undefined, fault: "notALicence" };
  if (issuer === undefined) return { licence, fault: "noIssuerKey" };
  if (!verify(null, parts.payload, issuer, parts.signature)) return { licence, fault: "tampered" };
  if (licence.serial !== serial) return { licence, fault: "otherSerial" };
  const { validThrough } = licence;
  const isOver = validThrough !== null && nowMs >= Date.parse(`${validThrough}T00:00:00Z`) + 86_400_000;
  return { licence, fault: isOver ? "expired" : undefined };
}

const ed25519Prefix = Buffer.from("302a300506032b6570032100", "hex");

/** @param text  PEM, or base64 of the 32 bytes or of the DER form @throws Error where it is no Ed25519 public key */
export function parseIssuerKey(text: string): KeyObject {
  const isPem = text.includes("-----BEGIN");
  const bytes = isPem ? undefined : Buffer.from(text, "base64");
  const der = bytes?.length === 32 ? Buffer.concat([ed25519Prefix, bytes]) : bytes;
  const key = der === undefined ? createPublicKey(text) : createPublicKey({ key: der, format: "der", type: "spki" });
  if (key.asymmetricKeyType !== "ed25519") throw new Error("the issuer's key is not an Ed25519 public key");
  return key;
}

function partsOf(text: string): { readonly payload: Buffer; readonly signature: Buffer } | undefined {
  const read = parsed(text);
  const { payload, signature } = read ?? {};
  if (typeof payload !== "string" || typeof signature !== "string") return undefined;
  return { payload: Buffer.from(payload, "base64"), signature: Buffer.from(signature, "base64") };
}

function licenceOf(payload: Buffer): Licence | undefined {
  const read = parsed(payload.toString("utf8"));
  if (read === undefined) return undefined;
  const { format, id, company, serial, issued, subscriptionEnd, validThrough, name, description, performance } = read;
  const texts = [company, name, description];
  const isSound =
    format === 1 &&
    typeof id === "string" &&
    /^[\w-]{1,64}$/.test(id) &&
    typeof serial === "string" &&
    texts.every((text) => typeof text === "string" && text.length <= 200) &&
    isDay(issued) &&
    (subscriptionEnd === null || isDay(subscriptionEnd)) &&
    (validThrough === null || isDay(validThrough)) &&
    (performance === null || performances.some((known) => known === performance)) &&
    Array.isArray(read["features"]) &&
    read["features"].every((feature) => features.some((known) => known === feature));
  // Each field was looked at above.
  return isSound ? (read as unknown as Licence) : undefined;
}

function isDay(value: unknown): boolean {
  return typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null ? (read as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
