/** Our client in the place of the recorded one without ciphering, and against the recorded C server with it. */
import { describe, expect, it } from "vitest";
import { createClientAssociation, createMemoryCounters, fromHex, readObjectList, toHex } from "../../../cosem/index.js";
import { recordedApdus, replayAtClient } from "../../support/client-replay.js";
import {
  contextOf,
  type SecurityTranscript,
  securityTranscripts,
  sentApdu,
} from "../../support/security-transcripts.js";

/** The recorded client sent these on purpose: ours makes no such requests. */
const handMade =
  /^(exception-|get-next-|get-new-get-|set-datablock-without|get-error-entry-type|get-without-assoc|get-after-|reject-unknown-context)/;
/** Its Java kin brings user-information into the RLRQ of a plain association. */
const plainRelease = "6203800100";
const javaRelease = /^6215800100be10040e01.*$/;

const all = ["services", "acse", "gbt", "recorded-c"]
  .flatMap((file) => securityTranscripts(file))
  .filter(({ name, steps }) => steps.length > 0 && !handMade.test(name));

describe("our client in recorded dialogues", () => {
  it.each(all.map((transcript) => [transcript.name, transcript] as const))("sends the bytes of %s", (_, transcript) => {
    const { sent } = replayAtClient(transcript);
    const recorded = recordedApdus(transcript, ">").map((apdu) => apdu.replace(javaRelease, plainRelease));
    expect(sent).toEqual(recorded);
  });
});

const find = (name: string): SecurityTranscript => {
  const found = all.find((transcript) => transcript.name === name);
  if (found === undefined) throw new Error(`no transcript ${name}`);
  return found;
};

/** What the answers to all GETs hold, as the recorded client wrote them down. */
function values(name: string): readonly (string | number)[] {
  return replayAtClient(find(name)).results.flatMap((event) => {
    if (event.kind !== "gotten") return [];
    return event.results.map((result) => {
      if (result.kind === "error") return result.error;
      const { data } = result;
      if (data.type === "octet-string") return toHex(data.value);
      return data.type === "array" ? `${data.value.length} rows` : data.type;
    });
  });
}

describe("our client at the C server", () => {
  const deviceName = "47525830303030303030313233343536";

  it.each([
    ["c-none-ldn", [deviceName], ["opened", "gotten", "released"]],
    ["c-lls-ldn", [deviceName], ["opened", "gotten", "released"]],
    ["c-hdlc-lls", [deviceName], ["opened", "gotten", "released"]],
    ["c-lls-wrong-password", [], ["rejected"]],
    // A replayed request is refused; the recorded client, too, read the first answer.
    ["c-gmac-replay", [deviceName], ["opened", "gotten", "exception"]],
  ])("%s", (name, expected, outcomes) => {
    expect(values(name)).toEqual(expected);
    expect(replayAtClient(find(name)).outcomes).toEqual(outcomes);
  });

  it.each(["c-gmac-authenc", "c-gmac-general-glo"])("%s, though the lengths in its RLRE are wrong", (name) => {
    expect(values(name)).toEqual([deviceName, 3]);
    expect(replayAtClient(find(name)).outcomes).toEqual(["opened", "gotten", "gotten", "released"]);
  });

  it.each(["c-lls-object-list", "c-lls-object-list-blocks", "c-hdlc-object-list"])("%s", (name) => {
    const [event] = replayAtClient(find(name)).results.filter(({ kind }) => kind === "gotten");
    const result = event?.kind === "gotten" ? event.results[0] : undefined;
    // "52 objects", says the record.
    expect(result?.kind === "data" && readObjectList(result.data)).toHaveLength(52);
  });
});

describe("our client with answers of every kind", () => {
  it.each(["gbt-get-profile", "gbt-get-profile-256"])("%s", (name) => {
    expect(values(name)).toEqual(["24 rows"]);
  });

  it("takes the errors of ACCESS with its data", () => {
    const [event] = replayAtClient(find("access-get-list")).results.filter(({ kind }) => kind === "accessed");
    if (event?.kind !== "accessed") throw new Error("not accessed");
    // 103000 is the register's value; attribute 2 of 0.0.96.99.0.255 does not exist (object-undefined, 4).
    expect(event.response.data[1]).toEqual({ type: "double-long-unsigned", value: 103_000 });
    expect(event.response.results).toEqual([
      { kind: "get", result: 0 },
      { kind: "get", result: 0 },
      { kind: "get", result: 4 },
    ]);
  });

  it.each(
    all.filter(({ name }) => name.startsWith("reject-")).map((transcript) => [transcript.name, transcript] as const),
  )("%s is a rejection, with or without user-information", (_, transcript) => {
    expect(replayAtClient(transcript).outcomes).toEqual(["rejected"]);
  });
});

describe("our client and what comes unasked", () => {
  const pushed = securityTranscripts("push").filter(
    ({ transport, steps, parameters }) =>
      transport === "wrapper" && steps.length === 1 && parameters["suite"] !== undefined,
  );

  it.each(pushed.map((transcript) => [transcript.name, transcript] as const))("opens %s", (_, transcript) => {
    const [step] = transcript.steps;
    if (step === undefined) throw new Error("no step");
    const { keys, ownTitle, peerTitle, counters, random } = contextOf(transcript, "client", createMemoryCounters());
    // "authentication" is 4, "encryption" 8 in the security setup's bits.
    const policy = String(transcript.parameters["policy"]);
    const protection = (policy.includes("authentication") ? 4 : 0) + (policy.includes("encryption") ? 8 : 0);
    const client = createClientAssociation({
      security: { keys, ownTitle, counters, random, protection: 0, ...(peerTitle && { peerTitle }) },
    });
    const events = client.receive(sentApdu(step));
    expect(events).toEqual([{ kind: "notified", apdu: fromHex(step.apdu), protection }]);
  });
});
