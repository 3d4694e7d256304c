import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  declarePlain,
  formatResult,
  formatSummary,
  resolveDeclaration,
  runConformance,
} from "../../conformance/index.js";
import { createWrapperDecoder, encodeWrapperFrame, fromHex } from "../../cosem/index.js";
import { channelPair } from "../support/channel-pair.js";
import {
  type OurServer,
  password,
  physicalAddress,
  startOurHdlcServer,
  startOurLine,
  startOurServer,
} from "./our-server.js";

let view: OurServer | undefined;
let faulty: Server | undefined;

afterEach(async () => {
  await view?.stop();
  view = undefined;
  faulty?.close();
  faulty = undefined;
});

async function startOurs(): Promise<number> {
  view = await startOurServer();
  return view.port;
}

describe("our server", () => {
  it.each([
    { about: "the public client", clientSap: 16 },
    { about: "a client with a password", clientSap: 1, password },
  ])("passes every case that is for $about", async ({ about: _, ...client }) => {
    const declaration = declarePlain({ host: "127.0.0.1", port: await startOurs(), ...client });
    const results = await runConformance({ declaration }, () => undefined);
    const bad = results.filter(({ verdict }) => verdict === "fail" || verdict === "inconclusive");
    expect(bad.map(formatResult)).toEqual([]);
    expect(results.filter(({ verdict }) => verdict === "pass").length).toBeGreaterThan(40);
  });

  async function overHdlc(hdlc: object, only: readonly string[] = [""]) {
    view = await startOurHdlcServer();
    const declaration = resolveDeclaration({
      connection: { profile: "hdlc", host: "127.0.0.1", port: view.port, hdlc },
      associations: [{ clientSap: 16 }, { clientSap: 1, mechanism: "low", secret: "12345678" }],
    });
    const results = await runConformance({ declaration, only }, () => undefined);
    const bad = results.filter(({ verdict }) => verdict === "fail" || verdict === "inconclusive");
    expect(bad.map(formatResult)).toEqual([]);
    return results.filter(({ verdict, case: { name } }) => verdict === "pass" && name.startsWith("HDLC_")).length;
  }

  it("passes every case over HDLC", async () => {
    const times = { interOctetTimeoutSeconds: 0.2, inactivityTimeoutSeconds: 1.5 };
    expect(await overHdlc({ addressLength: 2, physicalAddress, ...times })).toBe(22);
  });

  it("passes every case over HDLC on a serial line, which all connections share", async () => {
    const [near, far] = channelPair();
    view = startOurLine(far);
    const opened: string[] = [];
    const declaration = resolveDeclaration({
      connection: {
        profile: "hdlc",
        serial: { path: "/dev/ttyX", baudRate: 9600 },
        hdlc: { addressLength: 2, physicalAddress },
      },
      associations: [{ clientSap: 16 }, { clientSap: 1, mechanism: "low", secret: "12345678" }],
    });
    const openLine = async ({ path, baudRate }: { path: string; baudRate: number }) => {
      opened.push(`${path} ${baudRate}`);
      return near;
    };
    const results = await runConformance({ declaration, openLine }, () => undefined);
    const bad = results.filter(({ verdict }) => verdict === "fail" || verdict === "inconclusive");
    expect(bad.map(formatResult)).toEqual([]);
    expect(opened).toEqual(["/dev/ttyX 9600"]);
    expect(results.filter(({ verdict }) => verdict === "pass").length).toBeGreaterThan(60);
  });

  it.each([1, 4] as const)("passes with HDLC addresses of %i octets", async (addressLength) => {
    const some = ["HDLC_ADDRESS", "HDLC_INFO_P1", "HDLC_NDM2NRM", "APPL_OPEN_1"];
    expect(await overHdlc({ addressLength, physicalAddress }, some)).toBe(8);
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
    const declaration = declarePlain({ host: "127.0.0.1", port, timeoutMs: 150 });
    const results = await runConformance({ declaration }, () => undefined);
    const failed = new Set(results.filter((result) => result.verdict === "fail").map((result) => result.case.name));
    const caught = [
      "APPL_OPEN_4",
      "APPL_OPEN_5",
      "APPL_OPEN_12",
      "APPL_OPEN_13",
      "APPL_OPEN_14",
      "APPL_IDLE_N1",
      "APPL_DATA_LN_N1",
      "APPL_DATA_LN_N3",
      "APPL_DATA_LN_N4",
      "APPL_REL_P1",
      "NAIVE_1",
      "NAIVE_3",
      "NAIVE_5",
      "NAIVE_6",
      "NAIVE_10",
      "NAIVE_11",
      "NAIVE_12",
      "NAIVE_16",
      "NAIVE_18",
      "NAIVE_INVOKE_ID",
      "COSEM_LDN",
      "COSEM_SAP",
      "COSEM_ASSOCIATION",
    ];
    expect(caught.filter((name) => !failed.has(name))).toEqual([]);
    const idle = results.find((result) => result.case.name === "APPL_IDLE_N1");
    expect(idle === undefined ? "" : formatResult(idle)).toContain("> 000100100001000dc001c1");
  });

  it("that is not there gives no verdict", async () => {
    const declaration = declarePlain({ host: "127.0.0.1", port: 1 });
    const results = await runConformance({ declaration, only: ["APPL_IDLE"] }, () => undefined);
    expect(results.map((result) => result.verdict)).toEqual(["inconclusive"]);
    expect(formatSummary(results)).toContain("no certificate");
  });
});
