/** Keys of a DLMS client from a file, so that they stand in no process list. */
import { readFileSync } from "node:fs";
import Type from "typebox";
import {
  type CurveName,
  fromHex,
  type KeyRing,
  privateKeyFromScalar,
  publicKeyFromPoint,
  type SecuritySuite,
  SymmetricKey,
  suiteAlgorithms,
} from "../../../cosem/index.js";
import { readCheckedYaml, YamlError } from "../../settings/checked-yaml.js";
import { WrongUse } from "../command.js";

const hex = () => Type.Optional(Type.String({ pattern: "^([0-9a-fA-F]{2})+$" }));

const KeyFile = Type.Object(
  {
    unicastKey: hex(),
    broadcastKey: hex(),
    authenticationKey: hex(),
    masterKey: hex(),
    dedicatedKey: hex(),
    /** Private scalar; public point x || y. */
    signingKey: hex(),
    serverSigningKey: hex(),
    agreementKey: hex(),
    serverAgreementKey: hex(),
  },
  { additionalProperties: false },
);

export interface ClientKeys {
  readonly ring: KeyRing;
  readonly dedicatedKey: Uint8Array | undefined;
}

/** @throws WrongUse where the file cannot be read, or a key does not fit the suite; no key is shown */
export function readKeyFile(path: string, suite: SecuritySuite): ClientKeys {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new WrongUse(`--keys ${path}: ${(error as Error).message}`);
  }
  let given: Type.Static<typeof KeyFile>;
  try {
    given = readCheckedYaml(KeyFile, text, path).value;
  } catch (error) {
    // Problems name their line; the text of a line could be a key.
    if (error instanceof YamlError) {
      const where = error.problems.map(({ line }) => line).join(", ");
      throw new WrongUse(`--keys ${path}: line ${where}: wants ${Object.keys(KeyFile.properties).join(", ")} as hex`);
    }
    throw error;
  }
  const { keyLength, curve = "P-256" } = suiteAlgorithms[suite];
  const symmetric = (name: "unicastKey" | "broadcastKey" | "authenticationKey" | "masterKey") => {
    const octets = given[name] === undefined ? undefined : fromHex(given[name]);
    if (octets === undefined) return undefined;
    if (octets.length === keyLength) return new SymmetricKey(octets);
    throw new WrongUse(`--keys ${path}: ${name} has ${octets.length} octets; suite ${suite} wants ${keyLength}`);
  };
  const keys = { unicast: symmetric("unicastKey"), broadcast: symmetric("broadcastKey"), dedicated: undefined };
  return {
    ring: {
      suite,
      encryptionKey: (which) => keys[which],
      authenticationKey: symmetric("authenticationKey"),
      masterKey: symmetric("masterKey"),
      ownSigningKey: curveKey(given.signingKey, curve, privateKeyFromScalar, path),
      peerSigningKey: curveKey(given.serverSigningKey, curve, publicKeyFromPoint, path),
      ownAgreementKey: curveKey(given.agreementKey, curve, privateKeyFromScalar, path),
      peerAgreementKey: curveKey(given.serverAgreementKey, curve, publicKeyFromPoint, path),
    },
    dedicatedKey: given.dedicatedKey === undefined ? undefined : fromHex(given.dedicatedKey),
  };
}

function curveKey<K>(
  text: string | undefined,
  curve: CurveName,
  make: (curve: CurveName, octets: Uint8Array) => K | undefined,
  path: string,
): K | undefined {
  if (text === undefined) return undefined;
  const key = make(curve, fromHex(text));
  if (key === undefined) throw new WrongUse(`--keys ${path}: a signing or agreement key is none on ${curve}`);
  return key;
}
