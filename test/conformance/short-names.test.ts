/** A small server with short names made here, right and with one fault each, before the cases of short names. */
import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { formatResult, resolveDeclaration, runConformance } from "../../conformance/index.js";
import { createWrapperDecoder, encodeWrapperFrame, fromHex, toHex } from "../../cosem/index.js";

/** Of sn.json, `aarq-none`. */
const accepted = "6129a109060760857405080102a203020100a305a103020100be10040e0800065f1f04001c03200400fa00";
const rejected = "6117a109060760857405080102a203020101a305a103020102";
const serviceError = "0e050104";

/** What a right server says; `?` stands for any request that begins so. */
const right: Readonly<Record<string, string>> = {
  "050102fa00": "0c010009060000280000ff",
  "0501020003": "0c010104",
  "050102?": serviceError,
  "050109?": serviceError,
  "0601020003?": "0d010104",
  "060102fa000109?": "0d010103",
  "0601?": serviceError,
  "c0?": "d80102",
  "55?": "d80202",
};

let server: Server | undefined;
afterEach(() => {
  server?.close();
  server = undefined;
});

async function serve(answers: Readonly<Record<string, string>>): Promise<number> {
  const listening = createServer((socket) => {
    const decoder = createWrapperDecoder(0xffff);
    let isOpen = false;
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      for (const { apdu, sourceWPort, destinationWPort } of decoder.push(chunk)) {
        const asked = toHex(apdu);
        const isSn = asked.includes("60857405080102");
        if (asked.startsWith("60")) isOpen = isSn;
        const known = Object.keys(answers).find((key) =>
          key.endsWith("?") ? asked.startsWith(key.slice(0, -1)) : asked === key,
        );
        const answer = asked.startsWith("60") ? (isSn ? accepted : rejected) : isOpen ? answers[known ?? ""] : "d80101";
        socket.write(
          encodeWrapperFrame({
            sourceWPort: destinationWPort,
            destinationWPort: sourceWPort,
            apdu: fromHex(answer ?? "d80202"),
          }),
        );
      }
    });
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const address = listening.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function look(answers: Readonly<Record<string, string>>, only: readonly string[]) {
  const connection = { host: "127.0.0.1", port: await serve(answers), timeoutSeconds: 1 };
  const declaration = resolveDeclaration({ connection, associations: [{ clientSap: 16, context: "sn" }] });
  return runConformance({ declaration, only }, () => undefined);
}

describe("short names", () => {
  it("served rightly pass", async () => {
    const results = await look(right, ["APPL_DATA_SN", "APPL_OPEN_1", "APPL_OPEN_5", "APPL_IDLE"]);
    const passed = results.filter(({ verdict }) => verdict === "pass").map((result) => result.case.name);
    const due = ["APPL_IDLE_N1", "APPL_OPEN_1", "APPL_OPEN_5", "APPL_DATA_SN_N1", "APPL_DATA_SN_N2", "APPL_DATA_SN_N3"];
    expect(
      due.filter((name) => !passed.includes(name)),
      results.map(formatResult).join("\n"),
    ).toEqual([]);
  });

  it.each([
    ["data from every name", { "0501020003": "0c010009060000280000ff" }, "APPL_DATA_SN_N1"],
    ["no data of the association", { "050102fa00": "0c010104" }, "APPL_DATA_SN_N1"],
    ["malformed READs", { "050109?": "0c010009060000280000ff" }, "APPL_DATA_SN_N1"],
    ["WRITEs to every name", { "0601020003?": "0d0100" }, "APPL_DATA_SN_N2"],
    ["WRITEs without right", { "060102fa000109?": "0d0100" }, "APPL_DATA_SN_N2"],
    ["services of logical names", { "c0?": "c401c1000600000001" }, "APPL_DATA_SN_N3"],
    ["unknown services", { "55?": "0c010000" }, "APPL_DATA_SN_N3"],
  ])("%s given are caught", async (_, fault, caughtBy) => {
    const results = await look({ ...fault, ...withoutKeys(fault) }, [caughtBy]);
    expect(results.map(({ verdict }) => verdict)).toEqual(["fail"]);
  });
});

const withoutKeys = (fault: object) => Object.fromEntries(Object.entries(right).filter(([key]) => !(key in fault)));
