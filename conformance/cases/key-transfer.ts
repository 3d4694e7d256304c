/** Key_Tx and SecPol: what Security setup does to keys and policy. They change the server: declared to be permitted. */
import { createCipheriv, randomBytes } from "node:crypto";
import { type Data, dataAccessResultName, SymmetricKey } from "../../cosem/index.js";
import { all, type CaseContext, fail, type Outcome, pass } from "../case.js";
import type { DeclaredSecurity } from "../declaration/declaration.js";
import { ExceptionAnswer } from "../session/services.js";
import { openSession, type Session } from "../session/session.js";
import { Inapplicable } from "../session/verdict-errors.js";
import { attributeAt, dataOf, expectAlive, numberOf, securitySetupOf, success } from "./answers.js";

const securitySetupClass = 64;

/** key_id of key_transfer. */
const keyId = { unicast: 0, broadcast: 1, authentication: 2 } as const;
type TransferredKey = keyof typeof keyId;
const declaredAs = {
  unicast: "encryptionKey",
  broadcast: "broadcastKey",
  authentication: "authenticationKey",
} as const satisfies Record<TransferredKey, keyof DeclaredSecurity>;

function securityOf(context: CaseContext): DeclaredSecurity {
  const { security } = context.association;
  if (security === undefined) throw new Inapplicable("no security is declared");
  return security;
}

function masterKeyOf(context: CaseContext): Uint8Array {
  if (!context.declaration.permitsKeyTransfer) throw new Inapplicable("extras.keyTransfer is not declared");
  const { masterKey } = securityOf(context);
  if (masterKey === undefined) throw new Inapplicable("security.masterKey is not declared");
  return masterKey;
}

/** RFC 3394. */
function wrap(key: Uint8Array, masterKey: Uint8Array): Uint8Array {
  const algorithm = masterKey.length === 32 ? "id-aes256-wrap" : "id-aes128-wrap";
  const cipher = createCipheriv(algorithm, masterKey, Buffer.alloc(8, 0xa6));
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

/** The result of a method of the association's security setup; -1 for exception-response. */
async function invokeSetup(session: Session, methodIndex: number, parameters: Data) {
  const method = { classId: securitySetupClass, logicalName: await securitySetupOf(session), methodIndex };
  try {
    return (await session.invoke(method, parameters)).result;
  } catch (error) {
    if (error instanceof ExceptionAnswer) return -1;
    throw error;
  }
}

function transferOf(id: number, wrapped: Uint8Array): Data {
  const value: readonly Data[] = [
    { type: "enum", value: id },
    { type: "octet-string", value: wrapped },
  ];
  return { type: "array", value: [{ type: "structure", value }] };
}

/** The declared association with another key. */
function withKey(context: CaseContext, which: TransferredKey, key: Uint8Array) {
  const security: DeclaredSecurity = { ...securityOf(context), [declaredAs[which]]: key };
  return { ...context.association, security };
}

/** The key is replaced by a fresh one, used, and put back. */
export async function checkTransfer(context: CaseContext, which: TransferredKey): Promise<Outcome> {
  const masterKey = masterKeyOf(context);
  const old = securityOf(context)[declaredAs[which]];
  if (old === undefined) throw new Inapplicable(`security.${declaredAs[which]} is not declared`);
  const fresh = new Uint8Array(randomBytes(old.length));
  const session = await context.open();
  const result = await invokeSetup(session, 2, transferOf(keyId[which], wrap(fresh, masterKey)));
  if (result !== success) return fail(`key_transfer of a right key: ${dataAccessResultName(result)}`);
  const changed = withKey(context, which, fresh);
  if (which === "unicast") context.counters.startAt(new SymmetricKey(fresh), securityOf(context).clientTitle, 1);
  const renewed = await openSession(await context.connect(), changed, context.counters);
  const alive = await expectAlive(renewed);
  const back = await invokeSetup(renewed, 2, transferOf(keyId[which], wrap(old, masterKey)));
  if (back !== success) return fail(`the key could not be put back: ${dataAccessResultName(back)}`);
  return all([alive, await expectAlive(await context.open()), pass("the new key serves, and the old one is back")]);
}

export async function checkBadTransfer(context: CaseContext, fault: "keyId" | "wrapping"): Promise<Outcome> {
  const masterKey = masterKeyOf(context);
  const { authenticationKey } = securityOf(context);
  if (authenticationKey === undefined) throw new Inapplicable("security.authenticationKey is not declared");
  const other = fault === "wrapping" ? new Uint8Array(randomBytes(masterKey.length)) : masterKey;
  const wrapped = wrap(new Uint8Array(randomBytes(authenticationKey.length)), other);
  const session = await context.open();
  const result = await invokeSetup(session, 2, transferOf(fault === "keyId" ? 9 : keyId.authentication, wrapped));
  if (result === success) return fail(fault === "keyId" ? "key id 9 was taken" : "a wrongly wrapped key was taken");
  return all([pass(`refused with ${result}`), await expectAlive(await context.open())]);
}

async function readPolicy(session: Session): Promise<number> {
  const data = dataOf(await session.get(attributeAt(securitySetupClass, await securitySetupOf(session), 2)));
  const policy = typeof data === "string" ? undefined : numberOf(data);
  if (policy === undefined) throw new Inapplicable(`security_policy: ${typeof data === "string" ? data : data.type}`);
  return policy;
}

function permitActivation(context: CaseContext): void {
  if (!context.declaration.permitsPolicyActivation) throw new Inapplicable("extras.policyActivation is not declared");
}

const enumOf = (value: number): Data => ({ type: "enum", value });

/** The policy that is there, activated again, changes nothing. */
export async function checkSamePolicy(context: CaseContext): Promise<Outcome> {
  permitActivation(context);
  const session = await context.open();
  const policy = await readPolicy(session);
  const result = await invokeSetup(session, 1, enumOf(policy));
  if (result !== success) return fail(`activating the present policy ${policy}: ${dataAccessResultName(result)}`);
  const after = await readPolicy(session);
  return after === policy ? all([pass(`policy ${policy}`), await expectAlive(session)]) : fail(`policy ${after} now`);
}

/** A weaker policy is refused. */
export async function checkWeakerPolicy(context: CaseContext): Promise<Outcome> {
  permitActivation(context);
  const session = await context.open();
  const policy = await readPolicy(session);
  if (policy === 0) throw new Inapplicable("the policy is 0: there is no weaker one");
  const result = await invokeSetup(session, 1, enumOf(0));
  if (result === success) return fail(`policy 0 after ${policy} was taken`);
  const after = await readPolicy(session);
  if (after !== policy) return fail(`policy 0 after ${policy}: refused with ${result}, and policy ${after} now`);
  return all([pass(`policy 0 after ${policy} is refused`), await expectAlive(session)]);
}

/** A policy that is none, and a value of another type, are refused. */
export async function checkWrongPolicy(context: CaseContext): Promise<Outcome> {
  permitActivation(context);
  const session = await context.open();
  const policy = await readPolicy(session);
  for (const [what, value] of [
    ["policy 255, with reserved bits", enumOf(0xff)],
    ["a structure", { type: "structure", value: [] }],
  ] as const) {
    const result = await invokeSetup(session, 1, value);
    const after = await readPolicy(session);
    if (result === success || after !== policy) return fail(`${what}: result ${result}, policy ${after} now`);
  }
  return all([pass("refused, unchanged"), await expectAlive(session)]);
}
