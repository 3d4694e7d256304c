/** Opening associations: what must be refused, and what is negotiated. */
import {
  applicationContextName,
  conformanceBit,
  encodeAarq,
  encodeInitiateRequest,
  offeredConformance,
  Secret,
} from "../../cosem/index.js";
import { all, type CaseContext, type ConformanceCase, inapplicable, type Outcome, pass } from "../case.js";
import { currentAssociation, type ExpectedRejection, expectRejection, expectWithin } from "./answers.js";

interface Proposal {
  readonly hasProtocolVersion1?: boolean;
  readonly context?: number;
  readonly dlmsVersion?: number;
  readonly conformance?: number;
  readonly pduSize?: number;
}

const lowMechanism = [2, 16, 756, 5, 8, 2, 1];

/** An AARQ with one thing changed. */
function aarqWith(proposal: Proposal, password: Secret | undefined): Uint8Array {
  return encodeAarq({
    hasProtocolVersion1: proposal.hasProtocolVersion1 ?? true,
    applicationContextName: applicationContextName(proposal.context ?? 1),
    callingApTitle: undefined,
    callingAeQualifier: undefined,
    callingAeInvocationId: undefined,
    requiresAuthentication: password !== undefined,
    mechanismName: password === undefined ? undefined : lowMechanism,
    callingAuthenticationValue: password?.reveal(),
    userInformation: encodeInitiateRequest({
      dedicatedKey: undefined,
      responseAllowed: true,
      proposedQualityOfService: undefined,
      proposedDlmsVersionNumber: proposal.dlmsVersion ?? 6,
      proposedConformance: proposal.conformance ?? offeredConformance,
      clientMaxReceivePduSize: proposal.pduSize ?? 1024,
    }),
  });
}

async function expectRefused(context: CaseContext, what: string, proposal: Proposal, expected: ExpectedRejection) {
  const connection = await context.connect();
  const answer = await connection.exchange(aarqWith(proposal, context.options.password));
  return expectRejection(answer, what, expected);
}

export const openCases: readonly ConformanceCase[] = [
  {
    name: "APPL_OPEN_1",
    about: "An association with the declared parameters opens",
    reference: "IEC 62056-5-3, 6.2 and 7.2",
    async run(context) {
      const connection = await context.open();
      const { negotiated } = connection.client.association;
      if (negotiated?.vaaName !== 7) return { verdict: "fail", reason: `vaa-name ${negotiated?.vaaName}, not 7` };
      return pass(`accepted, PDU size ${negotiated.serverMaxReceivePduSize}`);
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
        {
          source: "provider",
          diagnostic: 2,
        },
      ),
  },
  {
    name: "APPL_OPEN_5",
    about: "An unknown application context name is rejected",
    reference: "IEC 62056-5-3, 7.2; application-context-name-not-supported",
    run: (context) => expectRefused(context, "context name 9", { context: 9 }, { source: "user", diagnostic: 2 }),
  },
  {
    name: "APPL_OPEN_7",
    about: "A wrong password, and none where one is wanted, is rejected",
    reference: "IEC 62056-5-3, 7.2; authentication functional unit",
    async run(context): Promise<Outcome> {
      if (context.options.password === undefined) return inapplicable("no password is declared");
      const withWrong = await context.connect();
      const wrong = new Secret(new TextEncoder().encode("certainly not it"));
      const none = await context.connect();
      return all([
        expectRejection(await withWrong.exchange(aarqWith({}, wrong)), "wrong password", { diagnostic: 13 }),
        expectRejection(await none.exchange(aarqWith({}, undefined)), "no password", { diagnostic: 12 }),
      ]);
    },
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
      const proposed = conformanceBit.get;
      const connection = await context.open({ proposedConformance: proposed });
      const negotiated = connection.client.association.negotiated?.negotiatedConformance ?? 0;
      return all([
        expectWithin(negotiated, proposed),
        await expectRefused(context, "no common bit", { conformance: 0 }, { initiateError: 2 }),
      ]);
    },
  },
  {
    name: "APPL_OPEN_14",
    about: "The client's PDU size: below 12 rejected, 0 without limit, and kept to in every answer",
    reference: "IEC 62056-5-3, 6.2; initiate error 3",
    async run(context) {
      const unlimited = await context.open({ maxReceivePduSize: 0 });
      await unlimited.client.get(currentAssociation(1));
      const narrow = await context.open({ maxReceivePduSize: 64 });
      await narrow.client.get(currentAssociation(2));
      const longest = Math.max(
        ...narrow.trace.filter((frame) => frame.direction === "<").map((frame) => frame.bytes.length - 8),
      );
      const kept: Outcome =
        longest <= 64
          ? pass(`longest answer to a client of 64: ${longest}`)
          : { verdict: "fail", reason: `an APDU of ${longest} bytes to a client of 64` };
      return all([await expectRefused(context, "PDU size 11", { pduSize: 11 }, { initiateError: 3 }), kept]);
    },
  },
  {
    name: "APPL_OPEN_SAP",
    about: "A client SAP that nobody declared is refused",
    reference: "IEC 62056-5-3, 7.2; one association object a client SAP (62056-6-2, class 15)",
    async run(context) {
      const connection = await context.connect({}, 0x66);
      return expectRejection(await connection.exchange(aarqWith({}, undefined)), "client SAP 66");
    },
  },
];
