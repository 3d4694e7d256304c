/** Methods of Security setup that bring keys: transfer, agreement, generation. All keys of one call, or none. */
import { type KeyAgreementData, transferredKeyId } from "../../classes/index.js";
import {
  agreeEphemeral,
  certificateOf,
  checkSignedEphemeralKey,
  type GlobalKey,
  generateKeyPair,
  type KeyPairKind,
  makeSignedEphemeralKey,
  type SymmetricKey,
  suiteAlgorithms,
  unwrapKey,
} from "../../security/index.js";
import type { Answer, Refused } from "../contract.js";
import { refused } from "../refused.js";
import { afterwards, commit, type SecurityCall } from "./security-setup-call.js";

type KeyId = (typeof transferredKeyId)[keyof typeof transferredKeyId];
type NewKeys = Partial<Record<GlobalKey, SymmetricKey>>;

const keyOfId: Readonly<Record<KeyId, GlobalKey>> = {
  [transferredKeyId.globalUnicastEncryption]: "unicast",
  [transferredKeyId.globalBroadcastEncryption]: "broadcast",
  [transferredKeyId.authentication]: "authentication",
  [transferredKeyId.master]: "master",
};

/** key_pair by its code. */
export const keyPairOfType: Readonly<Record<0 | 1 | 2, KeyPairKind>> = { 0: "signing", 1: "agreement", 2: "tls" };

/** Each key is wrapped with the master key that is in use, also where a new master key is among them. */
export function transferKeys(
  { store, state }: SecurityCall,
  wrapped: readonly { readonly keyId: KeyId; readonly keyWrapped: Uint8Array }[],
): Answer<undefined | Refused> {
  const { master } = state.keys;
  if (master === undefined || hasTwice(wrapped)) return refused.otherReason;
  const keys: NewKeys = {};
  for (const { keyId, keyWrapped } of wrapped) {
    const key = unwrapKey(master, keyWrapped);
    if (key?.length !== suiteAlgorithms[state.suite].keyLength) return refused.otherReason;
    keys[keyOfId[keyId]] = key;
  }
  return commit(store, { keys: { ...state.keys, ...keys } });
}

/** C(2e, 0s): the client is the originator; both ephemeral keys are signed over the key id and the key. */
export function agreeKeys(call: SecurityCall, offered: KeyAgreementData): Answer<KeyAgreementData | Refused> {
  const { store, state, clientTitle, serverTitle, random } = call;
  const signer = clientTitle && certificateOf(state, "signing", clientTitle)?.publicKey;
  const own = state.keyPairs.signing;
  if (clientTitle === undefined || signer === undefined || signer.curve !== own?.curve || hasTwice(offered)) {
    return refused.otherReason;
  }
  const keys: NewKeys = {};
  const answers: { readonly keyId: KeyId; readonly keyData: Uint8Array }[] = [];
  for (const { keyId, keyData } of offered) {
    const peer = checkSignedEphemeralKey(signer, keyId, keyData);
    if (!peer.ok) return refused.otherReason;
    const answer = makeSignedEphemeralKey(own, keyId, random);
    const use = keyId === transferredKeyId.master ? "wrap" : "encrypt";
    keys[keyOfId[keyId]] = agreeEphemeral(answer.ephemeralKey, peer.key, clientTitle, serverTitle, use);
    answers.push({ keyId, keyData: answer.keyData });
  }
  return afterwards(commit(store, { keys: { ...state.keys, ...keys } }), answers);
}

/** The pair stays aside until a certificate of it is imported; what is in use stays in use. */
export function generatePair({ store, state, random }: SecurityCall, type: 0 | 1 | 2): Answer<undefined | Refused> {
  const { curve } = suiteAlgorithms[state.suite];
  if (curve === undefined) return refused.otherReason;
  const pair = generateKeyPair(curve, random);
  return commit(store, { newKeyPairs: { ...state.newKeyPairs, [keyPairOfType[type]]: pair } });
}

function hasTwice(items: readonly { readonly keyId: KeyId }[]): boolean {
  return new Set(items.map(({ keyId }) => keyId)).size !== items.length;
}
