/** HDLC: frames, addresses, negotiation, information frames, and what is refused of each. */
import { defaultHdlcParameters, fromHex, type HdlcFrame, type HdlcParameters } from "../../cosem/index.js";
import { all, type CaseContext, type ConformanceCase, fail, type Outcome, pass } from "../case.js";
import { serverAddressLength } from "../connect.js";
import type { HdlcConnection } from "../hdlc-connection.js";
import { openSession, type Session } from "../session/session.js";
import { Inapplicable } from "../session/verdict-errors.js";
import { NoAnswer } from "../tcp-connection.js";
import { currentAssociation, expectAlive, readName } from "./answers.js";
import { addressOctets, type FrameParts, makeFrame } from "./hdlc-frames.js";

/** So long nothing must come. */
const quietMs = 150;
/** Declared times up to this are waited for. */
const longestWaitMs = 10_000;
const snrm = 0x93;
const disc = 0x53;
const defaultPhysicalAddress = 16;
const llcRequest = fromHex("e6e600");

const addressLengthOf = ({ declaration, serverSap }: CaseContext) => serverAddressLength(declaration, serverSap);

function serverOctets(context: CaseContext): Uint8Array {
  const lower = context.declaration.hdlc.physicalAddress ?? defaultPhysicalAddress;
  return addressOctets(context.serverSap, lower, addressLengthOf(context));
}

function frameOf(context: CaseContext, control: number, changes: Partial<FrameParts> = {}): Uint8Array {
  const source = addressOctets(context.association.clientSap, undefined, 1);
  return makeFrame({ destination: serverOctets(context), source, control, ...changes });
}

/** I frame, poll set, with a GET. */
function getFrame(context: CaseContext, numbers: { send: number; receive: number }, changes: Partial<FrameParts> = {}) {
  const control = (numbers.receive << 5) | 0x10 | (numbers.send << 1);
  return frameOf(context, control, { information: Buffer.concat([llcRequest, readName()]), ...changes });
}

async function nextFrame(link: HdlcConnection, withinMs?: number): Promise<HdlcFrame | undefined> {
  return link.nextHdlcFrame(withinMs).catch((error: unknown) => {
    if (error instanceof NoAnswer) return undefined;
    throw error;
  });
}

/** Sends bytes to which no frame, or only one of these kinds, may be the answer. */
async function expectIgnored(
  link: HdlcConnection,
  bytes: Uint8Array,
  what: string,
  permitted: readonly HdlcFrame["control"]["kind"][] = [],
): Promise<Outcome> {
  link.forgetHdlcFrames();
  link.sendBytes(bytes);
  const answer = await nextFrame(link, quietMs);
  if (answer === undefined) return pass(`${what}: no answer`);
  const { kind } = answer.control;
  return permitted.includes(kind) ? pass(`${what}: ${kind}`) : fail(`${what}: answered with ${kind}`);
}

async function exchangeFrame(link: HdlcConnection, bytes: Uint8Array): Promise<HdlcFrame | undefined> {
  link.forgetHdlcFrames();
  link.sendBytes(bytes);
  return nextFrame(link);
}

async function expectKind(
  link: HdlcConnection,
  bytes: Uint8Array,
  kinds: readonly HdlcFrame["control"]["kind"][],
  what: string,
): Promise<Outcome> {
  const kind = (await exchangeFrame(link, bytes))?.control.kind;
  if (kind !== undefined && kinds.includes(kind)) return pass(`${what}: ${kind}`);
  return fail(`${what}: ${kind ?? "no answer"} instead of ${kinds.join(" or ")}`);
}

/** The server still sets links up. */
const expectLink = (context: CaseContext, link: HdlcConnection): Promise<Outcome> =>
  expectKind(link, frameOf(context, snrm), ["UA"], "SNRM afterwards");

interface Check {
  readonly name: string;
  readonly about: string;
  /** The part of the standard, in words. */
  readonly clause: string;
  run(context: CaseContext): Promise<Outcome>;
}

