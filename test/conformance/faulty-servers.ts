/** Servers with one fault each, and the case that has to catch it. Names (e) are DLMS.md's list of what was seen. */
import { type Data, fromHex } from "../../cosem/index.js";
import {
  acceptance,
  anyValue,
  endingWith,
  exception,
  holds,
  isAarq,
  isAction,
  isGet,
  isSet,
  number,
  rejection,
  selectorOf,
  targetOf,
  withAttribute,
  withData,
  withElements,
  withParameters,
  withResult,
} from "./faulty-answers.js";
import type { Fault } from "./faulty-proxy.js";

const name = "1/0-0:42.0.0*255/2";
const list = "15/0-0:40.0.0*255/2";
const buffer = "7/1-0:99.1.0*255/2";
const nothing: Data = { type: "null-data" };
/** Contents of an object identifier whose last arc is 9: application context and mechanism names. */
const contextNine = "a109060760857405080109";

const associationFaults: readonly Fault[] = [
  {
    name: "gives data without an association",
    caughtBy: "APPL_IDLE_N1",
    answer: (answer, asked, memory) => (!memory.isAssociated && isGet(asked) ? anyValue : answer),
  },
  {
    name: "says vaa-name 0",
    caughtBy: "APPL_OPEN_1",
    answer: (answer) => (answer[0] === 0x61 ? endingWith(answer, [0, 0]) : answer),
  },
  {
    name: "negotiates DLMS version 5",
    caughtBy: "APPL_OPEN_1",
    answer: (answer) => replaced(answer, "0800065f1f", "0800055f1f"),
  },
  {
    name: "accepts every ACSE protocol version",
    caughtBy: "APPL_OPEN_4",
    answer: (answer, asked) => (isAarq(asked) && asked[2] === 0x80 ? acceptance : answer),
  },
  {
    name: "rejects a protocol version as user, not provider",
    caughtBy: "APPL_OPEN_4",
    answer: (answer, asked) => (isAarq(asked) && asked[2] === 0x80 ? rejection : answer),
  },
  {
    name: "accepts every application context name",
    caughtBy: "APPL_OPEN_5",
    answer: (answer, asked) => (holds(asked, contextNine) ? acceptance : answer),
  },
  {
    name: "rejects an unknown context name without its diagnostic",
    caughtBy: "APPL_OPEN_5",
    answer: (answer, asked) => (holds(asked, contextNine) ? rejection : answer),
  },
  {
    name: "rejects a client that names its title",
    caughtBy: "APPL_OPEN_6",
    answer: (answer, asked) => (isAarq(asked) && holds(asked, "a60a0408") ? rejection : answer),
  },
  {
    name: "accepts every password",
    caughtBy: "APPL_OPEN_7",
    answer: (answer, asked) => (isAarq(asked) && answer[0] === 0x61 ? acceptance : answer),
  },
  {
    name: "lets a client in without the authentication that it has to bring",
    caughtBy: "APPL_OPEN_7",
    answer: (answer, asked) => (isAarq(asked) && !holds(asked, "8a0207") ? acceptance : answer),
  },
  {
    name: "rejects a proposed quality of service",
    caughtBy: "APPL_OPEN_11",
    answer: (answer, asked) => (isAarq(asked) && holds(asked, "01000001010") ? rejection : answer),
  },
  {
    name: "accepts DLMS version 5",
    caughtBy: "APPL_OPEN_12",
    answer: (answer, asked) => (isAarq(asked) && holds(asked, "055f1f04") ? acceptance : answer),
  },
  {
    name: "answers a constant conformance block, whatever is proposed (e1)",
    caughtBy: "APPL_OPEN_13",
    answer: (answer, asked) =>
      isAarq(asked) && holds(answer, "a203020100") ? replacedConformance(answer, "bc4818") : answer,
  },
  {
    name: "accepts a client without a common service",
    caughtBy: "APPL_OPEN_13",
    answer: (answer, asked) => (isAarq(asked) && holds(asked, "5f1f0400000000") ? acceptance : answer),
  },
  {
    name: "accepts a client whose PDU size is too short",
    caughtBy: "APPL_OPEN_14",
    answer: (answer, asked) => (isAarq(asked) && holds(asked, "000b", -2) ? acceptance : answer),
  },
  {
    name: "takes PDU size 0 for a short one",
    caughtBy: "APPL_OPEN_14",
    answer: (answer, asked) => (isAarq(asked) && holds(asked, "0000", -2) ? rejection : answer),
  },
  {
    name: "sends more than the client takes (e2)",
    caughtBy: "NAIVE_2",
    request: (apdu) => (isAarq(apdu) ? endingWith(apdu, [0xff, 0xff]) : apdu),
  },
  {
    name: "keeps the association after RLRQ",
    caughtBy: "APPL_REL_P1",
    instead: (apdu) => (apdu[0] === 0x62 ? fromHex("6303800100") : undefined),
  },
  {
    name: "puts user-information into the RLRE of an association without ciphering",
    caughtBy: "APPL_REL_P1",
    answer: (answer) => (answer[0] === 0x63 ? fromHex("6315800100be10040e0800065f1f0400001e1d04000007") : answer),
  },
  {
    name: "lets unknown client SAPs in (e10)",
    caughtBy: "NAIVE_10",
    clientSap: (sap) => (sap > 0x60 ? 16 : sap),
  },
  {
    name: "ends an association for an AARQ that it refuses (e16)",
    caughtBy: "NAIVE_16",
    answer: (answer, asked, memory) => {
      const isSecond = isAarq(asked) && memory.isAssociated;
      if (isSecond) memory.isBroken = true;
      return memory.isBroken && !isSecond ? exception : answer;
    },
  },
];

