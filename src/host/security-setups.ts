/**
 * Security setups of the settings, with what head-ends changed in them kept in the vault. A key that the settings change
 * wins over one that was transferred before: whoever can write the settings wants it so.
 */
import {
  areEqualOctets,
  type Certificate,
  type CurvePrivateKey,
  createKeyStore,
  decodeKeyStoreState,
  encodeKeyStoreState,
  fromHex,
  type GlobalKey,
  globalKeys,
  type KeyPairKind,
  type KeyStore,
  type KeyStoreState,
  keyPairKinds,
  privateKeyFromScalar,
  readCertificate,
  SymmetricKey,
  securityPolicyBit,
  suiteAlgorithms,
  toHex,
} from "../../cosem/index.js";
import type { PersistentCounters, StateStore, Vault } from "../accounts/index.js";
import type { DlmsSecuritySetupSettings } from "../settings/index.js";

export interface SecuritySetupsParts {
  readonly settings: readonly DlmsSecuritySetupSettings[];
  readonly vault: Vault;
  readonly store: StateStore & { getState(key: string): Promise<string | undefined> };
  readonly counters: PersistentCounters;
  readonly systemTitle: Uint8Array;
}

/** By instance, value group E of their objects. */
export type SecuritySetups = ReadonlyMap<number, KeyStore>;

/** What is kept: the state, and what the settings gave when it was. */
interface Kept {
  readonly given: Given;
  /** Octets of encodeKeyStoreState() as hex. */
  readonly state: string;
}

/** Fingerprints of keys, and public ones in hex; no secret. */
interface Given {
  readonly suite: number;
  readonly policy: number;
  readonly keys: Readonly<Partial<Record<GlobalKey, string>>>;
  readonly keyPairs?: Readonly<Partial<Record<KeyPairKind, string>>>;
}

/** A private key or a certificate of the settings that is none. */
export class SecuritySetupFault extends Error {}

/** @throws (rejects with) SealBroken where the master key is another, SecuritySetupFault */
export async function openSecuritySetups(parts: SecuritySetupsParts): Promise<SecuritySetups> {
  const setups = new Map<number, KeyStore>();
  for (const settings of parts.settings) {
    setups.set(settings.instance, await openSetup(parts, settings));
  }
  return setups;
}

async function openSetup(parts: SecuritySetupsParts, settings: DlmsSecuritySetupSettings): Promise<KeyStore> {
  const { vault, store, counters, systemTitle } = parts;
  const name = `security.setup/${settings.instance}`;
  const initial = stateOf(settings);
  const given = givenBy(initial);
  const sealed = await store.getState(name);
  const state = sealed === undefined ? initial : merged(initial, given, vault.open(name, sealed));

  const register = async ({ keys }: KeyStoreState) => {
    for (const key of [keys.unicast, keys.broadcast]) {
      if (key !== undefined) await counters.register(key, systemTitle);
    }
  };
  await register(state);
  return createKeyStore(state, async (next) => {
    // Their counters are on disk before the keys are.
    await register(next);
    const kept: Kept = { given, state: toHex(encodeKeyStoreState(next)) };
    await store.setState(name, vault.seal(name, new TextEncoder().encode(JSON.stringify(kept))));
    return true;
  });
}

function stateOf(settings: DlmsSecuritySetupSettings): KeyStoreState {
  const { instance, suite, policy, unicastKey, broadcastKey, authenticationKey, masterKey } = settings;
  const given = { unicast: unicastKey, broadcast: broadcastKey, authentication: authenticationKey, master: masterKey };
  const keys: Partial<Record<GlobalKey, SymmetricKey>> = {};
  for (const name of globalKeys) {
    const key = given[name];
    if (key !== undefined) keys[name] = new SymmetricKey(fromHex(key.reveal()));
  }
  const bits = policy.reduce((sum, protection) => sum | securityPolicyBit[protection], 0);
  const certificates = settings.certificates.map((text, index) => {
    const certificate = readCertificate(fromPem(text));
    if (certificate !== undefined) return certificate;
    throw new SecuritySetupFault(`security setup ${instance}: certificates[${index}] is no X.509 certificate`);
  });
  return { suite, policy: bits, keys, keyPairs: keyPairsOf(settings), newKeyPairs: {}, certificates };
}

function keyPairsOf({ instance, suite, signingKey, agreementKey }: DlmsSecuritySetupSettings) {
  const { curve } = suiteAlgorithms[suite];
  const keyPairs: Partial<Record<KeyPairKind, CurvePrivateKey>> = {};
  for (const [kind, given] of [["signing", signingKey] as const, ["agreement", agreementKey] as const]) {
    if (given === undefined || curve === undefined) continue;
    const key = privateKeyFromScalar(curve, fromHex(given.reveal()));
    if (key === undefined) throw new SecuritySetupFault(`security setup ${instance}: ${kind}Key is no key on ${curve}`);
    keyPairs[kind] = key;
  }
  return keyPairs;
}

function fromPem(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replace(/-----[A-Z ]+-----/g, ""), "base64"));
}

function givenBy({ suite, policy, keys, keyPairs }: KeyStoreState): Given {
  const fingerprints = globalKeys.flatMap((name) => {
    const key = keys[name];
    return key === undefined ? [] : [[name, key.fingerprint]];
  });
  const points = keyPairKinds.flatMap((kind) => {
    const pair = keyPairs[kind];
    return pair === undefined ? [] : [[kind, toHex(pair.publicKey.point)]];
  });
  return { suite, policy, keys: Object.fromEntries(fingerprints), keyPairs: Object.fromEntries(points) };
}

/** What was kept, but for what the settings have changed since. */
function merged(initial: KeyStoreState, given: Given, octets: Uint8Array): KeyStoreState {
  const kept = JSON.parse(new TextDecoder().decode(octets)) as Kept;
  if (kept.given.suite !== given.suite) return initial;
  const state = decodeKeyStoreState(fromHex(kept.state));
  const keys: Partial<Record<GlobalKey, SymmetricKey>> = {};
  for (const name of globalKeys) {
    const key = kept.given.keys[name] === given.keys[name] ? state.keys[name] : initial.keys[name];
    if (key !== undefined) keys[name] = key;
  }
  const keyPairs: Partial<Record<KeyPairKind, CurvePrivateKey>> = {};
  for (const kind of keyPairKinds) {
    const isAsGiven = kept.given.keyPairs?.[kind] === given.keyPairs?.[kind];
    const pair = isAsGiven ? state.keyPairs[kind] : initial.keyPairs[kind];
    if (pair !== undefined) keyPairs[kind] = pair;
  }
  const policy = kept.given.policy === given.policy ? state.policy : initial.policy;
  const isKept = ({ der }: Certificate) => state.certificates.some((other) => areEqualOctets(other.der, der));
  const added = initial.certificates.filter((certificate) => !isKept(certificate));
  // Those of the settings first: of two that fit, the newest is taken, which is what came over DLMS.
  return { ...state, keys, keyPairs, policy, certificates: [...added, ...state.certificates] };
}
