/** The 22 HDLC cases of the DLMS UA's conformance tool by their public names; what they look at, not their text. */
import { describe, expect, it } from "vitest";
import { frameHex } from "../../../support/hdlc-frames.js";
import { type StationUnderTest, stationUnderTest } from "../../../support/hdlc-station.js";

// Frames of hdlc.json: client 17, server 1 in one octet.
const snrm = "7ea007032393bf327e";
const ua = "7ea01e2303737bcf818012050180060180070400000001080400000001533b7e";
const disc = "7ea007032353b3f47e";
const uaToDisc = "7ea007230373b9f57e";
const dm = "7ea00723031fd35c7e";
/** I, N(R) 0, N(S) 0: GET without SNRM of `not-connected`. */
const getRequest = "7ea019032310cfe9e6e600c001c1000100002a0000ff020012807e";
const getApdu = "c001c1000100002a0000ff0200";

const toServer = { destination: "03", source: "23" };
const toClient = { destination: "23", source: "03" };
/** I, N(R) 1, N(S) 0: the answer to the first request; RR with N(R). */
const firstAnswer = frameHex({ ...toClient, control: "30", information: "e6e700c401" });
const rr = (receiveNumber: number) =>
  frameHex({ ...toClient, control: ((receiveNumber << 5) | 0x11).toString(16).padStart(2, "0") });
/** A frame reject: control rejected, V(R) and V(S), reason. */
const frmr = (information: string) => frameHex({ ...toClient, control: "97", information });

const answering = (options = {}): StationUnderTest => stationUnderTest(options, () => ["c401"]);

function connected(options = {}): StationUnderTest {
  const server = answering(options);
  expect(server.feed(snrm)).toEqual([ua]);
  return server;
}

/** After the bad frame the link still serves. */
function stillServes(server: StationUnderTest): void {
  expect(server.feed(getRequest)).toEqual([firstAnswer]);
}