const serviceFaults: readonly Fault[] = [
  {
    name: "answers malformed GETs",
    caughtBy: "APPL_DATA_LN_N1",
    answer: (answer, asked) => (isGet(asked) && answer[0] === 0xd8 ? anyValue : answer),
  },
  {
    name: "loses the association over a malformed GET",
    caughtBy: "APPL_DATA_LN_N1",
    answer: (answer, _asked, memory) => {
      if (answer[0] === 0xd8) memory.isBroken = true;
      return memory.isBroken ? exception : answer;
    },
  },
  {
    name: "takes every SET for good",
    caughtBy: "APPL_DATA_LN_N3",
    answer: (answer, asked) => (isSet(asked) && answer[0] === 0xc5 ? fromHex("c501c100") : answer),
  },
  {
    name: "answers unknown services",
    caughtBy: "APPL_DATA_LN_N4",
    answer: (answer, asked) => (asked[0] === 0x55 ? anyValue : answer),
  },
  {
    name: "serves GET without its conformance bit",
    caughtBy: "NAIVE_1",
    answer: (answer, asked) => (isGet(asked) && answer[0] === 0xd8 ? anyValue : answer),
  },
  {
    name: "sends blocks without block transfer negotiated (e1)",
    caughtBy: "NAIVE_1",
    answer: (answer, asked) => (targetOf(asked) === list ? fromHex("c402c1000000000100020102") : answer),
  },
  {
    name: "drops an item of a list",
    caughtBy: "MULTI_1",
    request: (apdu) => (apdu[0] === 0xc0 && apdu[1] === 3 && (apdu[3] ?? 0) > 1 ? withoutLastItem(apdu) : apdu),
  },
  {
    name: "answers a list in another order",
    caughtBy: "MULTI_2",
    request: (apdu) => (apdu[0] === 0xc0 && apdu[1] === 3 ? rotatedItems(apdu) : apdu),
  },
  {
    name: "fails the whole list over one bad item (e3)",
    caughtBy: "NAIVE_3",
    answer: (answer, asked) => (isGet(asked) && asked[1] === 3 ? fromHex("c403c1040104010401040104") : answer),
  },
  {
    name: "answers a long list in a get-response with list that holds a block (e3)",
    caughtBy: "NAIVE_3",
    answer: (answer, asked) =>
      isGet(asked) && asked[1] === 3 ? Uint8Array.from([0xc4, 3, ...answer.subarray(2)]) : answer,
  },
  {
    name: "answers read-write-denied to a next block without a transfer",
    caughtBy: "NAIVE_4",
    answer: (answer, asked) =>
      isGet(asked) && asked[1] === 2 ? fromHex("c402c10100000001010300".slice(0, 20)) : answer,
  },
  {
    name: "goes on with a transfer that a new GET has ended (e4)",
    caughtBy: "NAIVE_4",
    answer: (answer, asked, memory) => {
      if (targetOf(asked) === list) memory.seen.set("block", answer);
      const isNext = isGet(asked) && asked[1] === 2;
      return isNext && memory.seen.has("block") && memory.seen.has("name")
        ? fromHex("c402c1010000000200020100")
        : remembered(answer, asked, memory.seen);
    },
  },
  {
    name: "ignores selectors (e5)",
    caughtBy: "NAIVE_5",
    request: (apdu) => withAttribute(apdu, (attribute) => ({ ...attribute, selectiveAccess: undefined })),
  },
  {
    name: "says read-write-denied for everything (e6)",
    caughtBy: "NAIVE_6",
    answer: (answer) => (answer[0] === 0xc4 && answer[1] === 1 && answer[3] === 1 ? endingWith(answer, [3]) : answer),
  },
  {
    name: "answers with an invoke id of its own",
    caughtBy: "NAIVE_INVOKE_ID",
    answer: (answer) => (answer[0] === 0xc4 ? Uint8Array.from(answer, (byte, at) => (at === 2 ? 0xc1 : byte)) : answer),
  },
  {
    name: "does not swap the ports",
    caughtBy: "NAIVE_12",
    frame: (bytes) =>
      Uint8Array.from(bytes, (byte, at) => (at === 3 ? (bytes[5] ?? 0) : at === 5 ? (bytes[3] ?? 0) : byte)),
  },
  {
    name: "loses the second of two APDUs in one segment (e12)",
    caughtBy: "NAIVE_12",
    chunk: (bytes) => bytes.subarray(0, bytes[0] === 0 ? 8 + Buffer.from(bytes).readUInt16BE(6) : bytes.length),
  },
  {
    name: "takes every version of the wrapper",
    caughtBy: "NAIVE_12",
    chunk: (bytes) => Uint8Array.from(bytes, (byte, at) => (at === 1 && bytes[0] === 0 && byte === 2 ? 1 : byte)),
  },
  {
    name: "repeats the answer of a failed ACTION (e18)",
    caughtBy: "NAIVE_18",
    answer: (answer, asked, memory) => {
      if (isAction(asked)) memory.seen.set("action", answer);
      return memory.seen.get("action") ?? answer;
    },
  },
  {
    name: "lets every ACTION succeed",
    caughtBy: "NAIVE_18",
    answer: (answer, asked) => (isAction(asked) ? fromHex("c701c10000") : answer),
  },
];

