/** SYMSEC_n: symmetric security of suites 0, 1 and 2. Each family runs for the associations declared with that suite. */
import { randomBytes } from "node:crypto";
import {
  apduTag,
  decodeExceptionResponse,
  isProtectedTag,
  protectionBit,
  serviceError,
  toHex,
} from "../../cosem/index.js";
import { all, type CaseContext, type ConformanceCase, fail, type Outcome, pass } from "../case.js";
import type { ProtectionChange } from "../session/protection.js";
import type { Session } from "../session/session.js";
import { Inapplicable } from "../session/verdict-errors.js";
import { NoAnswer } from "../tcp-connection.js";
import {
  attributeAt,
  dataOf,
  expectAlive,
  expectRejection,
  isRefusal,
  numberOf,
  readName,
  securitySetupOf,
} from "./answers.js";
import {
  checkBadTransfer,
  checkSamePolicy,
  checkTransfer,
  checkWeakerPolicy,
  checkWrongPolicy,
} from "./key-transfer.js";

const both = protectionBit.authenticated | protectionBit.encrypted;

/** Sends bytes as they are; a refusal is an exception, a result that is none, silence, or a closed connection. */
export async function refusedAsSent(session: Session, apdu: Uint8Array, what: string): Promise<Outcome> {
  let answer: Uint8Array;
  try {
    answer = await session.connection.exchange(apdu);
  } catch (error) {
    if (error instanceof NoAnswer) return pass(`${what}: ${error.message}`);
    throw error;
  }
  const plain = isProtectedTag(answer[0]) ? session.unprotect(answer).apdu : answer;
  if (isRefusal(plain)) return pass(`${what}: refused`);
  return fail(`${what}: answered with ${toHex(plain.subarray(0, 16))}`);
}

function securityOf(context: CaseContext) {
  const { security } = context.association;
  if (security === undefined) throw new Inapplicable("no security is declared");
  return security;
}

/** Which requests less than the declared policy must be refused. @throws Inapplicable where it asks for nothing */
function requireProtection(context: CaseContext): number {
  const { protection } = securityOf(context);
  if (protection === 0) throw new Inapplicable("the declared policy asks for no protection");
  return protection;
}

async function checkReplay(context: CaseContext): Promise<Outcome> {
  requireProtection(context);
  const session = await context.open();
  const first = session.protect(readName());
  const second = session.protect(readName());
  await session.connection.exchange(first).then((answer) => session.unprotect(answer));
  await session.connection.exchange(second).then((answer) => session.unprotect(answer));
  const outcomes = [
    await refusedAsSent(session, second, "the last message again"),
    await refusedAsSent(session, first, "an older message again"),
  ];
  const closed = session.connection.isClosed;
  const next = closed ? await context.open() : session;
  outcomes.push(await expectAlive(next));
  const other = await context.open();
  outcomes.push(await refusedAsSent(other, second, "a message of another association again"));
  return all(outcomes);
}

async function checkBadCounterInAarq(context: CaseContext): Promise<Outcome> {
  const { encryptionKey } = securityOf(context);
  if (encryptionKey === undefined) throw new Inapplicable("no encryption key is declared");
  const session = await context.open();
  const used = session.protection?.nextCounter(encryptionKey) ?? 0;
  await session.exchange(readName());
  const answer = await context.request({ initiateProtection: { counter: Math.max(0, used - 1) } });
  return expectRejection(answer, "an AARQ with a counter that was used");
}

/** A forged counter must not be remembered: the right client would be locked out. */
async function checkForgedCounter(context: CaseContext): Promise<Outcome> {
  if ((requireProtection(context) & protectionBit.authenticated) === 0) {
    throw new Inapplicable("messages are not authenticated: a forged one cannot be told");
  }
  const session = await context.open();
  await session.exchange(readName());
  const forged = session.protect(readName(), { counter: 0xffff_ffff, isTampered: true });
  const refused = await refusedAsSent(session, forged, "counter FFFFFFFF with a wrong tag");
  const next = session.connection.isClosed ? await context.open() : session;
  const replayed = next.protect(readName());
  next.unprotect(await next.connection.exchange(replayed));
  const answer = await next.connection.exchange(replayed).catch(() => undefined);
  return all([refused, await aliveAgain(context, next), checkException(answer, next)]);
}

const aliveAgain = async (context: CaseContext, session: Session): Promise<Outcome> =>
  expectAlive(session.connection.isClosed ? await context.open() : session);

