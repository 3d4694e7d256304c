/** NAIVE_1 to 6: what servers are known to get wrong in negotiation, blocks, selectors and results. */
import {
  apduTag,
  conformanceBit,
  dataAccessResult,
  decodeGetResponse,
  encodeGetRequest,
  fromHex,
  toHex,
} from "../../cosem/index.js";
import { all, type ConformanceCase, fail, inconclusive, type Outcome, pass } from "../case.js";
import { indispensableConformance, narrowPduSize } from "../session/open.js";
import {
  attributeAt,
  currentAssociation,
  expectAlive,
  expectBlockError,
  expectException,
  expectRefusal,
  expectResult,
  expectWithin,
  logicalDeviceName,
  readName,
  undefinedObject,
} from "./answers.js";
import { clockOf, findProfile, instantOf, readRows, sameRows } from "./profile-reader.js";
import { byEntry, byRange } from "./selectors.js";

const needs = { referencing: "ln" } as const;
const wrongClass = attributeAt(3, "0-0:42.0.0*255", 2);
const readList = encodeGetRequest({ kind: "normal", invokeIdAndPriority: 0xc1, attribute: currentAssociation(2) });

export const naiveServiceCases: readonly ConformanceCase[] = [
  {
    name: "NAIVE_1",
    about: "No service is served, and no block sent, that was not negotiated",
    reference: "IEC 62056-5-3, 7.3",
    needs,
    async run(context) {
      const indispensable = indispensableConformance(context.association);
      const proposed = conformanceBit.set | conformanceBit.action | indispensable;
      const session = await context.open({ conformance: proposed });
      const refused = expectException(await session.exchange(readName()), "GET without its conformance bit");
      const plain = await context.open({
        conformance: conformanceBit.get | indispensable,
        maxReceivePduSize: narrowPduSize(context.association),
      });
      const answer = await plain.exchange(readList);
      const isBlock = answer[0] === apduTag.getResponse && answer[1] === 2;
      return all([
        expectWithin(session.negotiated.negotiatedConformance, proposed),
        refused,
        isBlock ? fail("a block to a client that did not propose block transfer") : pass("no block without its bit"),
      ]);
    },
  },
  {
    name: "NAIVE_2",
    about: "client-max-receive-pdu-size covers the whole APDU, ciphering included, in single answers, lists and blocks",
    reference: "IEC 62056-5-3, 6.2",
    needs,
    async run(context) {
      const outcomes: Outcome[] = [];
      for (const size of [160, 200]) {
        const session = await context.open({ maxReceivePduSize: size });
        await session.get(currentAssociation(2));
        if (session.offers(conformanceBit.multipleReferences)) {
          await session.getList([logicalDeviceName, currentAssociation(2), logicalDeviceName]);
        }
        const { longestAnswer } = session;
        const words = `longest answer to a client of ${size}: ${longestAnswer}`;
        outcomes.push(longestAnswer <= size ? pass(words) : fail(words));
      }
      return all(outcomes);
    },
  },
  {
    name: "NAIVE_3",
    about: "A long GET with list goes out in blocks over the list; a bad item fails alone",
    reference: "IEC 62056-5-3, 6.6",
    needs,
    async run(context) {
      const session = await context.open({ maxReceivePduSize: narrowPduSize(context.association) });
      session.require(conformanceBit.multipleReferences, "GET with list");
      session.require(conformanceBit.blockTransferWithGet, "block transfer with GET");
      const items = [currentAssociation(2), undefinedObject, logicalDeviceName, logicalDeviceName];
      const request = { kind: "withList", invokeIdAndPriority: 0xc1, attributes: items } as const;
      const first = decodeGetResponse(await session.exchange(encodeGetRequest(request)));
      if (first.kind !== "withDatablock" && first.kind !== "withList") return fail(`get-response ${first.kind}`);
      const other = await context.open({ maxReceivePduSize: narrowPduSize(context.association) });
      const kinds = (await other.getList(items)).map((result) => result.kind).join(" ");
      if (kinds === "data error data data") return pass(`${first.kind}: data, error, data, data`);
      return fail(`data error data data expected, got ${kinds}`);
    },
  },
  {
    name: "NAIVE_4",
    about: "A next block without a transfer, with a wrong number, and after a new GET is refused by its code",
    reference: "IEC 62056-5-3, 6.6; no-long-get-in-progress, data-block-number-invalid",
    needs,
    async run(context) {
      const session = await context.open({ maxReceivePduSize: narrowPduSize(context.association) });
      session.require(conformanceBit.blockTransferWithGet, "block transfer with GET");
      const next = (number: number) =>
        session.exchange(encodeGetRequest({ kind: "next", invokeIdAndPriority: 0xc1, blockNumber: number }));
      const { noLongGetInProgress, dataBlockNumberInvalid } = dataAccessResult;
      const outcomes = [expectBlockError(await next(1), noLongGetInProgress, "no transfer")];
      const first = await session.exchange(readList);
      if (first[1] !== 2) return inconclusive(`object_list came in one piece: ${toHex(first.subarray(0, 4))}`);
      outcomes.push(expectBlockError(await next(7), dataBlockNumberInvalid, "number 7 after 1"));
      await session.exchange(readList);
      outcomes.push(await expectAlive(session));
      outcomes.push(expectBlockError(await next(1), noLongGetInProgress, "after a new GET"));
      return all(outcomes);
    },
  },
  {
    name: "NAIVE_5",
    about: "A selector is refused where there is none, and read exactly where there is",
    reference: "IEC 62056-6-2, 4.1.2 and class 7; IEC 62056-5-3, 6.6",
    needs,
    async run(context) {
      const session = await context.open();
      session.require(conformanceBit.selectiveAccess, "selective access");
      const selectiveAccess = { selector: 2, parameters: { type: "null-data" } } as const;
      const refused = expectRefusal(
        await session.get({ ...logicalDeviceName, selectiveAccess }),
        "selector 2 of a name",
      );
      if (refused.verdict === "fail") return refused;
      return all([refused, await selectExactly(() => findProfile(context, session), session)]);
    },
  },
  {
    name: "NAIVE_6",
    about: "Each fault has its own data-access-result",
    reference: "IEC 62056-5-3, 8.5, Data-Access-Result",
    needs,
    async run(context) {
      const session = await context.shared();
      return all([
        expectResult(await session.get(undefinedObject), dataAccessResult.objectUndefined, "no such object"),
        expectResult(await session.get(wrongClass), dataAccessResult.objectClassInconsistent, "another class"),
        expectRefusal(await session.get(attributeAt(1, "0-0:42.0.0*255", 99)), "no such attribute"),
        expectResult(await session.get(currentAssociation(7)), dataAccessResult.readWriteDenied, "the secret"),
      ]);
    },
  },
  {
    name: "NAIVE_INVOKE_ID",
    about: "The answer repeats invoke id and priority",
    reference: "IEC 62056-5-3, 6.6",
    needs,
    async run(context) {
      const session = await context.open();
      for (const id of [0xc1, 0x45, 0xcf]) {
        const answer = await session.exchange(readName(id));
        if (answer[2] !== id) return fail(`answer ${answer[2]?.toString(16)} to ${id.toString(16)}`);
      }
      return pass("C1, 45 and CF were repeated");
    },
  },
];