const objectFaults: readonly Fault[] = [
  {
    name: "names itself in small letters",
    caughtBy: "COSEM_LDN",
    answer: (answer, asked) =>
      withData(answer, asked, name, () => ({ type: "octet-string", value: Buffer.from("exm0000000000001") })),
  },
  {
    name: "puts a stray byte behind its answers",
    caughtBy: "COSEM_LDN",
    answer: (answer) => (answer[0] === 0xc4 ? Uint8Array.from([...answer, 0]) : answer),
  },
  {
    name: "lists a SAP twice",
    caughtBy: "COSEM_SAP",
    answer: (answer, asked) =>
      withData(answer, asked, "17/0-0:41.0.0*255/2", (data) => withElements(data, (all) => [...all, ...all])),
  },
  {
    name: "leaves the management device out of its SAP list",
    caughtBy: "COSEM_SAP",
    answer: (answer, asked) =>
      withData(answer, asked, "17/0-0:41.0.0*255/2", (data) => withElements(data, (all) => all.slice(1))),
  },
  {
    name: "lists an object twice",
    caughtBy: "COSEM_ASSOCIATION",
    answer: (answer, asked) =>
      withData(answer, asked, list, (data) => withElements(data, (all) => [...all, ...all.slice(1, 2)])),
  },
  {
    name: "shows an association that is pending",
    caughtBy: "COSEM_ASSOCIATION",
    answer: (answer, asked) => withData(answer, asked, "15/0-0:40.0.0*255/8", () => number("enum", 1)),
  },
  {
    name: "shows another application context",
    caughtBy: "COSEM_ASSOCIATION",
    answer: (answer, asked) =>
      withData(answer, asked, "15/0-0:40.0.0*255/4", () => ({
        type: "octet-string",
        value: fromHex("60857405080103"),
      })),
  },
  {
    name: "shows other partners (e11)",
    caughtBy: "NAIVE_11",
    answer: (answer, asked) =>
      withData(answer, asked, "15/0-0:40.0.0*255/3", (data) =>
        withElements(data, (all) => [{ type: "integer", value: 99 }, ...all.slice(1)]),
      ),
  },
  {
    name: "has no live context information (e11)",
    caughtBy: "NAIVE_11",
    answer: (answer, asked) => withData(answer, asked, "15/0-0:40.0.0*255/5", () => nothing),
  },
  {
    name: "codes access modes that its version does not have (e19)",
    caughtBy: "NAIVE_19",
    answer: (answer, asked) => withData(answer, asked, list, (data) => withFirstMode(data, 9)),
  },
  {
    name: "turns the sign of the deviation (e14)",
    caughtBy: "NAIVE_14",
    answer: (answer, asked) => replaceIn(answer, asked, "ffc400", "003c00"),
  },
  {
    name: "gives its secret away",
    caughtBy: "COSEM_OBJECT",
    answer: (answer, asked) =>
      targetOf(asked) === "15/0-0:40.0.0*255/7" ? fromHex("c401c10009083132333435363738") : answer,
  },
  {
    name: "gives a scaler_unit that is no structure",
    caughtBy: "COSEM_OBJECT",
    answer: (answer, asked) => withData(answer, asked, "3/8-0:1.0.0*255/3", () => number("long-unsigned", 3)),
  },
  {
    name: "has an enumeration outside of its codes",
    caughtBy: "COSEM_OBJECT",
    answer: (answer, asked) => withData(answer, asked, "7/1-0:99.1.0*255/5", () => number("enum", 77)),
  },
  {
    name: "refuses what its rights name readable",
    caughtBy: "COSEM_OBJECT",
    answer: (answer, asked) => withResult(answer, asked, "3/8-0:1.0.0*255/2", () => ({ kind: "error", error: 3 })),
  },
  {
    name: "calls an object by another name than it lists",
    caughtBy: "COSEM_OBJECT",
    answer: (answer, asked) =>
      withData(answer, asked, "8/0-0:1.0.0*255/1", () => ({ type: "octet-string", value: fromHex("0000010001ff") })),
  },
  {
    name: "refuses a writable attribute's own value",
    caughtBy: "COSEM_OBJECT",
    answer: (answer, asked) =>
      targetOf(asked) === "1/0-0:96.1.0*255/2" && isSet(asked) ? fromHex("c501c103") : answer,
  },
  {
    name: "takes values of a wrong type (e17)",
    caughtBy: "NAIVE_17",
    answer: (answer, asked) => (isSet(asked) && answer[0] === 0xc5 ? fromHex("c501c100") : answer),
  },
  {
    name: "refuses a wrong type with another result (e17)",
    caughtBy: "NAIVE_17",
    answer: (answer, asked) => (isSet(asked) && answer[3] === 12 ? fromHex("c501c1fa") : answer),
  },
];

