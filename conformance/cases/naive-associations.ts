/** NAIVE_7, 9 to 12, 16, 18, 19: passes, styles, rights, live values, the stream, and state that must not leak. */
import {
  apduTag,
  conformanceNames,
  encodeActionRequest,
  encodeWrapperFrame,
  logicalName,
  publicClientSap,
} from "../../cosem/index.js";
import { all, type CaseContext, type ConformanceCase, fail, inapplicable, type Outcome, pass } from "../case.js";
import { readObjectList } from "../object-list.js";
import { prepareAarq } from "../session/open.js";
import { proveIdentity } from "../session/session.js";
import {
  currentAssociation,
  dataOf,
  expectAlive,
  expectException,
  logicalDeviceName,
  memberOf,
  numberOf,
  readName,
  sapAssignment,
} from "./answers.js";
import { checkPartners } from "./mandatory.js";

const needs = { referencing: "ln" } as const;
/** Nobody declares it, unless they do. */
const strangeSaps = [0x66, 0x67, 0x68];

export const naiveAssociationCases: readonly ConformanceCase[] = [
  {
    name: "NAIVE_7",
    about: "Before pass 4 nothing but reply_to_HLS_authentication is served; after a failure nothing is",
    reference: "IEC 62056-5-3, HLS authentication, and 7.2",
    needs: { ...needs, authentication: "high" },
    async run(context) {
      const early = await context.start();
      const before = expectException(await early.session.exchange(readName()), "GET before pass 3");
      const late = await context.start();
      const alterAnswer = (answer: Uint8Array) =>
        answer.map((byte, at) => (at === answer.length - 1 ? byte ^ 1 : byte));
      const { result } = await proveIdentity(late.session, late.answer, { alterAnswer });
      if (result === 0) return fail("a wrong answer to the server's challenge was accepted");
      const again = await proveIdentity(late.session, late.answer);
      if (again.result === 0) return fail("after a wrong answer the right one to the same challenge was accepted");
      return all([before, pass("after a wrong answer the association stays closed")]);
    },
  },
  {
    name: "NAIVE_9",
    about: "Answers come in the style of their requests",
    reference: "IEC 62056-5-3, security of xDLMS APDUs; 7.3, general-protection",
    needs: { ...needs, isCiphered: true },
    async run(context) {
      const session = await context.open();
      const { protection } = session;
      if (protection === undefined) return inapplicable("the association is not ciphered");
      const seen: string[] = [];
      for (let round = 0; round < 2; round++) {
        const answer = await session.exchangeOpened(readName());
        if (answer.style !== protection.ordinaryStyle) {
          return fail(`a ${answer.style} answer to a ${protection.ordinaryStyle} request`);
        }
        seen.push(answer.style);
      }
      return pass(`answered ${seen.join(", ")}`);
    },
  },
  {
    name: "NAIVE_10",
    about: "A client SAP that nobody declared is refused; the public client gets the name and the SAP list",
    reference: "IEC 62056-6-2, class 15 and 17; IEC 62056-5-3, 7.2",
    needs,
    async run(context) {
      const { association, counters, declaration } = context;
      const declared = declaration.associations.map((one) => one.clientSap);
      const strange = strangeSaps.find((sap) => !declared.includes(sap)) ?? 0x69;
      const connection = await context.connect(strange);
      const plain = { ...association, context: 1, mechanism: 0, security: undefined } as const;
      const answer = await connection.exchange(prepareAarq(plain, counters).aarq);
      const isRefused = answer[0] !== apduTag.aare || !isAccepted(answer);
      const refused = isRefused ? pass(`client SAP ${strange}: refused`) : fail(`client SAP ${strange}: accepted`);
      if (association.clientSap !== publicClientSap || context.serverSap !== 1) return refused;
      const session = await context.open();
      const name = dataOf(await session.get(logicalDeviceName));
      const list = dataOf(await session.get(sapAssignment));
      const given = typeof name !== "string" && typeof list !== "string";
      return all([refused, given ? pass("name and SAP list are given to the public client") : fail("not to be read")]);
    },
  },
  {
    name: "NAIVE_11",
    about: "The association object shows live values: partners, negotiated context, status",
    reference: "IEC 62056-6-2, class 15, attributes 3, 5 and 8",
    needs,
    run: async (context) => all([await checkPartners(context), await checkContextInfo(context)]),
  },
  {
    name: "NAIVE_12",
    about:
      "The wrapper: ports swapped, APDUs in one segment and in many, a wrong version closes, a half frame blocks nobody",
    reference: "IEC 62056-47, wrapper",
    needs: { ...needs, profile: "wrapper" },
    run: checkStream,
  },
  {
    name: "NAIVE_16",
    about:
      "A refused AARQ inside an open association does not end it; a connection that is idle for too long is closed",
    reference: "no clause orders what to do; whoever can inject one must not end an association",
    needs,
    async run(context) {
      const idle = await checkIdle(context);
      if (idle.verdict !== "pass") return idle;
      const session = await context.open();
      const { association, counters } = context;
      const strange = prepareAarq(association, counters, { context: 9, initiateProtection: { protection: 0 } }).aarq;
      const answer = await session.connection.exchange(strange);
      if (answer[0] === apduTag.aare && isAccepted(answer)) return fail("an unknown context name was accepted");
      return all([pass("refused"), await expectAlive(session), idle]);
    },
  },
  {
    name: "NAIVE_18",
    about: "A failed ACTION leaves nothing behind: the next answers are their own",
    reference: "IEC 62056-5-3, 6.8",
    needs,
    async run(context) {
      const session = await context.open();
      const method = { classId: 1, logicalName: logicalName("0-0:42.0.0*255"), methodIndex: 9 };
      const failed = await session.exchange(
        encodeActionRequest({ kind: "normal", invokeIdAndPriority: 0xc1, method, parameters: undefined }),
      );
      const isRefused =
        failed[0] === apduTag.exceptionResponse || (failed[0] === apduTag.actionResponse && failed[3] !== 0);
      if (!isRefused) return fail("a method that is not there succeeded");
      return all([pass("refused"), await expectAlive(session), await expectAlive(session)]);
    },
  },
  {
    name: "NAIVE_19",
    about: "Access rights are coded as the association's version has them",
    reference: "IEC 62056-6-2, class 15, access_right",
    scope: "device",
    needs,
    async run(context) {
      const { associationVersion, objects } = await readObjectList(await context.shared());
      const most = associationVersion === 0 ? 3 : associationVersion < 3 ? 6 : 0xff;
      const mostMethod = associationVersion === 0 ? 1 : associationVersion < 3 ? 2 : 0xff;
      for (const { classId, logicalName: name, attributes, methods } of objects) {
        const attribute = attributes.find(({ mode }) => mode < 0 || mode > most);
        const method = methods.find(({ mode }) => mode < 0 || mode > mostMethod);
        const where = `${classId}/${name}`;
        if (attribute !== undefined)
          return fail(`${where}, attribute ${attribute.index}: access mode ${attribute.mode}`);
        if (method !== undefined) return fail(`${where}, method ${method.index}: access mode ${method.mode}`);
        const own = attributes.find(({ index }) => index === 1);
        if (own?.canRead === false) return fail(`${where}: its logical name is not readable`);
      }
      return pass(`version ${associationVersion}, ${objects.length} objects`);
    },
  },
];

