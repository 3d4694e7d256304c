import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createServerAssociation } from "../../../cosem/index.js";
import { AssociationLink } from "../../../src/views/dlms/association-link.js";
import { policyOf } from "../../../src/views/dlms/association-policy.js";
import { createDlmsView, type DlmsView, defaultDlmsLimits } from "../../../src/views/dlms/index.js";
import { createDlmsFixture } from "../../support/dlms-fixture.js";
import {
  blockTranscripts,
  comparable,
  encodeWrapperFrame,
  expectedAnswers,
  maxReceivePduSizeOf,
  onlyFrame,
  replay,
  securedTranscripts,
  shortNameTranscripts,
  type Transcript,
  transcriptClient,
  transcriptSystemTitle,
  transcripts,
} from "../../support/dlms-transcripts.js";
import { recordingLogger } from "../../support/recording-logger.js";
import { recordedShortNames } from "../../support/short-name-fixture.js";
import { systemClock } from "../../support/system-clock.js";

/** One association without a socket: what goes in and out are whole frames. */
function memoryServer(transcript: Transcript, isStreamed: boolean) {
  const fixture = createDlmsFixture({ isStreamed, counter: counterOf(transcript) });
  const client = transcriptClient(transcript, fixture);
  const device = fixture.registry.deviceBySap(transcript.serverSap);
  if (device === undefined) throw new Error("no such logical device in the fixture");
  let sent: Uint8Array = new Uint8Array(0);
  const link = new AssociationLink({
    client,
    device,
    machine: createServerAssociation({
      policy: policyOf(client, device, {
        limits: { ...defaultDlmsLimits, maxReceivePduSize: maxReceivePduSizeOf(transcript) },
        systemTitle: transcriptSystemTitle,
      }),
      inactivityTimeoutMs: 0,
      maxAssembledBytes: 65_536,
    }),
    peer: "memory",
    registry: fixture.registry,
    ...(client.applicationContext === 2 ? { shortNames: recordedShortNames().of(device) } : {}),
    logger: recordingLogger(),
    clock: systemClock,
    send: (apdu) => {
      sent = apdu.slice();
    },
    onRefused: () => undefined,
    onRejected: () => undefined,
  });
  return async (request: Uint8Array) => {
    const frame = onlyFrame(request);
    await link.receive(frame.apdu, 0);
    return encodeWrapperFrame({
      sourceWPort: frame.destinationWPort,
      destinationWPort: frame.sourceWPort,
      apdu: sent,
    });
  };
}

/** What the server of the exchanges with short names had in the object that others write before they read it. */
const counterOf = (transcript: Transcript) => (shortNameTranscripts.includes(transcript) ? 7 : 0);

/**
 * A selector where none is offered: read-write-denied (3) where the recorded server says scope-of-access-violated, as
 * the collection's README leaves open. Profile generic is of version 1 here.
 */
const documented: Readonly<Record<string, readonly [recorded: string, ours: string]>> = {
  "read-parameterised-unknown-selector": ["0c01010d", "0c010103"],
  "read-association-object-list": ["100300120007" + "1100", "100300120007" + "1101"],
};

const all = [...transcripts, ...securedTranscripts, ...blockTranscripts, ...shortNameTranscripts];

function expectRecorded(transcript: Transcript, answers: readonly string[]): void {
  const [recorded = "", ours = ""] = documented[transcript.name] ?? [];
  const expected = expectedAnswers(transcript).map((frame) => frame.replace(recorded, ours));
  expect(comparable(transcript, answers)).toEqual(comparable(transcript, expected));
}

describe("recorded dialogues in memory", () => {
  it("are all here", () => {
    expect(transcripts).toHaveLength(82);
    expect(securedTranscripts).toHaveLength(16 + 53 + 8 + 30);
    expect(blockTranscripts).toHaveLength(2);
    expect(shortNameTranscripts).toHaveLength(13);
  });

  it.each(all)("$name", async (transcript) => {
    expectRecorded(transcript, await replay(transcript, memoryServer(transcript, false)));
  });

  it.each(all)("$name, arrays as streams", async (transcript) => {
    expectRecorded(transcript, await replay(transcript, memoryServer(transcript, true)));
  });
});

describe("recorded dialogues over TCP", () => {
  let view: DlmsView | undefined;
  let socket: Socket | undefined;

  beforeEach(() => {
    view = undefined;
    socket = undefined;
  });
  afterEach(async () => {
    socket?.destroy();
    await view?.stop();
  });

  it.each(all)("$name", async (transcript) => {
    const fixture = createDlmsFixture({ counter: counterOf(transcript) });
    view = createDlmsView({
      registry: fixture.registry,
      clients: [transcriptClient(transcript, fixture)],
      host: "127.0.0.1",
      port: 0,
      systemTitle: transcriptSystemTitle,
      shortNames: recordedShortNames(),
      limits: { maxReceivePduSize: maxReceivePduSizeOf(transcript), blockWindow: 1 },
      logger: recordingLogger(),
      clock: systemClock,
    });
    await view.start();
    const open = connect(view.port, "127.0.0.1");
    socket = open;
    const exchange = (request: Uint8Array) =>
      new Promise<Uint8Array>((resolve) => {
        open.once("data", resolve);
        open.write(request);
      });
    expectRecorded(transcript, await replay(transcript, exchange));
  });
});