const profileFaults: readonly Fault[] = [
  {
    name: "leaves the last row of a range out",
    caughtBy: "PROFILE_RANGE_1",
    answer: (answer, asked) =>
      selectorOf(asked) === 1
        ? withData(answer, asked, buffer, (data) => withElements(data, (rows) => rows.slice(0, -1)))
        : answer,
  },
  {
    name: "has an error for an empty range",
    caughtBy: "PROFILE_RANGE_2",
    answer: (answer, asked) =>
      selectorOf(asked) === 1 ? withResult(answer, asked, buffer, () => ({ kind: "error", error: 250 })) : answer,
  },
  {
    name: "ignores the range (e5)",
    caughtBy: "PROFILE_RANGE_3",
    request: (apdu) => withAttribute(apdu, (attribute) => ({ ...attribute, selectiveAccess: undefined })),
  },
  {
    name: "ignores selected_values (e5)",
    caughtBy: "PROFILE_RANGE_4",
    request: (apdu) => withParameters(apdu, 1, (all) => [...all.slice(0, 3), { type: "array", value: [] }]),
  },
  {
    name: "counts entries from 0",
    caughtBy: "PROFILE_ENTRY_1",
    request: (apdu) => withParameters(apdu, 2, (all) => [...all.slice(0, 2).map(plusOne), ...all.slice(2)]),
  },
  {
    name: "takes to-entry 0 for none",
    caughtBy: "PROFILE_ENTRY_2",
    answer: (answer, asked) =>
      selectorOf(asked) === 2 ? withData(answer, asked, buffer, () => ({ type: "array", value: [] })) : answer,
  },
  {
    name: "ignores the columns of an entry selection",
    caughtBy: "PROFILE_ENTRY_3",
    request: (apdu) =>
      withParameters(apdu, 2, (all) => [...all.slice(0, 2), number("long-unsigned", 1), number("long-unsigned", 0)]),
  },
];