/** Bad frames on a set up link, each without answer; then the link can be set up anew. */
function ignoring(
  name: string,
  about: string,
  bad: (context: CaseContext) => readonly (readonly [string, Uint8Array])[],
  permitted: readonly HdlcFrame["control"]["kind"][] = [],
): Check {
  return {
    name,
    about,
    clause: "frame structure",
    async run(context) {
      const outcomes: Outcome[] = [];
      for (const [what, bytes] of bad(context)) {
        const link = await context.connectHdlc();
        outcomes.push(await expectIgnored(link, bytes, what, permitted));
        outcomes.push(await expectLink(context, await context.connectHdlc({ opensLink: false })));
      }
      return all(outcomes);
    },
  };
}

/** SNRMs to or from addresses that must not be answered. */
function ignoringAddress(name: string, about: string, addresses: (context: CaseContext) => Partial<FrameParts>): Check {
  return {
    name,
    about,
    clause: "addressing",
    async run(context) {
      const link = await context.connectHdlc({ opensLink: false });
      const outcome = await expectIgnored(link, frameOf(context, snrm, addresses(context)), about);
      return all([outcome, await expectLink(context, await context.connectHdlc({ opensLink: false }))]);
    },
  };
}

const checks: readonly Check[] = [
  {
    name: "FRAME_P1",
    about: "A link is set up, torn down, and then torn down no more",
    clause: "set-up and disconnection of the link",
    async run(context) {
      const link = await context.connectHdlc({ opensLink: false });
      return all([
        await expectKind(link, frameOf(context, snrm), ["UA"], "SNRM"),
        await expectKind(link, frameOf(context, disc), ["UA"], "DISC"),
        await expectKind(link, frameOf(context, disc), ["DM"], "DISC without a link"),
      ]);
    },
  },
  {
    name: "FRAME_P2",
    about: "A frame that pauses too long between octets is given up, and the next one is taken",
    clause: "inter-octet time-out",
    async run(context) {
      const { interOctetTimeoutMs } = context.declaration.hdlc;
      if (interOctetTimeoutMs === undefined) throw new Inapplicable("hdlc.interOctetTimeoutSeconds is not declared");
      if (interOctetTimeoutMs > longestWaitMs) throw new Inapplicable("the declared time is over 10 s");
      const link = await context.connectHdlc({ opensLink: false });
      const frame = frameOf(context, snrm);
      link.sendBytes(frame.subarray(0, 4));
      await pause(interOctetTimeoutMs * 1.5 + quietMs);
      const rest = await expectIgnored(link, frame.subarray(4), "the rest after a pause");
      return all([rest, await expectLink(context, link)]);
    },
  },
  {
    name: "FRAME_P3",
    about: "A silent link ends",
    clause: "inactivity time-out",
    async run(context) {
      const { inactivityTimeoutMs } = context.declaration.hdlc;
      if (inactivityTimeoutMs === undefined) throw new Inapplicable("hdlc.inactivityTimeoutSeconds is not declared");
      if (inactivityTimeoutMs > longestWaitMs) throw new Inapplicable("the declared time is over 10 s");
      const link = await context.connectHdlc();
      await pause(inactivityTimeoutMs + 1000);
      if (link.isClosed) return pass("the connection was closed");
      const answer = await exchangeFrame(link, getFrame(context, { send: 0, receive: 0 }));
      const kind = answer?.control.kind ?? "no answer";
      return kind === "I" || kind === "RR" ? fail(`${kind} on a link that was silent for too long`) : pass(kind);
    },
  },
  {
    name: "FRAME_N1",
    about: "Frames without their flags get no answer",
    clause: "frame structure",
    async run(context) {
      const outcomes: Outcome[] = [];
      const frame = frameOf(context, snrm);
      // On connections of their own, since the closing flag of one frame opens the next; a line has no such beginning.
      const isOneLine = context.declaration.serial !== undefined;
      for (const [what, bytes] of [
        ...(isOneLine
          ? []
          : ([
              ["no opening flag", frame.subarray(1)],
              ["no flags", frame.slice(1, -1)],
            ] as const)),
        ["no closing flag", frame.slice(0, -1)],
      ] as const) {
        outcomes.push(await expectIgnored(await context.connectHdlc({ opensLink: false }), bytes, what));
      }
      outcomes.push(await expectLink(context, await context.connectHdlc({ opensLink: false })));
      return all(outcomes);
    },
  },
  ignoring("FRAME_N2", "Frames that are too short get no answer", () => [
    ["three octets", fromHex("7ea003037e")],
    ["five octets", fromHex("7ea0050323937e")],
  ]),
  ignoring("FRAME_N3", "Another format type gets no answer", (context) =>
    [0x0, 0x9, 0xb].map((formatType) => [
      `format type ${formatType.toString(16)}`,
      frameOf(context, snrm, { formatType }),
    ]),
  ),
  ignoring("FRAME_N4", "A wrong length gets no answer", (context) => [
    ["one octet too few", getFrame(context, { send: 0, receive: 0 }, { lengthError: -1 })],
    ["one octet too many", getFrame(context, { send: 0, receive: 0 }, { lengthError: 1 })],
  ]),
  ignoring(
    "FRAME_N5",
    "A control field that is not defined is not served",
    (context) => [["control 19 (REJ)", frameOf(context, 0x19)]],
    ["FRMR", "DM"],
  ),
  ignoring("FRAME_N7", "A wrong header check sequence gets no answer", (context) => [
    ["wrong HCS", getFrame(context, { send: 0, receive: 0 }, { hasWrongHeaderCheck: true })],
  ]),
  ignoring("FRAME_N8", "A wrong frame check sequence gets no answer", (context) => [
    ["wrong FCS", getFrame(context, { send: 0, receive: 0 }, { hasWrongFrameCheck: true })],
    ["SNRM with wrong FCS", frameOf(context, snrm, { hasWrongFrameCheck: true })],
  ]),
  {
    name: "ADDRESS_P1",
    about: "Answers go from the address that was asked to the one that asked",
    clause: "addressing",
    async run(context) {
      const link = await context.connectHdlc({ opensLink: false });
      const answer = await exchangeFrame(link, frameOf(context, snrm));
      if (answer === undefined) return fail("no answer to SNRM");
      const { source, destination } = answer;
      const { clientSap } = context.association;
      const isRight = destination.upper === clientSap && destination.length === 1 && source.upper === context.serverSap;
      const words = `from ${source.upper} to ${destination.upper}`;
      if (!isRight) return fail(words);
      const length = serverOctets(context).length;
      return source.length === length
        ? pass(words)
        : fail(`an address of ${source.length} octets, asked with ${length}`);
    },
  },
  ignoringAddress("ADDRESS_N1", "A source of two octets gets no answer", ({ association }) => ({
    source: addressOctets(association.clientSap, 1, 2),
  })),
  ignoringAddress("ADDRESS_N4", "A destination that is not here gets no answer", (context) => ({
    destination: addressOctets(strangeDevice(context), 0x55, addressLengthOf(context)),
  })),
  ignoringAddress("ADDRESS_N6", "A destination of three octets gets no answer", ({ serverSap }) => ({
    destination: Uint8Array.of(0, serverSap << 1, 0x21),
  })),
  ignoringAddress("ADDRESS_N7", "A destination of five octets gets no answer", ({ serverSap }) => ({
    destination: Uint8Array.of(0, serverSap << 1, 0, 0, 0x21),
  })),
  {
    name: "NDM2NRM_P1",
    about: "The lesser information field of both sides is agreed on, and kept to",
    clause: "negotiation of HDLC parameters",
    async run(context) {
      const { session, link } = await openWith(context, { maxInfoTransmit: 64, maxInfoReceive: 64 });
      const agreed = link.parameters;
      link.forgetHdlcFrames();
      await session.get(currentAssociation(2));
      let longest = 0;
      for (let frame = await nextFrame(link, 0); frame !== undefined; frame = await nextFrame(link, 0)) {
        longest = Math.max(longest, frame.information.length);
      }
      if (agreed === undefined || agreed.maxInfoReceive > 64)
        return fail(`${agreed?.maxInfoReceive} to a client of 64`);
      const words = `longest information field to a client of 64: ${longest}`;
      return longest <= 64 ? pass(words) : fail(words);
    },
  },
  {
    name: "NDM2NRM_P2",
    about: "The lesser window of both sides is agreed on, and kept to",
    clause: "negotiation of HDLC parameters",
    async run(context) {
      const { session, link } = await openWith(context, { windowTransmit: 2, windowReceive: 2, maxInfoReceive: 64 });
      const agreed = link.parameters;
      if (agreed === undefined || agreed.windowReceive > 2)
        return fail(`window ${agreed?.windowReceive} to a client of 2`);
      link.forgetHdlcFrames();
      await session.get(currentAssociation(2));
      let run = 0;
      let longest = 0;
      for (let frame = await nextFrame(link, 0); frame !== undefined; frame = await nextFrame(link, 0)) {
        run = frame.control.kind === "I" ? run + 1 : 0;
        longest = Math.max(longest, run);
        if (frame.control.isPoll) run = 0;
      }
      const words = `window ${agreed.windowReceive}, ${longest} frames in a row`;
      return longest <= agreed.windowReceive ? pass(words) : fail(words);
    },
  },
  {
    name: "INFO_P1",
    about: "Information frames carry requests and answers, numbered one after the other",
    clause: "information transfer",
    async run(context) {
      const { session } = await openWith(context, {});
      return all([await expectAlive(session), await expectAlive(session), await expectAlive(session)]);
    },
  },
  {
    name: "INFO_N1",
    about: "An information field longer than agreed is not served",
    clause: "information transfer",
    async run(context) {
      const link = await context.connectHdlc();
      const longest = link.parameters?.maxInfoTransmit ?? 128;
      const information = Buffer.concat([llcRequest, Buffer.alloc(longest + 1 - llcRequest.length, 0xc0)]);
      const outcome = await expectIgnored(
        link,
        getFrame(context, { send: 0, receive: 0 }, { information }),
        "too long",
        ["FRMR", "DM"],
      );
      return all([outcome, await expectLink(context, link)]);
    },
  },
  {
    name: "INFO_N2",
    about: "An N(R) of frames that were never sent is not served",
    clause: "information transfer",
    async run(context) {
      const link = await context.connectHdlc();
      const outcome = await expectIgnored(link, getFrame(context, { send: 0, receive: 3 }), "N(R) 3", ["FRMR", "DM"]);
      return all([outcome, await expectLink(context, link)]);
    },
  },
  {
    name: "INFO_N3",
    about: "An N(S) out of turn is not served; an RR may name the one that is wanted",
    clause: "information transfer",
    async run(context) {
      const link = await context.connectHdlc();
      const bytes = getFrame(context, { send: 2, receive: 0 });
      const outcome = await expectIgnored(link, bytes, "N(S) 2 first", ["RR", "FRMR", "DM"]);
      return all([outcome, await expectLink(context, link)]);
    },
  },
  {
    name: "NDMOP_N1",
    about: "An information frame without a link is answered by DM",
    clause: "normal disconnected mode",
    async run(context) {
      const link = await context.connectHdlc({ opensLink: false });
      return expectKind(link, getFrame(context, { send: 0, receive: 0 }), ["DM"], "I frame without a link");
    },
  },
];

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A logical device that is not declared. */
function strangeDevice({ declaration }: CaseContext): number {
  const declared = declaration.logicalDevices.map(({ sap }) => sap);
  return [0x7b, 0x7a, 0x79].find((sap) => !declared.includes(sap)) ?? 0x78;
}

async function openWith(
  context: CaseContext,
  changes: Partial<HdlcParameters>,
): Promise<{ readonly session: Session; readonly link: HdlcConnection }> {
  const link = await context.connectHdlc({ parameters: { ...defaultHdlcParameters, ...changes } });
  return { session: await openSession(link, context.association, context.counters), link };
}

export const hdlcCases: readonly ConformanceCase[] = checks.map(({ name, about, clause, run }) => ({
  name: `HDLC_${name}`,
  about,
  reference: `IEC 62056-46, ${clause}`,
  scope: "server",
  needs: { profile: "hdlc" },
  run,
}));
