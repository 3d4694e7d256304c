/** APPL_IDLE and APPL_OPEN: what must be refused while associations are opened, and what is negotiated. */
import { randomBytes } from "node:crypto";
import {
  authenticationMechanism,
  conformanceBit,
  conformanceNames,
  Secret,
  userDiagnostic,
} from "../../cosem/index.js";
import { all, type CaseContext, type ConformanceCase, fail, inapplicable, type Outcome, pass } from "../case.js";
import { isCiphered, narrowPduSize, type OpenChanges, usesShortNames } from "../session/open.js";
import { proveIdentity } from "../session/session.js";
import {
  currentAssociation,
  type ExpectedRejection,
  expectAccepted,
  expectException,
  expectRejection,
  expectWithin,
  logicalDeviceName,
  readName,
} from "./answers.js";

const wrongSecret = new Secret(new TextEncoder().encode("certainly not it"));

async function expectRefused(context: CaseContext, what: string, changes: OpenChanges, expected: ExpectedRejection) {
  return expectRejection(await context.request(changes), what, expected);
}

export const openCases: readonly ConformanceCase[] = [
  {
    name: "APPL_IDLE_N1",
    about: "Without an association no data is given",
    reference: "IEC 62056-5-3, 7.1",
    async run(context) {
      const connection = await context.connect();
      return expectException(await connection.exchange(readName()), "GET before AARQ");
    },
  },
  {
    name: "APPL_OPEN_1",
    about: "An association with the declared parameters opens",
    reference: "IEC 62056-5-3, 6.2 and 7.2",
    async run(context) {
      const { negotiated } = await context.open();
      const { maxReceivePduSize } = context.association;
      const vaaName = usesShortNames(context.association) ? 0xfa00 : 7;
      if (negotiated.vaaName !== vaaName) return fail(`vaa-name ${negotiated.vaaName}, not ${vaaName}`);
      if (negotiated.negotiatedDlmsVersionNumber !== 6) {
        return fail(`DLMS version ${negotiated.negotiatedDlmsVersionNumber}`);
      }
      const size = negotiated.serverMaxReceivePduSize;
      if (maxReceivePduSize !== undefined && size !== maxReceivePduSize) {
        return fail(`server-max-receive-pdu-size ${size}, declared ${maxReceivePduSize}`);
      }
      return pass(`accepted, PDU size ${size}`);
    },
  },
  {
    name: "APPL_OPEN_2",
    about: "A user of the user list is let in, one that is not listed is rejected",
    reference: "IEC 62056-6-2, class 15 version 2, user_list; IEC 62056-5-3, 7.2",
    async run(context) {
      const { userId } = context.association;
      if (userId === undefined) return inapplicable("no userId is declared");
      const unlisted = { callingAeInvocationId: userId === 254 ? 253 : 254 };
      return all([
        expectAccepted(await context.request(), `user ${userId}`),
        await expectRefused(context, `user ${unlisted.callingAeInvocationId}`, unlisted, {}),
      ]);
    },
  },
  {
    name: "APPL_OPEN_3",
    about: "Pass 3 and 4 of the high level authentication: right answers open, a wrong one does not",
    reference: "IEC 62056-5-3, HLS authentication, and 7.2; IEC 62056-6-2, class 15, reply_to_HLS_authentication",
    needs: { authentication: "high", referencing: "ln" },
    async run(context) {
      const session = await context.open();
      const right = await session.get(logicalDeviceName);
      if (right.kind !== "data") return fail("no data after pass 4");
      const changes: OpenChanges = {
        alterAnswer: (answer) => answer.map((byte, at) => (at === 0 ? byte : byte ^ 0x55)),
      };
      const { session: wrong, answer } = await context.start();
      const { result } = await proveIdentity(wrong, answer, changes);
      if (result === 0) return fail("a wrong answer to the server's challenge was accepted");
      const after = await wrong.exchange(readName());
      return all([pass("opened by the right answer"), expectException(after, "GET after a wrong pass 3")]);
    },
  },
  {
    name: "APPL_OPEN_4",
    about: "An ACSE protocol version other than 1 is rejected by the provider",
    reference: "IEC 62056-5-3, 7.2; result-source-diagnostic no-common-acse-version",
    run: (context) =>
      expectRefused(
        context,
        "protocol version without version1",
        { hasProtocolVersion1: false },
        { source: "provider", diagnostic: 2 },
      ),
  },
  {
    name: "APPL_OPEN_5",
    about: "An application context name that is unknown, or not the declared one, is rejected",
    reference: "IEC 62056-5-3, 7.2; application-context-name-not-supported",
    async run(context) {
      const refused: ExpectedRejection = {
        source: "user",
        diagnostic: userDiagnostic.applicationContextNameNotSupported,
      };
      return expectRefused(context, "context name 9", { context: 9, initiateProtection: { protection: 0 } }, refused);
    },
  },
  {
    name: "APPL_OPEN_6",
    about: "Titles: one that is not needed does no harm, a missing one that is needed is rejected",
    reference: "IEC 62056-5-3, 7.2; calling-AP-title-not-recognized",
    async run(context) {
      const { association } = context;
      const needsTitle = isCiphered(association) || association.mechanism >= authenticationMechanism.highGmac;
      if (!needsTitle) {
        const callingApTitle = new TextEncoder().encode("EXM00001");
        return expectAccepted(await context.request({ callingApTitle }), "an AARQ with a title");
      }
      return expectRefused(
        context,
        "no calling-AP-title",
        { callingApTitle: undefined },
        {
          diagnostic: userDiagnostic.callingApTitleNotRecognized,
        },
      );
    },
  },
  {
    name: "APPL_OPEN_7",
    about: "A wrong password, no authentication where one is wanted, and another mechanism are rejected",
    reference: "IEC 62056-5-3, 7.2; authentication functional unit",
    needs: { authentication: "any" },
    async run(context) {
      const { mechanism } = context.association;
      const outcomes: Outcome[] = [];
      if (mechanism === authenticationMechanism.low) {
        const wrong = { diagnostic: userDiagnostic.authenticationFailure };
        outcomes.push(await expectRefused(context, "wrong password", { secret: wrongSecret }, wrong));
      } else {
        const low = { mechanism: authenticationMechanism.low, secret: wrongSecret };
        const other = { diagnostic: userDiagnostic.authenticationMechanismNameNotRecognised };
        outcomes.push(await expectRefused(context, "mechanism low", low, other));
      }
      const none = { mechanism: authenticationMechanism.none };
      const required = { diagnostic: userDiagnostic.authenticationMechanismNameRequired };
      outcomes.push(await expectRefused(context, "no authentication", none, required));
      return all(outcomes);
    },
  },
  {
    name: "APPL_OPEN_9",
    about: "A dedicated key in the ciphered InitiateRequest serves the association",
    reference: "IEC 62056-5-3, 6.2; dedicated-key",
    needs: { isCiphered: true, referencing: "ln" },
    async run(context) {
      const { security } = context.association;
      if (security?.takesDedicatedKey !== true) return inapplicable("dedicatedKey is not declared");
      const length = security.encryptionKey?.length ?? 16;
      const session = await context.open({ dedicatedKey: new Uint8Array(randomBytes(length)) });
      const answer = await session.exchangeOpened(readName(), { style: "ded" });
      return answer.style === "ded" ? pass("GET answered under the dedicated key") : fail(`answered ${answer.style}`);
    },
  },
  {
    name: "APPL_OPEN_11",
    about: "A proposed quality of service does no harm",
    reference: "IEC 62056-5-3, 6.2; proposed-quality-of-service",
    run: async (context) => expectAccepted(await context.request({ qualityOfService: 1 }), "quality of service 1"),
  },
  {
    name: "APPL_OPEN_12",
    about: "A DLMS version below 6 is rejected with dlms-version-too-low",
    reference: "IEC 62056-5-3, 6.2; initiate error 1",
    run: (context) => expectRefused(context, "version 5", { dlmsVersion: 5 }, { initiateError: 1 }),
  },
  {
    name: "APPL_OPEN_13",
    about: "The negotiated conformance is what both sides have, and nothing else",
    reference: "IEC 62056-5-3, 7.3; initiate error 2",
    async run(context) {
      const { association } = context;
      const proposed = usesShortNames(association) ? conformanceBit.read : conformanceBit.get;
      const narrow = (await context.request({ conformance: proposed })).initiate?.negotiatedConformance ?? 0;
      const everything = (await context.request({ conformance: 0xff_ffff })).initiate?.negotiatedConformance ?? 0;
      return all([
        expectWithin(narrow, proposed),
        narrow === proposed ? pass("what was proposed alone is served") : fail("nothing of the proposal was taken"),
        expectDeclared(everything, association.conformance),
        await expectRefused(context, "no common bit", { conformance: 0 }, { initiateError: 2 }),
      ]);
    },
  },
  {
    name: "APPL_OPEN_14",
    about: "The client's PDU size: below 12 rejected, 0 without limit, and kept to in every answer",
    reference: "IEC 62056-5-3, 6.2; initiate error 3",
    async run(context) {
      const refused = await expectRefused(context, "PDU size 11", { maxReceivePduSize: 11 }, { initiateError: 3 });
      const unlimited = expectAccepted(await context.request({ maxReceivePduSize: 0 }), "PDU size 0");
      if (usesShortNames(context.association)) return all([refused, unlimited]);
      const size = narrowPduSize(context.association);
      const narrow = await context.open({ maxReceivePduSize: size });
      await narrow.get(currentAssociation(2));
      const longest = narrow.longestAnswer;
      const words = `longest answer to a client of ${size}: ${longest}`;
      const kept = longest <= size ? pass(words) : fail(words);
      return all([refused, unlimited, kept]);
    },
  },
];

function expectDeclared(negotiated: number, declared: number | undefined): Outcome {
  if (declared === undefined) return pass(`all proposed: ${conformanceNames(negotiated).join(", ")}`);
  const missing = conformanceNames(declared & ~negotiated);
  const extra = conformanceNames(negotiated & ~declared);
  if (missing.length + extra.length === 0) return pass("all proposed: exactly what is declared");
  return fail(
    `all proposed: declared and missing ${missing.join(", ") || "none"}; not declared ${extra.join(", ") || "none"}`,
  );
}
