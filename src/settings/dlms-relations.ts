/** What shows in the settings of DLMS clients only when they are seen together. */
import type { DlmsClientSettings, DlmsSecuritySetupSettings, DoorSettings } from "./schema.js";

/** `keys` lead from `doors.dlms` to the setting. */
interface Problem {
  readonly keys: readonly (string | number)[];
  readonly message: string;
}

const publicClientSap = 16;
const managementClientSap = 1;
const mechanismsWithSecret: readonly string[] = ["low", "md5", "sha1", "sha256"];
const mechanismsWithSetup: readonly string[] = ["gmac", "sha256", "ecdsa"];

export function* dlmsProblems(dlms: DoorSettings["dlms"]): Generator<Problem> {
  const setups = new Map<number, DlmsSecuritySetupSettings>();
  for (const [index, setup] of dlms.securitySetups.entries()) {
    const keys = ["securitySetups", index];
    if (setups.has(setup.instance)) {
      yield { keys: [...keys, "instance"], message: `${setup.instance} is the instance of another security setup` };
    }
    setups.set(setup.instance, setup);
    yield* keyProblems(setup, keys);
  }
  const taken = new Map([[publicClientSap, "the public client"]]);
  if (dlms.managementPassword !== undefined) taken.set(managementClientSap, "the client of managementPassword");
  for (const [index, client] of dlms.clients.entries()) {
    const keys = ["clients", index];
    const other = taken.get(client.sap);
    if (other !== undefined) yield { keys: [...keys, "sap"], message: `${client.sap} is the SAP of ${other}` };
    taken.set(client.sap, `client "${client.name}"`);
    yield* secretProblems(client, keys);
    yield* setupProblems(client, setups, keys);
  }
}

function* keyProblems(setup: DlmsSecuritySetupSettings, keys: Problem["keys"]): Generator<Problem> {
  const digits = setup.suite === 2 ? 64 : 32;
  for (const name of ["unicastKey", "broadcastKey", "authenticationKey", "masterKey"] as const) {
    const key = setup[name];
    if (key === undefined || key.reveal().length === digits) continue;
    yield { keys: [...keys, name], message: `wants ${digits} hex digits in suite ${setup.suite}` };
  }
  const scalarDigits = { 0: undefined, 1: 64, 2: 96 }[setup.suite];
  for (const name of ["signingKey", "agreementKey"] as const) {
    const key = setup[name];
    if (key === undefined || key.reveal().length === scalarDigits) continue;
    const message =
      scalarDigits === undefined
        ? "is of no use in suite 0"
        : `wants ${scalarDigits} hex digits in suite ${setup.suite}`;
    yield { keys: [...keys, name], message };
  }
}

function* secretProblems({ mechanism, secret }: DlmsClientSettings, keys: Problem["keys"]): Generator<Problem> {
  if (mechanismsWithSecret.includes(mechanism) === (secret !== undefined)) return;
  const message =
    secret === undefined ? `wants a secret for mechanism ${mechanism}` : "is of no use with this mechanism";
  yield { keys: secret === undefined ? keys : [...keys, "secret"], message };
}

function* setupProblems(
  { ciphering, mechanism, securitySetup }: DlmsClientSettings,
  setups: ReadonlyMap<number, DlmsSecuritySetupSettings>,
  keys: Problem["keys"],
): Generator<Problem> {
  if (securitySetup === undefined) {
    if (ciphering === "none" && !mechanismsWithSetup.includes(mechanism)) return;
    yield { keys, message: "wants a securitySetup: ciphering, gmac, sha256 and ecdsa take one" };
    return;
  }
  const setup = setups.get(securitySetup);
  if (setup === undefined) {
    yield { keys: [...keys, "securitySetup"], message: `there is no instance ${securitySetup} under securitySetups` };
    return;
  }
  const needsKeys = ciphering === "ciphered" || mechanism === "gmac";
  if (needsKeys && (setup.unicastKey === undefined || setup.authenticationKey === undefined)) {
    const message = `instance ${securitySetup} has no unicastKey and authenticationKey, which this client needs`;
    yield { keys: [...keys, "securitySetup"], message };
  }
}
