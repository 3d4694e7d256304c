import { describe, expect, it } from "vitest";
import {
  type AssociationEvent,
  type AssociationPolicy,
  createServerAssociation,
  fromHex,
  offeredShortNameConformance,
  toHex,
  variableNamed,
} from "../../../cosem/index.js";
import { securedPair } from "../../support/server-link.js";

const policy: AssociationPolicy = {
  clientSap: 16,
  serverSap: 1,
  applicationContext: 2,
  mechanism: 0,
  secret: undefined,
  conformance: offeredShortNameConformance,
  maxReceivePduSize: 1024,
  maxSendPduSize: 65_535,
  systemTitle: undefined,
};

function opened(conformance = "1c1b20", pduSize = "ffff", changes: Partial<AssociationPolicy> = {}) {
  const association = createServerAssociation({
    policy: { ...policy, ...changes },
    inactivityTimeoutMs: 60_000,
    maxAssembledBytes: 1000,
  });
  association.receive(fromHex(`601da109060760857405080102be10040e01000000065f1f0400${conformance}${pduSize}`), 0);
  return association;
}

const short = (events: readonly AssociationEvent[]) =>
  events.map((event) => (event.kind === "send" ? toHex(event.apdu) : event.kind));

const report = {
  currentTime: "20261123010500Z",
  variables: [variableNamed(0x0208)],
  values: [{ type: "unsigned", value: 5 }],
} as const;

describe("InformationReport", () => {
  it("goes out unasked, also while an answer is owed", () => {
    const association = opened();
    const hex = "18010f32303236313132333031303530305a010202080" + "11105";
    expect(short(association.report(report))).toEqual([hex]);
    association.receive(fromHex("0501020208"), 0);
    expect(association.isBusy).toBe(true);
    expect(short(association.report(report))).toEqual([hex]);
    expect(short(association.respondGet([{ kind: "data", data: { type: "unsigned", value: 5 } }], 0))).toEqual([
      "0c01001105",
    ]);
  });

  it("stays where it was not negotiated, does not fit, or nothing is open", () => {
    expect(opened("180000").report(report)).toEqual([]);
    expect(opened("1c1b20", "0010").report(report)).toEqual([]);
    const closed = opened();
    closed.receive(fromHex("6203800100"), 0);
    expect(closed.report(report)).toEqual([]);
  });

  it("is protected as the policy wants answers to be", () => {
    // Request and response: authenticated and encrypted.
    const { security, client } = securedPair(0x6c);
    const association = createServerAssociation({
      policy: { ...policy, applicationContext: 4, security },
      inactivityTimeoutMs: 0,
      maxAssembledBytes: 1000,
    });
    const aarq = toHex(client.aarq({ conformance: 0x1c1b20 })).replace("60857405080103", "60857405080104");
    const [, aare] = short(association.receive(fromHex(aarq), 0));
    expect(aare?.slice(0, 2)).toBe("61");
    const [sent = ""] = short(association.report({ ...report, currentTime: undefined }));
    expect(sent.slice(0, 2)).toBe("38");
    expect(client.open(sent)).toBe("180001020208011105");
  });
});

describe("READ as a stream", () => {
  it("that breaks is told: before the first block, and between blocks", () => {
    const association = opened("1c1b20", "0040");
    const stream = [{ kind: "stream", count: 10 }] as const;
    association.receive(fromHex("0501020208"), 0);
    expect(short(association.respondGet(stream, 0))).toEqual(["elementsWanted"]);
    expect(short(association.supply(undefined, 0))).toEqual(["0c010102", "streamsReleased"]);
    association.receive(fromHex("0501020208"), 0);
    association.respondGet(stream, 0);
    const elements = Array.from({ length: 2 }, () => ({ type: "octet-string", value: new Uint8Array(40) }) as const);
    expect(short(association.supply(elements, 0))[0]?.slice(0, 12)).toBe("0c0102000001");
    expect(short(association.receive(fromHex("0501050001"), 0))).toEqual(["elementsWanted"]);
    expect(short(association.supply(undefined, 0))).toEqual(["0c01010f", "streamsReleased"]);
  });

  it("that nobody reads to its end is released with the association", () => {
    const association = opened("1c1b20", "0040");
    association.receive(fromHex("0501020208"), 0);
    association.respondGet([{ kind: "stream", count: 10 }], 0);
    association.supply([{ type: "octet-string", value: new Uint8Array(60) }], 0);
    expect(short(association.receive(fromHex("6203800100"), 0))).toEqual(["6303800100", "streamsReleased", "closed"]);
  });
});