/** Range bounds are instants: the same ones told in another deviation select the same rows. A 0 as last column means all. */
async function selectExactly(
  find: () => ReturnType<typeof findProfile>,
  session: Parameters<typeof readRows>[0],
): Promise<Outcome> {
  let profile: Awaited<ReturnType<typeof findProfile>>;
  try {
    profile = await find();
  } catch (error) {
    return pass(`selectors of a buffer: ${error instanceof Error ? error.message : "not looked at"}`);
  }
  const outcomes: Outcome[] = [];
  const rows = profile.rows.slice(1, 4);
  if (profile.selectors.includes(2)) {
    const lastColumn = profile.columns.length;
    const seen = await readRows(session, profile.logicalName, byEntry(2, 4, lastColumn, 0));
    const due = rows.map((row) => row.slice(lastColumn - 1));
    outcomes.push(
      sameRows(seen, due) ? pass("last column by 0") : fail("entries 2 to 4, last column to 0: other rows"),
    );
  }
  const [first, , last] = rows;
  if (profile.selectors.includes(1) && first !== undefined && last !== undefined) {
    const [from, to] = [first, last]
      .map((row) => clockOf(profile, row))
      .sort((one, other) => instantOf(one) - instantOf(other))
      .map(anHourEast);
    const seen = await readRows(
      session,
      profile.logicalName,
      byRange(profile.clock, from ?? fromHex(""), to ?? fromHex("")),
    );
    const due = profile.rows.filter((row) => {
      const at = instantOf(clockOf(profile, row));
      return at >= instantOf(from ?? fromHex("")) && at <= instantOf(to ?? fromHex(""));
    });
    outcomes.push(sameRows(seen, due) ? pass("bounds are instants") : fail("bounds in another deviation: other rows"));
  }
  return all(outcomes);
}

/** The same instant on a clock one hour further east; as it is where it has no deviation. */
function anHourEast(bytes: Uint8Array): Uint8Array {
  const moved = Buffer.from(bytes);
  const deviation = moved.readInt16BE(9);
  if (deviation === -0x8000) return bytes;
  const local = new Date(instantOf(bytes) - (deviation - 60) * 60_000);
  moved.writeUInt16BE(local.getUTCFullYear(), 0);
  moved.set([local.getUTCMonth() + 1, local.getUTCDate(), 0xff, local.getUTCHours(), local.getUTCMinutes()], 2);
  moved.writeInt16BE(deviation - 60, 9);
  return new Uint8Array(moved);
}
