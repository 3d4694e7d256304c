/** APPL_DATA_SN: READ and WRITE with short names. */
import { apduTag, ByteReader, DecodeError, fromHex, readData, toHex } from "../../cosem/index.js";
import { all, type ConformanceCase, fail, type Outcome, pass } from "../case.js";

const readResponse = 0x0c;
const writeResponse = 0x0d;
/** Base name of the current association (IEC 62056-6-2, reserved base names). */
const associationName = "fa00";
/** A name that no object has: attributes lie at multiples of 8. */
const noName = "0003";

function expectServiceError(answer: Uint8Array, what: string): Outcome {
  const isError = answer[0] === apduTag.confirmedServiceError || answer[0] === apduTag.exceptionResponse;
  if (isError) return pass(`${what}: refused`);
  return fail(`${what}: confirmed-service-error or exception-response expected, got ${toHex(answer.subarray(0, 16))}`);
}

/** The one result of a read-response: `data`, or the code of its data-access-error. */
function readOne(answer: Uint8Array): "data" | number {
  const reader = new ByteReader(answer, "read-response");
  if (reader.u8() !== readResponse || reader.u8() !== 1) throw new DecodeError("unknownTag", 0, "read-response");
  const choice = reader.u8();
  if (choice === 1) return reader.u8();
  readData(reader);
  reader.expectEnd();
  return "data";
}

export const shortNameCases: readonly ConformanceCase[] = [
  {
    name: "APPL_DATA_SN_N1",
    about: "READs: of the association's name answered, of a name that is not there and malformed ones refused",
    reference: "IEC 62056-5-3, Read service, and 8.5",
    needs: { referencing: "sn" },
    async run(context) {
      const session = await context.open();
      const known = readOne(await session.exchange(fromHex(`050102${associationName}`)));
      if (known !== "data") return fail(`logical name of the association: data-access-error ${known}`);
      const unknown = readOne(await session.exchange(fromHex(`050102${noName}`)));
      if (unknown === "data") return fail("data from a name that is not there");
      return all([
        pass(`name ${noName}: data-access-error ${unknown}`),
        expectServiceError(await session.exchange(fromHex("050102fa")), "READ cut short"),
        expectServiceError(await session.exchange(fromHex(`050109${associationName}`)), "READ of choice 9"),
      ]);
    },
  },
  {
    name: "APPL_DATA_SN_N2",
    about: "WRITEs: to a name that is not there, without right, and malformed ones are refused",
    reference: "IEC 62056-5-3, Write service, and 8.5",
    needs: { referencing: "sn" },
    async run(context) {
      const session = await context.open();
      const outcomes: Outcome[] = [];
      for (const [what, name] of [
        ["a name that is not there", noName],
        ["the association's logical name", associationName],
      ] as const) {
        const answer = await session.exchange(fromHex(`060102${name}010906000000000000`));
        const isRefused = answer[0] !== writeResponse || answer[2] !== 0;
        outcomes.push(isRefused ? pass(`WRITE to ${what}: refused`) : fail(`WRITE to ${what}: success`));
      }
      outcomes.push(expectServiceError(await session.exchange(fromHex("060102fa")), "WRITE cut short"));
      return all(outcomes);
    },
  },
  {
    name: "APPL_DATA_SN_N3",
    about: "A service of logical names, and an unknown one, are refused, and the association goes on",
    reference: "IEC 62056-5-3, 6.4 and 7.2",
    needs: { referencing: "sn" },
    async run(context) {
      const session = await context.open();
      const outcomes = [
        expectServiceError(await session.exchange(fromHex("c001c1000100002a0000ff0200")), "GET"),
        expectServiceError(await session.exchange(fromHex("55010203")), "tag 55"),
      ];
      const after = readOne(await session.exchange(fromHex(`050102${associationName}`)));
      outcomes.push(after === "data" ? pass("the association goes on") : fail("the association is gone"));
      return all(outcomes);
    },
  },
];
