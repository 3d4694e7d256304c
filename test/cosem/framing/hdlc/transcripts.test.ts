/** Recorded exchanges at the link layer: what the application says is taken from the record, the frames are ours. */
import { describe, expect, it } from "vitest";
import {
  createHdlcClient,
  createHdlcServer,
  decodeHdlcFrame,
  fromHex,
  type HdlcClientEvent,
  type HdlcServerEvent,
  toHex,
} from "../../../../cosem/index.js";
import { type HdlcTranscript, hdlcTranscripts } from "../../../support/hdlc-frames.js";

type Step = HdlcTranscript["steps"][number];

/** The APDUs of one direction, put together of the information fields of its I frames, LLC header off. */
function apdusOf(steps: readonly Step[], direction: ">" | "<"): string[] {
  const apdus: string[] = [];
  let message = "";
  for (const step of steps) {
    if (step.direction !== direction || step.invalid !== undefined) continue;
    const frame = decodeHdlcFrame(fromHex(step.bytes));
    if (frame.control.kind !== "I") continue;
    message += toHex(frame.information);
    if (frame.isSegmented) continue;
    apdus.push(message.slice(6));
    message = "";
  }
  return apdus;
}

const recorded = (direction: ">" | "<") => (step: Step) => step.direction === direction;

function serverFrames(transcript: HdlcTranscript, chunkSize: number): string[] {
  const { steps, parameters } = transcript;
  const answers = apdusOf(steps, "<");
  const first = decodeHdlcFrame(fromHex(steps.at(-1)?.bytes ?? ""));
  const lower = first.source.lower ?? 0;
  const station = createHdlcServer({
    parameters: {
      maxInfoTransmit: parameters.serverHdlcMaxInfoTx ?? 128,
      maxInfoReceive: parameters.serverHdlcMaxInfoRx ?? 128,
      windowTransmit: 1,
      windowReceive: 1,
    },
    physicalDevice: lower,
    hasDevice: (sap) => sap === transcript.serverSap,
    maxApduBytes: 1024,
    interOctetTimeoutMs: 1000,
    inactivityTimeoutMs: 0,
  });
  const act = (events: readonly HdlcServerEvent[]): string[] =>
    events.flatMap((event) => {
      if (event.kind === "send") return [toHex(event.bytes)];
      if (event.kind !== "request") return [];
      station.respond(event.link, fromHex(answers.shift() ?? ""));
      return act(station.processed(event.link));
    });
  const sent: string[] = [];
  for (const { bytes } of steps.filter(recorded(">"))) {
    const hex = fromHex(bytes);
    for (let at = 0; at < hex.length; at += chunkSize) {
      sent.push(...act(station.receive(hex.subarray(at, at + chunkSize), 0)));
    }
  }
  return sent;
}

describe("the server link gives the recorded frames", () => {
  const transcripts = hdlcTranscripts("hdlc");

  it.each(transcripts.filter(({ suspect }) => suspect === undefined))("$name: $about", (transcript) => {
    const expected = transcript.steps.filter(recorded("<")).map(({ bytes }) => bytes);
    expect(serverFrames(transcript, 4096)).toEqual(expected);
    expect(serverFrames(transcript, 1)).toEqual(expected);
  });

  it("but is silent for the all-station address, where the recorded server answered from it (suspect)", () => {
    const transcript = transcripts.find(({ name }) => name === "two-byte-address-127");
    if (transcript === undefined) throw new Error("the transcript is gone");
    expect(serverFrames(transcript, 4096)).toEqual([]);
  });
});

function clientFrames(transcript: HdlcTranscript, chunkSize: number): string[] {
  const { steps, parameters, clientSap } = transcript;
  const requests = apdusOf(steps, ">");
  const { destination } = decodeHdlcFrame(fromHex(steps[0]?.bytes ?? ""));
  const link = createHdlcClient({
    clientSap,
    server: destination,
    parameters: {
      maxInfoTransmit: parameters.clientHdlcMaxInfoTx ?? 128,
      maxInfoReceive: parameters.clientHdlcMaxInfoRx ?? 128,
      windowTransmit: 1,
      windowReceive: 1,
    },
  });
  const sent: string[] = [];
  const act = (events: readonly HdlcClientEvent[]) => {
    for (const event of events) if (event.kind === "send") sent.push(toHex(event.bytes));
  };
  for (const step of steps) {
    if (step.direction === "<") {
      const bytes = fromHex(step.bytes);
      for (let at = 0; at < bytes.length; at += chunkSize) act(link.receive(bytes.subarray(at, at + chunkSize), 0));
      continue;
    }
    const { kind } = decodeHdlcFrame(fromHex(step.bytes)).control;
    const sentSoFar = sent.length;
    const recordedSoFar = steps.slice(0, steps.indexOf(step)).filter(recorded(">")).length;
    // What the link does by itself (further segments, RR) is out already.
    if (sentSoFar > recordedSoFar) continue;
    if (kind === "SNRM") act(link.connect(0));
    else if (kind === "I") act(link.send(fromHex(requests.shift() ?? ""), 0));
    else if (kind === "DISC") act(link.disconnect(0));
  }
  return sent;
}

describe("the client link gives the recorded frames", () => {
  // Made by hand, past any client.
  const handMade = ["not-connected", "bad-check-sequences"];
  // That client counts the LLC header apart and cuts the first segment three octets shorter.
  const cutElsewhere = ["segmented-request"];
  const transcripts = ["hdlc", "recorded-c"].flatMap(hdlcTranscripts).filter(({ name }) => !handMade.includes(name));

  it.each(transcripts.filter(({ name }) => !cutElsewhere.includes(name)))("$name: $about", (transcript) => {
    const expected = transcript.steps.filter(recorded(">")).map(({ bytes }) => bytes);
    expect(clientFrames(transcript, 4096)).toEqual(expected);
    expect(clientFrames(transcript, 1)).toEqual(expected);
  });

  it.each(transcripts.filter(({ name }) => cutElsewhere.includes(name)))("$name, the same APDUs", (transcript) => {
    const frames = clientFrames(transcript, 4096).map((bytes) => ({ direction: ">", bytes, apdu: "" }) as const);
    expect(apdusOf(frames, ">")).toEqual(apdusOf(transcript.steps, ">"));
  });

  it("hands up the notification of a UI frame", () => {
    const [transcript] = hdlcTranscripts("push");
    const [step] = transcript?.steps ?? [];
    if (transcript === undefined || step === undefined) throw new Error("the transcript is gone");
    const link = createHdlcClient({
      clientSap: transcript.clientSap,
      server: { upper: 1, lower: undefined, length: 1 },
    });
    const events = link.receive(fromHex(step.bytes), 0);
    expect(events.filter(({ kind }) => kind === "unconfirmed")).toEqual([
      { kind: "unconfirmed", apdu: fromHex(step.apdu) },
    ]);
    const server = createHdlcServer({
      parameters: { maxInfoTransmit: 128, maxInfoReceive: 128, windowTransmit: 1, windowReceive: 1 },
      physicalDevice: 17,
      hasDevice: () => true,
      maxApduBytes: 1024,
      interOctetTimeoutMs: 1000,
      inactivityTimeoutMs: 0,
    });
    const source = { upper: transcript.serverSap, lower: undefined, length: 1 } as const;
    const [sent] = server.notify(transcript.clientSap, source, fromHex(step.apdu));
    expect(sent?.kind === "send" && toHex(sent.bytes)).toBe(step.bytes);
  });
});
