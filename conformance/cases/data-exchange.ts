/** Data exchange with logical names: what may be read, how the rest is refused, and that the association survives it. */
import {
  conformanceBit,
  dataAccessResult,
  encodeGetRequest,
  encodeWrapperFrame,
  fromHex,
  toHex,
} from "../../cosem/index.js";
import { all, type ConformanceCase, fail, inapplicable, inconclusive, type Outcome, pass } from "../case.js";
import {
  attributeAt,
  currentAssociation,
  expectBlockError,
  expectException,
  expectRefusal,
  expectResult,
  logicalDeviceName,
} from "./answers.js";

const undefinedObject = attributeAt(1, "0-0:199.199.199*255", 2);
const wrongClass = attributeAt(3, "0-0:42.0.0*255", 2);
const readName = (invokeIdAndPriority: number) =>
  encodeGetRequest({ kind: "normal", invokeIdAndPriority, attribute: logicalDeviceName });

export const dataExchangeCases: readonly ConformanceCase[] = [
  {
    name: "APPL_IDLE_N1",
    about: "Without an association no data is given",
    reference: "IEC 62056-5-3, 7.1",
    async run(context) {
      const connection = await context.connect();
      return expectException(await connection.exchange(readName(0xc1)), "GET before AARQ");
    },
  },
  {
    name: "APPL_DATA_LN_N1",
    about: "Malformed GETs are refused, and the association goes on",
    reference: "IEC 62056-5-3, 6.6 and 8.5",
    async run(context) {
      const connection = await context.open();
      const outcomes: Outcome[] = [];
      for (const [what, hex] of [
        ["GET cut short", "c001c10001"],
        ["GET of choice 9", "c009c100"],
        ["GET with a stray byte", "c001c1000100002a0000ff020000"],
      ] as const) {
        outcomes.push(expectException(await connection.exchange(fromHex(hex)), what));
      }
      const after = await connection.client.get(logicalDeviceName);
      outcomes.push(after.kind === "data" ? pass("the association goes on") : fail("the association is gone"));
      return all(outcomes);
    },
  },
  {
    name: "APPL_DATA_LN_N1_RESULTS",
    about: "Each fault has its own data-access-result",
    reference: "IEC 62056-5-3, 8.5, Data-Access-Result",
    async run(context) {
      const { client } = await context.open();
      return all([
        expectResult(await client.get(undefinedObject), dataAccessResult.objectUndefined, "no such object"),
        expectResult(await client.get(wrongClass), dataAccessResult.objectClassInconsistent, "another class"),
        expectRefusal(await client.get(attributeAt(1, "0-0:42.0.0*255", 99)), "no such attribute"),
        expectRefusal(await client.get(currentAssociation(7)), "the secret"),
      ]);
    },
  },
  {
    name: "APPL_DATA_LN_N3",
    about: "A SET without right is refused and changes nothing",
    reference: "IEC 62056-5-3, 6.7",
    async run(context) {
      const { client } = await context.open();
      if (!offers(client.association.negotiated, conformanceBit.set)) return inapplicable("SET is not offered");
      const before = await client.get(logicalDeviceName);
      const result = await client.set(logicalDeviceName, { type: "octet-string", value: Uint8Array.of(0x58) });
      if (result === dataAccessResult.success) return fail("the logical device name was overwritten");
      const after = await client.get(logicalDeviceName);
      if (JSON.stringify(before) !== JSON.stringify(after)) return fail("refused, but the value is another one now");
      return pass(`refused with ${result}, unchanged`);
    },
  },
  {
    name: "APPL_DATA_LN_N4",
    about: "An unknown service is refused with exception-response, and the association goes on",
    reference: "IEC 62056-5-3, 6.4",
    async run(context) {
      const connection = await context.open();
      const outcome = expectException(await connection.exchange(fromHex("55010203")), "tag 55");
      const after = await connection.client.get(logicalDeviceName);
      return all([outcome, after.kind === "data" ? pass("the association goes on") : fail("the association is gone")]);
    },
  },
  {
    name: "APPL_DATA_LN_SERVICE",
    about: "A service that was not negotiated is not served",
    reference: "IEC 62056-5-3, 7.3",
    async run(context) {
      const connection = await context.open({ proposedConformance: conformanceBit.set | conformanceBit.action });
      return expectException(await connection.exchange(readName(0xc1)), "GET without its conformance bit");
    },
  },
  {
    name: "APPL_DATA_LN_ID",
    about: "The answer repeats invoke id and priority",
    reference: "IEC 62056-5-3, 6.6",
    async run(context) {
      const connection = await context.open();
      for (const id of [0xc1, 0x45, 0xcf]) {
        const answer = await connection.exchange(readName(id));
        if (answer[2] !== id) return fail(`answer ${answer[2]?.toString(16)} to ${id.toString(16)}`);
      }
      return pass("C1, 45 and CF were repeated");
    },
  },
  {
    name: "APPL_BLOCK_N1",
    about: "A next block without a transfer, and one with a wrong number, are refused by their codes",
    reference: "IEC 62056-5-3, 6.6; no-long-get-in-progress, data-block-number-invalid",
    async run(context) {
      const connection = await context.open({ maxReceivePduSize: 64 });
      if (!offers(connection.client.association.negotiated, conformanceBit.blockTransferWithGet)) {
        return inapplicable("block transfer is not offered");
      }
      const none = expectBlockError(
        await connection.exchange(fromHex("c002c100000001")),
        dataAccessResult.noLongGetInProgress,
        "no transfer",
      );
      if (none.verdict !== "pass") return none;
      const list = { kind: "normal", invokeIdAndPriority: 0xc1, attribute: currentAssociation(2) } as const;
      const first = await connection.exchange(encodeGetRequest(list));
      if (first[1] !== 2) return inconclusive(`object_list came in one piece: ${toHex(first.subarray(0, 4))}`);
      const wrong = await connection.exchange(fromHex("c002c100000007"));
      return all([none, expectBlockError(wrong, dataAccessResult.dataBlockNumberInvalid, "number 7 after 1")]);
    },
  },
  {
    name: "APPL_MULTI_1",
    about: "In a GET with list a bad item fails alone",
    reference: "IEC 62056-5-3, 6.6",
    async run(context) {
      const { client } = await context.open();
      if (!offers(client.association.negotiated, conformanceBit.multipleReferences)) {
        return inapplicable("multiple references are not offered");
      }
      const results = await client.getList([logicalDeviceName, undefinedObject, logicalDeviceName]);
      const kinds = results.map((result) => result.kind).join(" ");
      return kinds === "data error data" ? pass("data, error, data") : fail(`data error data expected, got ${kinds}`);
    },
  },
  {
    name: "APPL_SELECT_N1",
    about: "Selective access to an attribute without selectors is refused",
    reference: "IEC 62056-6-2, 4.1.2",
    async run(context) {
      const { client } = await context.open();
      if (!offers(client.association.negotiated, conformanceBit.selectiveAccess)) {
        return inapplicable("selective access is not offered");
      }
      const selectiveAccess = { selector: 2, parameters: { type: "null-data" } } as const;
      return expectRefusal(await client.get({ ...logicalDeviceName, selectiveAccess }), "selector 2");
    },
  },
  {
    name: "APPL_REL_P1",
    about: "RLRQ is answered by RLRE, and ends the association",
    reference: "IEC 62056-5-3, 6.3",
    async run(context) {
      const connection = await context.open();
      await connection.client.release();
      return expectException(await connection.exchange(readName(0xc1)), "GET after RLRE");
    },
  },
  {
    name: "WRAPPER_P1",
    about: "Several APDUs in one segment, and one APDU in many, are all answered, ports swapped",
    reference: "IEC 62056-47, wrapper",
    async run(context) {
      const connection = await context.open();
      const { clientSap = 16, serverSap = 1 } = context.options;
      const frame = (id: number) =>
        encodeWrapperFrame({ sourceWPort: clientSap, destinationWPort: serverSap, apdu: readName(id) });
      connection.sendBytes(Buffer.concat([frame(0xc1), frame(0xc2), frame(0xc3)]));
      const ids: number[] = [];
      for (let count = 0; count < 3; count++) {
        const answer = await connection.nextFrame();
        ids.push(answer.apdu[2] ?? 0);
        if (answer.sourceWPort !== serverSap || answer.destinationWPort !== clientSap) return fail("ports not swapped");
      }
      for (const byte of frame(0xc4)) {
        connection.sendBytes(Uint8Array.of(byte));
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      ids.push((await connection.nextFrame()).apdu[2] ?? 0);
      const inOrder = ids.join() === [0xc1, 0xc2, 0xc3, 0xc4].join();
      return inOrder
        ? pass("four answers, in order")
        : fail(`answers to ${ids.map((id) => id.toString(16)).join(" ")}`);
    },
  },
];

function offers(negotiated: { readonly negotiatedConformance: number } | undefined, bit: number): boolean {
  return ((negotiated?.negotiatedConformance ?? 0) & bit) !== 0;
}
