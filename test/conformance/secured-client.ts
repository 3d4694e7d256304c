/** One client with keys: as our server knows it, and as it is declared to the harness. Keys are made for the test. */
import { createHash, randomBytes } from "node:crypto";
import type { DeclarationFile } from "../../conformance/index.js";
import {
  type ApplicationContext,
  type Association,
  type AuthenticationMechanism,
  type CosemObject,
  type CurvePrivateKey,
  createKeyStore,
  createMemoryCounters,
  createSecuritySetup,
  emptyKeyStoreState,
  generateKeyPair,
  keyRingOf,
  logicalName,
  revealScalar,
  Secret,
  type SecuritySuite,
  SymmetricKey,
  securityPolicyFromVersion0,
  suiteAlgorithms,
  toHex,
} from "../../cosem/index.js";
import type { DlmsClient } from "../../src/views/dlms/index.js";

export const mechanismNumbers = { none: 0, low: 1, md5: 3, sha1: 4, gmac: 5, sha256: 6, ecdsa: 7 } as const;
export type MechanismName = keyof typeof mechanismNumbers;

export interface SecuredOptions {
  readonly suite: SecuritySuite;
  readonly mechanism: MechanismName;
  /** Default: ciphered context, authenticated and encrypted. False: plain context. */
  readonly isCiphered?: boolean;
  readonly style?: "glo" | "general-glo";
}

export interface SecuredClient {
  readonly client: (association: (clientSap: number) => Association) => DlmsClient;
  readonly securitySetup: CosemObject;
  readonly declared: DeclarationFile["associations"][number];
}

const clientSap = 2;
export const serverTitle = Buffer.from("EXM\0\0\0\0\x01", "latin1");
const clientTitle = Buffer.from("EXM\0\0\0\0\x02", "latin1");
const random = (count: number) => new Uint8Array(randomBytes(count));
const octets = (what: string, length: number) => createHash("sha256").update(what).digest().subarray(0, length);
const authenticatedEncryption = 3;

export function symmetricKeys(suite: SecuritySuite) {
  const { keyLength } = suiteAlgorithms[suite];
  return {
    unicast: octets("unicast", keyLength),
    broadcast: octets("broadcast", keyLength),
    authentication: octets("authentication", keyLength),
    master: octets("master", keyLength),
  };
}

export function securedClient(options: SecuredOptions): SecuredClient {
  const { suite, mechanism, isCiphered = true, style = "glo" } = options;
  const { curve = "P-256" } = suiteAlgorithms[suite];
  const [serverPair, clientPair]: CurvePrivateKey[] = [generateKeyPair(curve, random), generateKeyPair(curve, random)];
  if (serverPair === undefined || clientPair === undefined) throw new Error("two pairs were made");
  const keys = symmetricKeys(suite);
  const policy = isCiphered ? securityPolicyFromVersion0(authenticatedEncryption) : 0;
  const store = createKeyStore({
    ...emptyKeyStoreState(suite, policy),
    keys: {
      unicast: new SymmetricKey(keys.unicast),
      broadcast: new SymmetricKey(keys.broadcast),
      authentication: new SymmetricKey(keys.authentication),
      master: new SymmetricKey(keys.master),
    },
    keyPairs: { signing: serverPair },
  });
  const counters = createMemoryCounters(1);
  const context: ApplicationContext = isCiphered ? 3 : 1;
  const number: AuthenticationMechanism = mechanismNumbers[mechanism];
  const secret = "a secret for all";
  return {
    client: (association) => ({
      clientSap,
      association: association(clientSap),
      mechanism: number,
      applicationContext: context,
      ...(number === 0 ? {} : { secret: new Secret(Buffer.from(secret)) }),
      security: () => ({
        ownTitle: serverTitle,
        peerTitle: undefined,
        keys: (peerTitle) => ({ ...keyRingOf(store, peerTitle), peerSigningKey: clientPair.publicKey }),
        counters,
        random,
        get securityPolicy() {
          return store.state.policy;
        },
      }),
    }),
    securitySetup: createSecuritySetup({
      logicalName: logicalName("0-0:43.0.0*255"),
      keyStore: () => store,
      serverSystemTitle: serverTitle,
      random,
      now: () => 0,
    }),
    declared: {
      name: `suite ${suite} ${mechanism}`,
      clientSap,
      context: isCiphered ? "ln-ciphered" : "ln",
      mechanism,
      ...(["low", "md5", "sha1", "sha256"].includes(mechanism) ? { secret } : {}),
      security: {
        suite,
        policy: isCiphered ? "authenticated-encrypted" : "none",
        style,
        clientSystemTitle: toHex(clientTitle),
        encryptionKey: toHex(keys.unicast),
        broadcastKey: toHex(keys.broadcast),
        authenticationKey: toHex(keys.authentication),
        masterKey: toHex(keys.master),
        clientSigningKey: toHex(revealScalar(clientPair)),
        serverSigningKey: toHex(serverPair.publicKey.point),
        invocationCounter: 1,
        dedicatedKey: true,
      },
    },
  };
}
