import { describe, expect, it } from "vitest";
import {
  authenticatedEncryption,
  createMemoryCounters,
  createProtection,
  decodeAarq,
  fromHex,
  type UnprotectResult,
} from "../../../cosem/index.js";
import {
  contextOf,
  type SecurityTranscript,
  securityTranscripts,
  sentApdu,
} from "../../support/security-transcripts.js";

function exchange(file: string, name: string): SecurityTranscript {
  const found = securityTranscripts(file).find((transcript) => transcript.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

/** What the server makes of each request, in order. */
function requestsOpened(transcript: SecurityTranscript): readonly UnprotectResult[] {
  const server = createProtection(contextOf(transcript, "server", createMemoryCounters()));
  return transcript.steps
    .filter((step) => step.direction === ">")
    .map((step) => {
      const apdu = sentApdu(step);
      const isAarq = apdu[0] === 0x60;
      return server.unprotect(isAarq ? (decodeAarq(apdu).userInformation ?? apdu) : apdu, authenticatedEncryption);
    });
}

describe("recorded refusals", () => {
  it.each([
    ["refuse-replay", "replay", 5],
    ["refuse-lower-counter", "replay", 104],
    ["refuse-authentication-only", "tooWeak", undefined],
    ["refuse-encryption-only", "tooWeak", undefined],
    ["refuse-other-suite", "wrongSuite", undefined],
    ["refuse-ded-without-dedicated-key", "noDedicatedKey", undefined],
    ["refuse-empty-glo", "malformed", undefined],
  ])("%s: %s", (name, reason, expectedCounter) => {
    const results = requestsOpened(exchange("ciphered", name));
    expect(results.at(-1)).toEqual({ ok: false, reason, expectedCounter });
    expect(results.slice(0, -1).every((result) => result.ok)).toBe(true);
  });

  it("a bad tag moves no counter: the next request is taken", () => {
    const results = requestsOpened(exchange("ciphered", "refuse-bad-tag"));
    expect(results.map((result) => (result.ok ? result.counter : result.reason))).toEqual([1, 3, "badTag", 5]);
  });

  it("a replayed AARQ is refused with the counter that is expected", () => {
    const results = requestsOpened(exchange("acse-security", "reject-replayed-aarq"));
    expect(results[1]).toEqual({ ok: false, reason: "replay", expectedCounter: 2 });
  });

  it("an initiate under another authentication key is refused", () => {
    const results = requestsOpened(exchange("acse-security", "reject-ciphered-initiate-bad-tag"));
    expect(results[0]).toEqual({ ok: false, reason: "badTag", expectedCounter: undefined });
  });

  it("a replay against the Gurux C server is refused here too", () => {
    const results = requestsOpened(exchange("recorded-c", "c-gmac-replay"));
    expect(results.filter((result) => !result.ok).map((result) => !result.ok && result.reason)).toContain("replay");
  });
});

describe("refusals by the control byte", () => {
  const transcript = exchange("ciphered", "glo-authenc-suite0");
  const first = sentApdu(transcript.steps.find((step) => step.protection === "glo-get-request") ?? fail());
  const withControl = (control: number) => {
    const apdu = new Uint8Array(first);
    apdu[2] = control;
    return apdu;
  };
  const server = () => createProtection(contextOf(transcript, "server", createMemoryCounters()));

  it.each([
    [0xb0, "compressed"],
    [0x70, "noBroadcastKey"],
    [0x00, "notProtected"],
    [0x31, "wrongSuite"],
    [0x3f, "wrongSuite"],
    [0x10, "badTag"],
  ])("%i: %s", (control, reason) => {
    expect(server().unprotect(withControl(control))).toMatchObject({ ok: false, reason });
  });

  it("without its authentication bit it is too weak where authentication is due, though it deciphers", () => {
    expect(server().unprotect(withControl(0x20), authenticatedEncryption)).toMatchObject({ reason: "tooWeak" });
    expect(server().unprotect(withControl(0x20))).toMatchObject({ ok: true, protection: 8 });
  });

  it("a service other than the tag names is refused, and its counter does not count", () => {
    const opener = server();
    const asSet = new Uint8Array(first);
    asSet[0] = 0xc9;
    expect(opener.unprotect(asSet)).toMatchObject({ ok: false, reason: "wrongService" });
    expect(opener.unprotect(first)).toMatchObject({ ok: true });
  });

  it("a title that is not the peer's is refused, and our own too", () => {
    const general = exchange("ciphered", "general-glo-authenc-suite0");
    const sent = sentApdu(general.steps.find((step) => step.protection === "general-glo-ciphering") ?? fail());
    const foreign = new Uint8Array(sent);
    foreign[9] = 0x77;
    const context = contextOf(general, "server", createMemoryCounters());
    expect(createProtection(context).unprotect(foreign)).toMatchObject({ reason: "unknownTitle" });
    const unaware = createProtection({ ...context, peerTitle: undefined });
    foreign.set(context.ownTitle, 2);
    expect(unaware.unprotect(foreign)).toMatchObject({ reason: "unknownTitle" });
    expect(unaware.unprotect(sent)).toMatchObject({ ok: true, title: fromHex("4558430000000001") });
  });
});

function fail(): never {
  throw new Error("no such step");
}