/** result (tag A2) of an AARE. */
function isAccepted(aare: Uint8Array): boolean {
  const at = Buffer.from(aare).indexOf(Buffer.from([0xa2, 0x03, 0x02, 0x01]));
  return at >= 0 && aare[at + 4] === 0;
}

async function checkContextInfo(context: CaseContext): Promise<Outcome> {
  const session = await context.open({ maxReceivePduSize: 500 });
  const info = dataOf(await session.get(currentAssociation(5)));
  if (typeof info === "string") return fail(`xDLMS_context_info: ${info}`);
  const bits = memberOf(info, 0);
  if (bits.type !== "bit-string" || bits.value.length !== 24) return fail("the conformance is no bit-string of 24");
  const shown = Buffer.from(bits.value.bytes).readUIntBE(0, 3);
  const { negotiatedConformance, serverMaxReceivePduSize } = session.negotiated;
  if (shown !== negotiatedConformance) return fail(`conformance ${conformanceNames(shown).join(", ")}`);
  const receive = numberOf(memberOf(info, 1));
  const send = numberOf(memberOf(info, 2));
  if (receive !== serverMaxReceivePduSize)
    return fail(`max_receive_pdu_size ${receive}, not ${serverMaxReceivePduSize}`);
  if ((send ?? 0) > 500 || send === 0) return fail(`max_send_pdu_size ${send} to a client of 500`);
  const version = numberOf(memberOf(info, 3));
  return version === 6 ? pass("context as negotiated") : fail(`DLMS version ${version}`);
}

