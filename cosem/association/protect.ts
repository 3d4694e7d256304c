/** Closing a plain APDU in the form asked for, and how long it may be to fit. */
import { cipheredTagOf, cipheringTag } from "../apdu/ciphering.js";
import { encodeGeneralCiphering, encodeGeneralHeader } from "../apdu/general-ciphering.js";
import { encodeGeneralSigning, signedOctets } from "../apdu/general-signing.js";
import type { SecurityContext } from "../security/key-ring.js";
import { type SealKeys, sealOverhead, sealText } from "../security/sealed-text.js";
import { signOctets } from "../security/signature.js";
import { authenticatedEncryption, protectionBit, securityControlFor } from "../security/suite.js";
import type { SymmetricKey } from "../security/symmetric-key.js";
import { sentKey } from "./general-keys.js";
import type { GeneralCipheringForm, ProtectionForm, ProtectRefusal, ProtectResult, SigningForm } from "./protection.js";

export function protect(
  context: SecurityContext,
  apdu: Uint8Array,
  form: ProtectionForm,
  protection: number,
): ProtectResult {
  switch (form.kind) {
    case "glo":
    case "ded":
      return protectSimple(context, apdu, form, protection);
    case "generalGlo":
    case "generalDed":
    case "generalCiphering": {
      const content = form.inner === undefined ? apdu : sign(context, apdu, form.inner);
      if (content === undefined) return refuse("unknownKey");
      if (form.kind === "generalCiphering") return protectGeneral(context, content, form, protection);
      return protectSimple(context, content, form, protection);
    }
    case "generalSigning":
      return protectSigned(context, apdu, form, protection);
  }
}

function protectSigned(
  context: SecurityContext,
  apdu: Uint8Array,
  form: SigningForm,
  protection: number,
): ProtectResult {
  // The key is looked for first: an inner counter is not spent on a message that cannot be signed.
  if (context.keys.ownSigningKey === undefined) return refuse("unknownKey");
  const inner = form.inner === undefined ? undefined : protect(context, apdu, form.inner, protection);
  if (inner !== undefined && !inner.ok) return inner;
  const signed = sign(context, inner?.apdu ?? apdu, form);
  return signed === undefined ? refuse("unknownKey") : { ok: true, apdu: signed, counter: inner?.counter };
}

function sign({ keys }: SecurityContext, content: Uint8Array, { header }: SigningForm): Uint8Array | undefined {
  if (keys.ownSigningKey === undefined) return undefined;
  const signature = signOctets(keys.ownSigningKey, signedOctets(header, content));
  return encodeGeneralSigning({ ...header, content, signature });
}

/** The whole APDU is written in one piece: this is the path of every ciphered request and answer. */
function protectSimple(
  context: SecurityContext,
  apdu: Uint8Array,
  form: Exclude<ProtectionForm, GeneralCipheringForm | SigningForm>,
  protection: number,
): ProtectResult {
  const { keys, ownTitle } = context;
  const { kind } = form;
  const isDedicated = kind === "ded" || kind === "generalDed";
  const isGeneral = kind === "generalGlo" || kind === "generalDed";
  const tag = isGeneral ? generalTag[kind] : cipheredTagOf(kind, apdu[0]);
  if (tag === undefined) return refuse("noSuchForm");
  const isBroadcast = form.isBroadcast === true && !isDedicated;
  const encryptionKey = keys.encryptionKey(isDedicated ? "dedicated" : isBroadcast ? "broadcast" : "unicast");
  const prepared = prepare(context, encryptionKey, protection, undefined, isBroadcast);
  if (!prepared.ok) return prepared;
  const { control, counter, sealKeys } = prepared;
  const contentLength = apdu.length + sealOverhead(control);
  const titleLength = isGeneral ? 1 + ownTitle.length : 0;
  const target = new Uint8Array(1 + titleLength + lengthOctets(contentLength) + contentLength);
  target[0] = tag;
  let offset = 1;
  if (isGeneral) {
    target[1] = ownTitle.length;
    target.set(ownTitle, 2);
    offset += titleLength;
  }
  offset = putLength(target, offset, contentLength);
  sealText(apdu, control, counter, sealKeys, target, offset);
  return { ok: true, apdu: target, counter };
}

const generalTag = {
  generalGlo: cipheringTag.generalGloCiphering,
  generalDed: cipheringTag.generalDedCiphering,
} as const;

function protectGeneral(
  context: SecurityContext,
  apdu: Uint8Array,
  { header, key }: GeneralCipheringForm,
  protection: number,
): ProtectResult {
  const sent = sentKey(context, header, key);
  const prepared = prepare(context, sent?.key, protection, encodeGeneralHeader(header));
  if (!prepared.ok) return prepared;
  const { control, counter, sealKeys } = prepared;
  const content = new Uint8Array(apdu.length + sealOverhead(control));
  sealText(apdu, control, counter, sealKeys, content, 0);
  return { ok: true, apdu: encodeGeneralCiphering({ ...header, keyInfo: sent?.keyInfo, content }), counter };
}

type Prepared =
  | { readonly ok: true; readonly control: number; readonly counter: number; readonly sealKeys: SealKeys }
  | { readonly ok: false; readonly reason: ProtectRefusal };

/**
 * Control byte, counter and keys. Dedicated and session keys count on the line of the unicast key: the peer chooses
 * them and may choose the same again, while a counter of that line comes once only, so no IV is ever used twice.
 */
function prepare(
  { keys, counters, ownTitle }: SecurityContext,
  encryptionKey: SymmetricKey | undefined,
  protection: number,
  header: Uint8Array | undefined,
  isBroadcast = false,
): Prepared {
  const { authenticationKey } = keys;
  if ((protection & authenticatedEncryption) === 0) return refuse("notProtected");
  if (encryptionKey === undefined) return refuse("unknownKey");
  if ((protection & protectionBit.authenticated) !== 0 && authenticationKey === undefined) return refuse("unknownKey");
  const isOwnLine = encryptionKey === keys.encryptionKey("broadcast");
  const line = isOwnLine ? encryptionKey : (keys.encryptionKey("unicast") ?? encryptionKey);
  const counter = counters.next(line, ownTitle);
  if (counter === undefined) return refuse("counterExhausted");
  const control = securityControlFor(keys.suite, protection, isBroadcast);
  return { ok: true, control, counter, sealKeys: { encryptionKey, authenticationKey, title: ownTitle, header } };
}

function refuse(reason: ProtectRefusal): { readonly ok: false; readonly reason: ProtectRefusal } {
  return { ok: false, reason };
}

function lengthOctets(length: number): number {
  if (length < 0x80) return 1;
  if (length < 0x100) return 2;
  if (length < 0x10000) return 3;
  return length < 0x1000000 ? 4 : 5;
}

/** @returns the offset behind the length */
function putLength(target: Uint8Array, offset: number, length: number): number {
  const octets = lengthOctets(length);
  let next = offset;
  if (octets > 1) target[next++] = 0x80 | (octets - 1);
  for (let shift = 8 * Math.max(octets - 2, 0); shift >= 0; shift -= 8) target[next++] = length >>> shift;
  return next;
}