/** Where the late reason 6 is given, it comes with the counter that was expected. */
function checkException(answer: Uint8Array | undefined, session: Session): Outcome {
  if (answer?.[0] !== apduTag.exceptionResponse) return pass("a replay is refused without exception-response");
  const { serviceError: reason, invocationCounter } = decodeExceptionResponse(answer);
  if (reason !== serviceError.invocationCounterError) return pass(`a replay: service error ${reason}`);
  const own = session.protection;
  const key = own?.security.encryptionKey;
  if (own === undefined || key === undefined) return pass("a replay: invocation-counter-error");
  if (invocationCounter === undefined) return fail("invocation-counter-error without the counter");
  return pass(`a replay: invocation-counter-error, ${invocationCounter} is expected`);
}

async function checkWrongProtection(context: CaseContext): Promise<Outcome> {
  const protection = requireProtection(context);
  const { encryptionKey } = securityOf(context);
  const isAuthenticated = (protection & protectionBit.authenticated) !== 0;
  const length = encryptionKey?.length ?? 16;
  const tries: readonly (readonly [string, ProtectionChange])[] = [
    ...(isAuthenticated ? ([["a wrong tag", { isTampered: true }]] as const) : []),
    ["another suite in the control byte", { suite: (securityOf(context).suite + 1) % 3 }],
    ...(isAuthenticated ? ([["another key", { encryptionKey: new Uint8Array(randomBytes(length)) }]] as const) : []),
    ...(isAuthenticated
      ? ([["another authentication key", { authenticationKey: new Uint8Array(randomBytes(length)) }]] as const)
      : []),
    ...(protection === both ? ([["encryption alone", { protection: protectionBit.encrypted }]] as const) : []),
    ...(protection === both ? ([["authentication alone", { protection: protectionBit.authenticated }]] as const) : []),
  ];
  const outcomes: Outcome[] = [];
  for (const [what, change] of tries) {
    const session = await context.open();
    const outcome = await refusedAsSent(session, session.protect(readName(), change), what);
    if (outcome.verdict === "fail") return outcome;
    outcomes.push(outcome);
  }
  const session = await context.open();
  outcomes.push(await refusedAsSent(session, readName(), "a plain GET"));
  outcomes.push(await aliveAgain(context, session));
  return all(outcomes);
}

async function checkRelease(context: CaseContext): Promise<Outcome> {
  requireProtection(context);
  const session = await context.open();
  const plainInitiate = session.releaseRequest({ protection: 0 });
  const answer = await session.connection.exchange(plainInitiate).catch(() => undefined);
  if (answer?.[0] === apduTag.rlre) return fail("an RLRQ with a plain initiate was answered by RLRE");
  return all([pass("an RLRQ with a plain initiate: refused"), await aliveAgain(context, session)]);
}

async function checkCapabilities(context: CaseContext): Promise<Outcome> {
  const { suite, clientTitle } = securityOf(context);
  const session = await context.open();
  const { aare } = session;
  if (aare.respondingApTitle?.length !== 8) return fail("the AARE of a ciphered association without system title");
  const securitySetup = await securitySetupOf(session);
  const read = async (index: number) => dataOf(await session.get(attributeAt(64, securitySetup, index)));
  const [shownSuite, client, server] = [await read(3), await read(4), await read(5)];
  if (typeof shownSuite === "string") return pass(`opened; security setup ${securitySetup}: ${shownSuite}`);
  if (numberOf(shownSuite) !== suite) return fail(`security_suite ${numberOf(shownSuite)}, declared ${suite}`);
  const titleOf = (data: Awaited<ReturnType<typeof read>>) =>
    typeof data !== "string" && data.type === "octet-string" ? toHex(data.value) : "";
  if (titleOf(server) !== toHex(aare.respondingApTitle)) return fail(`server_system_title ${titleOf(server)}`);
  if (titleOf(client) !== "" && titleOf(client) !== toHex(clientTitle)) {
    return fail(`client_system_title ${titleOf(client)}, this client is ${toHex(clientTitle)}`);
  }
  return pass(`opened under suite ${suite}; titles and suite as in the AARE`);
}

async function checkCounters(context: CaseContext): Promise<Outcome> {
  if (requireProtection(context) === 0) throw new Inapplicable("answers are not protected");
  const seen: number[] = [];
  for (let association = 0; association < 2; association++) {
    const session = await context.open();
    for (let round = 0; round < 3; round++) {
      const { counter } = await session.exchangeOpened(readName());
      if (counter !== undefined) seen.push(counter);
    }
  }
  const falls = seen.some((counter, index) => index > 0 && counter <= (seen[index - 1] ?? 0));
  return falls ? fail(`counters ${seen.join(", ")}`) : pass(`counters ${seen.join(", ")}`);
}

