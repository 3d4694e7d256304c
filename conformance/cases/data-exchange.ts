/** APPL_DATA_LN and APPL_REL: how malformed and unpermitted requests are refused, and that the association survives. */
import { conformanceBit, dataAccessResult, encodeSetRequest, fromHex } from "../../cosem/index.js";
import { all, type ConformanceCase, fail, type Outcome, pass } from "../case.js";
import { expectAlive, expectException, logicalDeviceName, readName, success } from "./answers.js";

export const dataExchangeCases: readonly ConformanceCase[] = [
  {
    name: "APPL_DATA_LN_N1",
    about: "Malformed GETs are refused, and the association goes on",
    reference: "IEC 62056-5-3, 6.6 and 8.5",
    needs: { referencing: "ln" },
    async run(context) {
      const session = await context.open();
      const outcomes: Outcome[] = [];
      for (const [what, hex] of [
        ["GET cut short", "c001c10001"],
        ["GET of choice 9", "c009c100"],
        ["GET with a stray byte", "c001c1000100002a0000ff020000"],
        ["GET with list, an item missing", "c003c10200010000290000ff0200"],
      ] as const) {
        outcomes.push(expectException(await session.exchange(fromHex(hex)), what));
      }
      outcomes.push(await expectAlive(session));
      return all(outcomes);
    },
  },
  {
    name: "APPL_DATA_LN_N3",
    about: "Malformed SETs, and one without right, are refused and change nothing",
    reference: "IEC 62056-5-3, 6.7 and 8.5",
    needs: { referencing: "ln" },
    async run(context) {
      const session = await context.open();
      session.require(conformanceBit.set, "SET");
      const before = await session.get(logicalDeviceName);
      const value = { type: "octet-string", value: Uint8Array.of(0x58) } as const;
      const set = { kind: "normal", invokeIdAndPriority: 0xc1, attribute: logicalDeviceName, value } as const;
      const result = await session.set(logicalDeviceName, value);
      if (result === success) return fail("the logical device name was overwritten");
      const cutShort = await session.exchange(encodeSetRequest(set).subarray(0, -2));
      const choice9 = await session.exchange(fromHex("c109c100"));
      const after = await session.get(logicalDeviceName);
      if (JSON.stringify(before) !== JSON.stringify(after)) return fail("refused, but the value is another one now");
      return all([
        result === dataAccessResult.readWriteDenied
          ? pass("SET without right: read-write-denied, unchanged")
          : pass(`SET without right: result ${result}, unchanged`),
        expectException(cutShort, "SET cut short"),
        expectException(choice9, "SET of choice 9"),
      ]);
    },
  },
  {
    name: "APPL_DATA_LN_N4",
    about: "An unknown service is refused with exception-response, and the association goes on",
    reference: "IEC 62056-5-3, 6.4",
    needs: { referencing: "ln" },
    async run(context) {
      const session = await context.open();
      const outcome = expectException(await session.exchange(fromHex("55010203")), "tag 55");
      return all([outcome, await expectAlive(session)]);
    },
  },
  {
    name: "APPL_REL_P1",
    about: "RLRQ is answered by RLRE, and ends the association",
    reference: "IEC 62056-5-3, 6.3",
    needs: { referencing: "ln" },
    async run(context) {
      const session = await context.open();
      await session.release();
      return expectException(await session.connection.exchange(readName()), "GET after RLRE");
    },
  },
];
