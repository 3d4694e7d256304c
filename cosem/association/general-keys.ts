/** The key of a general-ciphering APDU: found from its key info, or made together with the key info to send. */
import type { GeneralHeader, KeyInfo } from "../apdu/general-ciphering.js";
import {
  agreeOnePass,
  agreeStatic,
  checkSignedEphemeralKey,
  makeSignedEphemeralKey,
} from "../security/key-agreement.js";
import type { SecurityContext } from "../security/key-ring.js";
import { unwrapKey, wrapKey } from "../security/key-wrap.js";
import { suiteAlgorithms } from "../security/suite.js";
import { SymmetricKey } from "../security/symmetric-key.js";
import type { GeneralKeyChoice, UnprotectRefusal } from "./protection.js";

/** key-parameters of an agreed key. C(2e, 0s) has no place here: it belongs to Security setup. */
const onePassParameters = 0x01;
const staticParameters = 0x02;
const unicastKeyId = 0;
const broadcastKeyId = 1;
const masterKekId = 0;

export type ReceivedKey =
  | { readonly ok: true; readonly key: SymmetricKey; readonly choice: GeneralKeyChoice }
  | { readonly ok: false; readonly reason: UnprotectRefusal };

/** The sender is the originator; titles were checked by the caller. */
export function receivedKey(
  context: SecurityContext,
  header: GeneralHeader,
  keyInfo: KeyInfo | undefined,
  peerTitle: Uint8Array,
): ReceivedKey {
  if (keyInfo === undefined) return identified(context, { kind: "none" });
  switch (keyInfo.kind) {
    case "identified":
      if (keyInfo.keyId === unicastKeyId) return identified(context, { kind: "unicast" });
      return keyInfo.keyId === broadcastKeyId ? identified(context, { kind: "broadcast" }) : refuse("unknownKey");
    case "wrapped":
      return unwrapped(context, keyInfo);
    case "agreed":
      return agreed(context, header, keyInfo, peerTitle);
  }
}

function identified(
  { keys }: SecurityContext,
  choice: { readonly kind: "none" | "unicast" | "broadcast" },
): ReceivedKey {
  const isBroadcast = choice.kind === "broadcast";
  const key = keys.encryptionKey(isBroadcast ? "broadcast" : "unicast");
  if (key === undefined) return refuse(isBroadcast ? "noBroadcastKey" : "unknownKey");
  return { ok: true, key, choice };
}

function unwrapped({ keys }: SecurityContext, keyInfo: Extract<KeyInfo, { kind: "wrapped" }>): ReceivedKey {
  if (keyInfo.kekId !== masterKekId || keys.masterKey === undefined) return refuse("unknownKey");
  const key = unwrapKey(keys.masterKey, keyInfo.wrappedKey, true);
  if (key === undefined || key.length !== suiteAlgorithms[keys.suite].keyLength) return refuse("badKey");
  const reuse = { kind: "wrapped", kekId: masterKekId, wrappedKey: new Uint8Array(keyInfo.wrappedKey) } as const;
  return { ok: true, key, choice: { kind: "wrapped", reuse } };
}

function agreed(
  { keys, ownTitle }: SecurityContext,
  header: GeneralHeader,
  { keyParameters, keyData }: Extract<KeyInfo, { kind: "agreed" }>,
  peerTitle: Uint8Array,
): ReceivedKey {
  const own = keys.ownAgreementKey;
  if (own === undefined || keyParameters.length !== 1) return refuse("unknownKey");
  if (keyParameters[0] === staticParameters) {
    const peer = keys.peerAgreementKey;
    if (peer?.curve !== own.curve) return refuse("unknownKey");
    if (keyData.length > 0) return refuse("badKey");
    const key = agreeStatic(own, peer, peerTitle, header.transactionId, ownTitle);
    return { ok: true, key, choice: { kind: "static" } };
  }
  const signer = keys.peerSigningKey;
  if (keyParameters[0] !== onePassParameters || signer?.curve !== own.curve) return refuse("unknownKey");
  const ephemeral = checkSignedEphemeralKey(signer, undefined, keyData);
  if (!ephemeral.ok) return ephemeral;
  const key = agreeOnePass(own, ephemeral.key, peerTitle, ownTitle);
  return { ok: true, key, choice: { kind: "onePass" } };
}

function refuse(reason: UnprotectRefusal): ReceivedKey {
  return { ok: false, reason };
}

export interface SentKey {
  readonly key: SymmetricKey;
  readonly keyInfo: KeyInfo | undefined;
}

/** Undefined where a key for it is not known. */
export function sentKey(
  context: SecurityContext,
  header: GeneralHeader,
  choice: GeneralKeyChoice,
): SentKey | undefined {
  const { keys } = context;
  switch (choice.kind) {
    case "none":
    case "unicast":
    case "broadcast": {
      const key = keys.encryptionKey(choice.kind === "broadcast" ? "broadcast" : "unicast");
      if (key === undefined) return undefined;
      if (choice.kind === "none") return { key, keyInfo: undefined };
      const keyId = choice.kind === "broadcast" ? broadcastKeyId : unicastKeyId;
      return { key, keyInfo: { kind: "identified", keyId } };
    }
    case "wrapped":
      return wrapped(context, choice.reuse);
    case "static":
    case "onePass":
      return agreedBySender(context, header, choice.kind);
  }
}

function wrapped(
  { keys, random }: SecurityContext,
  reuse: Extract<KeyInfo, { kind: "wrapped" }> | undefined,
): SentKey | undefined {
  if (keys.masterKey === undefined) return undefined;
  if (reuse !== undefined) {
    const key = unwrapKey(keys.masterKey, reuse.wrappedKey, true);
    return key === undefined ? undefined : { key, keyInfo: reuse };
  }
  const key = new SymmetricKey(random(suiteAlgorithms[keys.suite].keyLength), true);
  return { key, keyInfo: { kind: "wrapped", kekId: masterKekId, wrappedKey: wrapKey(keys.masterKey, key) } };
}

function agreedBySender(
  { keys, ownTitle, random }: SecurityContext,
  header: GeneralHeader,
  kind: "static" | "onePass",
): SentKey | undefined {
  const peer = keys.peerAgreementKey;
  if (peer === undefined) return undefined;
  const recipient = header.recipientSystemTitle;
  if (kind === "static") {
    const own = keys.ownAgreementKey;
    if (own?.curve !== peer.curve) return undefined;
    const key = agreeStatic(own, peer, ownTitle, header.transactionId, recipient);
    return { key, keyInfo: agreedInfo(staticParameters, new Uint8Array(0)) };
  }
  const signer = keys.ownSigningKey;
  if (signer?.curve !== peer.curve) return undefined;
  const { ephemeralKey, keyData } = makeSignedEphemeralKey(signer, undefined, random);
  const key = agreeOnePass(ephemeralKey, peer, ownTitle, recipient);
  return { key, keyInfo: agreedInfo(onePassParameters, keyData) };
}

function agreedInfo(keyParameters: number, keyData: Uint8Array): KeyInfo {
  return { kind: "agreed", keyParameters: Uint8Array.of(keyParameters), keyData };
}
