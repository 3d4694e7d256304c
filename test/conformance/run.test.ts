import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { conformanceCases, formatResult, formatSummary, runConformance } from "../../conformance/index.js";
import { createWrapperDecoder, encodeWrapperFrame, fromHex, Secret } from "../../cosem/index.js";
import { createDlmsView, type DlmsView } from "../../src/views/dlms/index.js";
import { createDlmsFixture } from "../support/dlms-fixture.js";
import { recordingLogger } from "../support/recording-logger.js";
import { systemClock } from "../support/system-clock.js";

let view: DlmsView | undefined;
let faulty: Server | undefined;

afterEach(async () => {
  await view?.stop();
  view = undefined;
  faulty?.close();
  faulty = undefined;
});

async function startOurs(): Promise<number> {
  const { registry, association } = createDlmsFixture();
  view = createDlmsView({
    registry,
    clients: [
      { clientSap: 16, association: association(16), mechanism: 0 },
      { clientSap: 1, association: association(1), mechanism: 1, secret: new Secret(Buffer.from("12345678")) },
    ],
    host: "127.0.0.1",
    port: 0,
    logger: recordingLogger(),
    clock: systemClock,
  });
  await view.start();
  return view.port;
}

describe("our server", () => {
  it("passes every case as the public client", async () => {
    const results = await runConformance({ host: "127.0.0.1", port: await startOurs() }, () => undefined);
    const notPassed = results.filter((result) => result.verdict !== "pass");
    expect(notPassed.map((result) => `${result.case.name} ${result.verdict}`)).toEqual(["APPL_OPEN_7 inapplicable"]);
    expect(results).toHaveLength(conformanceCases.length);
  });

  it("passes every case with a password", async () => {
    const password = new Secret(Buffer.from("12345678"));
    const port = await startOurs();
    const results = await runConformance({ host: "127.0.0.1", port, clientSap: 1, password }, () => undefined);
    expect(results.filter((result) => result.verdict !== "pass").map(formatResult)).toEqual([]);
  });
});

/** Accepts everyone with a constant conformance block, answers one fixed value to whatever comes, first frame only. */
async function startFaulty(): Promise<number> {
  const accept = fromHex("6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400001e5d04000007");
  const value = fromHex("c401c1000600000001");
  const serve = (socket: Socket) => {
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      const [frame] = createWrapperDecoder(65_535).push(chunk);
      if (frame === undefined) return;
      const apdu = frame.apdu[0] === 0x60 ? accept : value;
      const { sourceWPort, destinationWPort } = frame;
      socket.write(encodeWrapperFrame({ sourceWPort: destinationWPort, destinationWPort: sourceWPort, apdu }));
    });
  };
  const server = createServer(serve);
  faulty = server;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("a faulty server", () => {
  it("is caught, with reason and bytes", async () => {
    const port = await startFaulty();
    const results = await runConformance({ host: "127.0.0.1", port, timeoutMs: 150 }, () => undefined);
    const failed = new Set(results.filter((result) => result.verdict === "fail").map((result) => result.case.name));
    const caught = [
      "APPL_OPEN_4",
      "APPL_OPEN_5",
      "APPL_OPEN_12",
      "APPL_OPEN_13",
      "APPL_OPEN_14",
      "APPL_OPEN_SAP",
      "APPL_IDLE_N1",
      "APPL_DATA_LN_N1",
      "APPL_DATA_LN_N1_RESULTS",
      "APPL_DATA_LN_N3",
      "APPL_DATA_LN_N4",
      "APPL_DATA_LN_ID",
      "APPL_BLOCK_N1",
      "APPL_SELECT_N1",
      "APPL_REL_P1",
      "WRAPPER_P1",
      "COSEM_LDN",
      "COSEM_SAP",
      "COSEM_ASSOCIATION",
    ];
    expect(caught.filter((name) => !failed.has(name))).toEqual([]);
    const idle = results.find((result) => result.case.name === "APPL_IDLE_N1");
    expect(idle === undefined ? "" : formatResult(idle)).toContain("> 000100100001000dc001c1");
  });

  it("that is not there gives no verdict", async () => {
    const results = await runConformance({ host: "127.0.0.1", port: 1, only: "APPL_IDLE" }, () => undefined);
    expect(results.map((result) => result.verdict)).toEqual(["inconclusive"]);
    expect(formatSummary(results)).toContain("no certificate");
  });
});
