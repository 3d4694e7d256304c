/** Keys of a DLMS client: from a file or the environment, so that they stand in no process list, or from words. */
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

const hexPattern = "^([0-9a-fA-F]{2})+$";
const hex = () => Type.Optional(Type.String({ pattern: hexPattern }));

const KeyList = Type.Object(
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
type GivenKeys = Type.Static<typeof KeyList>;
type KeyName = keyof GivenKeys;

export const keyNames = Object.keys(KeyList.properties) as readonly KeyName[];
export const keysVariable = "DLMS_KEYS";

export interface ClientKeys {
  readonly ring: KeyRing;
  readonly dedicatedKey: Uint8Array | undefined;
}

export interface KeySources {
  /** Path of a YAML file. */
  readonly file: string | undefined;
  /** The same YAML, in one line. */
  readonly environment: string | undefined;
  /** `NAME=HEX`; each counts before the others. */
  readonly words: readonly string[];
}

/** @returns undefined where there is none @throws WrongUse where a key cannot be read or does not fit the suite; none is shown */
export function readKeys({ file, environment, words }: KeySources, suite: SecuritySuite): ClientKeys | undefined {
  if (file === undefined && environment === undefined && words.length === 0) return undefined;
  return ringOf(
    {
      ...(file === undefined ? {} : listed(textOf(file), `--keys ${file}`)),
      ...(environment === undefined ? {} : listed(environment, keysVariable)),
      ...Object.fromEntries(words.map(keyOfWord)),
    },
    suite,
  );
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new WrongUse(`--keys ${path}: ${(error as Error).message}`);
  }
}

function listed(text: string, source: string): GivenKeys {
  try {
    return readCheckedYaml(KeyList, text, source).value;
  } catch (error) {
    // Problems name their line; the text of a line could be a key.
    if (!(error instanceof YamlError)) throw error;
    const where = error.problems.map(({ line }) => line).join(", ");
    throw new WrongUse(`${source}: line ${where}: wants ${keyNames.join(", ")} as hex`);
  }
}

function keyOfWord(word: string): readonly [KeyName, string] {
  const [name, value = ""] = word.split("=", 2);
  const known = keyNames.find((one) => one === name);
  if (known === undefined) throw new WrongUse(`--key wants NAME=HEX, the names being ${keyNames.join(", ")}`);
  if (!new RegExp(hexPattern).test(value)) throw new WrongUse(`--key ${known} wants pairs of hex digits behind it`);
  return [known, value];
}

function ringOf(given: GivenKeys, suite: SecuritySuite): ClientKeys {
  const { keyLength, curve = "P-256" } = suiteAlgorithms[suite];
  const octetsOf = (name: KeyName) => {
    const text = given[name];
    const octets = text === undefined ? undefined : fromHex(text);
    if (octets === undefined || octets.length === keyLength) return octets;
    throw new WrongUse(`${name} has ${octets.length} octets; suite ${suite} wants ${keyLength}`);
  };
  const symmetric = (name: KeyName) => {
    const octets = octetsOf(name);
    return octets && new SymmetricKey(octets);
  };
  const onCurve = <K>(name: KeyName, make: (curve: CurveName, octets: Uint8Array) => K | undefined) => {
    const text = given[name];
    if (text === undefined) return undefined;
    const key = make(curve, fromHex(text));
    if (key === undefined) throw new WrongUse(`${name} is none on ${curve}, the curve of suite ${suite}`);
    return key;
  };
  const keys = { unicast: symmetric("unicastKey"), broadcast: symmetric("broadcastKey"), dedicated: undefined };
  return {
    ring: {
      suite,
      encryptionKey: (which) => keys[which],
      authenticationKey: symmetric("authenticationKey"),
      masterKey: symmetric("masterKey"),
      ownSigningKey: onCurve("signingKey", privateKeyFromScalar),
      peerSigningKey: onCurve("serverSigningKey", publicKeyFromPoint),
      ownAgreementKey: onCurve("agreementKey", privateKeyFromScalar),
      peerAgreementKey: onCurve("serverAgreementKey", publicKeyFromPoint),
    },
    dedicatedKey: octetsOf("dedicatedKey"),
  };
}
