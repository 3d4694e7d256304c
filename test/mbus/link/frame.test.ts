import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { DecodeError, fromHex, toHex } from "../../../cosem/codec/bytes.js";
import { decodeLinkFrame, encodeLinkFrame, encodeLongFrame, encodeShortFrame } from "../../../src/mbus/index.js";
import { testFile } from "../../support/repository.js";

interface CorpusItem {
  readonly id: string;
  readonly hex: string;
  readonly expect: { readonly kind: string };
}
const corpus: { readonly items: readonly CorpusItem[] } = JSON.parse(
  readFileSync(testFile("vectors/mbus/corpus-wired.json"), "utf8"),
);

/** Malformed items whose fault the link layer can see, by the beginning of their id. The rest are sound frames. */
const linkFaults: readonly (readonly [string, string])[] = [
  ["derived-malformed/bitflip", "badChecksum"],
  ["derived-malformed/checksum", "badChecksum"],
  ["derived-malformed/length-differs", "lengthMismatch"],
  ["derived-malformed/no-stop", "badStopByte"],
  ["derived-malformed/second-start", "badStartByte"],
  ["derived-malformed/truncated", "truncated"],
  ["libmbus/invalid_length", "badLength"],
  ["m-bus-parser/output_contract-0", "truncated"],
];

function reasonOf(hex: string): string {
  try {
    decodeLinkFrame(fromHex(hex));
    return "accepted";
  } catch (error) {
    if (error instanceof DecodeError) return error.reason;
    throw error;
  }
}

describe("link frames of the corpus", () => {
  for (const item of corpus.items) {
    const fault = linkFaults.find(([start]) => item.id.startsWith(start))?.[1];
    it(`${fault === undefined ? "accepts" : "refuses"} ${item.id}`, () => {
      expect(reasonOf(item.hex)).toBe(fault ?? "accepted");
      if (fault === undefined) expect(toHex(encodeLinkFrame(decodeLinkFrame(fromHex(item.hex))))).toBe(item.hex);
    });
  }
});

describe("link frames", () => {
  // Bytes worked out by hand after EN 13757-2: checksum = sum of C, A, CI and data.
  it("writes SND_NKE to address 1 and REQ_UD2 to address 253", () => {
    expect(toHex(encodeShortFrame(0x40, 1))).toBe("1040014116");
    expect(toHex(encodeShortFrame(0x7b, 0xfd))).toBe("107bfd7816");
  });
  it("writes SELECT with a secondary address", () => {
    // 53+fd+52+78+56+34+12+24+40+01+07 = 322h
    const mask = fromHex("52 78563412 2440 01 07");
    expect(toHex(encodeLongFrame(0x53, 0xfd, mask))).toBe("680b0b6853fd527856341224400107" + "2216");
  });
  it("reads an acknowledgement", () => {
    expect(decodeLinkFrame(fromHex("e5"))).toEqual({ kind: "ack" });
  });
  it("refuses what is no frame, with the reason and the offset", () => {
    const refusals = {
      "": "truncated",
      "00": "badStartByte",
      "10400141": "truncated",
      "1040014216": "badChecksum",
      "1040014117": "badStopByte",
      e5e5: "trailingBytes",
      "104001411600": "trailingBytes",
      "6802026808010916": "badLength",
      "68030368080170 79": "truncated",
      "6803036808017079 16": "accepted",
    };
    for (const [hex, reason] of Object.entries(refusals)) expect([hex, reasonOf(hex)]).toEqual([hex, reason]);
  });
  it("refuses to write an empty or too long frame", () => {
    expect(() => encodeLongFrame(8, 1, new Uint8Array(0))).toThrow(RangeError);
    expect(() => encodeLongFrame(8, 1, new Uint8Array(254))).toThrow(RangeError);
    expect(encodeLongFrame(8, 1, new Uint8Array(253)).length).toBe(261);
  });
});
