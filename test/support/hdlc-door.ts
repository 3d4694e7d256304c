/** The HDLC view in front of the transcripts' logical devices, set up as a recorded exchange wants it. */
import { decodeHdlcFrame, fromHex, toHex } from "../../cosem/index.js";
import type { Clock } from "../../src/ports/index.js";
import { createHdlcView, type HdlcView, type HdlcViewParts } from "../../src/views/dlms/index.js";
import { createDlmsFixture } from "./dlms-fixture.js";
import { transcriptClient, transcriptSystemTitle } from "./dlms-transcripts.js";
import { type HdlcTranscript, hdlcTranscripts } from "./hdlc-frames.js";
import { recordingLogger } from "./recording-logger.js";

/**
 * The exchanges of hdlc.json that the door answers as recorded: all but `two-byte-address-127`, which is suspect: the
 * all-station address is not answered.
 */
export const hdlcDoorTranscripts = hdlcTranscripts("hdlc").filter(({ suspect }) => suspect === undefined);

export function createHdlcDoor(transcript: HdlcTranscript, clock: Clock, parts: Partial<HdlcViewParts> = {}): HdlcView {
  const fixture = createDlmsFixture();
  const { parameters } = transcript;
  const last = decodeHdlcFrame(fromHex(transcript.steps.at(-1)?.bytes ?? ""));
  return createHdlcView({
    registry: fixture.registry,
    clients: [transcriptClient(transcript, fixture)],
    systemTitle: transcriptSystemTitle,
    logger: recordingLogger(),
    clock,
    parameters: {
      maxInfoTransmit: parameters.serverHdlcMaxInfoTx ?? 128,
      maxInfoReceive: parameters.serverHdlcMaxInfoRx ?? 128,
      windowTransmit: 1,
      windowReceive: 1,
    },
    physicalDevice: last.source.lower ?? 17,
    interOctetTimeoutMs: 1000,
    linkInactivityTimeoutMs: 120_000,
    ...parts,
  });
}

/** A frame in words. */
export function frameInWords(bytes: Uint8Array): string {
  const { source, control, isSegmented, information } = decodeHdlcFrame(bytes);
  return JSON.stringify([source, control, isSegmented, toHex(information)]);
}