async function checkExchange(context: CaseContext): Promise<Outcome> {
  const protection = requireProtection(context);
  const session = await context.open();
  const answer = await session.exchangeOpened(readName());
  return all([
    answer.protection === protection
      ? pass("answered under the same protection")
      : fail(`protection ${answer.protection}`),
    await expectAlive(session),
  ]);
}

async function checkDedicated(context: CaseContext): Promise<Outcome> {
  const { takesDedicatedKey, encryptionKey } = securityOf(context);
  requireProtection(context);
  const without = await context.open();
  const outcomes = [
    await refusedAsSent(without, without.protect(readName(), { style: "ded" }), "ded- without a dedicated key"),
  ];
  if (!takesDedicatedKey || encryptionKey === undefined) return all(outcomes);
  const length = encryptionKey.length;
  const session = await context.open({ dedicatedKey: new Uint8Array(randomBytes(length)) });
  const wrong = session.protect(readName(), { style: "ded", encryptionKey: new Uint8Array(randomBytes(length)) });
  outcomes.push(await refusedAsSent(session, wrong, "ded- under another key"));
  return all(outcomes);
}

const reference = "IEC 62056-5-3, security of xDLMS APDUs";

interface Check {
  readonly name: string;
  readonly about: string;
  run(context: CaseContext): Promise<Outcome>;
}

const setupChecks: readonly Check[] = [
  {
    name: "Key_Tx_P1",
    about: "The global unicast encryption key is transferred, used, and put back",
    run: (context) => checkTransfer(context, "unicast"),
  },
  {
    name: "Key_Tx_P2",
    about: "The global broadcast encryption key is transferred, and put back",
    run: (context) => checkTransfer(context, "broadcast"),
  },
  {
    name: "Key_Tx_P3",
    about: "The authentication key is transferred, used, and put back",
    run: (context) => checkTransfer(context, "authentication"),
  },
  {
    name: "Key_Tx_N1",
    about: "A key id that is not defined is refused, and nothing changes",
    run: (context) => checkBadTransfer(context, "keyId"),
  },
  {
    name: "Key_Tx_N2",
    about: "A key wrapped under another master key is refused, and nothing changes",
    run: (context) => checkBadTransfer(context, "wrapping"),
  },
  { name: "SecPol_1", about: "The present policy, activated again, changes nothing", run: checkSamePolicy },
  { name: "SecPol_2", about: "A weaker policy is refused", run: checkWeakerPolicy },
  { name: "SecPol_3", about: "A policy that is not defined is refused", run: checkWrongPolicy },
];

const checks: readonly Check[] = [
  { name: "BasicCap_1", about: "A ciphered association opens; its security setup shows it", run: checkCapabilities },
  { name: "FraCount_1", about: "A message that was accepted once is refused", run: checkReplay },
  { name: "FraCount_1_AARQ", about: "An AARQ with a used counter is rejected", run: checkBadCounterInAarq },
  {
    name: "FraCount_3",
    about: "The server's own counter grows with each answer, and over associations",
    run: checkCounters,
  },
  {
    name: "DedKey_N1",
    about: "ded- APDUs without a dedicated key, or under a wrong one, are refused",
    run: checkDedicated,
  },
  { name: "SecDataX_P1", about: "Protected requests are answered under the same protection", run: checkExchange },
  {
    name: "SecDataX_N1",
    about: "Wrong tags, suites and keys, and too little protection, are refused",
    run: checkWrongProtection,
  },
  {
    name: "REL_N1",
    about: "An RLRQ with too little protection is refused, and the association stays",
    run: checkRelease,
  },
];

export const symmetricSecurityCases: readonly ConformanceCase[] = [
  ...[0, 1, 2].flatMap((suite) =>
    [...checks, ...setupChecks].map(
      ({ name, about, run }): ConformanceCase => ({
        name: `SYMSEC_${suite}_${name}`,
        about,
        reference,
        needs: { referencing: "ln", isCiphered: true, suite },
        run,
      }),
    ),
  ),
  {
    name: "NAIVE_8",
    about: "A forged counter is not remembered; a refused one is told with the counter that is expected",
    reference: "IEC 62056-5-3, invocation counters; 8.5, exception-response",
    needs: { referencing: "ln", isCiphered: true },
    run: checkForgedCounter,
  },
];