async function checkStream(context: CaseContext): Promise<Outcome> {
  const session = await context.open();
  const { connection } = session;
  const { serverSap } = context;
  const { clientSap } = context.association;
  const frame = (id: number) =>
    encodeWrapperFrame({
      sourceWPort: clientSap,
      destinationWPort: serverSap,
      apdu: session.protect(readName(id)),
    });
  const takeId = async () => {
    const answer = await connection.nextFrame();
    if (answer.sourceWPort !== serverSap || answer.destinationWPort !== clientSap) return "ports not swapped";
    return session.unprotect(answer.apdu).apdu[2];
  };
  connection.sendBytes(Buffer.concat([frame(0xc1), frame(0xc2), frame(0xc3)]));
  const ids = [await takeId(), await takeId(), await takeId()];
  // Protected before the half frame, so that its counter is the lesser one.
  const other = await context.open();
  const aside = other.protect(readName());
  const half = frame(0xc4);
  connection.sendBytes(half.subarray(0, 11));
  const answerAside = other.unprotect(await other.connection.exchange(aside)).apdu;
  const beside = answerAside[0] === apduTag.getResponse ? pass("another connection goes on") : fail("it blocks others");
  for (const byte of half.subarray(11)) {
    connection.sendBytes(Uint8Array.of(byte));
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  ids.push(await takeId());
  if (ids.join() !== [0xc1, 0xc2, 0xc3, 0xc4].join()) return fail(`answers to ${ids.join(", ")}`);
  const wrong = frame(0xc5);
  wrong.set([0, 2]);
  connection.sendBytes(wrong);
  const answered = await connection.nextFrame().then(
    () => true,
    () => false,
  );
  return all([
    pass("four answers, in order"),
    beside,
    answered ? fail("a frame of wrapper version 2 was answered") : pass("version 2 is not answered"),
    await checkHalfFrame(context),
  ]);
}

/** Declared times up to this are waited for. */
const longestWaitMs = 15_000;

/** The connection is closed within `limitMs`, with room for a server that looks at its connections now and then. */
async function closesWithin(context: CaseContext, limitMs: number, bytes: Uint8Array, what: string): Promise<Outcome> {
  const { connection } = await context.open();
  connection.sendBytes(bytes);
  const end = performance.now() + limitMs + 1500;
  while (!connection.isClosed && performance.now() < end) {
    await new Promise<void>((resolve) => setTimeout(resolve, 20));
  }
  return connection.isClosed ? pass(`${what}: closed`) : fail(`${what}: still open after ${limitMs / 1000} s and more`);
}

async function checkHalfFrame(context: CaseContext): Promise<Outcome> {
  const { halfFrameTimeoutMs } = context.declaration;
  if (halfFrameTimeoutMs === undefined || halfFrameTimeoutMs > longestWaitMs) {
    return pass("a frame that does not end: no time up to 15 s is declared");
  }
  return closesWithin(context, halfFrameTimeoutMs, Uint8Array.of(0, 1, 0), "a frame that does not end");
}

async function checkIdle(context: CaseContext): Promise<Outcome> {
  const { inactivityTimeoutMs, profile } = context.declaration;
  if (profile !== "wrapper" || inactivityTimeoutMs === undefined || inactivityTimeoutMs > longestWaitMs) {
    return pass("an idle connection: no time up to 15 s is declared");
  }
  return closesWithin(context, inactivityTimeoutMs, new Uint8Array(0), "an idle connection");
}