describe("HDLC conformance cases", () => {
  it("HDLC_FRAME_P1: a link is set up and torn down", () => {
    const server = connected();
    stillServes(server);
    expect(server.feed(disc)).toEqual([uaToDisc]);
    expect(server.feed(disc)).toEqual([dm]);
    expect(server.log).toEqual(["connected 17 1", `request 17 1 ${getApdu}`, "disconnected 17 1 disconnected"]);
  });

  it("HDLC_FRAME_P2: a frame is given up between two octets too far apart, and taken when they are near enough", () => {
    const server = connected();
    expect(server.feed(getRequest.slice(0, 20), 1000)).toEqual([]);
    expect(server.station.nextDeadline()).toBe(1200);
    expect(server.feed(getRequest.slice(20), 1199)).toEqual([firstAnswer]);
    const late = connected();
    expect(late.feed(getRequest.slice(0, 20), 1000)).toEqual([]);
    expect(late.feed(getRequest.slice(20), 1200)).toEqual([]);
    expect(late.feed(getRequest.slice(0, 20), 2000)).toEqual([]);
    expect(late.expire(2200)).toEqual([]);
    stillServes(late);
  });

  it("HDLC_FRAME_P3: a silent link ends, without a word", () => {
    const server = connected();
    expect(server.station.nextDeadline()).toBe(120_000);
    expect(server.expire(119_999)).toEqual([]);
    expect(server.feed("", 119_999)).toEqual([]);
    expect(server.expire(120_000)).toEqual([]);
    expect(server.log.at(-1)).toBe("disconnected 17 1 inactive");
    expect(server.feed(getRequest, 120_001)).toEqual([dm]);
    expect(server.station.nextDeadline()).toBeUndefined();
  });

  it("HDLC_FRAME_N1: frames without their flags get no answer", () => {
    const server = connected();
    expect(server.feed(getRequest.slice(2), 1000)).toEqual([]);
    expect(server.feed(`${getRequest.slice(0, -2)}00`, 2000)).toEqual([]);
    expect(server.feed(getRequest.slice(2, -2), 3000)).toEqual([]);
    expect(server.expire(4000)).toEqual([]);
    stillServes(server);
  });

  it("HDLC_FRAME_N2: a frame that is too short gets no answer", () => {
    const server = connected();
    expect(server.feed("7e7ea0037e7ea00403237e7ea00503237e0a7e")).toEqual([]);
    expect(server.expire(1000)).toEqual([]);
    stillServes(server);
  });

  it("HDLC_FRAME_N3: another format type gets no answer", () => {
    const server = connected();
    for (const formatType of [0, 9, 0xb, 0xf]) {
      expect(server.feed(frameHex({ ...toServer, control: "93", formatType }))).toEqual([]);
    }
    stillServes(server);
  });

  it("HDLC_FRAME_N4: a wrong length gets no answer", () => {
    const server = connected();
    const information = `e6e600${getApdu}`;
    expect(server.feed(frameHex({ ...toServer, control: "10", information, length: 24 }))).toEqual([]);
    expect(server.feed(frameHex({ ...toServer, control: "10", information, length: 26 }))).toEqual([]);
    expect(server.expire(1000)).toEqual([]);
    expect(server.feed(frameHex({ ...toServer, control: "10", information, length: 2047 }), 2000)).toEqual([]);
    expect(server.expire(3000)).toEqual([]);
    stillServes(server);
  });

  it("HDLC_FRAME_N5: a control field that is not defined is rejected, until the link is set up anew", () => {
    const server = connected();
    // REJ, which this layer does not have.
    expect(server.feed(frameHex({ ...toServer, control: "19" }))).toEqual([frmr("190001")]);
    expect(server.feed(getRequest)).toEqual([frmr("190001")]);
    expect(server.feed(snrm)).toEqual([ua]);
    stillServes(server);
    expect(server.feed(frameHex({ ...toServer, control: "ef" }))).toEqual([]);
    expect(server.feed(disc)).toEqual([uaToDisc]);
  });

  it("HDLC_FRAME_N7: a wrong header check sequence gets no answer", () => {
    const server = connected();
    // Of hdlc.json, bad-check-sequences: wrong HCS and a good FCS.
    expect(server.feed("7ea019032310cee9e6e600c001c1000100002a0000ff0200f5787e")).toEqual([]);
    expect(server.log.at(-1)).toBe("discarded headerCheck");
    stillServes(server);
  });

  it("HDLC_FRAME_N8: a wrong frame check sequence gets no answer", () => {
    const server = answering();
    expect(server.feed("7ea007032393bf687e")).toEqual([]);
    expect(server.feed(snrm)).toEqual([ua]);
    stillServes(server);
  });

  it("HDLC_ADDRESS_P1: is answered in the length asked, whatever it is", () => {
    for (const address of ["03", "0223", "00020023"]) {
      const server = answering();
      expect(server.feed(frameHex({ destination: address, source: "23", control: "93" }))).toEqual([
        frameHex({ destination: "23", source: address, control: "73", information: ua.slice(16, -6) }),
      ]);
      expect(
        server.feed(frameHex({ destination: address, source: "23", control: "10", information: `e6e600${getApdu}` })),
      ).toEqual([frameHex({ destination: "23", source: address, control: "30", information: "e6e700c401" })]);
    }
  });

  it("HDLC_ADDRESS_N1: a source of two octets gets no answer", () => {
    expect(answering().feed(frameHex({ destination: "03", source: "0223", control: "93" }))).toEqual([]);
    expect(answering().feed(frameHex({ destination: "03", source: "00020023", control: "93" }))).toEqual([]);
  });

  it("HDLC_ADDRESS_N4: a destination that is not here gets no answer", () => {
    const server = answering();
    for (const destination of ["07", "0225", "0623", "00020025", "00060023", "01", "0023"]) {
      expect(server.feed(frameHex({ destination, source: "23", control: "93" }))).toEqual([]);
    }
    expect(server.log.every((line) => line === "discarded unknownDestination")).toBe(true);
  });

  it("HDLC_ADDRESS_N6: an address of three octets gets no answer", () => {
    const server = answering();
    expect(server.feed(frameHex({ destination: "000203", source: "23", control: "93" }))).toEqual([]);
    expect(server.feed(snrm)).toEqual([ua]);
  });

  it("HDLC_ADDRESS_N7: an address of five octets gets no answer", () => {
    const server = answering();
    expect(server.feed(frameHex({ destination: "0002000023", source: "23", control: "93" }))).toEqual([]);
    expect(server.feed(snrm)).toEqual([ua]);
  });

  it("HDLC_NDM2NRM_P1: the lesser information field of both is agreed on, per direction", () => {
    const parameters = { maxInfoTransmit: 256, maxInfoReceive: 512, windowTransmit: 1, windowReceive: 1 };
    const server = stationUnderTest({ parameters }, () => ["ab".repeat(197)]);
    // The client sends 1,024 at most and takes 64.
    const information = "81800705020400060140";
    expect(server.feed(frameHex({ ...toServer, control: "93", information }))).toEqual([
      frameHex({ ...toClient, control: "73", information: "81801305014006020200070400000001080400000001" }),
    ]);
    const [answer] = server.feed(getRequest);
    expect(answer).toBe(
      frameHex({ ...toClient, control: "30", information: `e6e700${"ab".repeat(61)}`, isSegmented: true }),
    );
  });

  it("HDLC_NDM2NRM_P2: the lesser window of both is agreed on", () => {
    const parameters = { maxInfoTransmit: 128, maxInfoReceive: 128, windowTransmit: 7, windowReceive: 7 };
    const server = stationUnderTest({ parameters }, () => ["ab".repeat(509)]);
    const information = "81800c070400000007080400000003";
    expect(server.feed(frameHex({ ...toServer, control: "93", information }))).toEqual([
      frameHex({ ...toClient, control: "73", information: "818012050180060180070400000003080400000007" }),
    ]);
    // Three frames, the last with the final bit; the fourth after the acknowledgement.
    const frames = server.feed(getRequest);
    expect(frames.map((frame) => frame.slice(10, 12))).toEqual(["20", "22", "34"]);
    expect(server.feed(frameHex({ ...toServer, control: "71" }))).toEqual([
      frameHex({ ...toClient, control: "36", information: "ab".repeat(128) }),
    ]);
  });

  it("HDLC_INFO_P1: an information field as long as was agreed is taken", () => {
    const server = connected();
    const apdu = "c1".repeat(125);
    expect(server.feed(frameHex({ ...toServer, control: "10", information: `e6e600${apdu}` }))).toEqual([firstAnswer]);
    expect(server.log.at(-1)).toBe(`request 17 1 ${apdu}`);
  });

  it("HDLC_INFO_N1: a longer one is rejected", () => {
    const server = connected();
    const information = `e6e600${"c1".repeat(126)}`;
    expect(server.feed(frameHex({ ...toServer, control: "10", information }))).toEqual([frmr("100004")]);
    expect(server.log).toEqual(["connected 17 1"]);
    expect(server.feed(snrm)).toEqual([ua]);
    stillServes(server);
  });

  it("HDLC_INFO_N2: an N(R) of what was never sent is rejected", () => {
    const server = connected();
    expect(server.feed(frameHex({ ...toServer, control: "70", information: `e6e600${getApdu}` }))).toEqual([
      frmr("700008"),
    ]);
    expect(server.feed(snrm)).toEqual([ua]);
    stillServes(server);
  });

  it("HDLC_INFO_N3: an N(S) out of turn is not taken, and RR names the one that is wanted", () => {
    const server = connected();
    expect(server.feed(frameHex({ ...toServer, control: "14", information: `e6e600${getApdu}` }))).toEqual([rr(0)]);
    expect(server.log).toEqual(["connected 17 1"]);
    stillServes(server);
  });

  it("HDLC_NDMOP_N1: an I frame without a link is answered by DM", () => {
    expect(answering().feed(getRequest)).toEqual([dm]);
  });
});