export const plainFaults: readonly Fault[] = [
  ...associationFaults,
  ...serviceFaults,
  ...objectFaults,
  ...profileFaults,
];

function replaced(apdu: Uint8Array, from: string, to: string): Uint8Array {
  return fromHex(Buffer.from(apdu).toString("hex").replace(from, to));
}

const replacedConformance = (apdu: Uint8Array, bits: string): Uint8Array =>
  fromHex(
    Buffer.from(apdu)
      .toString("hex")
      .replace(/5f1f0400[0-9a-f]{6}/, `5f1f0400${bits}`),
  );

/** In answers that hold the clock's time, alone or in a list. */
function replaceIn(answer: Uint8Array, asked: Uint8Array, from: string, to: string): Uint8Array {
  return holds(asked, "00080000010000ff02") ? replaced(answer, from, to) : answer;
}

/** The items of a GET with list without selectors: 10 octets each. */
function itemsOf(apdu: Uint8Array): Uint8Array[] {
  const items: Uint8Array[] = [];
  for (let offset = 4; offset + 10 <= apdu.length; offset += 10) items.push(apdu.subarray(offset, offset + 10));
  return items;
}

const listOf = (items: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([Uint8Array.of(0xc0, 3, 0xc1, items.length), ...items]);
const withoutLastItem = (apdu: Uint8Array): Uint8Array => listOf(itemsOf(apdu).slice(0, -1));
const rotatedItems = (apdu: Uint8Array): Uint8Array => {
  const [first, ...rest] = itemsOf(apdu);
  return first === undefined ? apdu : listOf([...rest, first]);
};

/** Notes a GET of the logical device name. */
function remembered(answer: Uint8Array, asked: Uint8Array, seen: Map<string, Uint8Array>): Uint8Array {
  if (targetOf(asked) === name) seen.set("name", answer);
  return answer;
}

const plusOne = (data: Data): Data =>
  data.type === "double-long-unsigned" ? number("double-long-unsigned", data.value + 1) : data;

/** Access mode of the first attribute of the first object. */
function withFirstMode(data: Data, mode: number): Data {
  const firstOf = (one: Data, change: (first: Data) => Data): Data =>
    withElements(one, ([first = nothing, ...rest]) => [change(first), ...rest]);
  return firstOf(data, (object) =>
    withElements(object, (fields) => [
      ...fields.slice(0, 3),
      firstOf(fields[3] ?? nothing, (attributes) =>
        firstOf(attributes, (item) =>
          withElements(item, ([id = nothing, , selectors = nothing]) => [id, number("enum", mode), selectors]),
        ),
      ),
    ]),
  );
}
