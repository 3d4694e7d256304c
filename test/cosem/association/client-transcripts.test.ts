/** Our client in the place of the recorded one: it sends the recorded bytes and takes the recorded answers. */
import { describe, expect, it } from "vitest";
import { toHex } from "../../../cosem/index.js";
import { replayAtClient } from "../../support/client-replay.js";
import { securityTranscripts, sentApdu } from "../../support/security-transcripts.js";

/** These clients do on purpose what ours does not do: hand-made requests. */
const handMade = /^(reject|refuse|hls-sha256-wrong|hls-get-before)/;
const transcripts = ["acse-security", "ciphered", "java-client"]
  .flatMap(securityTranscripts)
  .filter(({ name, steps }) => steps.length > 0 && !handMade.test(name));

describe("our client in recorded secured dialogues", () => {
  it.each(transcripts.map((transcript) => [transcript.name, transcript] as const))("%s", (_name, transcript) => {
    const { sent, outcomes } = replayAtClient(transcript);
    expect(outcomes.filter((outcome) => /failed|rejected|exception/.test(outcome))).toEqual([]);
    const recorded = transcript.steps.filter(({ direction }) => direction === ">").map((step) => toHex(sentApdu(step)));
    if (transcript.name === "glo-set-blocks") {
      // Ours fill the PDU of 128 bytes, the recorded ones leave 3 of them: the standard leaves it open.
      expect(sent.map((apdu) => apdu.length / 2)).toEqual(
        recorded.map((apdu) => ({ 125: 128, 87: 81 })[apdu.length / 2] ?? apdu.length / 2),
      );
      return;
    }
    // Signatures are drawn anew each time; and the recorded client names mechanism 0 where it has none.
    const isRandom = transcript.parameters["auth"] === "high-ecdsa";
    const shown = (apdu: string) => (isRandom ? apdu.length : apdu);
    // Its Java kin brings user-information into the RLRQ of a plain association.
    const to = transcript.name === "java-ecdsa-p256-plain" ? -1 : undefined;
    const from = transcript.name === "aarq-none-glo-authenc" ? 1 : 0;
    expect(sent.slice(from, to).map(shown)).toEqual(recorded.slice(from, to).map(shown));
  });
});
