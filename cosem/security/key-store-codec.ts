/** A key store's state as octets, to be sealed and kept. They hold every secret in plain: never let them out unsealed. */
import { fromHex, toHex } from "../codec/bytes.js";
import { type Certificate, readCertificate } from "./certificate.js";
import { type CurvePrivateKey, privateKeyFromScalar, revealScalar } from "./curve-keys.js";
import { globalKeys, type KeyPairKind, type KeyStoreState, keyPairKinds } from "./key-store.js";
import { type CurveName, isSecuritySuite } from "./suite.js";
import { SymmetricKey } from "./symmetric-key.js";

interface KeptPair {
  readonly curve: CurveName;
  readonly scalar: string;
}

interface KeptState {
  readonly suite: number;
  readonly policy: number;
  readonly keys: Readonly<Record<string, string>>;
  readonly keyPairs: Readonly<Record<string, KeptPair>>;
  readonly newKeyPairs: Readonly<Record<string, KeptPair>>;
  readonly certificates: readonly string[];
}

export function encodeKeyStoreState(state: KeyStoreState): Uint8Array {
  const kept: KeptState = {
    suite: state.suite,
    policy: state.policy,
    keys: Object.fromEntries(
      globalKeys.flatMap((name) => {
        const key = state.keys[name];
        return key === undefined ? [] : [[name, toHex(key.reveal())]];
      }),
    ),
    keyPairs: keptPairs(state.keyPairs),
    newKeyPairs: keptPairs(state.newKeyPairs),
    certificates: state.certificates.map(({ der }) => toHex(der)),
  };
  return new TextEncoder().encode(JSON.stringify(kept));
}

/** @throws RangeError where the octets are no such state: they were not made by encodeKeyStoreState() */
export function decodeKeyStoreState(octets: Uint8Array): KeyStoreState {
  const kept = JSON.parse(new TextDecoder().decode(octets)) as KeptState;
  if (!isSecuritySuite(kept.suite)) throw new RangeError(`no security suite: ${kept.suite}`);
  return {
    suite: kept.suite,
    policy: kept.policy,
    keys: Object.fromEntries(
      globalKeys.flatMap((name) => {
        const hex = kept.keys[name];
        return hex === undefined ? [] : [[name, new SymmetricKey(fromHex(hex))]];
      }),
    ),
    keyPairs: pairs(kept.keyPairs),
    newKeyPairs: pairs(kept.newKeyPairs),
    certificates: kept.certificates.map(certificate),
  };
}

type Pairs = KeyStoreState["keyPairs"];

function keptPairs(pairsOfState: Pairs): Record<string, KeptPair> {
  return Object.fromEntries(
    keyPairKinds.flatMap((kind) => {
      const key = pairsOfState[kind];
      return key === undefined ? [] : [[kind, { curve: key.curve, scalar: toHex(revealScalar(key)) }]];
    }),
  );
}

function pairs(kept: Readonly<Record<string, KeptPair>>): Pairs {
  const read: Partial<Record<KeyPairKind, CurvePrivateKey>> = {};
  for (const kind of keyPairKinds) {
    const pair = kept[kind];
    const key = pair && privateKeyFromScalar(pair.curve, fromHex(pair.scalar));
    if (pair !== undefined && key === undefined) throw new RangeError(`the private key for ${kind} is none`);
    if (key !== undefined) read[kind] = key;
  }
  return read;
}

function certificate(hex: string): Certificate {
  const read = readCertificate(fromHex(hex));
  if (read === undefined) throw new RangeError("a kept certificate is none");
  return read;
}
